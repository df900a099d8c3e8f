"""Which language a piece of an HTML document is in."""

import pytest

from lsp_server.syntax.embedded_languages import piece_around
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.tree import DocumentTree
from tests.syntax.gate_sources import marked


def piece(name: str, text: str) -> tuple[str, str] | None:
    language = language_for(name)
    assert language is not None
    document, scope = marked(text)
    tree = DocumentTree(language, document)
    found = piece_around(tree, tree.byte_of(scope.start), tree.byte_of(scope.end))
    if found is None:
        return None
    return found.language.id, tree.source[found.start : found.end].decode()


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("script", "javascript"),
        ('script type="module"', "javascript"),
        ("script src=a.js defer", "javascript"),
        ("SCRIPT TYPE='text/javascript'", "javascript"),
        ('script type="importmap"', "json"),
        ('script lang="ts"', "typescript"),
        ("style", "css"),
        ('style type="text/css"', "css"),
    ],
)
def test_pieces(tag: str, language: str) -> None:
    name = tag.split()[0]
    text = f"<p>é</p><{tag}>\né();\n«x»\n</{name}>"
    assert piece("html", text) == (language, "\né();\nx\n")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("html", '<script type="text/x-template">«x»</script>'),
        ("html", '<style lang="scss">«x»</style>'),
        ("html", "<p>«x»</p>"),
        ("html", "«<script>x</script>»"),
        ("html", "<script>x</scr«ipt»>"),
        ("html", "«»"),
        ("javascript", "f(`<script>«x»</script>`)"),
    ],
)
def test_no_pieces(name: str, text: str) -> None:
    assert piece(name, text) is None
