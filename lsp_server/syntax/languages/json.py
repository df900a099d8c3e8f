"""JSON."""

import re
from dataclasses import replace
from pathlib import PurePosixPath

from lsp_server.syntax.declarations import NoDeclarations
from lsp_server.syntax.language import C_COMMENTS, Language
from lsp_server.syntax.node_rules import SHARED_LISTS, SHARED_ROWS, NodeRules, kinds
from lsp_server.syntax.text_rules import TextRules

__all__ = ["JSON"]

_COMMA_IDS = frozenset({"jsonc", "json5"})
_COMMA_ENDINGS = (".jsonc", ".json5", ".code-workspace", ".sublime-settings", ".hujson")
_COMMA_NAMES = re.compile(
    r"(?:[tj]sconfig[\w.-]*|devcontainer|deno|launch|tasks|api-extractor|typedoc|turbo|wrangler)\.json"
    r"|\.(?:eslintrc|babelrc|swcrc|jshintrc|jscsrc)(?:\.json)?"
)


def _with_commas(language: Language, language_id: str, path: str, _: str) -> Language:
    """JSON with comments, which takes a comma after the last item, where id or name tell it."""
    name = PurePosixPath(path.replace("\\", "/")).name.lower()
    commas = (
        language_id in _COMMA_IDS
        or name.endswith(_COMMA_ENDINGS)
        or _COMMA_NAMES.fullmatch(name) is not None
    )
    return replace(language, commas=True) if commas else language


JSON = Language(
    id="json",
    name="JSON",
    module="tree_sitter_json",
    aliases=("jsonc", "json5", "jsonl", "ndjson", "geojson"),
    endings=(
        ".json",
        ".jsonc",
        ".json5",
        ".jsonl",
        ".geojson",
        ".webmanifest",
        ".ipynb",
        ".code-workspace",
        ".har",
    ),
    file_names=(".babelrc", ".eslintrc", ".prettierrc", ".swcrc", "composer.lock"),
    line_comments=("//",),
    block_comments=C_COMMENTS,
    nodes=NodeRules(
        bodies=kinds("document object"),
        loose=kinds("array"),
        lists=SHARED_LISTS,
        rows=SHARED_ROWS,
        atoms=kinds("string"),
    ),
    declarations=NoDeclarations(reason="It holds data.", entries=kinds("pair")),
    text=TextRules(
        operands=False,
        templated=True,
        complete=True,
        never=rb"[@`$#%^&*()=|\\;<>?~]",
        quotes_pair=True,
    ),
    dialect=_with_commas,
)
