"""One Chromium for a whole run: Playwright bears one at a time in a thread, and a start is dear."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, sync_playwright

# Chromium without a window's machinery: the pages are drawn by the same code in two thirds of
# the time.
CHROMIUM = "/usr/bin/chromium-headless-shell"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--enable-unsafe-swiftshader",  # maps want WebGL, and there is no graphics card here
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


def cut_line(page: Page) -> None:
    """Take the line away, as a tunnel does: whatever the page asks for from now on fails."""
    # `set_offline` tells the page, but on a busy machine a request was seen to slip through.
    page.context.route("**/*", _fail)
    page.context.set_offline(True)


def mend_line(page: Page) -> None:
    """Give the line back; the page hears of it."""
    page.context.unroute("**/*", _fail)
    page.context.set_offline(False)


def _fail(route: Route) -> None:
    route.abort("internetdisconnected")
