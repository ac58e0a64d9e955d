"""A small fleet of simulated devices, each a few lines of the real Segment and Sentry SDKs.

Nobody in it exists: people live on example.org, at addresses and phone numbers reserved for
documentation, under ids drawn anew at each start.
"""

import logging
import random
import signal
import sys
import threading
import time
import uuid

import segment.analytics
import sentry_sdk
from sentry_sdk.integrations.atexit import AtexitIntegration
from sentry_sdk.utils import event_from_exception

DEVICES = 24
ACTS_PER_SECOND = 5
FLUSH_SECONDS = 5
HOURS_MAX = 8
"""A demonstration that somebody forgot must not fill a disk."""

WRITE_KEY = "demo-android"
SHOP = "https://shop.example"
PAGES = ["/", "/search", "/cart", "/checkout", "/product/7", "/product/12", "/order/3", "/account", "/secret-page"]
SCREENS = ["Home", "Product", "Cart", "Settings"]


class CartIsEmpty(Exception):
    """What goes wrong in the simulated app."""


class PaymentTimedOut(Exception):
    """What also goes wrong."""


class Device:
    """One simulated phone and its owner."""

    def __init__(self, number: int, sdk: segment.analytics.Client) -> None:
        self.sdk = sdk
        self.account = uuid.uuid4().hex[:12]
        self.address = f"192.0.2.{number + 1}"
        self.installation = str(uuid.uuid4())
        self.traits = {
            "email": f"{self.account}@example.org",
            "name": f"Demo Person {number}",
            "phone": f"+1202555{100 + number:04d}",
            "address": {"street": f"{number} Example Street", "city": "Exampleton", "country": "NL"},
            "shoeSize": 42,  # nothing declares it: the console shows that it went nowhere
        }
        self.context = {
            "ip": self.address,
            "os": {"name": random.choice(["Android", "iOS"]), "version": "14"},
            "app": {"version": random.choice(["1.2.0", "1.3.1"])},
            "device": {
                "id": uuid.uuid4().hex[:16],
                "advertisingId": str(uuid.uuid4()),
                "adTrackingEnabled": number % 2 == 0,
                "model": "Example One",
            },
            "screen": {"width": 1080, "height": 2400},
        }

    def act(self) -> None:
        """Do one thing that people do."""
        deeds = (self.sign_in, self.see_page, self.see_screen, self.press, self.use_app)
        random.choices(deeds, weights=(10, 55, 12, 8, 15))[0]()

    def sign_in(self) -> None:
        """Say who it is."""
        self.sdk.identify(self.account, self.traits, context=self.context, anonymous_id=self.installation)

    def see_page(self) -> None:
        """Open a page; some addresses carry what no statistic may know."""
        url = SHOP + random.choice(PAGES) + random.choice(["", f"?coupon={self.traits['email']}"])
        self.sdk.page(self.account, properties={"url": url}, context=self.context, anonymous_id=self.installation)

    def see_screen(self) -> None:
        """Open a screen of the app."""
        screen = random.choice(SCREENS)
        self.sdk.screen(self.account, name=screen, context=self.context, anonymous_id=self.installation)

    def press(self) -> None:
        """Press a button."""
        self.sdk.track(self.account, "button pressed", context=self.context, anonymous_id=self.installation)

    def use_app(self) -> None:
        """One session of the app, from start to end; one in three goes wrong on the way."""
        with sentry_sdk.isolation_scope() as scope:
            scope.set_user({"id": self.account, "email": self.traits["email"], "ip_address": self.address})
            scope.start_session(session_mode="application")
            if random.random() < 1 / 3:
                self.fail()
            scope.end_session()

    def fail(self) -> None:
        """An error, with a personal value in its message, as happens; half of them end the app."""
        try:
            raise random.choice([CartIsEmpty, PaymentTimedOut])(f"cart of {self.traits['email']}")
        except (CartIsEmpty, PaymentTimedOut) as error:
            mechanism = {"type": "fleet", "handled": random.random() < 1 / 2}
            options = sentry_sdk.get_client().options
            event, hint = event_from_exception(error, client_options=options, mechanism=mechanism)
            sentry_sdk.capture_event(event, hint)


def started(host: str) -> segment.analytics.Client:
    """Both SDKs, pointed at a remit; neither insists long when nobody answers."""
    dsn = host.replace("://", f"://{WRITE_KEY}@") + "/1"
    quietly = AtexitIntegration(callback=lambda _pending, _timeout: None)  # its own words ask for a second Ctrl-C
    sentry_sdk.init(dsn=dsn, release="shop@1.3.1", shutdown_timeout=1, integrations=[quietly])
    return segment.analytics.Client(WRITE_KEY, host=host, max_retries=2, timeout=5)


def main() -> None:
    """Act until told to stop, or for as long as a demonstration may last."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGTERM, signal.SIGINT))  # held back by whoever started this
    sdk = started(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8080")
    devices = [Device(number, sdk) for number in range(DEVICES)]
    ends, flushes = time.monotonic() + HOURS_MAX * 3600, 0.0
    while time.monotonic() < ends and not stop.wait(1 / ACTS_PER_SECOND):
        random.choice(devices).act()
        if time.monotonic() > flushes:
            # Without this the SDK keeps ended sessions for a minute, and a newcomer sees none.
            sentry_sdk.flush(timeout=1)
            flushes = time.monotonic() + FLUSH_SECONDS
    logging.disable()  # remit may be gone by now, and what cannot be sent any more is no news
    sdk.join()  # not shutdown(): that waits for a queue which nobody may be left to empty


if __name__ == "__main__":
    main()
