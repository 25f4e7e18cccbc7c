"""Every template compiles, and none needs what the content security policy forbids."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import get_template

ROOT = Path(settings.BASE_DIR) / "navalha"
INLINE = re.compile(
    r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/(?:ld\+)?json\")|<style\b|\sstyle=|\son[a-z]+=\"|javascript:",
    re.I,
)


def template_files() -> list[Path]:
    return sorted(path for path in ROOT.rglob("templates/**/*") if path.suffix in {".html", ".txt"})


def test_there_are_templates_to_guard():
    assert len(template_files()) > 20


@pytest.mark.parametrize("path", template_files(), ids=lambda path: path.name)
def test_template_compiles_and_has_nothing_inline(path):
    name = str(path).split("/templates/", 1)[1]
    get_template(name)
    assert not INLINE.search(path.read_text()), "the CSP would block it"


def test_the_guard_sees_inline_code():
    for forbidden in ('<p style="x">', "<script>", '<a onclick="x">'):
        assert INLINE.search(forbidden)
    assert not INLINE.search('<script type="module" src="/x.js"></script>')
