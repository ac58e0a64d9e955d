"""What fits a type, what does not, and which spellings are one value."""

import ipaddress
import uuid
from datetime import UTC, datetime, timedelta, timezone

import phonenumbers
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from remit.policy.places import COUNTRIES
from remit.policy.values import TYPES, moment, moments
from remit.policy.words import Value

SPELLINGS: dict[str, list[list[Value]]] = {
    "identifier": [["u1", " u1 "], ["U1"], [17, "17"], ["00-7"], ["who@example.org"]],
    "assigned": [["id.example.org|24601", "ID.example.org | 24601"], ["other.example.org|24601"]],
    "email": [
        ["Ada@Example.org", "ada@example.org "],
        ["STRASSE@example.org", "straße@example.org"],
        ["a.b+c@mail.shop.example.org"],
    ],
    # The last two are in no range that is in use: one for dramas (Ofcom), one that may be given out one day.
    "phone": [
        ["+12025550143", "+1 (202) 555-0143", "+1 202 555 0143"],
        ["+4930901820"],
        ["+447700900123"],
        ["+19999999999"],
    ],
    "ip": [["192.0.2.1", "::ffff:192.0.2.1"], ["2001:DB8::1", "2001:db8:0:0:0:0:0:1"]],
    "imei": [["490154203237518", 490154203237518, "49-015420-323751-8"], ["356938035643809"]],
    "imsi": [["262011234567890", 262011234567890], ["00101012345678"]],
    "mac": [["00:00:5E:00:53:01", "00-00-5e-00-53-01", "0000.5e00.5301", "00005e005301"], ["02:00:00:00:00:01"]],
    "uuid": [["123e4567-e89b-42d3-a456-426614174000", "123E4567E89B42D3A456426614174000"]],
    "oaid": [["123E4567-e89b-42d3-a456-426614174000"], ["0123456789ABCDEF", "0123456789abcdef"], ["0f" * 32]],
    "android_id": [["0123456789abcdef", "0123456789ABCDEF"], [1234567890123456]],
    "url": [["https://shop.example/a?b#c"], ["/cart"], ["app-7://screen"], ["https://shop.example/a b"]],
    "country": [["NL", "nl"], ["US"]],
    "locale": [["en"], ["pt-BR"], ["zh_Hans_CN"], ["zh_CN_#Hans"], ["fil"]],
    "timezone": [["UTC"], ["Europe/Amsterdam"], ["America/Argentina/Buenos_Aires"], ["+05:30"], ["GMT+2"]],
    "time": [["2026-11-03T09:30:00Z", "2026-11-03 10:30+01:00", 1793698200000], ["2026-11-03T09:30:00.123456789Z"]],
    "day": [["2026-11-03"], ["2024-02-29"]],
    "clock": [[0], [1_764_000_000_000]],
    "text": [["Ada"], ["two\nlines"], ["x" * 2048]],
    "symbol": [["KeyError", "KeyError "], ["KeyError <- shop.pay"], ["no symbol at all"]],
    "code": [["0", 0], ["order-7"], ["x" * 64], ["größe"]],
    "http_method": [["GET", "get"], ["PATCH"]],
    "http_status": [[200, "200"], [599]],
    "measure": [[0], [1.5], [1_000_000_000]],
    "line": [[1], [999_999]],
    "flag": [[True], [False]],
}
"""Values of each type. Those in one list are spellings of one value; those in two are two values."""

