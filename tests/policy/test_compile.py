"""The compiler's laws, and one file per way in which a policy can be wrong."""

from contextlib import nullcontext, suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remit.policy.checks import CHECKS
from remit.policy.compile import adopted, compiled
from remit.policy.model import Policy
from remit.policy.plan import plans
from remit.policy.read import LOADERS, read
from remit.policy.words import Basis, Item, Period

CASES = Path(__file__).parent / "cases"
FAULTS = sorted(CASES.glob("P*.yaml"))
SOUND = (CASES / "sound.yaml").read_text()
EXAMPLE = Path(__file__).parents[2] / "examples" / "device-maker" / "remit.yaml"
DOCS = Path(__file__).parents[2] / "docs" / "policy.md"
BROKEN = {"P001", "P003", "P012", "P022", "P023", "P054", "P055", "P062", "P080", "P107", "P108", "P110"}
"""What no build has ever let in: broken text, numbers that are none, and words that the language never had."""
TOLD = "recipients:\n  c: {name: C, country: NL, role: processor, told: [{items: [email], for: deliver}]}\n"
READER_CODES = {"P001", "P002", "P003"}


def problems(text: str) -> list[str]:
    """The codes of everything that is wrong."""
    found = compiled(text, "remit.yaml")
    return [] if isinstance(found, Policy) else [problem.code for problem in found]


@pytest.mark.parametrize("case", FAULTS, ids=lambda case: case.stem)
def test_each_fault_is_named_with_its_place_and_its_fix(case: Path) -> None:
    """A fault does not compile; what is printed is the place, the code, the words and the fix."""
    found = compiled(case.read_text(), case.name)

    assert not isinstance(found, Policy)
    assert case.with_suffix(".expected").read_text() == "".join(f"{problem}\n" for problem in found)
    assert case.name[:4] in {problem.code for problem in found}


@pytest.mark.parametrize("case", [SOUND, EXAMPLE.read_text()], ids=["sound", "example"])
def test_an_adopted_text_is_the_policy_that_was_checked(case: str) -> None:
    """Without its checks a sound text says what it says with them."""
    assert adopted(case) == compiled(case, "remit.yaml")


@pytest.mark.parametrize("case", FAULTS, ids=lambda case: case.stem)
def test_a_check_that_is_new_shuts_no_house(case: Path) -> None:
    """Whatever an adopted text would be refused for today, it is a policy still, and has its plans."""
    if case.name[:4] not in BROKEN:
        policy = adopted(case.read_text())

        assert policy.apps.keys() == plans(policy).keys()


def test_a_word_that_the_language_lost_is_said() -> None:
    """A text from another build is refused in words, not with what the code stumbled over."""
    with pytest.raises(ValueError, match="fortnight"):
        adopted(SOUND.replace("every: [day", "every: [fortnight"))


def test_every_code_has_a_failing_case() -> None:
    """A rule without a policy that breaks it is no rule."""
    assert set(CHECKS) | READER_CODES == {case.name[:4] for case in FAULTS}


