"""The standard data dictionary: every item that policies may name, with its label and its type."""

from dataclasses import dataclass

from remit.policy.values import TYPES, ValueType
from remit.policy.words import APP_NAME, RECEIVED, Item, Label, Value


@dataclass(frozen=True, slots=True)
class Entry:
    """One kind of value. ``rank`` orders the items that name a subject, strongest first."""

    key: Item
    title: str
    label: Label
    type: ValueType
    rank: int | None = None

    def fits(self, value: Value) -> bool:
        """Whether the value is of the item's type."""
        return self.type.fits(value)

    def form(self, value: Value) -> str:
        """The one spelling in which two equal identifiers compare equal."""
        return self.type.form(value)


def _entry(key: str, title: str, label: Label, kind: str, *rank: int) -> Entry:
    return Entry(Item(key), title, label, TYPES[kind], *rank)


_D, _I, _N = Label.DIRECTLY, Label.INDIRECTLY, Label.NOT

CATALOGUE = {
    entry.key: entry
    for entry in (
        # you
        _entry("account.id", "account number", _D, "identifier", 1),
        _entry("email", "email address", _D, "email", 2),
        _entry("phone", "phone number", _D, "phone", 3),
        _entry("name", "name", _D, "text"),
        _entry("shipping_address", "shipping address", _D, "text"),
        # your device
        _entry("device.installation", "installation id", _I, "identifier", 4),
        _entry("device.android_id", "Android ID", _I, "identifier", 5),
        _entry("device.imei", "IMEI", _I, "imei", 6),
        _entry("device.imsi", "IMSI", _I, "imsi", 7),
        _entry("device.mac", "MAC address", _I, "mac", 8),
        _entry("device.serial", "serial number", _I, "identifier", 9),
        _entry("device.oaid", "OAID", _I, "uuid", 10),
        _entry("device.gaid", "Google advertising ID (GAID)", _I, "uuid", 11),
        _entry("device.manufacturer", "device manufacturer", _N, "text"),
        _entry("device.model", "device model", _N, "text"),
        _entry("device.name", "device name", _I, "text"),
        _entry("os.name", "operating system", _N, "text"),
        _entry("os.version", "system version", _N, "text"),
        _entry("screen.width", "screen width", _N, "measure"),
        _entry("screen.height", "screen height", _N, "measure"),
        _entry("network.operator", "network operator", _N, "text"),
        _entry("network.connection", "connection type", _N, "text"),
        _entry("locale", "language setting", _N, "text"),
        _entry("timezone", "time zone", _N, "text"),
        _entry("app.version", "application version", _N, "text"),
        # logs
        _entry("net.ip", "IP address", _I, "ip"),
        _entry("net.user_agent", "browser identification (user agent)", _I, "text"),
        _entry("campaign.name", "campaign", _N, "text"),
        _entry("campaign.source", "campaign source", _N, "text"),
        _entry("page.url", "page address", _I, "url"),
        _entry("page.referrer", "referring page", _I, "url"),
        _entry("page.duration", "page-visit duration, in seconds", _N, "measure"),
        _entry("event.name", "name of a feature used", _I, "text"),
        _entry("screen.name", "name of a screen shown", _I, "text"),
        _entry("session.status", "how a session ended", _N, "text"),
        _entry("session.duration", "session duration, in seconds", _N, "measure"),
        _entry("crash.type", "error type", _I, "text"),
        _entry("crash.module", "module in which an error happened", _I, "text"),
        _entry("crash.function", "function in which an error happened", _I, "text"),
        _entry("crash.message", "error message", _I, "text"),
        _entry("crash.handled", "whether the application handled the error", _N, "flag"),
        # known to remit itself
        _entry(RECEIVED, "time of receipt", _N, "time"),
        _entry(APP_NAME, "application", _N, "text"),
    )
}
"""Every item, by key."""
