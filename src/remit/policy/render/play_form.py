"""Google Play's Data safety form as pages to read: its general questions, its data types, and what it asks of each.

A line is a question, what sort of answer it takes, and the words that the Play Console shows; ``>`` goes on with the
words; indented lines are the answers that there are. The form has 782 rows: 22 general ones, 38 data types, and 19 rows
for each of these.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

GENERAL = """
PSL_DATA_COLLECTION_COLLECTS_PERSONAL_DATA  REQUIRED  Does your app collect or share any of the required user data
> types?
PSL_DATA_COLLECTION_ENCRYPTED_IN_TRANSIT  MAYBE_REQUIRED  Is all of the user data collected by your app encrypted in
> transit?
PSL_SUPPORTED_ACCOUNT_CREATION_METHODS  MULTIPLE_CHOICE  Which of the following methods of account creation does
> your app support? Select all that apply
    PSL_ACM_USER_ID_PASSWORD  Username and password
    PSL_ACM_USER_ID_OTHER_AUTH  Username and other authentication
    PSL_ACM_USER_ID_PASSWORD_OTHER_AUTH  Username, password, and other authentication
    PSL_ACM_OAUTH  OAuth
    PSL_ACM_OTHER  Other
    PSL_ACM_NONE  My app does not allow users to create an account
PSL_ACM_SPECIFY  MAYBE_REQUIRED  Describe the method of account creation that your app supports
PSL_ACCOUNT_DELETION_URL  MAYBE_REQUIRED  Add a link that users can use to request that their account and associated
> data is deleted
PSL_SUPPORT_DATA_DELETION_BY_USER  SINGLE_CHOICE  Do you provide a way for users to request that their data is
> deleted?
    DATA_DELETION_YES  Yes
    DATA_DELETION_NO  No
    DATA_DELETION_NO_AUTO_DELETED  No, but user data is automatically deleted within 90 days
