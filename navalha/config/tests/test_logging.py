"""What the log must not know."""

import logging

import pytest
import structlog

from navalha.config.logging import without_keys

KEY = "MTpxxx-d1ab3f"


@pytest.mark.parametrize("path", [f"/agendar/ze/visita/{KEY}/confirmar/", f"/senha/nova/{KEY}/"])
def test_the_key_of_a_link_is_in_no_line_about_it(path):
    for field in ("request", "event"):
        line = without_keys(None, "info", {field: f"GET {path}?x=1"})
        assert KEY not in line[field]
        assert "…" in line[field]


def test_djangos_own_line_about_a_page_that_was_not_found_keeps_the_key_out(client, db, caplog):
    client.get(f"/agendar/ninguem/visita/{KEY}/")
    (record,) = [record for record in caplog.records if record.getMessage().startswith("Not Found")]
    (formatter,) = [
        handler.formatter
        for handler in logging.getLogger().handlers
        if isinstance(handler.formatter, structlog.stdlib.ProcessorFormatter)
    ]

    written = formatter.format(record)

    assert "Not Found: /agendar/ninguem/visita/…/" in written
    assert KEY not in written