UNFIT: dict[str, list[Value]] = {
    "identifier": ["", " ", "0", 0, -1, "000-000", "null", "Undefined", "unknown", "[object Object]", "x" * 257, 1.5],
    "assigned": ["24601", "|24601", "id.example.org|", "id.example.org|null", "id.example.org|0", "x" * 300 + "|1"],
    "email": [
        *("ada", "ada@example", "@example.org", "a b@example.org", "a@b@example.org", "a" * 65 + "@example.org"),
        *("a..b@c..com", "a..b@example.org", ".a@example.org", "a.@example.org", "a@example..org", "a@.example.org"),
        *("a@" + "x" * 64 + ".org", "a@example.org."),
    ],
    "phone": ["12025550143", "0049 30 901820", "+1", "call +1 202 555 0143", "+1 202 555 0143 (Ada)", 12025550143],
    "ip": ["192.0.2.256", "192.0.2", "192.0.02.1", "fe80::1%Ada", "192.0.2.1/24", 3221225985],
    "imei": ["490154203237510", "49015420323751", "4901542032375180", "0" * 15, "\u0664\u0669" + "0154203237518"],
    "imsi": ["1" * 15, "26201123456", "2620112345678901", "000000000000000", "+26201123456789"],
    "mac": ["02:00:00:00:00:00", "00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:01", "00:00:5e-00-53:01"],
    "uuid": ["00000000-0000-0000-0000-000000000000", "123e4567e89b-42d3-a456-426614174000", "0123456789abcdef"],
    "oaid": ["00000000-0000-0000-0000-000000000000", "0" * 16, "0" * 64, "0123456789", "g123456789abcdef"],
    "android_id": ["0" * 16, "9774d56d682e549c", "0123456789abcde", "0123456789abcdefg", "device-1"],
    "url": ["", "shop.example", "mailto:ada@example.org", "https://", "about:blank", "/a\nb", "/" + "x" * 2048],
    "country": ["Netherlands", "ZZ", "UK", "n", "\u00df", "\u017fe", "NLD"],
    "locale": ["English", "e", "en-", "en US", "en-" + "x" * 9, "de-AT (Ada)"],
    "timezone": ["CET time", "Amsterdam", "+1:2:3", "Europe/" + "x" * 31, "/Amsterdam"],
    "time": ["2026-11-03", "2026-11-03T09:30:00", "2026-13-03T09:30:00Z", "1999-12-31T23:59:59Z", 1793698200, 1e12],
    "day": ["2026-02-29", "1999-12-31", "2100-01-01", "20261103", "2026-W45-2", "3.11.2026"],
    "clock": [-1, 1.5, "0", True],
    "text": ["", "x" * 2049, 1, True],
    "symbol": ["", "x" * 2049, 1, True],
    "code": ["", "two words", "x" * 65, "a\x00b", 1.5, True],
    "http_method": ["", "FETCH", "GET /", 1],
    "http_status": [99, 600, "20", 200.5, "2000"],
    "measure": [-1, float("nan"), float("inf"), 1e10, "1", True],
    "line": [0, -1, 1_000_000, 1.5, "7", True],
    "flag": [0, 1, "true", ""],
}
"""Values that are of another type, or of none."""

FITTING = [(name, value) for name, groups in SPELLINGS.items() for group in groups for value in group]
SENTENCES = (
    "I am at +1 202 555 0143",
    "my number is 490154203237518",
    "id.example.org | I am Ada",
    "at 192.0.2.1 on 2026-11-03",
)
WHOLE = st.integers() | st.integers(10**4290, 10**4310) | st.sampled_from([-(10**5000), 2**64, 2**63])
WORDS = st.text(st.characters(exclude_categories=()), max_size=40)
"""Any characters: lone surrogates too."""


@st.composite
def mangled(draw: st.DrawFn) -> str:
    """A fitting value of some type with something cut out or put in."""
    text = str(draw(st.sampled_from(FITTING))[1])
    at, gone = draw(st.integers(0, len(text))), draw(st.integers(0, 3))
    return text[:at] + draw(WORDS) + text[at + gone :]


SCALARS = st.booleans() | WHOLE | st.floats() | WORDS | mangled()


