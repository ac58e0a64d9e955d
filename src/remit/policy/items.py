"""The standard data dictionary as a page to read: what "What information we collect" names, in the order of the text.

``=`` begins a part of the text. ``#`` repeats its words and, where they are wide, says how they are read here. Any
other line is an item, in columns two blanks apart: its key, the title that the notice prints, whether it identifies
somebody, how sensitive it is, and the type by which its values are checked.

An item stands where the text names it first. Who told it is said by a policy (``from: someone-else``), how long it
stays too (``keep``), so neither makes another item of it.
"""

PAGE = """
= you
# name, contact information, email address; "other relevant information" is for each policy to name
name                     name                                           directly    contact     text
email                    email address                                  directly    contact     email
phone                    phone number                                   directly    contact     phone
shipping_address         shipping address                               directly    contact     text
account.id               account number                                 directly    identifier  identifier

= device
# IMEI/OAID, GAID number, IMSI number, MAC address, serial number
device.imei              IMEI                                           indirectly  identifier  imei
device.oaid              OAID                                           indirectly  identifier  oaid
device.gaid              Google advertising ID (GAID)                   indirectly  identifier  uuid
device.imsi              IMSI                                           indirectly  identifier  imsi
device.mac               MAC address                                    indirectly  identifier  mac
device.serial            serial number                                  indirectly  identifier  identifier
# system version and type, ROM version, Android version
os.name                  operating system                               not         ordinary    text
os.version               system version                                 not         ordinary    text
os.rom                   ROM version                                    not         ordinary    text
os.android               Android version                                not         ordinary    text
# Android ID; Space ID: which of the device's user spaces (profiles) is in use
device.android_id        Android ID                                     indirectly  identifier  android_id
device.space_id          Space ID                                       indirectly  identifier  code
# screen display information
screen.width             screen width                                   not         ordinary    measure
screen.height            screen height                                  not         ordinary    measure
screen.density           screen density                                 not         ordinary    measure
# device input information: by which means, never what is typed
input.means              means of input (touch, keyboard, pen)          not         ordinary    text
input.method             input method (on-screen keyboard)              not         ordinary    text
# device activation time, device manufacturer information and model name
device.activated         device activation time                         indirectly  behaviour   time
device.manufacturer      device manufacturer                            not         ordinary    text
device.model             device model                                   not         ordinary    text
# network operator, connection type
network.operator         network operator                               not         ordinary    text
network.connection       connection type                                not         ordinary    text
# hardware basic configuration information
hardware.processor       processor                                      not         ordinary    text
hardware.cores           number of processor cores                      not         ordinary    measure
hardware.memory          memory size in megabytes                       not         ordinary    measure
hardware.storage         storage size in megabytes                      not         ordinary    measure
hardware.graphics        graphics processor                             not         ordinary    text
# usage information: how much the device's applications are used; which features, see "log"
usage.starts             how often an application was started           not         behaviour   measure
usage.duration           how long an application was used, in seconds   not         behaviour   measure
# not in the text, and sent by the protocols with the above
device.installation      installation id                                indirectly  identifier  identifier
device.name              device name                                    indirectly  contact     text
app.version              application version                            not         ordinary    text
locale                   language setting                               not         ordinary    locale
country                  country setting                                not         ordinary    country
timezone                 time zone                                      not         ordinary    timezone

= partner
# advertising ids such as those assigned by third-party service providers and business partners
partner.advertising_id   advertising ID assigned by a partner           indirectly  identifier  assigned

= log
# use of certain features, applications and websites
event.name               name of a feature used                         indirectly  behaviour   text
screen.name              name of a screen shown                         indirectly  behaviour   text
page.url                 page address                                   indirectly  behaviour   url
page.referrer            referring page                                 indirectly  behaviour   url
campaign.name            campaign                                       not         behaviour   text
campaign.source          campaign source                                not         behaviour   text
campaign.medium          campaign medium                                not         behaviour   text
campaign.term            campaign term                                  not         behaviour   text
campaign.content         campaign content                               not         behaviour   text
# cookies and other identifier technologies, Internet protocol (IP) addresses
net.cookie               cookie identifier                              indirectly  identifier  identifier
net.client_id            identifier kept by other means than a cookie   indirectly  identifier  identifier
net.ip                   IP address                                     indirectly  identifier  ip
# network request information
request.url              address of a network request                   indirectly  behaviour   url
request.host             host of a network request                      indirectly  behaviour   text
request.method           method of a network request                    not         ordinary    http_method
request.status           status of the answer to a network request      not         ordinary    http_status
net.user_agent           browser identification (user agent)            indirectly  ordinary    text
# temporary message history: messages that pass through a service; "temporary" is for a policy's "keep"
message.text             text of a message                              indirectly  content     text
message.sent             time of a message                              indirectly  behaviour   time
message.channel          way of a message (mail, chat, push)            not         behaviour   text
# standard system logs
log.line                 line of a system log                           indirectly  content     text
log.component            part of the system that wrote a log line       indirectly  ordinary    text
log.level                level of a log line                            not         ordinary    code
# error crash information
crash.type               error type                                     indirectly  ordinary    symbol
crash.module             module in which an error happened              indirectly  ordinary    symbol
crash.function           function in which an error happened            indirectly  ordinary    symbol
crash.line               line of code at which an error happened        indirectly  ordinary    line
crash.stack              parts of the program that led to an error      indirectly  ordinary    symbol
crash.message            error message                                  indirectly  content     text
crash.handled            whether the application handled the error      not         ordinary    flag
crash.in_app             whether an error happened in our own program   not         ordinary    flag
# registration time, access time, activity time; the time of receipt is remit's own
account.registered       registration time                              indirectly  behaviour   time
account.accessed         access time                                    indirectly  behaviour   time
account.active           activity time                                  indirectly  behaviour   time
received                 time of receipt                                not         behaviour   clock

= third-party
# verify your information (e.g., phone number) for specific account numbers, financial transactions and other services
verification.result      whether your phone number was verified         not         ordinary    flag
verification.method      how your phone number was verified             not         ordinary    text
verification.time        time of a verification                         indirectly  behaviour   time
verification.account     account number being verified                  directly    financial   identifier
verification.reference   transaction reference being verified           indirectly  financial   code
# conversion effect data corresponding to your use of the advertising service (such as clicks)
ad.click_id              identifier of a click on an advertisement      indirectly  identifier  code
ad.clicked               time of a click on an advertisement            indirectly  behaviour   time
ad.conversion            what an advertisement led to                   indirectly  behaviour   text
# third party social networking services: account numbers, nicknames, avatars (email addresses: "email")
social.account_id        account number at a social network             directly    identifier  assigned
social.nickname          nickname at a social network                   indirectly  contact     text
social.avatar            avatar at a social network                     directly    content     url

= non-personal
# anonymous device-related information: whatever of "device" identifies nobody; daily active events
app.active_day           day on which an application was used           not         behaviour   day
# page visit events, page visit duration events, session events
page.visits              number of page visits                          not         behaviour   measure
page.duration            page-visit duration, in seconds                not         behaviour   measure
session.status           how a session ended                            not         ordinary    text
session.duration         session duration, in seconds                   not         behaviour   measure
# request duration, number of requests and error requests
request.duration         duration of a network request, in seconds      not         ordinary    measure
request.count            number of network requests                     not         ordinary    measure
request.errors           number of failed network requests              not         ordinary    measure
# application crash events (such as logs generated automatically: "log.line", which is free text, so it stays personal)
app.crashes              number of application crashes                  not         ordinary    measure
# known to remit itself, without anybody telling
app.name                 application                                    not         ordinary    text
"""
"""Every item of the text, and those that the protocols of SDKs send besides."""

STRONGEST_FIRST = """
account.id email phone social.account_id
device.installation device.android_id device.imei device.imsi device.mac device.serial
device.oaid device.gaid net.cookie net.client_id partner.advertising_id
""".split()
"""Items that name a subject: first what identifies a person, then a device, then what is reset at will.

An IP address is no name, since many share one; nor is a Space ID, which is 0 on most devices, or the identifier of a
click, which is of one moment.
"""

STORED = frozenset("net.cookie net.client_id device.installation".split())
"""Identifiers that are put on a device to be found there again: to have them is to have read it, whoever tells them."""

CLUES = frozenset("net.ip ad.click_id".split())
"""Items that name nobody, and yet lead to what was kept with them. A Space ID does not: it would lead to everybody."""
