"""Every document that a policy publishes, by kind and format: its file name, its renderer, and what it cannot say."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from remit.policy.model import Policy
from remit.policy.render import (
    apple,
    dpv,
    fideslang,
    gpc,
    information,
    notice_html,
    notice_json,
    notice_markdown,
    play,
    processing_record,
    receipt,
)


class Document(NamedTuple):
    """One document. ``unstated`` lists what its readers ask and the policy has no answer to.

    ``spoken``: it is written once in each language of the policy. Others are in the first. ``of_apps``: a store asks it
    of each app by itself.
    """

    file: str
    render: Callable[[Policy], str]
    unstated: Callable[[Policy], list[str]]
    spoken: bool = False
    of_apps: bool = False


DOCUMENTS: Mapping[str, Mapping[str, Document]] = {
    "notice": {
        "md": Document("notice.md", notice_markdown.markdown, information.unstated, spoken=True),
        "html": Document(notice_html.FILE, notice_html.page, information.unstated, spoken=True),
        "json": Document("notice.json", notice_json.as_json, information.unstated, spoken=True),
    },
    "record": {
        "csv": Document("record-of-processing.csv", processing_record.as_csv, processing_record.unstated),
        "json": Document("record-of-processing.json", processing_record.as_json, processing_record.unstated),
    },
    "receipt": {"jsonld": Document("consent-records.jsonld", receipt.templates, receipt.unstated)},
    "dpv": {"jsonld": Document("policy.jsonld", dpv.json_ld, dpv.unstated)},
    "fideslang": {"yml": Document("fideslang.yml", fideslang.manifest, fideslang.unstated)},
    "google-play": {"csv": Document("data_safety.csv", play.data_safety, play.unstated, of_apps=True)},
    "apple": {"xcprivacy": Document("PrivacyInfo.xcprivacy", apple.manifest, apple.unstated, of_apps=True)},
    "gpc": {"json": Document(".well-known/gpc.json", gpc.support, gpc.unstated)},
}
"""By kind, then by format; the first format is the one that is written when none is asked for."""
