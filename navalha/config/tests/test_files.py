"""A web process holds as many streams as the machine lets it, not as few as a shell starts with."""

import resource

import pytest

from navalha.config.files import MOST_FILES, allow_many_files

KIND = resource.RLIMIT_NOFILE


@pytest.fixture
def limits():
    """What this process may have open; put back afterwards."""
    before = resource.getrlimit(KIND)
    yield before
    resource.setrlimit(KIND, before)


def test_a_low_limit_is_raised_as_far_as_the_system_lets_it(limits):
    _soft, hard = limits
    resource.setrlimit(KIND, (256, hard))

    allow_many_files()

    assert resource.getrlimit(KIND) == (MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES), hard)


def test_a_higher_limit_is_left_alone(limits):
    _soft, hard = limits
    if hard != resource.RLIM_INFINITY and hard <= MOST_FILES:
        pytest.skip("this system allows no more")
    resource.setrlimit(KIND, (MOST_FILES + 1, hard))

    allow_many_files()

    assert resource.getrlimit(KIND)[0] == MOST_FILES + 1
