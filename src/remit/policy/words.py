"""The words of the house: ids, and the closed lists that everything else is written in.

Values of these enumerations are public: they stand in policies, tables, replies and pages.
"""

from datetime import timedelta
from enum import StrEnum
from typing import NewType

Item = NewType("Item", str)
"""A kind of value, by its catalogue key: ``account.id``, ``net.ip``."""

PurposeKey = NewType("PurposeKey", str)
"""What for, by its key in the policy: ``deliver-order``."""

Value = str | int | float | bool
"""What an SDK can send for one item. Containers are never values."""

OTHER = "(other)"
"""The one output every reduction has for what its closed set does not hold."""

NONE = "(none)"
"""A dimension whose item was absent, malformed or not sent by this protocol."""

ALL = "(all)"
"""A column of a count that a figure is not told apart by: it holds for all of its values together."""

RECEIVED = Item("received")
APP_NAME = Item("app.name")
INTRINSIC = frozenset({RECEIVED, APP_NAME})
"""Items that remit knows by itself; no SDK sends them, so no fate is owed for them."""


WHILE_ACCOUNT = timedelta(days=10_000_000)
"""How long stays what ends with its account: longer than any time that a policy can write, until it is forgotten."""

TEMPORARY = timedelta(hours=24)
"""The longest that stays what is kept for a short time only."""


class Basis(StrEnum):
    """The lawful ground of a purpose (GDPR Art. 6(1))."""

    CONSENT = "consent"
    CONTRACT = "contract"
    LEGAL_OBLIGATION = "legal-obligation"
    VITAL_INTEREST = "vital-interest"
    PUBLIC_INTEREST = "public-interest"
    LEGITIMATE_INTEREST = "legitimate-interest"


class Label(StrEnum):
    """Whether an item identifies a person or a device."""

    DIRECTLY = "directly"
    INDIRECTLY = "indirectly"
    NOT = "not"


class Category(StrEnum):
    """The part of the text "What information we collect" that names an item first."""

    YOU = "you"
    """What people provide themselves."""
    DEVICE = "device"
    """What is told about the device when a service is used."""
    PARTNER = "partner"
    """Identifiers that third-party providers and business partners assigned."""
    LOG = "log"
    """What is noted when features, applications and websites are used."""
    THIRD_PARTY = "third-party"
    """What somebody else tells: who verifies, who advertises, a social network, another person."""
    NON_PERSONAL = "non-personal"
    """What identifies nobody, directly or indirectly."""


class Sensitivity(StrEnum):
    """What a value can tell or do in the wrong hands, mildest first, whomever it identifies.

    ``contact``, ``behaviour`` and ``financial`` are the simple, behavioural and financial data of ENISA's method for
    the severity of breaches (2013). ``identifier`` is set apart by GDPR Art. 4(1) and recital 30, ``content`` by the
    confidentiality of communications (ePrivacy Art. 5(1)). The text names no special category (GDPR Art. 9).
    """

    ORDINARY = "ordinary"
    CONTACT = "contact"
    IDENTIFIER = "identifier"
    BEHAVIOUR = "behaviour"
    CONTENT = "content"
    FINANCIAL = "financial"


TELLS = {
    Sensitivity.ORDINARY: "how a device or a program is made, set up or doing",
    Sensitivity.CONTACT: "what somebody is called, and how to reach them",
    Sensitivity.IDENTIFIER: "that it is the same person or device again",
    Sensitivity.BEHAVIOUR: "what somebody did, and when",
    Sensitivity.CONTENT: "what somebody wrote or shows; also free text into which that may have got",
    Sensitivity.FINANCIAL: "accounts and payments",
}
"""What a value of each sensitivity tells."""


class Source(StrEnum):
    """Who told us a value."""

    YOU = "you"
    DEVICE = "device"
    LOG = "log"
    PROVIDER = "provider"
    SOMEONE_ELSE = "someone-else"


SDK_SOURCES = frozenset({Source.YOU, Source.DEVICE, Source.LOG})
"""Who can tell through an SDK: whoever holds the device, the device, and what is noted of the request.

What a provider or another person tells comes another way, so a rule about them takes nothing that an SDK sent.
"""


class Role(StrEnum):
    """What a recipient is to the controller (GDPR Art. 4(7) and (8), Art. 26)."""

    PROCESSOR = "processor"
    JOINT_CONTROLLER = "joint-controller"
    CONTROLLER = "controller"


