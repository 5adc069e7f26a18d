"""Fixtures that open pages in a real browser."""

from __future__ import annotations

import html
import re
import time
from pathlib import Path

import pytest

PATIENCE = 180
"""Seconds that a busy machine may take; nothing waits longer than what it waits for."""
STILL = """() => {
  const map = spatialjustice.map;
  const moving = map._animatingZoom || (map._panAnim && map._panAnim._inProgress) || map._flyToFrame;
  return !moving && document.getAnimations().every((one) => one.playState !== "running");
}"""
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what opens a browser, so that ``-m "not browser"`` leaves it out."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")


@pytest.fixture(scope="session")
def browser(system_tool):
    """Start Chromium once; without it, or without a single font, the browser tests are skipped."""
    chromium = system_tool("chromium")
    system_tool("font")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield started
        started.close()


def text_of_page(path: Path) -> str:
    """What a page says, with plain spaces; its letters beyond ASCII are written as their numbers."""
    return plain_text(path.read_text(encoding="utf-8"))


def plain_text(text: str) -> str:
    """The text of a page with every letter as itself, and with plain spaces."""
    return html.unescape(re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), text)).replace("\xa0", " ")


class Opened:
    """A page in the browser, and everything it asked for or complained about."""

    def __init__(self, browser, path, **context):
        self.context = browser.new_context(**{"viewport": {"width": 1200, "height": 800}, **context})
        self.context.set_default_timeout(PATIENCE * 1000)
        self.page = self.context.new_page()
        self.errors, self.requests, self.dialogs = [], [], []
        self.page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.dialogs.append(dialog.message), dialog.dismiss()))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(path.as_uri())

    @property
    def remote(self):
        return [url for url in self.requests if not url.startswith(("file:", "data:", "blob:"))]

    def ready(self):
        self.page.wait_for_selector("html[data-ready]", state="attached")
        return self

    def maps(self):
        """Go on from the overview to the maps, where the page opens with it."""
        if self.page.evaluate("document.documentElement.dataset.view") == "overview":
            self.page.click("#show-overview")
        return self

    def until(self, condition):
        """Wait until a script says yes; the pages' policy forbids what Playwright's own waiting evaluates."""
        end = time.monotonic() + PATIENCE
        while not self.page.evaluate(condition):
            assert time.monotonic() < end, f"never came true: {condition}"
            self.page.wait_for_timeout(25)

    def still(self):
        """Wait until the map has come to rest and nothing moves; what a click sets off begins a frame later."""
        self.until(STILL)
        self.page.evaluate("new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(() => go(true))))")
        self.until(STILL)


@pytest.fixture
def open_file(browser):
    """Open a page that lies on the disk."""
    opened = []

    def opening(path, **context):
        opened.append(Opened(browser, path, **context))
        return opened[-1]

    yield opening
    for one in opened:
        one.context.close()


@pytest.fixture
def open_page(browser, tmp_path):
    """Open a page of HTML text, or a map, as a file."""
    opened = []

    def opening(made, **context):
        path = tmp_path / f"page{len(opened)}.html"
        path.write_text(made if isinstance(made, str) else made.to_html(), encoding="utf-8", newline="\n")
        opened.append(Opened(browser, path, **context))
        return opened[-1]

    yield opening
    for one in opened:
        one.context.close()
