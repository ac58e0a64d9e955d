"""Client packages, unmodified, that bring a choice token in the way that `docs/sdks.md` tells, and are heard."""

import json
import re
from collections import Counter

from running import House, until
from unmodified import PAGE, run, told

PAGE_OF_ADA = """
bearer.page({ userId: "ada", context: { campaign: { name: "spring", source: "news" } } })
await bearer.closeAndFlush()
"""
CRASH = """
Sentry.captureException(new RangeError("a"));
await Sentry.flush(5000);
"""
SPAN = """
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind

spans = TracerProvider()
spans.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
told = {"http.request.method": "GET", "url.full": "https://shop.example/cart"}
with spans.get_tracer("shop").start_as_current_span("GET", kind=SpanKind.CLIENT, attributes=told):
    pass
spans.shutdown()
"""
SESSION = '{}\n{"type": "session"}\n{"sid": "1", "init": true, "status": "exited", "started": "2026-11-27T10:00:00Z"}\n'


def bringing(client: str) -> str:
    """What the page says that brings a token."""
    (found,) = re.findall(rf"^\| {re.escape(client)} \| `(.*)` \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    return str(found)


def begun_anew(package: str, option: str, *, before: str) -> str:
    """The page's own lines without their import, with one more option."""
    lines = told()[package][1].partition("\n")[2]
    assert 1 == lines.count(before)
    return lines.replace(before, f"{option}, {before}")


def token(house: House, *said: str) -> str:
    """As the command makes it."""
    return str(json.loads(house.command("token", "--app", "shop-android", *said, "--json"))["token"])


def ends(house: House, item: str, purpose: str) -> Counter[str]:
    """How the uses of an item for a purpose have ended."""
    found: Counter[str] = Counter()
    for row in house.tally():
        if (row["item"], row["purpose"]) == (item, purpose):
            found[row["reason"] or row["fate"]] += row["n"]
    return found


def heard(house: House) -> int:
    """How many tokens were in order, as the console shows it."""
    page = house.operator().get("/live").text
    found = re.search(r'aria-labelledby="tokens">.*?<dt>heard</dt><dd>([\d,]+)</dd>', page, re.DOTALL)
    return int(found[1].replace(",", "")) if found else 0


def test_segments_package_for_node_brings_a_yes(house: House) -> None:
    """What takes a consent is kept with the token's, and dropped without one."""
    package = "@segment/analytics-node"
    run(house, package, then=f"const bearer = analytics\n{PAGE_OF_ADA}")
    assert Counter(no_consent=1) == ends(house, "campaign.name", "measure-ads")

    lines = begun_anew(package, bringing(f"`{package}`"), before="writeKey").replace("analytics =", "bearer =")
    text = json.dumps(token(house, "--yes", "measure-ads"))
    run(house, package, then=f"const token = {text}\n{lines}{PAGE_OF_ADA}")
    assert Counter(no_consent=1, kept=1) == ends(house, "campaign.name", "measure-ads")


def test_sentrys_package_for_node_brings_a_no(house: House) -> None:
    """What it refuses is dropped, unless the reply to what came first told the client not to send it at all."""
    before = heard(house)
    text = token(house, "--no", "mend-crashes", "--no", "learn-usage")
    lines = begun_anew("@sentry/node", bringing("`@sentry/node`, `@sentry/browser`"), before="release")
    run(house, "@sentry/node", then=f"const token = {json.dumps(text)}\n{lines}{CRASH}")
    until(lambda: heard(house) > before)
    assert {"refused"} >= set(ends(house, "crash.type", "mend-crashes"))

    key = "Sentry sentry_key=demo-android"
    silent, denied = (
        house.post("/api/1/envelope/", SESSION, x_sentry_auth=key, **more).headers["x-sentry-rate-limits"]
        for more in ({}, {"remit_choice": text})
    )
    assert ["error" in one for one in (silent, denied)] == [False, True]


def test_opentelemetrys_exporter_brings_a_no(house: House) -> None:
    """By the variable that has its key, too."""
    package = "opentelemetry-exporter-otlp-proto-http"
    run(house, package, then=SPAN)
    assert {"reduced"} == set(ends(house, "request.url", "learn-usage"))

    text = json.dumps(token(house, "--no", "learn-usage"))
    run(house, package, then=f"token = {text}\n{bringing('OpenTelemetry')}\n{SPAN}")
    assert {"reduced", "refused"} == set(ends(house, "request.url", "learn-usage"))
