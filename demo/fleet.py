"""A small fleet of simulated devices, each a few lines of the real Segment and Sentry SDKs.

Everybody lives on example.org and at addresses reserved for documentation.
"""

import random
import signal
import sys
import threading
import uuid

import segment.analytics as segment
import sentry_sdk

DEVICES = 24
EVENTS_PER_SECOND = 6
PAGES = [
    "/",
    "/search",
    "/cart",
    "/checkout",
    "/product/7",
    "/product/12",
    "/order/3",
    "/account",
    "/secret-page",
]


class CartIsEmpty(Exception):
    """What goes wrong in the simulated app."""


class Device:
    """One simulated phone and its owner."""

    def __init__(self, number: int) -> None:
        self.account = f"demo-user-{number}"
        self.installation = str(uuid.uuid4())
        self.context = {
            "ip": f"192.0.2.{number + 1}",
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
        chance = random.random()
        if chance < 0.1:
            traits = {"email": f"{self.account}@example.org", "name": "Demo", "phone": "+4930901820"}
            segment.identify(self.account, traits, context=self.context, anonymous_id=self.installation)
        elif chance < 0.85:
            page = "https://shop.example" + random.choice(PAGES)
            segment.page(self.account, properties={"url": page}, context=self.context, anonymous_id=self.installation)
        elif chance < 0.97:
            segment.track(self.account, "button pressed", context=self.context, anonymous_id=self.installation)
        else:
            self.fail()

    def fail(self) -> None:
        """Crash a little."""
        with sentry_sdk.new_scope() as scope:
            scope.set_user({"id": self.account, "email": f"{self.account}@example.org"})
            try:
                raise CartIsEmpty(f"cart of {self.account}@example.org")
            except CartIsEmpty as error:
                sentry_sdk.capture_exception(error)


def main() -> None:
    """Act until told to stop."""
    host = sys.argv[1]
    segment.write_key, segment.host = "demo-android", host
    sentry_sdk.init(dsn=host.replace("://", "://demo-android@") + "/1", release="shop@1.3.1")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    devices = [Device(number) for number in range(DEVICES)]
    while not stop.wait(1 / EVENTS_PER_SECOND):
        random.choice(devices).act()
    segment.shutdown()


if __name__ == "__main__":
    main()
