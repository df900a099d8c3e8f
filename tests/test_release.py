"""scripts/release.py: what it refuses, and that its files are the same whoever builds them."""

import hashlib
import json
import shutil
import subprocess
import tomllib
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from scripts import release
from scripts.release import Refused

ROOT = Path(__file__).parents[1]
PLACES = tuple(release.versions(ROOT))
"""The files that name the version."""
EPOCH = "1767225600"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository with nothing but the files that name the version, all committed."""
    for place in PLACES:
        copy = tmp_path / place
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / place, copy)
    lock = "vscode-client/package-lock.json"
    shutil.copyfile(ROOT / lock, tmp_path / lock)
    _git(tmp_path, "init", "-q")
    _commit(tmp_path)
    return tmp_path


def _git(root: Path, *words: str) -> None:
    who = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *who, *words], cwd=root, check=True, capture_output=True)


def _commit(root: Path) -> None:
    _git(root, "add", "--all")
    _git(root, "commit", "-q", "-m", "Changed")


def _edit(path: Path, change: Callable[[str], str]) -> None:
    before = path.read_text("utf-8")
    after = change(before)
    assert after != before
    path.write_text(after, "utf-8")


# -- what is refused --


def test_the_version_is_the_same_everywhere() -> None:
    found = release.versions(ROOT)
    assert len(found) >= 5
    assert set(found.values()) == {found["pyproject.toml"]}


def test_the_projects_address_is_in_both_manifests_or_in_none() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extension = json.loads((ROOT / "vscode-client" / "package.json").read_text("utf-8"))
    assert ("urls" in project) == ("repository" in extension)


def test_a_clean_checkout_can_be_released(checkout: Path) -> None:
    version = release.versions(ROOT)["pyproject.toml"]
    assert release.check(checkout) == version
    assert release.check(checkout, tag=f"v{version}") == version


@pytest.mark.parametrize("place", PLACES)
def test_one_place_with_another_version_is_refused(checkout: Path, place: str) -> None:
    version = str(release.versions(ROOT)["pyproject.toml"])
    _edit(checkout / place, lambda text: text.replace(version, "99.0.0", 1))
    _commit(checkout)
    with pytest.raises(Refused, match="not the same everywhere") as refused:
        release.check(checkout)
    assert f"{place}: 99.0.0" in str(refused.value)


def test_a_version_in_npms_lock_counts_too(checkout: Path) -> None:
    lock = checkout / "vscode-client" / "package-lock.json"
    _edit(lock, lambda text: text.replace("{", '{"version": "99.0.0",', 1))
    _commit(checkout)
    with pytest.raises(Refused, match=r"package-lock\.json: 99\.0\.0"):
        release.check(checkout)


@pytest.mark.parametrize("name", ["CHANGELOG.md", "vscode-client/CHANGELOG.md"])
def test_a_changelog_without_a_date_is_refused(checkout: Path, name: str) -> None:
    version = release.versions(ROOT)["pyproject.toml"]
    (checkout / name).write_text(f"## {version}\n", "utf-8")
    _commit(checkout)
    with pytest.raises(Refused, match=f"{name}: none"):
        release.check(checkout)


def test_another_tag_is_refused(checkout: Path) -> None:
    with pytest.raises(Refused, match=r"must be v\d"):
        release.check(checkout, tag="v99.0.0")


@pytest.mark.parametrize("name", ["CHANGELOG.md", "not-in-git.py"])
def test_a_work_tree_that_is_not_committed_is_refused(checkout: Path, name: str) -> None:
    with (checkout / name).open("a", encoding="utf-8") as file:
        file.write("\n# more\n")
    with pytest.raises(Refused, match=f"differs from the last commit(.|\n)*{name}"):
        release.check(checkout)
    assert release.check(checkout, dirty=True)


# -- the changelog --

CHANGELOG = """# Changelog

## Unreleased

### New

- Not yet.

## 0.2.0 - 2026-11-30

### Fixed

- Second.

## 0.1.0 - 2026-01-01

- First.
"""


def test_the_notes_are_the_versions_section() -> None:
    assert release.notes(CHANGELOG, "0.2.0") == "### Fixed\n\n- Second."
    assert release.notes(CHANGELOG, "0.1.0") == "- First."
    with pytest.raises(Refused):
        release.notes(CHANGELOG, "0.3.0")


def test_entries_under_unreleased_are_seen() -> None:
    assert release.unreleased(CHANGELOG) == "### New\n\n- Not yet."
    assert release.unreleased(CHANGELOG.replace("### New\n\n- Not yet.\n\n", "")) == ""


# -- the files --


def test_every_build_of_a_commit_is_the_same_and_holds_what_git_has(tmp_path: Path) -> None:
    """With the real build system. The sdist builds the wheel without the checkout."""
    first, sdist = release.packages(ROOT, tmp_path / "first", EPOCH)
    second, again = release.packages(ROOT, tmp_path / "second", EPOCH)
    assert first.read_bytes() == second.read_bytes()
    assert sdist.read_bytes() == again.read_bytes()
    (tmp_path / "sdist").mkdir()
    rebuilt = release.wheel_of_sdist(sdist, tmp_path / "sdist", EPOCH)
    assert rebuilt.read_bytes() == first.read_bytes()
    release.check_wheel(first, ROOT)
    with zipfile.ZipFile(first, "a") as wheel:
        wheel.writestr("lsp_server/not_in_git.py", "")
    with pytest.raises(Refused, match=r"lsp_server/not_in_git\.py"):
        release.check_wheel(first, ROOT)


def test_the_sums_are_those_of_the_files(tmp_path: Path) -> None:
    (tmp_path / "b.whl").write_bytes(b"wheel")
    (tmp_path / "a.vsix").write_bytes(b"extension")
    (tmp_path / release.SUMS).write_text("old", "utf-8")
    assert release.sums(tmp_path) == (
        f"{hashlib.sha256(b'extension').hexdigest()}  a.vsix\n"
        f"{hashlib.sha256(b'wheel').hexdigest()}  b.whl\n"
    )


def test_an_extension_of_another_version_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "server.whl", "w") as wheel:
        wheel.writestr("lsp_server/__init__.py", "")
    files = {
        "extension/package.json": '{"version": "0.2.0"}',
        "extension/THIRD-PARTY-NOTICES.txt": "- vscode-languageclient 1\n- one 1: MIT\n",
        "extension/bundled/libs/one-1.dist-info/METADATA": "Name: one\nVersion: 1\n",
        "extension/bundled/libs/lsp_server/__init__.py": "",
        "extension.vsixmanifest": (
            '<PackageManifest xmlns="http://schemas.microsoft.com/developer/vsx-schema/2011">'
            '<Metadata><Identity Id="midstream" Version="0.2.0"/></Metadata></PackageManifest>'
        ),
    }
    vsix = tmp_path / "midstream.vsix"
    _zip(vsix, files)
    release.check_vsix(vsix, tmp_path / "server.whl", "0.2.0")
    with pytest.raises(Refused, match=r"0\.2\.0 and 0\.2\.0, not 0\.3\.0"):
        release.check_vsix(vsix, tmp_path / "server.whl", "0.3.0")
    _zip(vsix, {**files, "extension/bundled/libs/lsp_server/__init__.py": "x = 1\n"})
    with pytest.raises(Refused, match=r"not the wheel's: lsp_server/__init__\.py"):
        release.check_vsix(vsix, tmp_path / "server.whl", "0.2.0")


def _zip(path: Path, files: dict[str, str]) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
