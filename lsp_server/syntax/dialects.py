"""Which dialect of a language a document is in, where its name or its text tells.

JSON with comments may have a comma behind the last item; a header file of C may hold C++. Knows no
grammar and nothing of what a dialect means.
"""

import re
from pathlib import PurePosixPath

__all__ = ["holds_cpp", "takes_commas"]

_IDS = frozenset({"jsonc", "json5"})
_ENDINGS = (".jsonc", ".json5", ".code-workspace", ".sublime-settings", ".hujson")
_NAMES = re.compile(
    r"(?:[tj]sconfig[\w.-]*|devcontainer|deno|launch|tasks|api-extractor|typedoc|turbo|wrangler)\.json"
    r"|\.(?:eslintrc|babelrc|swcrc|jshintrc|jscsrc)(?:\.json)?"
)

_MOST_LOOKED_AT = 100_000
_CPP = re.compile(
    r"^[ \t]*(?:class[ \t]+\w[\w \t:<>,]*[{:]|namespace\b[ \t\w:]*\{|template[ \t]*<"
    r"|using[ \t]+(?:namespace\b|\w+[ \t]*=)|(?:public|private|protected)[ \t]*:(?!:)"
    r"|(?:virtual|explicit|friend)[ \t]+\w|enum[ \t]+class\b"
    r"|#[ \t]*include[ \t]*<(?:c?[a-z_]+)>)",
    re.MULTILINE,
)
"""Lines that no C has. A class that is only named (`class A;`) may be C's in a macro."""


def takes_commas(language_id: str, path: str) -> bool:
    """Whether a document of JSON, by its id and its name, may have a comma behind the last item."""
    name = PurePosixPath(path.replace("\\", "/")).name.lower()
    return language_id in _IDS or name.endswith(_ENDINGS) or _NAMES.fullmatch(name) is not None


def holds_cpp(path: str, text: str) -> bool:
    """Whether a header file of C holds C++."""
    return path.lower().endswith(".h") and _CPP.search(text, 0, _MOST_LOOKED_AT) is not None
