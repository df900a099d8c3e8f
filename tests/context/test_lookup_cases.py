"""What an edit sees of other files: the cases in `fixtures/context`."""

from pathlib import Path

import pytest

from lsp_server.context.lookup import ContextLookup
from tests.context.worlds import build, looked_up, place_of

FOLDER = Path(__file__).parents[2] / "fixtures" / "context"
CASES = sorted(path for path in FOLDER.glob("*.txt"))


def _sections(path: Path) -> dict[str, str]:
    sections: dict[str, str] = {}
    name = ""
    for line in path.read_text("utf-8").splitlines(keepends=True)[1:]:
        if line.startswith("=== "):
            name = line.removeprefix("=== ").strip()
            sections[name] = ""
        else:
            sections[name] += line
    return sections


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path: Path, tmp_path: Path, update_fixtures: bool) -> None:
    sections = _sections(path)
    whole = sections.pop("whole", None) is not None
    expected = sections.pop("sent")
    opened = {
        name.removeprefix("open "): text
        for name, text in sections.items()
        if name.startswith("open ")
    }
    files = {name: text for name, text in sections.items() if not name.startswith("open ")}
    world = build(tmp_path, files, opened)
    lookup = ContextLookup(tmp_path.parent / f"{tmp_path.name}-index", processes=False)
    if path.stem.startswith("index-"):
        assert lookup.build_index((tmp_path,), lambda: False)
    pieces = looked_up(lookup, world.query())
    lookup.close()
    for piece in pieces:
        text = opened.get(piece.path) or (tmp_path / piece.path).read_text("utf-8")
        lines = text.splitlines(keepends=True)
        assert "".join(lines[piece.line :]).startswith(piece.text), "whole lines of the file"
    found = "".join(
        f"{place_of(piece)}\n" + (f"{piece.text.rstrip()}\n" if whole else "") for piece in pieces
    )
    if update_fixtures:
        before = path.read_text("utf-8").partition("=== sent\n")[0]
        path.write_text(f"{before}=== sent\n{found}", "utf-8")
        return
    assert found == expected
