"""Which rules files are read, in which order, and which are left alone."""

import os
from pathlib import Path

import pytest

from lsp_server.context.rules_files import RulesFiles
from lsp_server.context.workspace_files import WorkspaceFiles, WorkspaceFolders
from lsp_server.ignore import Ignore
from lsp_server.prompt.pieces import Why
from lsp_server.settings import DEFAULT_RULES


def _put(root: Path, name: str, text: str) -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def _files() -> RulesFiles:
    return RulesFiles(WorkspaceFiles(Ignore({"HOME": "/nowhere"})))


def _rules(root: Path, file: str = "a.py", *, trusted: bool = True) -> list[tuple[str, str]]:
    """Path and text of the rules for a file."""
    folders = WorkspaceFolders((root,), ("*.private.md",), trusted)
    pieces = _files().of(root / file, folders, DEFAULT_RULES)
    assert all(piece.why is Why.RULES for piece in pieces)
    return [(piece.path, piece.text) for piece in pieces]


def test_every_file_of_the_list_in_its_order(tmp_path: Path) -> None:
    names = [name for name in DEFAULT_RULES if "*" not in name]
    for name in reversed(names):
        _put(tmp_path, name, f"rules of {name}\n")
    _put(tmp_path, ".cursor/rules/b.mdc", "---\nalwaysApply: true\n---\nrules of b\n")
    _put(tmp_path, ".cursor/rules/a.mdc", "---\nglobs: *.py\n---\nrules of a\n")
    _put(tmp_path, ".cursor/rules/c.mdc", "---\nglobs: *.ts\n---\nrules of c\n")
    _put(tmp_path, ".cursor/rules/d.mdc", "no front matter\n")
    expected = [*names[:4], ".cursor/rules/a.mdc", ".cursor/rules/b.mdc", *names[4:]]
    assert [path for path, _ in _rules(tmp_path)] == expected


def test_the_nearest_folder_comes_last(tmp_path: Path) -> None:
    for folder in ("", "shop/", "shop/till/", "other/"):
        _put(tmp_path, f"{folder}AGENTS.md", f"rules of {folder}\n")
        _put(tmp_path, f"{folder}CLAUDE.md", f"claude of {folder}\n")
        _put(tmp_path, f"{folder}.cursorrules", f"cursor of {folder}\n")
    assert [path for path, _ in _rules(tmp_path, "shop/till/money.py")] == [
        "AGENTS.md",
        "CLAUDE.md",
        ".cursorrules",
        "shop/AGENTS.md",
        "shop/CLAUDE.md",
        "shop/till/AGENTS.md",
        "shop/till/CLAUDE.md",
    ]


def test_the_innermost_folder_of_the_workspace_counts(tmp_path: Path) -> None:
    _put(tmp_path, "AGENTS.md", "outer")
    _put(tmp_path, "inner/AGENTS.md", "inner")
    folders = WorkspaceFolders((tmp_path, tmp_path / "inner"))
    pieces = _files().of(tmp_path / "inner/a.py", folders, DEFAULT_RULES)
    assert [piece.text for piece in pieces] == ["inner"]


def test_the_same_text_comes_once(tmp_path: Path) -> None:
    _put(tmp_path, "AGENTS.md", "Use tabs.\n")
    (tmp_path / "CLAUDE.md").symlink_to("AGENTS.md")
    _put(tmp_path, "GEMINI.md", "\nUse tabs.")
    _put(tmp_path, "shop/AGENTS.md", "Use tabs.")
    assert _rules(tmp_path, "shop/a.py") == [("AGENTS.md", "Use tabs.\n")]


def test_a_folder_of_rules(tmp_path: Path) -> None:
    _put(tmp_path, ".clinerules/02-b.md", "b")
    _put(tmp_path, ".clinerules/01-a.txt", "a")
    _put(tmp_path, ".clinerules/run.sh", "not rules")
    assert [text for _, text in _rules(tmp_path)] == ["a", "b"]


def test_the_line_of_rules_behind_front_matter_is_their_line_in_the_file(tmp_path: Path) -> None:
    _put(tmp_path, ".cursor/rules/a.mdc", "---\nalwaysApply: true\n---\n\nUse tabs.\n")
    (piece,) = _files().of(tmp_path / "a.py", WorkspaceFolders((tmp_path,)), DEFAULT_RULES)
    assert (piece.line, piece.text, piece.language) == (3, "\nUse tabs.\n", "markdown")
    assert piece.uri == (tmp_path / ".cursor/rules/a.mdc").as_uri()


