"""How a Sentry client is told what nothing needs, so that it does not even send it: a limit on a reply of 200.

A client forgets a limit when it is started again, and asks once more when the time is over; what it sends all the same
is judged as ever. The limit saves the way there, and protects nobody.
"""

from remit.policy.plan import Plan, Table
from remit.policy.words import Item, Kind, Way
from remit.wire import errors, exceptions, feedback, sessions, spans

HEADER = "x-sentry-rate-limits"
SECONDS = 3600
"""How long a client keeps to it: a version that is adopted meanwhile is heard of within this time."""
REASON = "no_purpose"

UNREAD = (
    "attachment", "profile", "profile_chunk", "profile_chunk_ui", "replay", "monitor", "trace_metric", "metric_bucket",
    "security",
)  # fmt: skip
"""Categories that nothing reads under any policy."""

_ERROR = frozenset(exceptions.PATHS) | {one.item for one in errors.LINE}
_LOG = frozenset(one.item for one in errors.LINE)
_REQUEST = frozenset({spans.URL, spans.METHOD, spans.STATUS, spans.DURATION, spans.COUNT, spans.FAILED})
_MESSAGE = frozenset({feedback.TEXT, feedback.SENT})
_SESSION = frozenset({sessions.STATUS, *(one.item for one in sessions.FIELDS), *sessions.NAMES})

BRINGS: tuple[tuple[tuple[str, ...], tuple[Kind, ...], frozenset[Item]], ...] = (
    (("error",), (Kind.CRASH, Kind.LOG), _ERROR),
    (("log_item",), (Kind.LOG,), _LOG),
    (("transaction", "span"), (Kind.REQUEST,), _REQUEST),
    (("feedback", "user_report", "user_report_v2"), (Kind.MESSAGE,), _MESSAGE),
    (("session",), (Kind.SESSION,), _SESSION),
)
"""Categories, the kinds of record that what is sent under them becomes, and the items for which it would be sent.

Errors and messages share ``error``. Under ``default`` clients send what they have no other word for, and Python's its
feedback: it is never told. Whose it is and of which device stands in items of every type; it is read of sessions and
errors, and is no reason to be sent all the rest.
"""


def limited(plan: Plan) -> tuple[str, ...]:
    """The categories that nothing in a plan needs."""
    found = [
        category for categories, kinds, items in BRINGS if not _needs(plan, kinds, items) for category in categories
    ]
    return (*found, *UNREAD)


def _needs(plan: Plan, kinds: tuple[Kind, ...], items: frozenset[Item]) -> bool:
    return any(_needed(plan.tables[kind], items) for kind in kinds)


def _needed(table: Table, items: frozenset[Item]) -> bool:
    counted = any(feed.counts for feed in table.feeds) or (table.kind is Kind.SESSION and bool(table.polls))
    return counted or any(use.way is Way.KEEP for item in items for use in table.uses.get(item, ()))


def header(plan: Plan) -> str:
    """The value of the header: seconds, categories, that the key is meant, and why."""
    return f"{SECONDS}:{';'.join(limited(plan))}:key:{REASON}"
