"""Run the few failed tests once more: a busy machine may have made them fail.

Most tests drive real editors, servers and processes, and wait for what these do. `make test` calls
this where some have failed: `python -m tests.support.again STATUS`, with pytest's exit status. Few
are run once more, one after the other, with nothing beside them; what fails twice fails. Many
failures are no accident, so they stand.
"""

import json
import sys
from pathlib import Path

import pytest

MOST = 3
"""The most tests of a run that are run again."""

_FAILED = Path(".pytest_cache/v/cache/lastfailed")
"""Where pytest keeps the names of those that failed, as the keys of an object."""


def main(arguments: list[str]) -> int:
    """Try again what may be tried again. Returns the exit status of the whole."""
    status = int(arguments[0])
    if status != pytest.ExitCode.TESTS_FAILED:
        return status
    failed: list[str] = sorted(json.loads(_FAILED.read_text("utf-8")))
    if not 0 < len(failed) <= MOST:
        return status
    print("\nFailed at the first try, and run once more:", *failed, sep="\n  ", flush=True)
    return pytest.main(["--last-failed", "--numprocesses", "0"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
