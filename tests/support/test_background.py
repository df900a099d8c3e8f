"""The tests find what they need also where they are started in the background."""

import shlex
import subprocess
import sys
from pathlib import Path


def test_a_program_that_a_test_starts_hears_ctrl_c() -> None:
    """A shell has it ignored for what runs in the background."""
    asks = "import signal; print(signal.getsignal(signal.SIGINT) is signal.SIG_IGN)"
    starts = (
        f"import subprocess, sys, tests.conftest; subprocess.run([sys.executable, '-c', {asks!r}])"
    )
    command = shlex.join([sys.executable, "-c", starts])
    done = subprocess.run(
        ["sh", "-c", f"trap '' INT; exec {command}"],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert done.stdout == "False\n"
