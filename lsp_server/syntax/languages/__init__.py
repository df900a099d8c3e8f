"""The languages that Midstream has a grammar for, and how to tell which one a file is in.

All that is known of a language is in one module of this package. `_LANGUAGES` lists them; a name
or an ending that two of them claim is an error at import. A file in no known language gets no
`Language` at all: callers then work by lines and indentation.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from lsp_server.syntax.language import Language
from lsp_server.syntax.languages.bash import BASH
from lsp_server.syntax.languages.c import CPP, C
from lsp_server.syntax.languages.csharp import CSHARP
from lsp_server.syntax.languages.css import CSS
from lsp_server.syntax.languages.go import GO
from lsp_server.syntax.languages.html import HTML
from lsp_server.syntax.languages.java import JAVA
from lsp_server.syntax.languages.javascript import JAVASCRIPT, TSX, TYPESCRIPT
from lsp_server.syntax.languages.json import JSON
from lsp_server.syntax.languages.kotlin import KOTLIN
from lsp_server.syntax.languages.lua import LUA
from lsp_server.syntax.languages.markdown import MARKDOWN
from lsp_server.syntax.languages.php import PHP
from lsp_server.syntax.languages.python import PYTHON
from lsp_server.syntax.languages.ruby import RUBY
from lsp_server.syntax.languages.rust import RUST
from lsp_server.syntax.languages.scala import SCALA
from lsp_server.syntax.languages.swift import SWIFT
from lsp_server.syntax.languages.terraform import TERRAFORM
from lsp_server.syntax.languages.toml import TOML
from lsp_server.syntax.languages.xml import XML
from lsp_server.syntax.languages.yaml import YAML

__all__ = ["Language", "all_languages", "known_languages", "language_for"]

_LANGUAGES = (
    PYTHON,
    JAVASCRIPT,
    TYPESCRIPT,
    TSX,
    GO,
    RUST,
    JAVA,
    C,
    CPP,
    CSHARP,
    RUBY,
    PHP,
    LUA,
    BASH,
    JSON,
    YAML,
    TOML,
    HTML,
    CSS,
    MARKDOWN,
    TERRAFORM,
    XML,
    KOTLIN,
    SCALA,
    SWIFT,
)


def _index(claims: Iterable[tuple[Language, Iterable[str]]]) -> Mapping[str, Language]:
    """From each name in lower case to its language."""
    index: dict[str, Language] = {}
    for language, names in claims:
        for name in names:
            first = index.setdefault(name.lower(), language)
            if first is not language:
                raise ValueError(f"{first.name} and {language.name} both claim {name!r}.")
    return index


_BY_ID = _index((language, (language.id, *language.aliases)) for language in _LANGUAGES)
_BY_ENDING = _index((language, language.endings) for language in _LANGUAGES)
_BY_FILE_NAME = _index((language, language.file_names) for language in _LANGUAGES)
_BY_INTERPRETER = _index((language, language.interpreters) for language in _LANGUAGES)

# `#!/usr/bin/env -S python3.11 -u` names its program after `env` and the options of `env`.
_SHEBANG = re.compile(r"\ufeff?#!\s*(?:\S*/)?(?:env\s+(?:-\S+\s+|\w+=\S*\s+)*(?:\S*/)?)?([^\s/]+)")


def language_for(
    language_id: str | None, path: str | None = None, text: str = ""
) -> Language | None:
    """The language of a document, or None when Midstream has no grammar for it.

    A known id decides, since editors let the user set it. Otherwise the file's name, its ending and
    then the `#!` line tell. `path` may be a path of any system or a URI. The result is a dialect
    where the language has one that id, name or text tells. None also for a grammar of the extra
    that is not installed. Never raises.
    """
    editor_id = (language_id or "").strip().lower()
    file = path or ""
    language = _BY_ID.get(editor_id) or _by_path(file) or _by_shebang(_first_line(text))
    if language is None or (language.extra and not language.available):
        return None
    if language.dialect is None:
        return language
    return language.dialect(language, editor_id, file, text)


def _first_line(text: str) -> str:
    """The first line, as far as a `#!` reaches."""
    return text[:200].partition("\n")[0]


def _by_path(path: str) -> Language | None:
    """The language of a file's name or ending."""
    name = PurePosixPath(path.replace("\\", "/")).name.lower()
    if name in _BY_FILE_NAME:
        return _BY_FILE_NAME[name]
    return _BY_ENDING.get(PurePosixPath(name).suffix)


def _by_shebang(first_line: str) -> Language | None:
    """The language of the program that a `#!` line names."""
    match = _SHEBANG.match(first_line)
    if match is None:
        return None
    program = match.group(1).lower().removesuffix(".exe")
    return _BY_INTERPRETER.get(program) or _BY_INTERPRETER.get(program.rstrip("0123456789.-"))


def known_languages() -> tuple[str, ...]:
    """The ids of all languages with a grammar, in the order of `_LANGUAGES`."""
    return tuple(language.id for language in _LANGUAGES)


def all_languages() -> tuple[Language, ...]:
    """All languages with a grammar, in the order of `_LANGUAGES`."""
    return _LANGUAGES
