#!/bin/sh
# Prints the path of a Chromium that tests can drive; installs one where that is possible.
set -eu
found() { for name in chromium chromium-browser google-chrome google-chrome-stable; do command -v "$name" && return 0; done; return 1; }
if [ -n "${CHROMIUM:-}" ]; then echo "$CHROMIUM"; exit 0; fi
found && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium; } >&2 && found && exit 0
fi
.venv/bin/playwright install chromium >&2 && .venv/bin/python -c \
  "from playwright.sync_api import sync_playwright as p; print(p().start().chromium.executable_path)"