PSL_DATA_DELETION_URL  MAYBE_REQUIRED  Delete data URL
PSL_DATA_COLLECTION_COMPLIES_FAMILY_POLICY  OPTIONAL  Only answer this question if you've indicated that your app's
> target age group includes children, or you've opted into the Designed for Families program. If either of the above
> is true, you are required to follow the Google Play Families Policy
> (https://support.google.com/googleplay/android-developer/answer/9893335). Do you want to let users know about this
> commitment in the Data safety section on your store listing?
PSL_INDEPENDENTLY_VALIDATED  OPTIONAL  Has your app successfully completed an independent security review, according
> to the Mobile Application Security Assessment (MASA) framework? Only answer "yes" if the review is in good standing.
PSL_UPI_BADGE_OPT_IN  OPTIONAL  Do you want to show this badge on your store listing?
PSL_HAS_OUTSIDE_APP_ACCOUNTS  OPTIONAL  Can users login to your app with accounts created outside of the app?
PSL_OUTSIDE_APP_ACCOUNT_TYPES  MULTIPLE_CHOICE  How are these accounts created?
    PSL_LOGIN_WITH_OUTSIDE_APP_ID  Out of app identification (e.g. SIM binding, service subscription)
    PSL_LOGIN_THROUGH_EMPLOYMENT_OR_ENTERPRISE_ACCOUNT  Through employment, or enterprise accounts
    PSL_OUTSIDE_APP_ACCOUNT_TYPE_OTHER  Other
PSL_OUTSIDE_APP_ACCOUNT_TYPE_SPECIFY  MAYBE_REQUIRED  Describe how these accounts are created
"""

TYPES = """
= PERSONAL  Personal info
NAME  Name
EMAIL  Email address
USER_ACCOUNT  User IDs
ADDRESS  Address
PHONE  Phone number
RACE_ETHNICITY  Race and ethnicity
POLITICAL_RELIGIOUS  Political or religious beliefs
SEXUAL_ORIENTATION_GENDER_IDENTITY  Sexual orientation
OTHER_PERSONAL  Other info
= FINANCIAL  Financial info
CREDIT_DEBIT_BANK_ACCOUNT_NUMBER  User payment info
PURCHASE_HISTORY  Purchase history
CREDIT_SCORE  Credit score
OTHER  Other financial info
= LOCATION  Location
APPROX_LOCATION  Approximate location
PRECISE_LOCATION  Precise location
= SEARCH_AND_BROWSING  Web browsing
WEB_BROWSING_HISTORY  Web browsing history
= EMAIL_AND_TEXT  Messages
EMAILS  Emails
SMS_CALL_LOG  SMS or MMS
OTHER_MESSAGES  Other in-app messages
= PHOTOS_AND_VIDEOS  Photos and videos
PHOTOS  Photos
VIDEOS  Videos
= AUDIO  Audio files
AUDIO  Voice or sound recordings
MUSIC  Music files
OTHER_AUDIO  Other audio files
= HEALTH_AND_FITNESS  Health and fitness
HEALTH  Health info
FITNESS  Fitness info
= CONTACTS  Contacts
CONTACTS  Contacts
= CALENDAR  Calendar
CALENDAR  Calendar events
= APP_PERFORMANCE  App info and performance
CRASH_LOGS  Crash logs
PERFORMANCE_DIAGNOSTICS  Diagnostics
OTHER_PERFORMANCE  Other app performance data
= FILES_AND_DOCS  Files and docs
FILES_AND_DOCS  Files and docs
= APP_ACTIVITY  App activity
USER_INTERACTION  App interactions
IN_APP_SEARCH_HISTORY  In-app search history
APPS_ON_DEVICE  Installed apps
USER_GENERATED_CONTENT  Other user-generated content
OTHER_APP_ACTIVITY  Other actions
= IDENTIFIERS  Device or other IDs
DEVICE_ID  Device or other IDs
"""

USAGE = """
PSL_DATA_USAGE_COLLECTION_AND_SHARING  MULTIPLE_CHOICE  Is this data collected, shared, or both?
    PSL_DATA_USAGE_ONLY_COLLECTED  Collected
    PSL_DATA_USAGE_ONLY_SHARED  Shared
PSL_DATA_USAGE_EPHEMERAL  MAYBE_REQUIRED  Is this data processed ephemerally?
DATA_USAGE_USER_CONTROL  SINGLE_CHOICE  Is this data required for your app, or can users choose whether it's
> collected?
    PSL_DATA_USAGE_USER_CONTROL_OPTIONAL  Users can choose whether this data is collected
    PSL_DATA_USAGE_USER_CONTROL_REQUIRED  Data collection is required (users can't turn off this data collection)
DATA_USAGE_COLLECTION_PURPOSE  MULTIPLE_CHOICE  Why is this user data collected? Select all that apply.
    PSL_APP_FUNCTIONALITY  App functionality
    PSL_ANALYTICS  Analytics
    PSL_DEVELOPER_COMMUNICATIONS  Developer communications
    PSL_FRAUD_PREVENTION_SECURITY  Fraud prevention, security, and compliance
    PSL_ADVERTISING  Advertising or marketing
    PSL_PERSONALIZATION  Personalization
    PSL_ACCOUNT_MANAGEMENT  Account management
DATA_USAGE_SHARING_PURPOSE  MULTIPLE_CHOICE  Why is this user data shared? Select all that apply.
    PSL_APP_FUNCTIONALITY  App functionality
    PSL_ANALYTICS  Analytics
    PSL_DEVELOPER_COMMUNICATIONS  Developer communications
    PSL_FRAUD_PREVENTION_SECURITY  Fraud prevention, security, and compliance
    PSL_ADVERTISING  Advertising or marketing
    PSL_PERSONALIZATION  Personalization
    PSL_ACCOUNT_MANAGEMENT  Account management
"""


class Row(NamedTuple):
    """One row of the form. ``response`` is empty where the answer is a word of one's own, or yes or no."""

    question: str
    response: str
    requirement: str
    label: str


class DataType(NamedTuple):
    """One of the kinds of data that Google Play tells apart, in its group."""

    group: str
    key: str
    group_label: str
    label: str


def _rows(page: str) -> Iterator[Row]:
    question = Row("", "", "", "")
    lines = page.strip().replace("\n> ", " ").splitlines()
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        words = re.split(r" {2,}", line.strip())
        if line.startswith(" "):
            response, label = words
            yield question._replace(response=response, label=f"{question.label} / {label}")
        else:
            question = Row(words[0], "", *words[1:])
            if not following.startswith(" "):
                yield question


def _types() -> Iterator[DataType]:
    group = group_label = ""
    for line in TYPES.strip().splitlines():
        key, label = re.split(r" {2,}", line.removeprefix("= "))
        if line.startswith("= "):
            group, group_label = f"PSL_DATA_TYPES_{key}", label
        else:
            yield DataType(group, f"PSL_{key}", group_label, label)


GENERAL_ROWS = tuple(_rows(GENERAL))
"""The questions about the app as a whole."""

DATA_TYPES = tuple(_types())
"""Every type of data, in the form's order."""

USAGE_ROWS = tuple(_rows(USAGE))
"""What is asked of each type that is collected or shared."""
