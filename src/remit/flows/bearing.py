"""Choice tokens that an app's requests and records bear: heard at once, for what bears them alone, and counted.

No token's text is written down or told; what it granted is no choice of the ledger, and goes with its record.
"""

from collections.abc import Callable
from dataclasses import dataclass

from remit.flows.counters import Counters
from remit.policy.choice_tokens import Verifier, borne
from remit.policy.columns import Batch
from remit.policy.signals import Heard


@dataclass(frozen=True, slots=True)
class Bearing:
    """Hears the tokens of one app. ``verifier`` gives the newest at each call."""

    app: str
    verifier: Callable[[], Verifier]
    counters: Counters

    def request(self, token: str, signals: Heard, received: int) -> Heard:
        """What a request says by its signals, and by its token besides."""
        token = token.strip()
        if not token:
            return signals
        said = self.verifier().hear(token, app=self.app, received=received)
        self.counters.add_tokens({said.flaw: 1})
        return signals._replace(specific=signals.specific | said.refused, granted=said.granted)

    def records(self, batch: Batch, received: int) -> Batch:
        """A batch of which some records bear tokens, with what they say."""
        told, tokens = borne(batch, self.verifier(), app=self.app, received=received)
        self.counters.add_tokens(tokens)
        return told
