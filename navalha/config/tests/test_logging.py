"""What the log must not know."""

import pytest

from navalha.config.logging import without_keys

KEY = "MTpxxx-d1ab3f"


@pytest.mark.parametrize("path", [f"/agendar/ze/visita/{KEY}/confirmar/", f"/senha/nova/{KEY}/"])
def test_the_key_of_a_link_is_in_no_line_about_it(path):
    for field in ("request", "event"):
        line = without_keys(None, "info", {field: f"GET {path}?x=1"})
        assert KEY not in line[field]
        assert "…" in line[field]


def test_a_page_that_was_not_found_keeps_its_key_out_of_the_log(client, db, capfd):
    client.get(f"/agendar/ninguem/visita/{KEY}/")
    written = capfd.readouterr()
    assert "/agendar/ninguem/visita/" in written.err + written.out
    assert KEY not in written.err + written.out
