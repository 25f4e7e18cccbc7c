"""Fixtures of the worker's tests."""

import pytest
from django.db import connection


@pytest.fixture
def empty_queue(db):
    """No job of an earlier test: Django does not know the queue's tables and so does not empty them."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
        cursor.execute("DELETE FROM procrastinate_workers")
