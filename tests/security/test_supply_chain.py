"""Everything that is installed or shipped is a file whose hash we know; and what is promised about
security names tests that exist."""

import json
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
RUN = ROOT / "requirements.lock"
DEV = ROOT / "requirements-dev.lock"
VSCODE = ROOT / "vscode-client" / "requirements.lock"
LOCKS = (RUN, DEV, VSCODE)

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
SHA256 = re.compile(r"sha256:[0-9a-f]{64}")


def entries(lock: Path) -> dict[str, tuple[Requirement, list[str]]]:
    """What a lock names, with the hashes of each."""
    text = re.sub(r"^#.*\n", "", lock.read_text("utf-8"), flags=re.MULTILINE)
    found: dict[str, tuple[Requirement, list[str]]] = {}
    for line in filter(None, map(str.strip, text.replace("\\\n", " ").splitlines())):
        asked, *hashes = line.split("--hash=")
        requirement = Requirement(asked)
        name = canonicalize_name(requirement.name)
        assert name not in found, f"{name} stands twice in {lock.name}"
        found[name] = requirement, [one.strip() for one in hashes]
    return found


def needed(*lists: list[str]) -> dict[str, Requirement]:
    given = [Requirement(text) for one in lists for text in one]
    return {canonicalize_name(requirement.name): requirement for requirement in given}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.parent.name + "/" + lock.name)
def test_every_line_is_one_version_with_hashes_and_no_address(lock: Path) -> None:
    text = lock.read_text("utf-8")
    assert "://" not in text
    assert not re.search(r"^\s*-[-a-z]*(index|find-links|trusted|editable)", text, re.MULTILINE)
    assert entries(lock)
    for name, (requirement, hashes) in entries(lock).items():
        assert re.fullmatch(r"==[^*,]+", str(requirement.specifier)), name
        assert requirement.url is None and hashes, name
        assert all(SHA256.fullmatch(one) for one in hashes), name


def test_the_locks_hold_all_that_is_asked_for_and_agree() -> None:
    runtime, extras = (
        PROJECT["project"]["dependencies"],
        PROJECT["project"]["optional-dependencies"],
    )
    build = PROJECT["dependency-groups"]["build"]
    locked = {lock: entries(lock) for lock in LOCKS}
    wanted = {
        RUN: needed(runtime, build),
        DEV: needed(runtime, extras["dev"], build),
        VSCODE: needed(runtime, extras["providers"]),
    }
    for lock, asked in wanted.items():
        for name, requirement in asked.items():
            assert name in locked[lock], f"{name} is not in {lock.name}; run: make lock NEWEST="
            (version,) = locked[lock][name][0].specifier
            assert version.version in requirement.specifier, f"{lock.name}: {name}"
    for lock in (RUN, VSCODE):
        for name, entry in locked[lock].items():
            assert str(entry[0].specifier) == str(locked[DEV][name][0].specifier), name
            assert entry[1] == locked[DEV][name][1], name


def test_the_build_system_is_locked() -> None:
    build = set(needed(PROJECT["build-system"]["requires"]))
    assert build <= set(needed(PROJECT["dependency-groups"]["build"]))
    for lock in (RUN, DEV):
        assert build | {"editables", "pathspec", "trove-classifiers"} <= set(entries(lock))


def test_make_installs_nothing_beside_the_locks() -> None:
    """As make would run them: every installation into an environment that is used is held to a
    lock, and ours takes nothing from anywhere."""
    words = [
        "make",
        "--dry-run",
        "--always-make",
        "VENV=nowhere/venv",
        "nowhere/venv/.ready-to-test",
    ]
    said = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    words[-1] = "nowhere/venv/.ready-to-run"
    said += subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    words[-1] = "lock"
    said += subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    installs = [line for line in said.splitlines() if re.search(r"pip .*\binstall\b", line)]
    assert len(installs) == 6
    for line in installs:
        ours = "--no-deps --no-index --no-build-isolation" in line
        assert ours or "--require-hashes --only-binary :all:" in line, line


def test_pip_refuses_a_file_with_another_hash(tmp_path: Path) -> None:
    """The real pip and a real wheel, of which one byte is another."""
    wheel = tmp_path / "changed-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("changed.py", "x = 1\n")
        archive.writestr("changed-1.0.dist-info/METADATA", "Name: changed\nVersion: 1.0\n")
        archive.writestr(
            "changed-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\n"
        )
        archive.writestr("changed-1.0.dist-info/RECORD", "")
    lock = tmp_path / "lock"
    lock.write_text(f"changed==1.0 --hash=sha256:{'0' * 64}\n")
    words = [sys.executable, "-m", "pip", "download", "--no-index", f"--find-links={tmp_path}"]
    words += ["--require-hashes", "--dest", str(tmp_path / "to"), "-r", str(lock)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode and "DO NOT MATCH THE HASHES" in done.stderr


def test_npm_checks_each_package() -> None:
    """`npm ci` refuses a package whose integrity is another; it needs one to compare with."""
    lock = json.loads((ROOT / "vscode-client" / "package-lock.json").read_text("utf-8"))
    assert lock["lockfileVersion"] == 3
    packages = {name: told for name, told in lock["packages"].items() if name}
    assert len(packages) > 100
    for name, told in packages.items():
        assert re.fullmatch(r"sha512-[A-Za-z0-9+/]{86}==", told.get("integrity", "")), name
        assert "resolved" not in told and "link" not in told, name
    assert "npm ci --ignore-scripts" in (ROOT / "Makefile").read_text("utf-8")


def test_what_is_promised_names_tests_that_exist() -> None:
    text = (ROOT / "SECURITY.md").read_text("utf-8")
    table = text.partition("<!-- table: promises -->")[2].partition("<!-- end of table -->")[0]
    rows = [line for line in table.strip().splitlines()[2:] if line]
    assert len(rows) >= 10
    for row in rows:
        tests = re.findall(r"`((?:tests|vscode-client/test)/[^`]+)`", row)
        assert tests, f"Nothing attacks this promise: {row}"
        for name in tests:
            text = (ROOT / name).read_text("utf-8")
            assert re.search(
                r"^(async )?def test_|^\s*(void test|scenario)\(", text, re.MULTILINE
            ), name
    attacks = {f"tests/security/{path.name}" for path in Path(__file__).parent.glob("test_*.py")}
    assert not attacks - set(re.findall(r"`([^`]+)`", table)), "not named in SECURITY.md"
    assert "SECURITY.md" in (ROOT / "README.md").read_text("utf-8")
    assert "SECURITY.md" in (ROOT / "CONTRIBUTING.md").read_text("utf-8")
