"""A real headless Chromium for tests and measurements."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from tools.browser import first

# A request that a newer one replaced, or that was under way when its page was left: nothing failed. What did fail says
# so in a line of its own beside the second of these.
LEFT_BEHIND = re.compile("htmx:sendAbort|htmx:afterRequest")
expect.set_options(timeout=15_000)  # ms: of a machine that is busy with other tests
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser that CHROMIUM names, else the first one on the machine."""
    path = os.environ.get("CHROMIUM") or first()
    # Playwright runs an event loop in this thread, where Django refuses the database although nothing is concurrent.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
            try:
                yield browser
            finally:
                connections.close_all()  # those of this block: inside a loop, Django keeps connections of their own
                browser.close()
    finally:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


def complaints(page: Page) -> list[str]:
    """What the page's console complains about from now on: errors of scripts, and what the CSP blocked."""
    heard: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and not LEFT_BEHIND.search(message.text):
            heard.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: heard.append(str(error)))
    return heard


def log_in(page: Page, url: str, email: str, password: str = "navalha-demo") -> None:  # noqa: S107 - of the story
    """Through the form, as a person."""
    page.goto(f"{url}/entrar/")
    page.fill("[name=login]", email)
    page.fill("[name=password]", password)
    page.click("main button.btn-primary")
    page.wait_for_url(lambda address: "/entrar/" not in address)
