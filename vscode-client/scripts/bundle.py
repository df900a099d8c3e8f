"""Gathers the Python server and the packages that it needs, for the .vsix: no network at run time.

    python vscode-client/scripts/bundle.py FOLDER

writes, with the versions and hashes of vscode-client/requirements.lock and for the platform on
which it runs,

    FOLDER/libs             the server, pure packages, and compiled ones with the stable interface
    FOLDER/libs-cp311, …    compiled packages that fit one minor version of Python only

and beside it, into build/vscode/python-notices.txt, what has been gathered, with its licences.
A Python version for which some package has no wheel is left out, with a sentence. Knows nothing of
the extension that ships the folder; which folders go on the path is decided there.
"""

import hashlib
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

from notices import Licensed, Unlicensed, of_wheel, write
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.tags import platform_tags

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "vscode-client" / "requirements.lock"
WHEELS = ROOT / "build" / "vscode" / "wheels"
NOTICES = ROOT / "build" / "vscode" / "python-notices.txt"
MINORS = (11, 12, 13, 14)
"""The minor versions of Python 3 that are asked for; 3.11 is the oldest that the server runs on."""

_NOT_SHIPPED = re.compile(r"(^|/)(__pycache__|tests?|testing)/|\.pyi$|\.pyc$|\.[ch]$")
"""What no import at run time looks for."""


class NoWheel(Exception):
    """Some package has no wheel for this Python and platform; the message is pip's."""


def main(arguments: list[str]) -> int:
    """Write the folder. Returns 2 for wrong use."""
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    target = Path(arguments[0])
    stamp = target / ".packages"
    wanted = _fingerprint()
    if not NOTICES.exists() or not stamp.exists() or stamp.read_text("utf-8") != wanted:
        shutil.rmtree(target, ignore_errors=True)
        _packages(target)
        stamp.write_text(wanted, "utf-8")
    _server(target / "libs" / "lsp_server")
    return 0


def _fingerprint() -> str:
    """Changes whenever the packages have to be gathered anew."""
    scripts = (Path(__file__), Path(__file__).with_name("notices.py"))
    parts = [LOCK.read_bytes(), *(script.read_bytes() for script in scripts)]
    return hashlib.sha256(b"\0".join([*parts, " ".join(platform_tags()).encode()])).hexdigest()


def _packages(target: Path) -> None:
    had: list[int] = []
    licensed: set[Licensed] = set()
    for minor in MINORS:
        try:
            wheels = _wheels(minor)
        except NoWheel as missing:
            print(f"Python 3.{minor} is left out: {missing}", file=sys.stderr)
            continue
        had.append(minor)
        for wheel in wheels:
            _unpack(wheel, target / _place(wheel, minor))
            licensed.add(of_wheel(wheel))
    if not had:
        raise SystemExit("No Python version has all wheels; see above.")
    NOTICES.write_text(write(licensed), "utf-8")
    print(f"Bundled for Python {', '.join(f'3.{minor}' for minor in had)}.", file=sys.stderr)


def _wheels(minor: int) -> list[Path]:
    """All run-time packages as wheels for one Python version, ours left out. Each is one of the
    files whose hashes the lock holds, or pip refuses it."""
    folder = WHEELS / f"cp3{minor}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "requirements.txt").write_text("\n".join(locked_for(minor)), "utf-8")
    words = [sys.executable, "-m", "pip", "download", "--disable-pip-version-check", "--no-input"]
    words += [
        "--quiet",
        "--require-hashes",
        "--no-deps",
        "--only-binary=:all:",
        "--implementation=cp",
        f"--python-version=3.{minor}",
    ]
    words += [f"--platform={tag}" for tag in platform_tags()]
    words += [f"--requirement={folder / 'requirements.txt'}", f"--dest={folder}"]
    done = subprocess.run(
        words, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        raise NoWheel(said[-1] if said else done.stderr.strip())
    return sorted(folder.glob("*.whl"))


def locked_for(minor: int) -> list[str]:
    """The lines of the lock that count for one Python version on this system: pip would judge
    their conditions by the Python that it runs on."""
    environment = default_environment()
    environment["python_version"] = f"3.{minor}"
    environment["python_full_version"] = f"3.{minor}.0"
    chosen = []
    text = re.sub(r"^#.*", "", LOCK.read_text("utf-8"), flags=re.MULTILINE).replace("\\\n", " ")
    for line in filter(None, map(str.strip, text.splitlines())):
        asked, *hashes = line.split(" --hash=")
        requirement = Requirement(asked)
        if requirement.marker is None or requirement.marker.evaluate({**environment}):
            requirement.marker = None
            chosen.append(" --hash=".join([str(requirement), *map(str.strip, hashes)]))
    return chosen


def _place(wheel: Path, minor: int) -> str:
    """The folder for a wheel, by the tags in its name: name-version-python-interface-platform."""
    interface = wheel.stem.split("-")[-2]
    return f"libs-cp3{minor}" if interface.startswith("cp") else "libs"


def _unpack(wheel: Path, folder: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if not name.endswith("/") and not _NOT_SHIPPED.search(name):
                archive.extract(name, folder)


def _server(folder: Path) -> None:
    """Our own package as it is in the work tree."""
    shutil.rmtree(folder, ignore_errors=True)
    for path in _sources():
        copy = folder / path.relative_to(ROOT / "lsp_server")
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)


def _sources() -> Iterator[Path]:
    for path in sorted((ROOT / "lsp_server").rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Unlicensed as missing:
        sys.exit(str(missing))
