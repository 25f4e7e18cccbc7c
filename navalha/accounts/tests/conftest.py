import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def no_limits_of_other_tests(db):
    """The rate limits count in the cache, which outlives a test whose rows are committed."""
    cache.clear()
