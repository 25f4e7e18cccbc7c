import pytest

from navalha.config.logging import without_keys


@pytest.mark.parametrize(
    ("request_line", "logged"),
    [
        ("GET /agendar/ze/visita/162.V3rx3W_b7VPqWW7F-0-7VN8uVjbJ97A/", "GET /agendar/ze/visita/…/"),
        ("POST /agendar/ze/visita/162.V3rx3W_b7VPqWW7F/cancelar/", "POST /agendar/ze/visita/…/cancelar/"),
        ("GET /senha/nova/3-d6b1x9-4a5b6c7d8e9f/", "GET /senha/nova/…/"),
        ("GET /conversas/?busca=11988887777", "GET /conversas/"),
        ("GET /agenda/12/", "GET /agenda/12/"),
    ],
)
def test_the_address_in_a_log_line_lets_nobody_in(request_line, logged):
    assert without_keys(None, "info", {"request": request_line})["request"] == logged


def test_a_line_without_a_request_stays_as_it_is():
    assert without_keys(None, "info", {"event": "booked"}) == {"event": "booked"}
