"""Files are read once while they do not change, and a bounded number is kept."""

import os
import time
from dataclasses import replace
from pathlib import Path

from lsp_server.context.file_facts import FileFacts
from lsp_server.context.source_files import MOST_FILE_BYTES, ParsedFile, SourceFiles
from lsp_server.context.stored_facts import stored
from tests.context.worlds import document


def old(path: Path, text: str, at: int = 1) -> str:
    path.write_text(text)
    os.utime(path, (at, at))
    return str(path)


def test_a_file_is_read_again_only_when_it_changes(tmp_path: Path) -> None:
    files = SourceFiles()
    path = old(tmp_path / "a.py", "x = 1\n")
    time.sleep(0.03)  # A file that changed just now may change again unseen, and is not kept.
    first = files.read(path)
    assert first is not None and files.read(path) is first
    old(tmp_path / "a.py", "y = 1\n", at=2)
    again = files.read(path)
    assert again is not None and again.text == "y = 1\n"
    (tmp_path / "a.py").unlink()
    assert files.read(path) is None


def test_only_so_much_text_is_kept(tmp_path: Path) -> None:
    files = SourceFiles(most_kept=250)
    paths = [old(tmp_path / f"{n}.py", "#" * 100) for n in range(3)]
    for path in paths:
        os.utime(path, ns=(1, 1))
    time.sleep(0.03)
    kept = [files.read(path) for path in paths]
    assert files.read(paths[2]) is kept[2]
    assert files.read(paths[1]) is kept[1]
    assert files.read(paths[0]) is not kept[0]


def test_too_long(tmp_path: Path) -> None:
    assert SourceFiles().read(old(tmp_path / "a.py", "#" * (MOST_FILE_BYTES + 1))) is None
    assert SourceFiles().read(old(tmp_path / "a.py", "#" * MOST_FILE_BYTES)) is not None
    assert SourceFiles().read("a\0b") is None


def test_an_open_document_follows_the_typing(tmp_path: Path) -> None:
    files = SourceFiles()
    path = tmp_path / "a.py"
    for text in ("def one(): pass\n", "x = 1\ndef one(): pass\n", "x = 1\ndef two(é): pass\n", ""):
        found = files.opened((document(path, text),))
        fresh = SourceFiles().opened((document(path, text),))
        assert found.facts.declared == fresh.facts.declared
        assert found.imports == fresh.imports
        assert files.read(str(path)) is found
        assert files.opened((document(path, text),)) is found
    assert files.opened((document(tmp_path / "b.py", ""),)).path.name == "b.py"
    assert files.read(str(path)) is None


def test_names_that_may_be_declared(tmp_path: Path) -> None:
    text = (
        "export const one = 1;\ninternal static class Two {}\nfunc (s *S) three() {}\n"
        "\tFour = iota\n\tFive\nstatic int six[] = {1};\nint seven(int a)\n{\n}\n} eight;\n"
        "  nine: str\ndef ten(\n"
    )
    found = SourceFiles().read(old(tmp_path / "a.txt", text))
    assert found is not None
    words = "one Two three Four Five six seven eight nine ten"
    assert set(words.split()) <= found.may_declare
    assert "iota" not in found.may_declare


def test_names_that_go_may_declare(tmp_path: Path) -> None:
    text = (
        "package p\n\ntype One struct {\n\tfield int\n}\n\ntype Two interface {\n\tThree() int\n}\n"
        "\nconst (\n\tFour, Five = 1, 2\n\tSix\n)\n\nvar seven = 1\n\nfunc (o *One) Eight() {\n"
        "\tlocal := 1\n\tcall(local)\n}\n\nfunc Nine[T any]() {}\n\ntype (\n\tTen int\n)\n"
    )
    found = SourceFiles().read(old(tmp_path / "a.go", text))
    assert found is not None
    words = "One Two Three Four Five Six seven Eight Nine Ten"
    assert found.may_declare == set(words.split())


def test_what_is_exported_under_another_name(tmp_path: Path) -> None:
    text = "export { a as b, c };\nexport default d;\n"
    found = SourceFiles().read(old(tmp_path / "a.ts", text))
    assert found is not None and found.exported_as == {"b": "a", "default": "d"}


def test_what_the_index_says_of_a_file_is_not_parsed_again(tmp_path: Path) -> None:
    text = "import a\n\nx = 1\n"
    path = old(tmp_path / "a.py", text)
    (one,) = (file := SourceFiles().opened((document(tmp_path / "b.py", text),))).facts.declared
    said = stored(FileFacts((replace(one, name="known"),)), file.imports)
    size, mtime_ns = len(text), 1_000_000_000

    def index(asked: str, of_size: int, at: int) -> bytes:
        return said if (asked, of_size, at) == (path, size, mtime_ns) else b""

    def names(found: ParsedFile | None) -> list[str]:
        assert found is not None and [each.module for each in found.imports] == ["a"]
        assert found.may_declare >= {each.name for each in found.facts.declared}
        return [each.name for each in found.facts.declared]

    assert names(SourceFiles(stored=index).read(path)) == ["known"]
    assert names(SourceFiles(stored=index).opened((document(Path(path), text),))) == ["known"]
    unsaved = text.replace("x", "y")
    assert names(SourceFiles(stored=index).opened((document(Path(path), unsaved),))) == ["y"]
    old(Path(path), text, at=2)
    assert names(SourceFiles(stored=index).read(path)) == ["x"]
