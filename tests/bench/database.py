"""A fresh database for one bench, in the configured PostgreSQL."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import django


@contextmanager
def bench_database() -> Iterator[str]:
    """Start Django on a migrated, empty database and yield its address; it is dropped at the end."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "navalha.config.settings")
    django.setup()
    from django.db import connection
    from django.test.utils import setup_databases, teardown_databases

    databases = setup_databases(verbosity=0, interactive=False)
    try:
        from tests.journeys.databases import url_of_tests

        yield url_of_tests()
    finally:
        connection.close_pool()  # it would hold on to the database that is dropped next
        teardown_databases(databases, verbosity=0)