@pytest.mark.parametrize(("name", "value"), FITTING)
def test_what_is_of_a_type_fits(name: str, value: Value) -> None:
    """Values as devices and people write them are of their type."""
    assert TYPES[name].fits(value)


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in UNFIT.items() for value in values])
def test_what_is_not_of_a_type_does_not_fit(name: str, value: Value) -> None:
    """A check refuses what is malformed, and what is shared by so many that it would make one subject of strangers."""
    assert not TYPES[name].fits(value)


def test_every_type_is_tried_both_ways() -> None:
    """A type without a good and a bad example is not checked, and no example is of a dead type."""
    assert set(TYPES) == set(SPELLINGS) == set(UNFIT)


@pytest.mark.parametrize(("name", "groups"), SPELLINGS.items())
def test_spellings_of_one_value_have_one_form(name: str, groups: list[list[Value]]) -> None:
    """Choices, votes and erasure find a value however it is spelt, and never take one value for another."""
    forms = [{TYPES[name].form(value) for value in group} for group in groups]

    assert [1] * len(groups) == [len(found) for found in forms]
    assert len(groups) == len(set().union(*forms))


@settings(max_examples=400, deadline=None)
@given(SCALARS)
def test_no_value_makes_a_check_raise(value: Value) -> None:
    """Whatever JSON can carry gets an answer from every type: huge numbers, NaN and lone surrogates too."""
    for kind in TYPES.values():
        assert kind.fits(value) in (True, False)
        assert isinstance(kind.form(value), str)


@settings(max_examples=400, deadline=None)
@given(SCALARS)
def test_the_form_of_a_form_is_itself(value: Value) -> None:
    """Forms are stable: what was normalised once and is sent back is still the same identifier."""
    for kind in TYPES.values():
        form = kind.form(value)

        assert form == kind.form(form)


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_sentence_is_a_text_only(sentence: str) -> None:
    """No type but texts, and the identifier that somebody may have chosen, takes what a person writes down."""
    assert {"text", "symbol", "identifier"} == {name for name, kind in TYPES.items() if kind.fits(sentence)}


@given(st.integers(1, 10**14 - 1))
def test_any_fourteen_digits_and_their_luhn_digit_are_an_imei(number: int) -> None:
    """Exactly one of the ten last digits makes an IMEI: the one of the Luhn formula."""
    digits = f"{number:014}"
    # Every second digit, from the right, stands for the sum of the digits of its double.
    total = sum(int("0246813579"[int(d)]) if place % 2 else int(d) for place, d in enumerate(digits))

    assert [str(-total % 10)] == [last for last in "0123456789" if TYPES["imei"].fits(digits + last)]


@given(st.uuids())
@example(uuid.UUID(int=0))
def test_a_uuid_is_one_however_it_is_written(one: uuid.UUID) -> None:
    """With or without hyphens and capitals it is the same; a device that may not tell says zeros, which is nobody."""
    spelt = {str(one), str(one).upper(), one.hex}

    for kind in (TYPES["uuid"], TYPES["oaid"]):
        assert {one.hex if one.int else ""} == {kind.form(text) for text in spelt}
        assert {one.int != 0} == {kind.fits(text) for text in spelt}


