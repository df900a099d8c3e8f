"""Build a release into build/release and check every file of it. `make release` runs it.

    python -m scripts.release check [--tag TAG] [--dirty]
    python -m scripts.release build
    python -m scripts.release notes

`check` refuses a work tree that git calls dirty, and a version that is not the same everywhere.
`build` makes the wheel and the sdist, takes the .vsix that `make vsix` has packed, checks the three
files and writes SHA256SUMS. `notes` prints what CHANGELOG.md says of this version.

The version lives in pyproject.toml; every other place is a copy. All files carry the time of the
commit. The script publishes nothing.
"""

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[1]
RELEASE = ROOT / "build" / "release"
VSIX = ROOT / "build" / "vscode" / "midstream.vsix"
SUMS = "SHA256SUMS"

_DATED = re.compile(r"^## (?P<version>\d+\.\d+\.\d+) - \d{4}-\d{2}-\d{2}$", re.MULTILINE)
_UNRELEASED = re.compile(r"^## Unreleased\n(?P<entries>.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_VSIX_XML = "{http://schemas.microsoft.com/developer/vsx-schema/2011}"


class Refused(Exception):
    """This cannot be released; the message says why and what to do."""


# -- what may be released --


def versions(root: Path) -> dict[str, str | None]:
    """The version in each place that names one; None where a place has none."""
    pyproject = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    package = (root / "lsp_server" / "__init__.py").read_text("utf-8")
    copy = re.search(r'^__version__ = "([^"]+)"$', package, re.MULTILINE)
    found: dict[str, str | None] = {
        "pyproject.toml": pyproject["project"]["version"],
        "lsp_server/__init__.py": copy and copy[1],
    }
    for name in ("vscode-client/package.json", "vscode-client/package-lock.json"):
        manifest = json.loads((root / name).read_text("utf-8"))
        # npm keeps a version in its lock only where somebody has put one.
        if name.endswith("package.json") or "version" in manifest:
            found[name] = manifest.get("version")
    for name in ("CHANGELOG.md", "vscode-client/CHANGELOG.md"):
        dated = _DATED.search((root / name).read_text("utf-8"))
        found[name] = dated and dated["version"]
    return found


def check(root: Path, tag: str | None = None, dirty: bool = False) -> str:
    """The version to release. Raises `Refused`; `dirty` lets an unclean work tree pass."""
    found = versions(root)
    version = found["pyproject.toml"]
    if version is None or set(found.values()) != {version}:
        table = "\n".join(f"  {place}: {one or 'none'}" for place, one in found.items())
        raise Refused(f"The version is not the same everywhere:\n{table}")
    if tag is not None and tag != f"v{version}":
        raise Refused(f"The tag is {tag}, but the version is {version}: it must be v{version}.")
    changed = _run(["git", "status", "--porcelain"], cwd=root).splitlines()
    if changed and not dirty:
        listed = "\n".join(f"  {line}" for line in changed[:10])
        raise Refused(
            "The work tree differs from the last commit. Commit or remove:\n"
            f"{listed}\nTo try the build as it is: make release DIRTY=1"
        )
    return version


def notes(changelog: str, version: str) -> str:
    """The section of a version in CHANGELOG.md, without its heading. Raises `Refused`."""
    for found in _DATED.finditer(changelog):
        if found["version"] == version:
            following = re.compile(r"^## ", re.MULTILINE).search(changelog, found.end())
            return changelog[found.end() : following and following.start()].strip()
    raise Refused(f"CHANGELOG.md has no dated section for {version}.")


def unreleased(changelog: str) -> str:
    """What stands under "Unreleased" in CHANGELOG.md."""
    found = _UNRELEASED.search(changelog)
    return found["entries"].strip() if found else ""


# -- the files --


def packages(root: Path, folder: Path, epoch: str) -> tuple[Path, Path]:
    """Build the wheel and the sdist into a folder, both from the work tree, with the installed
    build system. `epoch` is the time that their files get, in seconds since 1970."""
    words = [sys.executable, "-m", "build", "--wheel", "--sdist", "--no-isolation"]
    _run([*words, f"--outdir={folder}", str(root)], SOURCE_DATE_EPOCH=epoch)
    (wheel,) = folder.glob("*.whl")
    (sdist,) = folder.glob("*.tar.gz")
    return wheel, sdist


def wheel_of_sdist(sdist: Path, folder: Path, epoch: str) -> Path:
    """The wheel that the unpacked sdist builds, in a folder."""
    shutil.unpack_archive(sdist, folder)
    (unpacked,) = folder.iterdir()
    words = [sys.executable, "-m", "build", "--wheel", "--no-isolation"]
    _run([*words, f"--outdir={folder / 'again'}", str(unpacked)], SOURCE_DATE_EPOCH=epoch)
    (wheel,) = (folder / "again").glob("*.whl")
    return wheel


def take_vsix(version: str) -> Path:
    """Copy the packed extension into the release, with its platform in its name."""
    identity = _vsix_identity(VSIX)
    target = identity.get("TargetPlatform", "universal")
    copy = RELEASE / f"midstream-{target}-{version}.vsix"
    shutil.copyfile(VSIX, copy)
    return copy


def sums(folder: Path) -> str:
    """One line for each file of a folder, as `sha256sum` writes it and `sha256sum -c` reads it."""
    files = sorted(path for path in folder.iterdir() if path.name != SUMS)
    return "".join(f"{_sha256(path)}  {path.name}\n" for path in files)


# -- what is checked --


def check_wheel(wheel: Path, root: Path) -> None:
    """The wheel holds the files of lsp_server that git has, and no other. Raises `Refused`."""
    words = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "lsp_server"]
    tracked = set(_run(words, cwd=root).splitlines())
    packed = {name for name in _contents(wheel) if ".dist-info/" not in name}
    if packed != tracked:
        odd = sorted(packed ^ tracked)
        raise Refused(f"{wheel.name} and git do not hold the same files: {', '.join(odd[:10])}")


def check_installed(wheel: Path, lock: Path, version: str) -> None:
    """In a fresh environment, outside of the checkout, the wheel runs the demo. Raises `Refused`.

    What it needs comes from the lock, with hashes; the wheel itself from no registry.
    """
    with tempfile.TemporaryDirectory(prefix="midstream-release-") as name:
        home = Path(name).resolve()
        _run([sys.executable, "-m", "venv", str(home / "env")])
        programs = home / "env" / ("Scripts" if os.name == "nt" else "bin")
        python = str(programs / "python")
        pip = [python, "-m", "pip", "--disable-pip-version-check", "--no-input"]
        held = ["--require-hashes", "--only-binary", ":all:", "--requirement", str(lock)]
        _run([*pip, "install", "-qq", *held], cwd=home)
        _run([*pip, "install", "-qq", "--no-deps", "--no-index", str(wheel)], cwd=home)
        _run([*pip, "check"], cwd=home)
        asked = "import lsp_server, sysconfig; print(lsp_server.__file__); " + (
            "print(sysconfig.get_path('purelib'))"
        )
        place, packages_folder = _run([python, "-P", "-c", asked], cwd=home).splitlines()
        if Path(place) != Path(packages_folder) / "lsp_server" / "__init__.py":
            raise Refused(f"lsp_server was imported from {place}, not from the installed wheel.")
        program = str(programs / "midstream")
        told = _run([program, "--version"], cwd=home).strip()
        if told != f"midstream {version}":
            raise Refused(f"The installed wheel says of itself: {told}")
        demo = _run([program, "demo"], cwd=home)
        if "Redirected: " not in demo or "Accepted: " not in demo:
            raise Refused(f"The demo of the installed wheel did not go to its end:\n{demo}")


def check_vsix(vsix: Path, wheel: Path, version: str) -> None:
    """The extension has the version, lists its licences, and its server is that of the wheel.
    Raises `Refused`."""
    script = ROOT / "vscode-client" / "scripts" / "check_vsix.py"
    _run([sys.executable, str(script), str(vsix)])
    packed = _contents(vsix)
    manifest = json.loads(packed["extension/package.json"])["version"]
    identity = _vsix_identity(vsix).get("Version")
    if {manifest, identity} != {version}:
        raise Refused(f"{vsix.name} says of itself {manifest} and {identity}, not {version}.")
    bundled = "extension/bundled/libs/"
    inside = {
        name.removeprefix(bundled): content
        for name, content in packed.items()
        if name.startswith(f"{bundled}lsp_server/")
    }
    ours = {n: text for n, text in _contents(wheel).items() if n.startswith("lsp_server/")}
    if inside != ours:
        odd = sorted(n for n in inside.keys() | ours.keys() if inside.get(n) != ours.get(n))
        raise Refused(f"The server in {vsix.name} is not the wheel's: {', '.join(odd[:10])}")


def build(root: Path) -> None:
    """Make and check all files of the release. Raises `Refused`; then there is no SHA256SUMS."""
    version = check(root, dirty=True)
    epoch = _run(["git", "log", "-1", "--format=%ct"], cwd=root).strip()
    shutil.rmtree(RELEASE, ignore_errors=True)
    RELEASE.mkdir(parents=True)
    _say("Building the wheel and the sdist …")
    wheel, sdist = packages(root, RELEASE, epoch)
    vsix = take_vsix(version)
    _say("Checking them …")
    _run([sys.executable, "-m", "twine", "check", "--strict", str(wheel), str(sdist)])
    check_wheel(wheel, root)
    with tempfile.TemporaryDirectory(prefix="midstream-sdist-") as name:
        if _sha256(wheel_of_sdist(sdist, Path(name), epoch)) != _sha256(wheel):
            raise Refused("The sdist builds another wheel than the work tree does.")
    check_vsix(vsix, wheel, version)
    _say("Running the demo from the wheel, in a fresh environment …")
    check_installed(wheel, root / "requirements.lock", version)
    (RELEASE / SUMS).write_text(sums(RELEASE), "utf-8", newline="\n")
    for path in sorted(RELEASE.iterdir()):
        _say(f"build/release/{path.name}: {path.stat().st_size:,} bytes")


# -- tools --


def _run(words: Sequence[str], cwd: Path | None = None, **variables: str) -> str:
    """What a program prints, without our own Python's variables. Raises `Refused` when it fails."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    done = subprocess.run(
        words,
        cwd=cwd,
        env={**environment, "PYTHONUTF8": "1", **variables},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        raise Refused(f"{' '.join(words)} ended with {done.returncode}:\n{done.stdout.strip()}")
    return done.stdout


def _contents(archive: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(archive) as opened:
        return {name: opened.read(name) for name in opened.namelist() if not name.endswith("/")}


def _vsix_identity(vsix: Path) -> dict[str, str]:
    """The attributes of the element that names an extension, its version and its platform."""
    with zipfile.ZipFile(vsix) as opened:
        root = ElementTree.fromstring(opened.read("extension.vsixmanifest"))
    identity = root.find(f"{_VSIX_XML}Metadata/{_VSIX_XML}Identity")
    if identity is None:
        raise Refused(f"{vsix.name} has no identity in its manifest.")
    return identity.attrib


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _say(sentence: str) -> None:
    print(sentence, flush=True)


def main(arguments: Sequence[str]) -> int:
    """Returns 1 where a release is refused."""
    parser = argparse.ArgumentParser(
        "python -m scripts.release", description="Build and check a release."
    )
    parser.add_argument("step", choices=("check", "build", "notes"))
    parser.add_argument("--tag", help="the tag that is released; it must be v and the version")
    parser.add_argument("--dirty", action="store_true", help="let an unclean work tree pass")
    given = parser.parse_args(arguments)
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    try:
        if given.step == "check":
            version = check(ROOT, given.tag, given.dirty)
            _say(f"Releasing {version}.")
            if unreleased(changelog):
                _say("CHANGELOG.md has entries under Unreleased; the release's notes lack them.")
        elif given.step == "build":
            build(ROOT)
        else:
            print(notes(changelog, check(ROOT, dirty=True)))
    except Refused as refused:
        print(refused, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
