"""Names the language of a document, whether Midstream has a grammar for it or not.

The reader of replies needs to know whether a text is code, prose or Markdown, and the model which
language it writes. Editors report "plaintext", or nothing, for a file that none of their extensions
knows; then the file's name decides.
"""

import re
from pathlib import PurePosixPath

from lsp_server.syntax.languages import all_languages, language_for

__all__ = ["PLAIN", "language_name"]

PLAIN = "plaintext"
"""The name of an unknown language: prose."""

_UNKNOWN = frozenset(
    {"", PLAIN, "plain", "text", "txt", "plain-text", "fundamental", "none", "unknown", "conf"}
)
"""What editors call a file whose language they do not know."""

_NAMES = {
    name: id_
    for id_, names in {
        "ada": "adb ads",
        "asciidoc": "adoc asc asciidoctor",
        "assembly": "asm s nasm",
        "bat": "batch dosbatch cmd",
        "clojure": "clj cljs cljc edn bb",
        "cobol": "cbl cob cpy",
        "commonlisp": "lisp lsp cl",
        "cuda": "cu",
        "diff": "patch udiff",
        "dockerfile": "docker containerfile",
        "elixir": "ex exs",
        "elm": "elm",
        "emacs-lisp": "el elisp emacslisp",
        "erb": "eruby html-erb rhtml",
        "erlang": "erl hrl escript",
        "fortran": "f f03 f08 f90 f95 for fortran-modern fortran_fixed-form fortran_free-form",
        "fsharp": "fs fsi fsx f# fsharp-script",
        "git-commit": "gitcommit commit_editmsg",
        "graphql": "gql graphqls",
        "groovy": "gradle gvy jenkinsfile",
        "handlebars": "hbs html.handlebars mustache glimmer",
        "haskell": "hs lhs literate-haskell",
        "ini": "cfg properties editorconfig desktop dosini conf",
        "jinja": "j2 jinja2 jinja-html html-jinja jinja.html htmldjango django-html",
        "julia": "jl",
        "just": "justfile",
        "latex": "tex sty cls ltx plaintex context bibtex bib",
        "makefile": "make mk mak gnumakefile",
        "matlab": "octave",
        "mdx": "markdownreact",
        "nim": "nims nimble",
        "objective-c": "m mm objc objcpp objective-cpp",
        "ocaml": "ml mli ocaml.interface",
        "org": "org-mode",
        "pascal": "pas pp dpr lpr inc-pascal objectpascal delphi",
        "perl": "pl pm t perl6 raku rakumod",
        "plsql": "pks pkb",
        "powershell": "ps1 psm1 psd1 pwsh",
        "prolog": "pro",
        "proto": "proto3 protobuf",
        "pug": "jade",
        "r": "rprofile rlang",
        "racket": "rkt",
        "razor": "cshtml aspnetcorerazor",
        "restructuredtext": "rst rest",
        "sass": "sass-indented",
        "scheme": "scm ss",
        "solidity": "sol",
        "sql": "mysql postgres postgresql pgsql tsql mssql sqlite ddl dml",
        "stylus": "styl",
        "systemverilog": "sv svh",
        "tcl": "tk itcl",
        "twig": "html.twig",
        "vb": "vbs bas frm vbnet visual-basic vba basic",
        "verilog": "v vh",
        "vhdl": "vhd",
        "viml": "vim vimscript vim-script",
        "zig": "zon",
    }.items()
    for name in names.split()
} | {
    # Those whose grammar may not be installed.
    name.removeprefix("."): language.id
    for language in all_languages()
    if language.extra
    for name in (*language.aliases, *language.endings)
}
"""Other names of languages, and the endings of their files, without the dot."""

_FILES = {
    "cmakelists.txt": "cmake",
    "go.mod": "go.mod",
    "meson.build": "meson",
    ".vimrc": "viml",
    "_vimrc": "viml",
    ".emacs": "emacs-lisp",
    ".gitconfig": "ini",
    ".npmrc": "ini",
    ".env": "dotenv",
    "crontab": "crontab",
    "nginx.conf": "nginx",
    "rebar.config": "erlang",
}
_WITHOUT_ENDING = re.compile(
    r"(?:gnu)?makefile|dockerfile|containerfile|jenkinsfile|justfile|commit_editmsg|\.rprofile"
)
"""File names that name their language, also before another ending: `Dockerfile.dev`."""
_TEXTS = frozenset({"txt", "text", "log", "out", "lst", "nfo"})
"""Endings of files that hold prose."""
_ENDING = re.compile(r"\.([a-z][a-z0-9_+-]{0,15})")


def language_name(language_id: str | None, path: str | None = None, text: str = "") -> str:
    """The language's id in the Language Server Protocol; "plaintext" where it is unknown.

    The id of the grammar if there is one, otherwise the editor's id unless that means "unknown",
    otherwise what the file's name tells. An unknown ending is its own name, because such files are
    rarely prose. `path` may be a path of any system or a URI. Never raises.
    """
    known = language_for(language_id, path, text)
    editor_id = (language_id or "").strip().lower()
    if known is not None:
        own_name = editor_id if editor_id in known.own_names else _by_file(path or "")
        return own_name if own_name in known.own_names else known.id
    if editor_id not in _UNKNOWN:
        return _NAMES.get(editor_id, editor_id)
    return _by_file(path or "")


def _by_file(path: str) -> str:
    """The language of a file's name."""
    name = PurePosixPath(path.replace("\\", "/")).name.lower()
    if name in _FILES:
        return _FILES[name]
    found = _WITHOUT_ENDING.match(name)
    if found is not None and name[found.end() : found.end() + 1] in ("", "."):
        return _NAMES.get(found[0].removeprefix("."), found[0])
    ending = _ENDING.fullmatch(PurePosixPath(name).suffix)
    if ending is None or ending[1] in _TEXTS:
        return PLAIN
    return _NAMES.get(ending[1], ending[1])
