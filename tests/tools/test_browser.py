import pytest

from tools.browser import browser
from tools.steps import Stop


def program(folder, code: int):
    file = folder / "chromium"
    file.write_text(f"#!/bin/sh\nexit {code}\n")
    file.chmod(0o755)
    return file


def test_the_browser_that_was_named_is_taken(tmp_path, monkeypatch):
    monkeypatch.setenv("CHROMIUM", str(program(tmp_path, 0)))

    assert browser() == str(tmp_path / "chromium")


def test_a_named_browser_that_does_not_start_is_an_error_not_another_browser(tmp_path, monkeypatch):
    monkeypatch.setenv("CHROMIUM", str(program(tmp_path, 1)))

    with pytest.raises(Stop, match=r"CHROMIUM=.* não abre"):
        browser()


def test_a_browser_of_the_machine_that_starts_is_found(tmp_path, monkeypatch):
    program(tmp_path, 0)
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert browser() == str(tmp_path / "chromium")
