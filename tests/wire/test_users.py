"""Whose the user's id of a Sentry event is: an account's, or of the installation that put it there itself."""

import pytest
from wide import EVERY, envelope, planned, request, spoken

from remit.policy.words import Item, Value
from remit.wire.decoder import Leaf

PATH = "/api/1/envelope/"
ACCOUNT, INSTALLATION = Item("account.id"), Item("device.installation")
MADE = "0a1b2c3d4e5f40718293a4b5c6d7e8f9"


def named(user: object, device: object, *items: Item, odd: bool = False) -> dict[Item, Value | None]:
    """Account and installation that are read of a crash, by a policy that needs these items."""
    event = {"user": {"id": user}, "contexts": {"device": {"id": device}}, "exception": {"values": [{"type": "E"}]}}
    body = envelope(("event", event | ({"release": {}, "user": {"id": user, "email": []}} if odd else {})))
    batches = spoken(PATH).decoder(planned(items))(request(PATH, body), 0).batches
    found = {item: column[0] for batch in batches for item, column in batch.columns.items()}
    return {item: found[item] for item in (ACCOUNT, INSTALLATION) if item in found}


WHOSE: tuple[tuple[Leaf, Leaf, dict[Item, Value | None]], ...] = (
    (MADE, MADE, {INSTALLATION: MADE}),
    ("u1", MADE, {ACCOUNT: "u1", INSTALLATION: MADE}),
    (MADE, None, {ACCOUNT: MADE}),
    (MADE.upper(), MADE, {ACCOUNT: MADE.upper(), INSTALLATION: MADE}),
    (7, 7, {ACCOUNT: 7, INSTALLATION: 7}),
    (None, None, {}),
)


@pytest.mark.parametrize("odd", [False, True], ids=["as SDKs write it", "oddly written"])
@pytest.mark.parametrize(("user", "device", "read"), WHOSE)
def test_an_id_that_names_the_device_too_is_no_account(
    user: Leaf, device: Leaf, read: dict[Item, Value | None], odd: bool
) -> None:
    """Where Android's client knows no user, it puts its installation's id there; any other text is an account's."""
    assert read == named(user, device, *EVERY, odd=odd)


def test_a_policy_that_needs_accounts_alone_gets_no_installation_for_one() -> None:
    """The device's id is then read to compare, and never becomes a value."""
    assert [{}, {ACCOUNT: "u1"}] == [named(user, MADE, ACCOUNT) for user in (MADE, "u1")]


def test_a_policy_that_needs_installations_alone_gets_them() -> None:
    """Nothing is compared where nobody asks for accounts."""
    assert [{INSTALLATION: MADE}] * 2 == [named(user, MADE, INSTALLATION) for user in (MADE, "u1")]


def test_it_is_said_why_such_an_id_is_passed_over() -> None:
    """The trial shows that nobody is signed in, and the device's id in its own place."""
    event = {"user": {"id": MADE}, "contexts": {"device": {"id": MADE}}, "exception": {"values": [{"type": "E"}]}}
    (origin,) = [
        one
        for one in spoken(PATH).origins(request(PATH, envelope(("event", event))), planned())
        if one.path.endswith("user.id")
    ]

    assert (ACCOUNT, "nobody is signed in: items[0].event.contexts.device.id is the same") == (origin.item, origin.why)
