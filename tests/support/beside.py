"""Runs a program beside the tests, as a plugin of pytest's: `-p tests.support.beside`.

The scenarios in VS Code take minutes in which they mostly wait, and so do many tests. With
`--beside COMMAND` both run at once. What the program says comes before pytest's summary, so that
this stays the last line; where the program fails, the run fails with `FAILED`, whatever the tests
did, and is not tried again.
"""

import os
import shlex
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress

import pytest

FAILED = 8
"""The exit status where the program has failed: none of pytest's own."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--beside", metavar="COMMAND", help="run this program beside the tests")


def pytest_configure(config: pytest.Config) -> None:
    command = config.getoption("--beside")
    if command and not hasattr(config, "workerinput"):  # A worker of xdist's is not the one.
        config.pluginmanager.register(Beside(command))


class Beside:
    """The program, from its start to its end."""

    def __init__(self, command: str) -> None:
        self._command = command
        self._output = tempfile.TemporaryFile()  # noqa: SIM115  (closed in `pytest_unconfigure`)
        self._process = subprocess.Popen(
            shlex.split(command),
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Wait for it, unless the tests were broken off."""
        if exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            if self._process.wait() != 0:
                session.exitstatus = FAILED
        else:
            self._end()

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print its output."""
        self._output.seek(0)
        terminalreporter.section(self._command)
        terminalreporter.write(self._output.read().decode("utf-8", "replace"))
        if self._process.returncode:
            how = f"{self._command}: failed with {self._process.returncode}"
            terminalreporter.write_line(how, red=True)

    def pytest_unconfigure(self) -> None:
        """Leave nothing behind, however the tests ended."""
        self._end()
        self._output.close()

    def _end(self) -> None:
        if self._process.poll() is not None:
            return
        if sys.platform == "win32":
            self._process.terminate()
        else:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGTERM)
        self._process.wait()
