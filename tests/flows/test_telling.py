"""What clients are told of what was not taken is about their own request, however alike the replies are."""

from test_apart import example

from remit.flows.telling import HEADER, Telling
from remit.policy.plan import plans
from remit.policy.signals import SILENCE, Heard
from remit.policy.words import PurposeKey, Reason
from remit.wire.request import Reply
from remit.wire.routes import protocol_for
from remit.wire.segment import Segment

PLAN = plans(example())["shop-web"]
SAYS = {
    "none": {},
    "no_consent=2": {Reason.NO_CONSENT: 2},
    "no_consent=2, refused=1": {Reason.NO_CONSENT: 2, Reason.REFUSED: 1},
}


def test_each_client_hears_of_its_own_request() -> None:
    """By turns and again: the number and the reasons are those of the request, whatever was told before."""
    telling, reply = Telling(), Reply(200, b"{}", {"content-type": "application/json"})
    for says in [*SAYS, *SAYS, *reversed(SAYS)]:
        told = telling.told(Segment(), reply, PLAN, signals=SILENCE, dropped=SAYS[says])
        assert Reply(200, b"{}", {"content-type": "application/json", HEADER: says}) == told
    other = telling.told(Segment(), Reply(201, b"{}"), PLAN, signals=SILENCE, dropped={})
    assert Reply(201, b"{}", {HEADER: "none"}) == other


def test_what_one_request_refuses_is_told_to_no_other() -> None:
    """A client that refuses by a signal is told to stop what that stops, and the next one is not."""
    sentry = protocol_for("POST", "/api/2/envelope/")
    assert sentry is not None
    telling, reply = Telling(), Reply(200, b"{}")
    mending = 1 << [purpose.key for purpose in PLAN.purposes].index(PurposeKey("mend-crashes"))
    silent, refusing, again = (
        telling.told(sentry, reply, PLAN, signals=heard, dropped={}).headers["x-sentry-rate-limits"]
        for heard in (SILENCE, Heard(0, mending), SILENCE)
    )

    assert silent == again != refusing