@pytest.mark.parametrize("code", CHECKS)
def test_each_check_is_what_finds_its_faults(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mutant per check: without it nobody names its code, so that each of its cases above turns red."""
    monkeypatch.delitem(CHECKS, code)
    named = []
    for case in (case for case in FAULTS if case.name.startswith(code)):
        with nullcontext() if code not in BROKEN else suppress(ValueError):  # what is no word makes no policy either
            named.append((case.stem, code in problems(case.read_text())))

    assert code in BROKEN or named
    assert [] == [stem for stem, told in named if told]


def test_every_code_is_documented() -> None:
    """Each code that a person can meet has a heading in the docs, and no heading is of a dead code."""
    headings = {line[4:8] for line in DOCS.read_text().splitlines() if line.startswith("### P")}

    assert set(CHECKS) | READER_CODES == headings


def test_the_example_compiles() -> None:
    """The shipped example is sound and holds the apps, facts and the count that the tour names."""
    policy = compiled(EXAMPLE.read_text(), "remit.yaml")

    assert isinstance(policy, Policy)
    senders = [(app.number, app.key, app.domain) for app in policy.apps.values()]
    assert senders == [(1, "demo-android", None), (2, "demo-web", "shop.example")]
    assert set(policy.facts) == {"page_visit", "session", "device", "network", "crash"}
    assert policy.counts["active_users"].every == (Period.DAY, Period.MONTH)


@pytest.mark.parametrize(
    "of",
    ["first-of [account.id, email]", '"first-of [account.id, email]"', "[account.id, email]"],
)
def test_the_first_identifier_may_be_written_in_three_ways(of: str) -> None:
    """`first-of [a, b]`, in or out of braces, means what the list means."""
    text = SOUND.replace("of: account.id", f"of: {of}").replace("[account.id, page", "[account.id, email, page")
    policy = compiled(text, "remit.yaml")

    assert isinstance(policy, Policy)
    assert policy.counts["active"].of == (Item("account.id"), Item("email"))


def test_all_problems_are_reported_at_once() -> None:
    """Faults in different places are all reported, in the order of the file."""
    text = (
        SOUND.replace("basis: contract", "basis: whim")
        .replace("keep: 2y", "keep: long")
        .replace("domain:", "domian:")
        .replace("every: [day]", "every: []")
    )

    expected = ["P022", "P010", "P032", "P014"]

    assert expected == problems(text)


@settings(deadline=None)
@given(st.text(max_size=200))
def test_no_text_makes_the_compiler_raise(text: str) -> None:
    """Whatever the file holds, the answer is a policy or a list of problems."""
    assert problems(text)


EDITS = given(
    at=st.integers(0, len(SOUND)),
    gone=st.integers(0, 30),
    put=st.sampled_from(
        [
            "",
            "[",
            "{}",
            "[]",
            ":",
            "\n",
            "~",
            "&a ",
            "*a",
            "!!int ''",
            '"\\ud800"',
            '"\\UFFFFFFFF"',
            "\t",
            "first-of",
        ]
    ),
)
"""A hole and a splinter in a sound policy."""


@settings(deadline=None, max_examples=300)
@EDITS
def test_the_fast_reader_reads_what_the_slow_one_reads(at: int, gone: int, put: str) -> None:
    """Values, lines, columns and problems are the same, whoever reads: libyaml saves time, and decides nothing."""
    text = SOUND[:at] + put + SOUND[at + gone :]

    assert read(text, "remit.yaml", loaders=LOADERS[-1:]) == read(text, "remit.yaml")


@settings(deadline=None, max_examples=300)
@EDITS
def test_no_edit_makes_the_compiler_raise(at: int, gone: int, put: str) -> None:
    """A sound policy with a hole or a splinter compiles or is refused; it never breaks the compiler."""
    found = compiled(SOUND[:at] + put + SOUND[at + gone :], "remit.yaml")

    assert isinstance(found, Policy) or all(problem.line >= 1 and problem.fix for problem in found)


@pytest.mark.parametrize(
    ("gone", "fix"),
    [
        (" role: processor,", "add  role: processor, joint-controller or controller"),
        (" basis: contract,", f"add  basis: {', '.join(list(Basis)[:-1])} or {list(Basis)[-1]}"),
        (" from: you,", "add  from: you, device, log, someone-else or the key of a provider"),
    ],
)
def test_what_is_missing_is_shown_in_its_shape(gone: str, fix: str) -> None:
    """Where a word of a closed list is missing, the fix names the list."""
    text = SOUND.replace("collect:", TOLD + "collect:")
    assert gone in text
    found = compiled(text.replace(gone, "", 1), "remit.yaml")

    assert not isinstance(found, Policy)
    assert fix in [one.fix for one in found if one.code == "P011"]