def test_a_workspace_that_is_not_trusted_has_none(tmp_path: Path) -> None:
    _put(tmp_path, "AGENTS.md", "Use tabs.")
    assert _rules(tmp_path, trusted=False) == []


def test_neither_has_a_file_outside_of_the_workspace(tmp_path: Path) -> None:
    root = tmp_path / "project"
    _put(root, "AGENTS.md", "Use tabs.")
    _put(tmp_path, "AGENTS.md", "outside")
    assert _files().of(tmp_path / "a.py", WorkspaceFolders((root,)), DEFAULT_RULES) == []


@pytest.mark.parametrize("kind", ["folder", "huge", "link", "pipe", "binary", "circle", "blank"])
def test_what_is_left_alone(tmp_path: Path, kind: str) -> None:
    root = tmp_path / "project"
    file = root / "AGENTS.md"
    _put(root, "GEMINI.md", "Use tabs.")
    match kind:
        case "folder":
            file.mkdir()
        case "huge":
            file.write_text("x" * 1_000_001, "utf-8")
        case "link":
            file.symlink_to(_put(tmp_path, "private.txt", "mine"))
        case "pipe":
            os.mkfifo(file)
        case "binary":
            file.write_bytes(b"a\0b")
        case "circle":
            file.symlink_to(file)
        case _:
            file.write_text("\n \n", "utf-8")
    assert _rules(root) == [("GEMINI.md", "Use tabs.")]


def test_a_name_too_long_for_a_file_is_left_alone(tmp_path: Path) -> None:
    _put(tmp_path, "AGENTS.md", "Use tabs.")
    entries = ("a" * 300, f".rules/{'a' * 300}", f"{'a' * 300}/*.md", "AGENTS.md")
    pieces = _files().of(tmp_path / "a.py", WorkspaceFolders((tmp_path,)), entries)
    assert [piece.path for piece in pieces] == ["AGENTS.md"]


def test_one_that_is_ignored_is_left_alone(tmp_path: Path) -> None:
    _put(tmp_path, "AGENTS.md", "Use tabs.")
    _put(tmp_path, ".midstreamignore", "AGENTS.md\n")
    _put(tmp_path, "x.private.md", "mine")
    (tmp_path / "GEMINI.md").symlink_to("x.private.md")
    assert _rules(tmp_path) == []
    (tmp_path / ".midstreamignore").unlink()
    assert _rules(tmp_path) == [("AGENTS.md", "Use tabs.")]


def test_a_rules_file_is_read_again_when_it_changes(tmp_path: Path) -> None:
    files, folders = _files(), WorkspaceFolders((tmp_path,))
    for text in ("Use tabs.", "Use blanks.", ""):
        _put(tmp_path, "AGENTS.md", text)
        pieces = files.of(tmp_path / "a.py", folders, DEFAULT_RULES)
        assert [piece.text for piece in pieces] == [text][: bool(text)]


def test_there_is_an_end_to_rules(tmp_path: Path) -> None:
    for number in range(60):
        _put(tmp_path, f".clinerules/{number:02}.md", f"rule {number}")
    assert len(_rules(tmp_path)) == 40
    for number in range(60):
        _put(tmp_path, f".clinerules/{number:02}.md", f"rule {number}" + "x" * 100_000)
    assert [path for path, _ in _rules(tmp_path)] == [f".clinerules/0{n}.md" for n in range(3)]


def test_of_a_very_large_folder_the_first_files_by_name_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lsp_server.context.rules_files._MOST_ENTRIES", 3)
    for number in reversed(range(60)):
        _put(tmp_path, f".clinerules/{number:02}.md", f"rule {number}")
    assert [path for path, _ in _rules(tmp_path)] == [f".clinerules/0{n}.md" for n in range(3)]


def test_the_nearest_rules_have_room_however_many_the_root_has(tmp_path: Path) -> None:
    for number in range(60):
        _put(tmp_path, f".clinerules/{number:02}.md", f"rule {number}")
    _put(tmp_path, "AGENTS.md", "rules of all")
    _put(tmp_path, "shop/AGENTS.md", "rules of the shop")
    found = [path for path, _ in _rules(tmp_path, "shop/a.py")]
    assert (found[0], found[-1], len(found)) == ("AGENTS.md", "shop/AGENTS.md", 40)
