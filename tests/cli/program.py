"""`midstream` as a process, with its own settings and without a terminal."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0
"""Seconds after which a process counts as a failed test. Never a measurement."""
ARGV = (sys.executable, "-P", "-m", "lsp_server")


def environment(home: Path) -> dict[str, str]:
    """Our environment, with `home` as the user's home and settings folder on every system."""
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "TMPDIR": str(temporary(home)),
    }


def temporary(home: Path) -> Path:
    """The folder for its temporary files."""
    folder = home / "tmp"
    folder.mkdir(exist_ok=True)
    return folder


def processes(home: Path) -> list[str]:
    """The command lines of all processes started with this home, on systems with /proc."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if f"HOME={home}".encode() in (path / "environ").read_bytes().split(b"\0"):
                found.append((path / "cmdline").read_text())
        except OSError:
            continue
    return found


def settle(home: Path, config: str) -> None:
    """Write the user's settings file."""
    file = home / ".config" / "midstream" / "config.toml"
    file.parent.mkdir(parents=True)
    file.write_text(config, "utf-8")


def midstream(
    home: Path, *words: str | bytes | Path, cwd: Path | None = None, given: str = ""
) -> "subprocess.CompletedProcess[str]":
    """Run `midstream` with these arguments until it ends. `given` is its standard input."""
    return subprocess.run(
        [*ARGV, *words],
        cwd=cwd or home,
        env=environment(home),
        input=given,
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE,
        check=False,
    )


def started(
    home: Path, *words: str | Path, extra: Sequence[tuple[str, str]] = ()
) -> "subprocess.Popen[str]":
    """Start `midstream` with these arguments. Its output can be read; its input is empty."""
    return subprocess.Popen(
        [*ARGV, *words],
        cwd=home,
        env={**environment(home), **dict(extra)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
