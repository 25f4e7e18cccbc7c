"""How many files and connections a process may have open."""

import resource

MOST_FILES = 8192  # macOS refuses more than about ten thousand


def allow_many_files() -> None:
    """Each open page holds a file descriptor, and many systems allow 1,024 of them unless a process asks for more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
