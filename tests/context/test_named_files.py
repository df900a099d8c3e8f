"""What the user names is read, or a sentence says why not."""

from collections.abc import Callable
from pathlib import Path

import pytest

from lsp_server.context.mentions import mentions_in
from lsp_server.context.named_files import NamedFile, NamedFiles
from lsp_server.context.query import ContextQuery, OpenDocument
from lsp_server.context.workspace_files import WorkspaceFiles, WorkspaceFolders
from lsp_server.ignore import Ignore
from lsp_server.prompt.pieces import ContextPiece, Why
from lsp_server.text.span import Span

_MONEY = "".join(f"line_{n} = {n}\n" for n in range(1, 13))


class _Reader:
    """A workspace with some files, and what is read of them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.open: list[OpenDocument] = []
        self.symbols: dict[str, ContextPiece] = {}
        self.pieces: list[ContextPiece] = []
        self.problems: list[str] = []
        for name in ("shop/money.py", "shop/till.py", "lib/util.py", "app/util.py"):
            self.put(name, _MONEY)

    def put(self, name: str, text: str | bytes) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def named(self, over: Callable[[], bool] = lambda: False) -> NamedFiles:
        till = self.root / "shop/till.py"
        folders = WorkspaceFolders((self.root,), ("*.pem",))
        files = WorkspaceFiles(Ignore({"HOME": "/nowhere"}))
        query = ContextQuery(
            OpenDocument(till.as_uri(), till, "python", _MONEY),
            Span(0, 0),
            (self.root,),
            tuple(self.open),
            files.of_lookup(folders).may_send,
        )
        self.pieces, self.problems = [], []
        found, problem = self.pieces.append, self.problems.append
        return NamedFiles(files, folders, query, found, problem, over)

    def mention(self, text: str) -> list[tuple[str, int, str]]:
        """Path, first line and text of what an instruction brings."""
        named = self.named()
        for mention in mentions_in([text]):
            named.of_mention(mention, self.symbols.get)
        return self._read()

    def setting(self, entry: str) -> list[str]:
        self.named().of_setting(entry)
        return [piece.path for piece in self.pieces]

    def command(self, path: Path, first: int | None = None, last: int | None = None) -> None:
        self.named().of_command(NamedFile(path, first, last))

    def _read(self) -> list[tuple[str, int, str]]:
        assert all(piece.why is Why.MENTION for piece in self.pieces)
        return [(piece.path, piece.line, piece.text) for piece in self.pieces]


@pytest.fixture
def reader(tmp_path: Path) -> _Reader:
    """A workspace."""
    return _Reader(tmp_path / "project")


def test_a_path_from_the_folder_of_the_workspace_or_of_the_file(reader: _Reader) -> None:
    whole = [("shop/money.py", 0, _MONEY)]
    assert reader.mention("as in #shop/money.py.") == whole
    assert reader.mention("as in #./shop/money.py") == whole
    assert reader.mention("as in #money.py") == whole
    assert reader.pieces[0].uri == (reader.root / "shop/money.py").as_uri()
    assert reader.pieces[0].language == "python"
    assert not reader.problems


def test_lines(reader: _Reader) -> None:
    assert reader.mention("#shop/money.py:3-4") == [
        ("shop/money.py", 2, "line_3 = 3\nline_4 = 4\n")
    ]
    assert reader.mention("#shop/money.py:12") == [("shop/money.py", 11, "line_12 = 12\n")]
    assert not reader.problems


def test_lines_that_are_not_there(reader: _Reader) -> None:
    assert reader.mention("#shop/money.py:11-40") == [
        ("shop/money.py", 10, "line_11 = 11\nline_12 = 12\n")
    ]
    assert reader.problems == [
        "`#shop/money.py:11-40` names more lines than there are: only 11-12 are sent."
    ]
    assert reader.mention("#shop/money.py:13-40") == []
    assert reader.problems == ["`#shop/money.py:13-40` isn't sent: it has only 12 lines."]


@pytest.mark.parametrize(
    ("lines", "what"),
    [("2-3", "is blank there"), ("2", "is blank there"), ("0-1", "has no line 0")],
)
def test_lines_without_text(reader: _Reader, lines: str, what: str) -> None:
    reader.put("gap.py", "a = 1\n\n \nb = 2\n")
    assert reader.mention(f"#gap.py:{lines}") == []
    assert reader.problems == [f"`#gap.py:{lines}` isn't sent: it {what}."]


def test_the_end_of_a_path_if_only_one_file_has_it(reader: _Reader) -> None:
    reader.put("deep/down/here/only.py", "a = 1\n")
    assert reader.mention("#only.py") == [("deep/down/here/only.py", 0, "a = 1\n")]
    assert reader.mention("#here/only.py") == [("deep/down/here/only.py", 0, "a = 1\n")]
    assert reader.mention("#ere/only.py") == []
    assert reader.mention("#util.py") == []
    (problem,) = reader.problems
    assert "could be any of `app/util.py`, `lib/util.py`; write more of its path" in problem


def test_an_ignored_file_of_that_name_does_not_count(reader: _Reader) -> None:
    reader.put(".gitignore", "app/\n")
    assert reader.mention("#util.py") == [("lib/util.py", 0, _MONEY)]
    reader.put(".gitignore", "app/\nlib/\n")
    assert reader.mention("#util.py") == []
    assert reader.problems == ["`#util.py` isn't sent: it is ignored (.gitignore)."]


def test_what_cannot_be_sent_is_named(reader: _Reader) -> None:
    (reader.root / "shop/out").symlink_to(reader.root.parent)
    (reader.root.parent / "private.py").write_text("mine", "utf-8")
    reader.put("a.out", b"\x7fELF\0")
    reader.put("key.pem", "key")
    reader.put("empty.py", "\n")
    for text, what in (
        ("#shop/mony.py", "doesn't exist"),
        ("#shop/", "is a folder"),
        ("#a.out", "isn't text"),
        ("#key.pem", "is ignored (the setting `ignore`)"),
        ("#empty.py", "is empty"),
        ("#../private.py", "is outside of the workspace"),
        ("#/etc/hostname", "is outside of the workspace"),
        ("#shop/out/private.py", "is a link that leads out of the workspace"),
    ):
        assert reader.mention(f"as in {text}.") == []
        assert reader.problems == [f"`{text}` isn't sent: it {what}."]


@pytest.mark.parametrize("name", [f"{'a' * 300}.py", f"shop/{'a' * 300}/b", f"{'a/' * 3000}b"])
def test_a_name_too_long_for_a_file(reader: _Reader, name: str) -> None:
    assert reader.mention(f"as in #{name}") == []
    assert reader.problems == [f"`#{name}` isn't sent: it doesn't exist."]
    assert reader.setting(name) == []
    assert reader.problems == [f"`{name}` isn't sent: it doesn't exist."]


def test_a_symbol_or_text(reader: _Reader) -> None:
    piece = ContextPiece("file:///w/a.py", "a.py", "python", "class Till: ...\n", 7, Why.MENTION)
    reader.symbols = {"Till": piece, "Till.due": piece}
    assert reader.mention("like #Till, #todo and #12") == [("a.py", 7, "class Till: ...\n")]
    assert reader.mention("like #Till.due") == [("a.py", 7, "class Till: ...\n")]
    assert not reader.problems
    assert reader.mention("like #Till.total") == []
    assert reader.problems == ["`#Till.total` isn't sent: it doesn't exist."]


def test_the_text_in_the_editor_wins(reader: _Reader) -> None:
    path = reader.root / "shop/money.py"
    reader.open = [OpenDocument("file:///project/as/the/editor/says", path, "python", "new = 1\n")]
    assert reader.mention("#shop/money.py") == [("shop/money.py", 0, "new = 1\n")]
    assert reader.pieces[0].uri == "file:///project/as/the/editor/says"
    unsaved = reader.root / "shop/unsaved.py"
    reader.open = [OpenDocument(unsaved.as_uri(), unsaved, "python", "unsaved = 1\n")]
    assert reader.mention("#unsaved.py") == [("shop/unsaved.py", 0, "unsaved = 1\n")]
    key = reader.put("key.pem", "key")
    reader.open = [OpenDocument(key.as_uri(), key, "", "key\n")]
    assert reader.mention("#key.pem") == []


def test_a_command_may_name_a_file_outside(reader: _Reader) -> None:
    outside = reader.root.parent / "notes.md"
    outside.write_text("one\ntwo\n", "utf-8")
    reader.command(outside, 2, 2)
    assert [(p.path, p.line, p.text) for p in reader.pieces] == [("notes.md", 1, "two\n")]
    reader.command(reader.root / "missing.py", 1, 9)
    assert reader.problems == ["`missing.py:1-9` isn't sent: it doesn't exist."]


def test_the_setting_names_paths_and_globs(reader: _Reader) -> None:
    assert reader.setting("shop/money.py") == ["shop/money.py"]
    assert reader.setting("**/util.py") == ["app/util.py", "lib/util.py"]
    assert reader.setting("shop/*.py") == ["shop/money.py", "shop/till.py"]
    reader.put(".gitignore", "app/\n")
    assert reader.setting("**/util.py") == ["lib/util.py"]
    assert reader.setting("*.nothing") == []
    assert not reader.problems
    assert reader.setting("gone.md") == []
    assert reader.problems == ["`gone.md` isn't sent: it doesn't exist."]


def test_a_search_ends_when_the_time_is_up(reader: _Reader) -> None:
    named = reader.named(lambda: True)
    (mention,) = mentions_in(["#only.py"])
    named.of_mention(mention, reader.symbols.get)
    (problem,) = reader.problems
    assert "wasn't found in time" in problem


def test_links_that_lead_in_circles_and_folders_that_cannot_be_read(reader: _Reader) -> None:
    (reader.root / "shop/again").symlink_to(reader.root, target_is_directory=True)
    closed = reader.root / "closed"
    closed.mkdir(mode=0)
    try:
        reader.put("deep/only.py", "a = 1\n")
        assert reader.mention("#only.py") == [("deep/only.py", 0, "a = 1\n")]
    finally:
        closed.chmod(0o700)


def test_of_a_very_large_workspace_a_part_is_searched(
    reader: _Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lsp_server.context.named_files._MOST_ENTRIES", 3)
    for number in range(9):
        reader.put(f"a{number}.txt", "a")
    assert reader.mention("#only.py") == []
    assert reader.problems == ["`#only.py` isn't sent: it doesn't exist."]