class Kind(StrEnum):
    """What a record tells, whatever the protocol calls it."""

    ACCOUNT = "account"
    PAGE_VISIT = "page_visit"
    PAGE_LEAVE = "page_leave"
    SCREEN_VISIT = "screen_visit"
    EVENT = "event"
    SESSION = "session"
    CRASH = "crash"
    REQUEST = "request"
    LOG = "log"
    MESSAGE = "message"


MEASURED_BY = {Kind.PAGE_LEAVE: Kind.PAGE_VISIT}
"""Kinds that add only measures to another kind's facts: leaving a page tells how long the visit was."""

RECORDS = {
    Kind.ACCOUNT: "who somebody is",
    Kind.PAGE_VISIT: "that a page was opened",
    Kind.PAGE_LEAVE: "that a page was left, and how long it was read",
    Kind.SCREEN_VISIT: "that a screen of an app was opened",
    Kind.EVENT: "that something else was done",
    Kind.SESSION: "how a session of a program went",
    Kind.CRASH: "that a program failed",
    Kind.REQUEST: "that a program asked a server for something, or a server was asked",
    Kind.LOG: "a line that a program wrote about its own doing",
    Kind.MESSAGE: "what somebody wrote, such as feedback",
}
"""What a record of each kind tells."""


class Period(StrEnum):
    """How long one count stays open."""

    DAY = "day"
    MONTH = "month"


class DeviceAccess(StrEnum):
    """On which ground a statistic reads what a device holds (ePrivacy Directive, Art. 5(3)).

    That article protects the device, so it asks no less where a value is about nobody.
    """

    NONE = "none"
    """It reads nothing of a device."""
    NECESSARY = "necessary"
    """A service that the person asks for cannot be without it."""
    CONSENT = "consent"
    """Whoever said yes to the purpose, and nobody else."""
    EXEMPT = "exempt"
    """An authority or a law asks for no consent; which one, the policy says, and people may refuse."""


class Way(StrEnum):
    """How a declared use handles a value."""

    KEEP = "keep"
    DIMENSION = "dimension"
    MEASURE = "measure"
    VOTE = "vote"


class Fate(StrEnum):
    """Where one use of one value ended. Exactly one per use (law L1)."""

    KEPT = "kept"
    REDUCED = "reduced"
    COUNTED = "counted"
    DROPPED = "dropped"


class SubjectGroup(StrEnum):
    """Who people are to the controller: categories of data subjects (GDPR Art. 30(1)(c))."""

    CUSTOMERS = "customers"
    VISITORS = "visitors"
    USERS = "users"
    SUBSCRIBERS = "subscribers"
    MEMBERS = "members"
    EMPLOYEES = "employees"
    APPLICANTS = "applicants"
    STUDENTS = "students"
    PATIENTS = "patients"
    CHILDREN = "children"


class Expression(StrEnum):
    """How somebody says yes: by a deed that means it, or by a statement to that very thing."""

    EXPRESSED = "expressed"
    EXPLICIT = "explicit"


class AccountMethod(StrEnum):
    """How people make an account in an app, as Google Play tells it apart."""

    PASSWORD = "password"  # noqa: S105 -- a way to sign in, and nobody's password
    OTHER = "other-authentication"
    PASSWORD_AND_OTHER = "password-and-other"  # noqa: S105 -- the same
    OAUTH = "oauth"
    NONE = "none"


class Reason(StrEnum):
    """Why a use was dropped. Closed: every reason is in the docs, the tally and the console."""

    FORBIDDEN = "forbidden"
    """A jurisdiction that the record may be under does not let the item be taken."""
    REFUSED = "refused"
    """The subject said no to this purpose."""
    NO_CONSENT = "no_consent"
    """The basis is consent and no subject of the record gave it."""
    MALFORMED = "malformed"
    """The value is not of the item's type."""
    NO_SUBJECT = "no_subject"
    """To be kept, but the record names nobody: it could be neither shown nor erased."""
    NO_ACCOUNT = "no_account"
    """To be kept while an account exists, but the record names none, so nothing would ever end it."""
    NOT_NEEDED = "not_needed"
    """A fallback that was not needed: another identifier of the list had counted."""
    SUPERSEDED = "superseded"
    """The version that was adopted while the record waited to be divided does not have this use."""
    REPEAT = "repeat"
    """The record came before, under the same message id."""


class Choice(StrEnum):
    """What a subject said about a purpose."""

    GRANT = "grant"
    REFUSE = "refuse"
