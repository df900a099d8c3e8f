"""Whole sessions as scripts: `fixtures/sessions`, see the README there."""

from pathlib import Path

import pytest

from tests.support.rig import Rig

_FOLDER = Path(__file__).parents[2] / "fixtures" / "sessions"
_CASES = sorted(folder for folder in _FOLDER.iterdir() if folder.is_dir())


def _read(path: Path) -> str:
    """A file's text with its own line ends."""
    return path.read_bytes().decode()


@pytest.mark.parametrize("folder", _CASES, ids=lambda folder: folder.name)
def test_case(folder: Path, update_fixtures: bool) -> None:
    rig = Rig.play(_read(folder / "before.txt"), _read(folder / "script.txt"))
    after = folder / "after.txt"
    if update_fixtures:
        after.write_bytes(rig.editor.text.encode())
    assert rig.editor.text == _read(after)


def test_each_case_says_what_it_shows() -> None:
    assert len(_CASES) >= 25
    for folder in _CASES:
        first = _read(folder / "script.txt").splitlines()[0]
        assert first.startswith("# "), folder.name
        assert first.endswith("."), folder.name
