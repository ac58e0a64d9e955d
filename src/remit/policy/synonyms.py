"""What people call items: a word that is no item leads to the one that is meant."""

import re
from collections.abc import Collection, Mapping

from remit.policy.catalogue import CATALOGUE
from remit.policy.language import near
from remit.policy.words import Item

_CALLED = """
account.id           user, user id, uid, customer, customer id, customer number, account number, login, username
name                 full name, first name, last name, surname, person
email                e-mail, mail, mail address, e-mail address
phone                telephone, tel, mobile, cell, phone number
shipping_address     address, postcode, postal code, zip, zip code, street, city, delivery address, postal address
page.url             url, page, path, pathname, location, uri
page.referrer        referrer, referer
page.duration        time on page, dwell time
campaign.source      utm source
campaign.medium      utm medium
campaign.name        utm campaign
event.name           event, action
screen.name          screen, view
net.ip               ip, ip address, client ip, remote address
net.user_agent       user agent, useragent, ua, browser, browser name
net.cookie           cookie, cookie id, visitor id
net.client_id        client id, anonymous id
device.installation  install id, instance id, device id
device.model         device, device type
device.imei          imei number
device.gaid          advertising id, ad id, gaid
os.name              os, operating system, platform
os.version           os version
app.version          release, version, app release, build
locale               language, lang
country              country code, geo
timezone             time zone, tz
screen.width         screen size, resolution
network.operator     carrier
network.connection   connection, connection type
crash.type           error, exception, error type, exception type
crash.message        error message, exception message
crash.stack          stack, stack trace, stacktrace, traceback
message.text         message, feedback, text
request.status       status, status code, http status
request.method       http method
ad.click_id          gclid, fbclid, click id
session.duration     session length
received             time, timestamp, date
"""

_PARTS = re.compile(r"[^a-z0-9]+")


def _plain(word: str) -> str:
    """As one says it: in small letters, whatever stands between the words."""
    return " ".join(_PARTS.sub(" ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", word).casefold()).split())


def _synonyms() -> dict[Item, tuple[str, ...]]:
    lines = (line.split(maxsplit=1) for line in _CALLED.strip().splitlines())
    return {Item(key): tuple(words.split(", ")) for key, words in lines}


SYNONYMS: Mapping[Item, tuple[str, ...]] = _synonyms()
"""By item, what else it is called."""

_MEANT = {_plain(entry.title): key for key, entry in CATALOGUE.items()} | {
    _plain(word): key for key, words in SYNONYMS.items() for word in words
}


def near_item(word: str, known: Collection[str], *, where: str = "") -> str:
    """A fix that names the item that people call so, or else the likeliest meant; the part behind a dot is enough."""
    called = (_MEANT.get(_plain(one)) for one in (word, word.rpartition(".")[2]))
    meant = next((item for item in called if item in known), None)
    return near(word, known, where=where) if meant is None else f"did you mean '{meant}'?"
