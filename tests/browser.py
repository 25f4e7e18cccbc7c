"""A real browser for tests: one Chromium for a file, a fresh profile for each window, and nothing odd unnoticed.

A window that logs an error, breaks the content security policy or throws fails its test. `TRACES=folder` keeps a
Playwright trace of each window of a failed test.
"""

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from tests.chromium import LEFT_BEHIND, chromium

DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}


@dataclass
class Windows:
    """Opens windows, each with cookies and storage of its own, and keeps what they complained about."""

    browser: Browser
    contexts: list[BrowserContext] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    _expected: list[re.Pattern[str]] = field(default_factory=list)

    def open(self, *, phone: bool = False, dark: bool = False, javascript: bool = True, **more: Any) -> Page:
        """A new window: as wide as a desk's screen, or as a phone's. `more` goes to Playwright's `new_context`."""
        size = PHONE if phone else DESKTOP
        scheme = "dark" if dark else "light"
        kind: dict[str, Any] = {"viewport": size, "color_scheme": scheme, "has_touch": phone, "locale": "pt-BR"}
        context = self.browser.new_context(java_script_enabled=javascript, **{**kind, **more})
        context.set_default_timeout(15_000)
        context.on("console", self._console)
        context.on("weberror", lambda problem: self.complaints.append(f"uncaught: {problem.error}"))
        if os.environ.get("TRACES"):
            context.tracing.start(screenshots=True, snapshots=True)
        self.contexts.append(context)
        return context.new_page()

    def expect_complaint(self, words: str) -> None:
        """This test provokes complaints that match `words` (a regular expression): they are no failure."""
        self._expected.append(re.compile(words))

    def unexpected(self) -> list[str]:
        known = [LEFT_BEHIND, *self._expected]
        return [line for line in self.complaints if not any(words.search(line) for words in known)]

    def close(self, *, traces: Path | None) -> None:
        for number, context in enumerate(self.contexts):
            if os.environ.get("TRACES"):
                context.tracing.stop(path=traces / f"window-{number}.zip" if traces else None)
            context.close()

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(f"console: {message.text} ({message.location.get('url', '')})")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One for each file: while it runs, this thread has an event loop that tests of other files must not meet."""
    with chromium() as running:
        yield running


@pytest.fixture
def windows(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Windows]:
    """Opens windows; they close with the test, which fails when one of them complained."""
    if "web" in request.fixturenames:
        request.getfixturevalue("web")  # begun before the windows, it ends after them: none complains of its going
    opened = Windows(browser)
    yield opened
    failed = bool(getattr(request.node, "failed", False))
    folder = Path(os.environ.get("TRACES", "")) / re.sub(r"\W+", "-", request.node.name)
    opened.close(traces=folder if failed else None)
    assert not opened.unexpected(), "\n".join(opened.unexpected())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: "pytest.CallInfo[None]") -> Any:
    """Let fixtures know at their end whether the test failed."""
    report = yield
    if report.when == "call":
        item.failed = report.failed  # type: ignore[attr-defined]
    return report


def stays(page: Page) -> Callable[[], bool]:
    """Mark the window; the returned function tells whether it is still that very document, never loaded again."""
    page.evaluate("window.__mark = 'here'")
    return lambda: bool(page.evaluate("window.__mark === 'here'"))


def wait_for(page: Page, true: Callable[[], Any]) -> None:
    """Let the page go on until `true()` is; sleeping would also stop the browser's callbacks."""
    for _ in range(100):
        if true():
            return
        page.wait_for_timeout(100)
    raise AssertionError("it never became true")
