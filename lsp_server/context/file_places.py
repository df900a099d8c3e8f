"""What the path of a file says: how near it is to another, and whether it holds tests."""

import os
import re

__all__ = ["is_test", "steps_between"]

_TESTS = re.compile(
    r"(?:^|/)(?:tests?|specs?|__tests__|testdata)(?:/|$)|(?:^|/)test_|_tests?\.|\.(?:test|spec)\."
    r"|Tests?\.\w+$"
)


def is_test(path: str) -> bool:
    """Whether a file holds tests; the path is relative to the workspace's folder."""
    return _TESTS.search(path.replace(os.sep, "/")) is not None


def steps_between(one: str, other: str) -> int:
    """How many folders lie between two paths."""
    parts, others = one.split(os.sep), other.split(os.sep)
    same = 0
    while same < min(len(parts), len(others)) and parts[same] == others[same]:
        same += 1
    return len(parts) + len(others) - 2 * same
