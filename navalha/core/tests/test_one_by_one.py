"""One row that fails holds up none of the others."""

import pytest
from structlog.testing import capture_logs

from navalha.core.one_by_one import one_by_one


def test_one_that_fails_is_logged_by_its_key_and_the_others_go_on():
    with capture_logs() as lines:
        done = one_by_one([4, 0, 5], lambda number: 20 // number, failed="could not be divided", key="number")

    assert done == [5, 4]
    assert [(line["event"], line["number"], line["log_level"]) for line in lines] == [
        ("could not be divided", 0, "error")
    ]


def test_what_fails_while_the_rows_are_read_is_not_hidden():
    def rows():
        yield 1
        raise OSError("the database went away")

    with pytest.raises(OSError, match="went away"):
        one_by_one(rows(), str, failed="could not be said", key="number")
