"""Which consents still cover what is done: a yes holds for what it was said to, and for no more."""

from collections.abc import Mapping, Sequence

from remit.policy.compare import outgrown
from remit.policy.model import Policy
from remit.policy.words import Choice, PurposeKey
from remit.ports import Words

NOBODY = frozenset[PurposeKey]()


class Consents:
    """Compares the version of each consent with the one under which something is done. Refusals hold for good."""

    def __init__(self, versions: Sequence[Policy]) -> None:
        self._versions = {policy.version: policy for policy in versions}
        self._outgrown: dict[tuple[int, int], frozenset[PurposeKey]] = {}

    def covering(self, said: Mapping[bytes, Words], policy: Policy) -> dict[bytes, dict[PurposeKey, Choice]]:
        """What was said, without the consents that do not cover a version."""
        return {
            tag: {
                key: last.choice
                for key, last in words.items()
                if last.choice is Choice.REFUSE or key not in self._since(last.version, policy)
            }
            for tag, words in said.items()
        }

    def covered(self, policy: Policy) -> dict[int, frozenset[PurposeKey]]:
        """Of each version the purposes for which a consent to it covers one."""
        return {one: frozenset(policy.purposes.keys() - self._since(one, policy)) for one in self._versions}

    def _since(self, version: int, policy: Policy) -> frozenset[PurposeKey]:
        """Purposes of which a consent to one version does not cover another."""
        if version == policy.version:
            return NOBODY
        if (version, policy.version) not in self._outgrown:
            self._outgrown[version, policy.version] = outgrown(self._versions[version], policy)
        return self._outgrown[version, policy.version]
