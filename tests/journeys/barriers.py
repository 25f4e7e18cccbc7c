"""What keeps people out of a page: axe looks at it as WCAG 2.1 AA asks, in the look that it has just now."""

from functools import cache
from pathlib import Path

from playwright.sync_api import Page

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
RUN = """rules => axe.run(document, {runOnly: {type: 'tag', values: rules}, resultTypes: ['violations']}).then(
  found => found.violations.flatMap(rule => rule.nodes.slice(0, 3).map(
    node => `${rule.id}: ${node.html.slice(0, 160)} (${node.any.map(({message}) => message).join('; ')})`)))"""


@cache
def source() -> str:
    """The program; it comes with `make install-test`."""
    return AXE.read_text(encoding="utf-8")


def barriers(page: Page) -> list[str]:
    """Each thing that breaks a rule, with the rule's name; empty when nothing does."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(source())  # over the wire of the debugger: the page's own policy lets no script in
    return list(page.evaluate(RUN, RULES))
