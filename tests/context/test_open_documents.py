"""How much of open documents is sent."""

from pathlib import Path

from lsp_server.context.open_documents import MOST_OPEN, in_order, lines_of_document
from lsp_server.context.resolution.families import ModuleResolver
from lsp_server.context.resolution.project_files import ProjectFiles
from lsp_server.context.source_files import ParsedFile
from lsp_server.prompt.budget import tokens_of


def parsed(name: str, text: str) -> ParsedFile:
    return ParsedFile(Path("/work") / name, text)


def test_of_a_long_document_the_signatures_are_sent() -> None:
    body = "".join(f"def f{n}():\n    '''Doc.'''\n" + "    x = 1\n" * 30 for n in range(40))
    file = parsed("a.py", f"LIMIT = 1\n\n\n{body}")
    found = lines_of_document(file)
    assert found[:2] == ((0, 0), (3, 4))
    text = "".join("".join(file.lines[first : last + 1]) for first, last in found)
    assert "x = 1" not in text and tokens_of(text) <= 1_500
    many = "".join(f"def a_function_with_a_name_{n}():\n" + "    x = 1\n" * 9 for n in range(300))
    assert len(lines_of_document(parsed("b.py", many))) <= 120


def test_a_long_text_without_declarations_is_left_out() -> None:
    assert lines_of_document(parsed("a.md", "Words.\n" * 2_000)) == ()


def test_only_so_many_are_sent() -> None:
    resolver = ModuleResolver(ProjectFiles(("/work",)))
    document = parsed("a.py", "")
    others = [parsed(f"b{n}.py", "x = 1\n" if n != 3 else " \n") for n in range(12)]
    found = list(in_order(document, [document, *others], resolver))
    assert len(found) == MOST_OPEN
    assert [each.path.name for each in found[:4]] == ["b0.py", "b1.py", "b2.py", "b4.py"]
