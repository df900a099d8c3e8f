"""Errors that a grammar does not mind: text that parses, and that its language does not take.

Python: what `python_lines.py` and `python_names.py` find. HTML: an end tag without a beginning.
Ruby: a here-document without its end. They are counted like other errors, so that a state in the
middle of an answer is not taken for sound because of them. All numbers are bytes.
"""

from functools import cache

from tree_sitter import Node, Query, QueryCursor

from lsp_server.syntax.languages import Language
from lsp_server.syntax.python_lines import errors_in_lines
from lsp_server.syntax.python_names import errors_in_names

__all__ = ["silent_errors"]


def silent_errors(root: Node, source: bytes, language: Language) -> int:
    """How many there are in the tree at `root`, parsed from `source`.

    Looks at the text first, and into the tree only where the text gives reason to.
    """
    match language.id:
        case "python":
            lines = errors_in_lines(root, source, language.reading())
            return lines + errors_in_names(root, source, language)
        case "html" if b"</" in source:
            return len(_found(root, language, "(erroneous_end_tag) @found"))
        case "ruby" if b"<<" in source:
            # An open one reaches the end of the file, where its end is found, of no length.
            ends = _found(root, language, "(heredoc_end) @found")
            return sum(node.start_byte == node.end_byte for node in ends)
        case _:
            return 0


def _found(root: Node, language: Language, source: str) -> list[Node]:
    return QueryCursor(_query(language, source)).captures(root).get("found", [])


@cache
def _query(language: Language, source: str) -> Query:
    return Query(language.grammar, source)
