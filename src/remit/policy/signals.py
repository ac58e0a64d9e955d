"""What a request says by a signal that many sites hear: which purposes it refuses. A signal never means yes.

*General* ones name no purpose of the policy (Global Privacy Control, the opt-outs of the Global Privacy Platform), so
a choice that does, and was proved, outweighs them, unless a law says that they are final. *Specific* ones name it
through the policy (the purposes of IAB Europe's TCF, the categories of an SDK's consent object): there any refusal
wins.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from remit.policy.language import Finding, bases, near, rows
from remit.policy.model import Policy, Signals
from remit.policy.read import Node
from remit.policy.words import Basis, PurposeKey

TCF_PURPOSES = range(1, 12)
"""The purposes of the Transparency and Consent Framework, version 2.2 (IAB Europe Policies, appendix A)."""
GPP_OPT_OUTS = ("sale", "sharing", "targeted-advertising")
"""What can be opted out of in sections of the United States (IAB Tech Lab, Global Privacy Platform)."""
REFUSABLE = frozenset({Basis.CONSENT, Basis.LEGITIMATE_INTEREST, Basis.CONTRACT})


class Heard(NamedTuple):
    """Masks of purposes that a request refuses: by what outweighs no choice that was proved, and by what does.

    ``granted`` are those that its choice token grants.
    """

    general: int = 0
    specific: int = 0
    granted: int = 0


SILENCE = Heard()
"""A request without a signal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """What each signal refuses under one version, as masks of its purposes.

    ``tcf`` has for each of its purposes those that need a yes, and the others: these also rest on a legitimate
    interest to which nobody objected.
    """

    gpc: int
    tcf: Mapping[int, tuple[int, int]]
    gpp: Mapping[str, int]
    categories: Mapping[str, int]


def hearing(policy: Policy) -> Hearing:
    """What this version hears."""
    bits = {key: 1 << place for place, key in enumerate(policy.purposes)}
    asked = {key for key, purpose in policy.purposes.items() if purpose.basis is Basis.CONSENT}

    def mask(keys: Iterable[PurposeKey]) -> int:
        return sum(bits[key] for key in set(keys))

    said = policy.signals
    return Hearing(
        gpc=mask(said.gpc),
        tcf={n: (mask(asked.intersection(keys)), mask(set(keys) - asked)) for n, keys in said.tcf.items()},
        gpp={name: mask(keys) for name, keys in said.gpp.items()},
        categories={name: mask(keys) for name, keys in said.categories.items()},
    )


def heard_of(said: Signals) -> Iterator[tuple[str, tuple[PurposeKey, ...]]]:
    """Each signal that is heard, and all purposes that it can refuse."""
    for name, refused in (
        ("gpc", said.gpc),
        ("tcf", _several(said.tcf)),
        ("gpp", _several(said.gpp)),
        ("categories", _several(said.categories)),
    ):
        if refused:
            yield name, refused


def _several(parts: Mapping[Any, tuple[PurposeKey, ...]]) -> tuple[PurposeKey, ...]:
    return tuple(dict.fromkeys(key for keys in parts.values() for key in keys))


def signals_refuse(root: Node) -> Iterator[Finding]:
    """A signal is one that can be heard, and refuses purposes that somebody can refuse."""
    yield from _unheard(root)
    grounds = bases(root)
    fixed = {key for key, basis in grounds.items() if basis in set(Basis) - REFUSABLE}
    for path in ("signals.gpc[]", "signals.tcf.*[]", "signals.gpp.*[]", "signals.categories.*[]"):
        for _, node in rows(root, path):
            if node.text() in fixed:
                yield node, f"nobody can refuse '{node.text()}', which stands on {grounds[node.text()]}", "leave it out"
    for _, node in rows(root, "jurisdictions.*.signals"):
        if node.text() != FINAL:
            yield node, f"'{node.text()}' is nothing that a law says of signals", f"write  signals: {FINAL}"


def _unheard(root: Node) -> Iterator[Finding]:
    for _, part in rows(root, "signals"):
        if not part.keys:
            yield part, "no signal is heard", "add  gpc: [a purpose]  or leave it out"
    for name, known in (("tcf", [str(n) for n in TCF_PURPOSES]), ("gpp", list(GPP_OPT_OUTS))):
        for key, place in _keys(root, f"signals.{name}"):
            if key not in known:
                yield place, f"'{key}' is nothing that can be heard of {name.upper()}", near(key, known)
    for key, place in _keys(root, "signals.categories"):
        if not key or set(key) & set('."\\[]'):
            yield place, f"'{key}' cannot be a category", "write it as the SDK sends it, without dots"


def _keys(root: Node, path: str) -> Iterator[tuple[str, Node]]:
    for _, part in rows(root, path):
        yield from part.keys.items()


FINAL = "final"
"""What a law says where no choice outweighs a general signal."""
