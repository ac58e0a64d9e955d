"""What every event of a Sentry client tells beside what happened: whose it is, of which device and version."""

from collections.abc import Iterator, Sequence
from typing import Any

from remit.policy.plan import Plan
from remit.policy.words import Kind
from remit.wire import parts
from remit.wire.decoder import Field, Leaf, Row, field, walk
from remit.wire.origins import Origin, Place, Record, own
from remit.wire.parts import ACCOUNT, Values, wanted

USER, DEVICE = "user.id", "contexts.device.id"
AROUND = (
    field("account.id", USER),
    field("email", "user.email"),
    field("device.installation", DEVICE, "contexts.app.device_app_hash"),
    field("net.ip", "user.ip_address"),
    field("os.name", "contexts.os.name"),
    field("os.version", "contexts.os.version"),
    field("os.rom", "contexts.os.build"),
    field("device.manufacturer", "contexts.device.manufacturer"),
    field("device.model", "contexts.device.model"),
    field("device.name", "contexts.device.name"),
    field("screen.width", "contexts.device.screen_width_pixels"),
    field("screen.height", "contexts.device.screen_height_pixels"),
    field("screen.density", "contexts.device.screen_density"),
    field("network.connection", "contexts.device.connection_type"),
    field("hardware.processor", "contexts.device.cpu_description"),
    field("hardware.cores", "contexts.device.processor_count"),
    field("hardware.memory", "contexts.device.memory_size"),
    field("hardware.storage", "contexts.device.storage_size"),
    field("hardware.graphics", "contexts.gpu.name"),
    field("locale", "contexts.culture.locale", "contexts.device.locale"),
    field("timezone", "contexts.culture.timezone", "contexts.device.timezone"),
    field("app.version", "release"),
)
EVENT_ID = "event_id"
_REPEAT = "tells a repeat"


class EventContext:
    """Those of ``AROUND`` that a plan needs of some kinds of record, and what the protocol itself reads beside them."""

    def __init__(self, plan: Plan, *kinds: Kind) -> None:
        self._wanted = frozenset(item for kind in kinds for item in plan.tables[kind].items)
        self.fields = wanted(AROUND, self._wanted)
        self._naming = (USER, DEVICE) if ACCOUNT in self._wanted else ()
        self.own: tuple[str, ...] = (EVENT_ID, *self._naming)

    def without_nobody(self, read: Row, values: Values) -> Values:
        """The values less an account that is none; ``read`` begins with what ``own`` names."""
        if self._naming and _is_nobody(*read[1:3]):
            values.pop(ACCOUNT, None)
        return values

    def origins(self, node: Any, fields: Sequence[Field], record: Record, *, place: Place) -> Iterator[Origin]:
        """What each path of some fields of an event was read for."""
        nobody = bool(self._naming) and _is_nobody(walk(node, USER), walk(node, DEVICE))
        yield from own([(EVENT_ID, _REPEAT)], place)
        yield from own([(path, "says whether user.id is of an account") for path in self._naming[1:]], place)
        if nobody:
            yield Origin(place(USER), f"nobody is signed in: {place(DEVICE)} is the same", ACCOUNT, record)
        passed = [ACCOUNT] * nobody
        yield from parts.origins(node, [one for one in fields if one.item not in passed], record, place=place)


def _is_nobody(user: Leaf, device: Leaf) -> bool:
    """Android's client puts its installation's id, which names the device, also where no user is set."""
    return isinstance(user, str) and user == device
