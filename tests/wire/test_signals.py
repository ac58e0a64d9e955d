"""Signals of refusal, as browsers and consent tools write them."""

import base64
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remit.policy.signals import Heard, Hearing
from remit.wire.request import Request
from remit.wire.signals import heard

MEANS = Hearing(
    gpc=1, tcf={1: (2, 0), 7: (4, 8)}, gpp={"sale": 16, "sharing": 32, "targeted-advertising": 64}, categories={}
)
ALL_OF_TCF, ALL_OF_GPP = 2 | 4 | 8, 16 | 32 | 64


def said(headers: dict[str, str] | None = None, **query: str) -> Heard:
    """What is heard of a request."""
    return heard(
        Request(method="POST", path="/", query=query, headers=headers or {}, peer="192.0.2.9", body=b""), MEANS
    )


def letters(bits: str) -> str:
    """Bits as writers of these strings write them: padded to whole letters, without a mark."""
    padded = bits + "0" * (-len(bits) % 24)
    data = int(padded, 2).to_bytes(len(padded) // 8, "big")
    return base64.urlsafe_b64encode(data).decode()[: (len(bits) + 5) // 6]


def tcf(agreed: set[int], unopposed: set[int], *, version: int = 2) -> str:
    """A core string: 146 bits of who asked, when and in which words, then 24 consents and 24 interests."""
    asked = f"{random.Random(7).getrandbits(146):0146b}"
    purposes = ("".join(str(int(n in some)) for n in range(1, 25)) for some in (agreed, unopposed))
    return letters(f"{version:06b}{asked}{''.join(purposes)}" + "0" * 40)


@pytest.mark.parametrize(("value", "general"), [("1", 1), ("0", 0), ("true", 0), ("", 0)])
def test_global_privacy_control_is_a_header_of_one(value: str, general: int) -> None:
    """Only the value 1 has a meaning, and no header none."""
    assert Heard(general, 0) == said({"sec-gpc": value})
    assert Heard() == said()


@given(st.sets(st.integers(1, 11)), st.sets(st.integers(1, 11)))
def test_a_string_of_the_framework_refuses_what_it_does_not_grant(agreed: set[int], unopposed: set[int]) -> None:
    """What needs a yes is refused without one; other purposes stand as long as nobody objects."""
    refused = (0 if 1 in agreed else 2) | (0 if 7 in agreed else 4) | (0 if 7 in agreed | unopposed else 8)

    assert Heard(0, refused) == said(gdpr_consent=tcf(agreed, unopposed))
    assert Heard(0, refused) == said(gdpr_consent=tcf(agreed, unopposed) + ".YAAAAAAAAAA")


def test_a_string_that_a_consent_tool_wrote_is_read() -> None:
    """An example that IAB Tech Lab publishes: nothing was agreed to."""
    assert Heard(0, ALL_OF_TCF) == said(gdpr_consent="CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA")
    assert Heard(0, ALL_OF_TCF) == said(gpp="DBABMA~CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA")


@pytest.mark.parametrize(
    "text", ["", "B", "\u00e9", "C" * 5000, "Ca", "~", "CPXx RfA", tcf({1, 7}, {7}, version=1), tcf({1}, {1})[:27]]
)
def test_a_string_of_the_framework_that_cannot_be_read_refuses_all_that_it_could(text: str) -> None:
    """It is there because somebody was asked, and what cannot be read is no yes."""
    assert Heard(0, ALL_OF_TCF) == said(gdpr_consent=text)


def national(sale: int, sharing: int, targeted: int) -> str:
    """The core of the section of the United States: a version, six notices, then the opt-outs."""
    return letters("000001" + "01" * 6 + f"{sale:02b}{sharing:02b}{targeted:02b}" + "0" * 40)


@pytest.mark.parametrize("sale", [0, 1, 2])
@pytest.mark.parametrize("sharing", [0, 1, 2])
@pytest.mark.parametrize("targeted", [0, 1, 2])
def test_the_national_section_refuses_what_was_opted_out_of(sale: int, sharing: int, targeted: int) -> None:
    """1 is an opt-out; 0 (does not apply) and 2 (did not opt out) are none."""
    refused = 16 * (sale == 1) | 32 * (sharing == 1) | 64 * (targeted == 1)

    assert Heard(refused, 0) == said(gpp=f"DBABLA~{national(sale, sharing, targeted)}")
    assert Heard(refused | 1, 0) == said(gpp=f"DBABLA~{national(sale, sharing, targeted)}.{letters('011')}")
    assert Heard(refused, 0) == said(gpp=f"DBABLA~{national(sale, sharing, targeted)}.{letters('010')}")


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("DBABLA~BVVqAAAAAACA", 0),
        ("DBABTA~1YNN", 0),
        ("DBABTA~1YYN", 16),
        ("DBABJg~BAAAAAAA", ALL_OF_GPP),
        (f"DBABBg~{letters('000001' + '000000' + '0101' + '0' * 30)}", 16 | 32),
    ],
)
def test_sections_are_found_by_their_numbers(text: str, refused: int) -> None:
    """Strings of the platform's own libraries; a section that is not known refuses all."""
    assert refused == said(gpp=text).general


@given(st.text(max_size=40) | st.text("ABCDLTgQ~.-_19", max_size=60))
def test_whatever_stands_there_ends_in_a_refusal_or_none(text: str) -> None:
    """No string ends in an error, and none refuses what its kind cannot."""
    for answer in (said(gpp=text), said(gdpr_consent=text)):
        assert 0 == answer.general & ~(ALL_OF_GPP | MEANS.gpc)
        assert 0 == answer.specific & ~ALL_OF_TCF
