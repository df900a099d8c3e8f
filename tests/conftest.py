"""Hypothesis profiles: `dev` by default, `ci` for `.ci/run`, `deep` for a night.

`ci` draws the same examples each time, so that a failure there belongs to the change that is
checked; `dev` and `deep` draw new ones.

`--update-fixtures` renews the files in `fixtures/` that the tests write, and leaves those that are
edited by hand. Each `fixtures/*/README.md` says which are which.
"""

import os
import signal
import tempfile

import pytest
from hypothesis import HealthCheck, settings

# A busy machine is no failure: no example has a deadline.
settings.register_profile(
    "dev", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "ci", settings.get_profile("dev"), max_examples=200, derandomize=True, print_blob=True
)
settings.register_profile("deep", settings.get_profile("dev"), max_examples=20_000)
settings.load_profile(os.environ.get("MIDSTREAM_HYPOTHESIS", "dev"))


_STATE = tempfile.TemporaryDirectory(prefix="midstream-tests-")
# No test, and no server that one starts, may leave a journal where the user keeps theirs.
os.environ["XDG_STATE_HOME"] = _STATE.name
# Nor an index of a folder that is gone.
os.environ["XDG_CACHE_HOME"] = _STATE.name


# Who is started in the background has Ctrl-C ignored, and passes that on to what it starts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors: most tests wait for a process that they have started."""
    ours = getattr(os, "sched_getaffinity", None)  # Where it can be told which are for us.
    return 1 + (len(ours(0)) if ours else os.cpu_count() or 1)


def pytest_unconfigure() -> None:
    _STATE.cleanup()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-fixtures",
        action="store_true",
        help=(
            "renew the expected results in fixtures/ that are written by the tests you run; each"
            " fixtures/*/README.md names them. Read the difference before you keep it"
        ),
    )


@pytest.fixture
def update_fixtures(request: pytest.FixtureRequest) -> bool:
    """Whether a test should write its result to `fixtures/` before it compares the two."""
    return bool(request.config.getoption("--update-fixtures"))
