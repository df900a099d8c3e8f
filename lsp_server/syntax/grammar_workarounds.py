"""What a grammar does not take though its language does, written as the grammar takes it.

The grammar of Kotlin wants a line end or a `;` behind the last member of a class, also where its
brace stands in the same line: `object : Door { override fun open() {} }`. Knows bytes and names of
grammars only. No text becomes longer or shorter, so that places stay true.
"""

import re

__all__ = ["mended"]

_BRACES = rb"\{(?>[^{}\n]|\{(?>[^{}\n]|\{[^{}\n]*+\})*+\})*+\}"
_TEXT = rb'"(?>[^"\\\n]|\\.)*+"'
_KOTLIN = re.compile(
    rb"(?<![\w.:])(?:class|interface|object)\b[^\n{}\"/;]{0,200}\{ "
    rb"(?>[^{}\"\n/]|" + _TEXT + rb"|" + _BRACES + rb")*+\}"
)
_FULL = (b"{", b",", b";")
"""Behind these no `;` is wanted."""


def mended(source: bytes, grammar: str) -> bytes:
    """`source` as the `grammar` (a Python package) takes it; the same where nothing is to mend."""
    if grammar != "tree_sitter_kotlin":
        return source
    return _KOTLIN.sub(_ended, source)


def _ended(found: re.Match[bytes]) -> bytes:
    """A class in one line, with a `;` in the place of the blank before its last brace.

    So also each class that stands in it.
    """
    text = found[0][:1] + _KOTLIN.sub(_ended, found[0][1:])
    if not text.endswith(b" }") or text[:-2].rstrip().endswith(_FULL):
        return text
    return text[:-2] + b";}"
