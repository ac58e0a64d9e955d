"""A person with a browser, who looks at pages of shop.example on which unmodified client packages run."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

from browser import chromium
from loopback import SDKS
from playwright.sync_api import Page

HOST = "shop.example"
FLAGS = (f"--host-resolver-rules=MAP {HOST} 127.0.0.1", "--disable-blink-features=AutomationControlled")
"""The site is on this machine under its own name, and its pages are not told that a program looks at them:
trackers say nothing of local pages and of programs."""


PERSON = (
    "--user-agent=Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36"
)
"""Calls the browser what one with a window is called: some clients say nothing of one without."""


@contextmanager
def visitor(*flags: str) -> Iterator[Page]:
    """A new visitor, without cookies or history, whose browser was started with these flags too."""
    with chromium(*FLAGS, *flags) as browser:
        yield browser.new_page()


def site(address: str) -> str:
    """The address of a server on loopback, as the site's own."""
    return f"http://{HOST}:{address.rpartition(':')[2]}"


def plausible(endpoint: str) -> str:
    """A page with Plausible's tracker, set up as its own documents say."""
    options = json.dumps({"domain": HOST, "endpoint": endpoint})
    return _page(f'import {{init}} from "@plausible-analytics/tracker"; init({options});')


def sentry(user: dict[str, str]) -> str:
    """A page with Sentry's SDK, on which somebody is known, and which fails when somebody pays."""
    return _page(
        'import * as Sentry from "@sentry/browser";'
        'Sentry.init({dsn: `http://demo@${location.host}/42`, release: "shop@1.4.2"});'
        f"Sentry.setUser({json.dumps(user)});"
        "addEventListener('pay', () => { throw new TypeError('total'); });"
        "document.title = 'ready';"
    )


def posthog(address: str, key: str) -> str:
    """A page with PostHog's client, which sends each event by itself."""
    return _page(
        'import posthog from "posthog-js/dist/module.full.no-external";'
        f"posthog.init({json.dumps(key)}, {{api_host: {json.dumps(address)}, request_batching: false}});"
        "window.posthog = posthog; document.title = 'ready';"
    )


def _page(script: str) -> str:
    return page(f'<script type="module">{script}</script>')


def page(scripts: str) -> str:
    """A page of the shop with these scripts, which find client packages by their names."""
    names = (SDKS / "importmap.json").read_text(encoding="utf-8")
    return (
        f'<!doctype html><title>Shop</title><script type="importmap">{names}</script>'
        f"{scripts}<p>Things to buy.</p><button>Buy</button>"
    )