@given(st.ip_addresses())
def test_an_ip_address_is_one_however_it_is_written(one: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    """Long, short, in capitals, and IPv4 within IPv6."""
    spelt = {str(one), one.exploded, str(one).upper()}
    if one.version == 4:
        spelt |= {f"::ffff:{one}"}

    assert 1 == len({TYPES["ip"].form(text) for text in spelt})
    assert all(TYPES["ip"].fits(text) for text in spelt)


@given(st.binary(min_size=6, max_size=6))
@example(bytes(6))
@example(b"\x02" + bytes(5))
def test_a_mac_address_addresses_one_device(six: bytes) -> None:
    """All six bytes count, whatever stands between them; groups, zeros and what Android tells everybody are nobody."""
    forms = {TYPES["mac"].form(six.hex(between) if between else six.hex()) for between in ("", ":", "-")}
    nobody = six[0] % 2 == 1 or six in (bytes(6), b"\x02" + bytes(5))

    assert {"" if nobody else six.hex()} == forms


@given(st.sampled_from(sorted(phonenumbers.SUPPORTED_REGIONS)))
def test_a_phone_number_of_any_country_fits(region: str) -> None:
    """As it is dialled, and as it is written for reading, it is one E.164 number."""
    number = phonenumbers.example_number(region)
    assert number is not None
    styles = (phonenumbers.PhoneNumberFormat.E164, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    dialled, written = (phonenumbers.format_number(number, style) for style in styles)

    assert TYPES["phone"].fits(dialled)
    assert dialled == TYPES["phone"].form(dialled) == TYPES["phone"].form(written)


@given(st.datetimes(datetime(2000, 1, 2), datetime(2099, 12, 30)), st.integers(-14 * 60, 14 * 60))  # noqa: DTZ001 -- a zone is added below
def test_a_time_is_one_in_every_zone(naive: datetime, minutes: int) -> None:
    """A moment is the same from Kiritimati to Hawaii, and as milliseconds; seconds are not mistaken for them."""
    at = naive.replace(tzinfo=UTC)
    ms = (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    there = at.astimezone(timezone(timedelta(minutes=minutes)))

    forms = {TYPES["time"].form(value) for value in (at.isoformat(), there.isoformat(" "), ms)}
    assert {str(ms)} == forms
    assert not TYPES["time"].fits(ms // 1000)


@given(
    st.datetimes(datetime(2000, 1, 2), datetime(2099, 12, 30)),  # noqa: DTZ001 -- a zone is added below
    st.integers(0, 23),
    st.sampled_from("0123456789-:T Z.,W+"),
)
@example(datetime(2026, 11, 24), 23, "z")  # noqa: DTZ001 -- as above
def test_a_time_as_most_write_it_is_read_as_any_other(naive: datetime, place: int, other: str) -> None:
    """The shorter way for 2026-11-24T03:00:00.000Z takes what the longer takes, and nothing that it does not."""
    usual = naive.isoformat(timespec="milliseconds") + "Z"
    odd = usual[:place] + other + usual[place + 1 :]

    assert moment(usual) is not None
    assert [moment(usual), moment(odd)] == [*moments([usual]), *moments([odd])]


@pytest.mark.parametrize(
    "text",
    ["2026-02-30T03:00:00.000Z", "2026-11-24T030000.00000Z", "2026-W48-2T03:00:00.000Z", "1999-11-24T03:00:00.000Z"],
)
def test_what_is_as_long_as_a_time_and_none_is_none(text: str) -> None:
    """A day that no month has, a time without separators, a week, and a year before there was anybody to collect."""
    assert moment(text) is None


def test_the_countries_are_those_of_the_standard() -> None:
    """249 codes, and every region that has telephones but for three without a code of ISO."""
    without = {"AC", "TA", "XK"}

    assert 249 == len(COUNTRIES)
    assert frozenset() == set(phonenumbers.SUPPORTED_REGIONS) - without - COUNTRIES


@given(
    st.lists(
        st.one_of(
            st.datetimes(min_value=datetime(1999, 1, 1), max_value=datetime(2101, 1, 1)).map(  # noqa: DTZ001 -- any zone
                lambda at: at.isoformat(timespec="milliseconds") + "Z"
            ),
            st.text(alphabet="0123456789-:.,TZ+ ", min_size=24, max_size=24),
            st.sampled_from(["2026-11-24T03:00:00.000Z", "2026-11-24T03x00x00.000Z", "2026-11-24T03:00:00:000Z"]),
            st.none(),
            st.integers(0, 10**13),
        ),
        max_size=6,
    )
)
def test_a_column_of_times_is_read_as_each_of_them(column: list[str | int | None]) -> None:
    """However alike its values look."""
    assert [None if value is None else moment(value) for value in column] == moments(column)
