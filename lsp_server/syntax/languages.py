"""The languages Midstream has a grammar for, and how to tell which one a file is in.

Each language is one row of data; rows with `extra` come with `midstream[languages]`. A grammar is
imported when it is first needed, so that an editor which only ever opens Python never loads the
others. This module knows nothing of scopes, documents or edits; what the kinds of nodes mean stands
in `rules.py`.

A file in no known language gets no `Language` at all: callers then work by lines and indentation.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import PurePosixPath

from lsp_server.syntax.dialects import holds_cpp, takes_commas
from lsp_server.syntax.language import Language

__all__ = ["Language", "all_languages", "known_languages", "language_for"]

_C_COMMENTS: tuple[tuple[str, str], ...] = (("/*", "*/"),)
_MARKUP_COMMENTS: tuple[tuple[str, str], ...] = (("<!--", "-->"),)

_LANGUAGES: tuple[Language, ...] = (
    Language(
        id="python",
        name="Python",
        module="tree_sitter_python",
        aliases=("py", "python3", "sage", "starlark", "bzl"),
        endings=(".py", ".pyi", ".pyw", ".bzl", ".star"),
        file_names=("SConstruct", "SConscript", "wscript", "BUILD", "WORKSPACE"),
        interpreters=("python", "pypy"),
        line_comments=("#",),
    ),
    Language(
        id="javascript",
        name="JavaScript",
        module="tree_sitter_javascript",
        aliases=("js", "javascriptreact", "javascript.jsx", "jsx", "js-jsx"),
        endings=(".js", ".mjs", ".cjs", ".jsx", ".es6"),
        file_names=("Jakefile",),
        interpreters=("node", "nodejs", "bun", "qjs"),
        line_comments=("//",),
        block_comments=_C_COMMENTS,
    ),
    Language(
        id="typescript",
        name="TypeScript",
        module="tree_sitter_typescript",
        factory="language_typescript",
        aliases=("ts",),
        endings=(".ts", ".mts", ".cts"),
        interpreters=("deno", "ts-node", "tsx"),
        line_comments=("//",),
        block_comments=_C_COMMENTS,
    ),
    Language(
        id="typescriptreact",
        name="TSX",
        module="tree_sitter_typescript",
        factory="language_tsx",
        aliases=("tsx", "typescript.tsx", "typescript-tsx"),
        endings=(".tsx",),
        line_comments=("//",),
        block_comments=_C_COMMENTS,
    ),
    Language(
        id="go",
        name="Go",
        module="tree_sitter_go",
        aliases=("golang",),
        endings=(".go",),
        line_comments=("//",),
        block_comments=_C_COMMENTS,
    ),
    Language(
        id="rust",
        name="Rust",
        module="tree_sitter_rust",
        aliases=("rs",),
        endings=(".rs",),
        interpreters=("rust-script",),
        line_comments=("//",),
        block_comments=_C_COMMENTS,
    ),
    Language(
        id="java",
        name="Java",
        module="tree_sitter_java",
        endings=(".java", ".jav"),
        line_comments=("//",),
        block_comments=_C_COMMENTS,
    ),
    Language(
        id="c",
        name="C",
        module="tree_sitter_c",
        endings=(".c", ".h"),
        line_comments=("//",),
        block_comments=_C_COMMENTS,
    ),
    Language(
        id="cpp",
        name="C++",
        module="tree_sitter_cpp",
        aliases=("c++", "cxx", "cuda", "cuda-cpp"),
        endings=(
            ".cpp",
            ".cc",
            ".cxx",
            ".c++",
            ".hpp",
            ".hh",
            ".hxx",
            ".h++",
            ".ipp",
            ".inl",
            ".tpp",
            ".cppm",
            ".ixx",
            ".cu",
            ".cuh",
        ),
        line_comments=("//",),
        block_comments=_C_COMMENTS,
    ),
    Language(
        id="csharp",
        name="C#",
        module="tree_sitter_c_sharp",
        aliases=("cs", "c#", "c-sharp"),
        endings=(".cs", ".csx", ".cake"),
        interpreters=("dotnet-script",),
        line_comments=("//",),
        block_comments=_C_COMMENTS,
    ),
    Language(
        id="ruby",
        name="Ruby",
        module="tree_sitter_ruby",
        aliases=("rb",),
        endings=(".rb", ".rake", ".gemspec", ".ru", ".podspec", ".rbw"),
        file_names=(
            "Rakefile",
            "Gemfile",
            "Guardfile",
            "Podfile",
            "Vagrantfile",
            "Fastfile",
            "Brewfile",
            "Capfile",
            "Dangerfile",
        ),
        interpreters=("ruby", "jruby", "rake"),
        line_comments=("#",),
        block_comments=(("=begin", "=end"),),
    ),
    Language(
        id="php",
        name="PHP",
        module="tree_sitter_php",
        factory="language_php",
        endings=(".php", ".phtml", ".php3", ".php4", ".php5", ".phps", ".inc"),
        interpreters=("php",),
        line_comments=("//", "#"),
        block_comments=_C_COMMENTS,
    ),
    Language(
        id="lua",
        name="Lua",
        module="tree_sitter_lua",
        endings=(".lua", ".rockspec"),
        interpreters=("lua", "luajit", "texlua"),
        line_comments=("--",),
        block_comments=(("--[[", "]]"),),
    ),
    Language(
        id="shellscript",
        name="Bash",
        module="tree_sitter_bash",
        aliases=("bash", "sh", "shell", "shell-script", "zsh", "ksh", "ebuild"),
        endings=(".sh", ".bash", ".zsh", ".ksh", ".bats", ".ebuild"),
        file_names=(
            ".bashrc",
            ".bash_profile",
            ".bash_aliases",
            ".bash_logout",
            ".profile",
            ".zshrc",
            ".zprofile",
            ".zshenv",
            "PKGBUILD",
            "APKBUILD",
        ),
        interpreters=("sh", "bash", "dash", "zsh", "ksh", "ash", "bats"),
        line_comments=("#",),
    ),
    Language(
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
        block_comments=_C_COMMENTS,
    ),
    Language(
        id="yaml",
        name="YAML",
        module="tree_sitter_yaml",
        aliases=("yml", "dockercompose", "yaml.docker-compose", "yaml.ansible", "github-actions"),
        endings=(".yaml", ".yml", ".cff"),
        file_names=(".clang-format", ".clang-tidy", ".clangd"),
        line_comments=("#",),
    ),
    Language(
        id="toml",
        name="TOML",
        module="tree_sitter_toml",
        endings=(".toml",),
        file_names=("Cargo.lock", "poetry.lock", "uv.lock", "Pipfile", "pdm.lock"),
        line_comments=("#",),
    ),
    Language(
        id="html",
        name="HTML",
        module="tree_sitter_html",
        aliases=("xhtml", "vue", "vue-html"),
        endings=(".html", ".htm", ".xhtml", ".vue"),
        block_comments=_MARKUP_COMMENTS,
    ),
    Language(
        id="css",
        name="CSS",
        module="tree_sitter_css",
        endings=(".css",),
        block_comments=_C_COMMENTS,
    ),
    Language(
        id="markdown",
        name="Markdown",
        module="tree_sitter_markdown",
        aliases=("md", "gfm", "pandoc", "rmd", "quarto"),
        endings=(".md", ".markdown", ".mkd", ".mdown", ".qmd"),
        block_comments=_MARKUP_COMMENTS,
    ),
    Language(
        id="hcl",
        name="Terraform",
        module="tree_sitter_hcl",
        aliases=("terraform", "tf", "terraform-vars", "opentofu", "nomad"),
        endings=(".tf", ".tfvars", ".hcl", ".tofu", ".nomad"),
        line_comments=("#", "//"),
        block_comments=_C_COMMENTS,
        extra=True,
    ),
    Language(
        id="xml",
        name="XML",
        module="tree_sitter_xml",
        factory="language_xml",
        aliases=("xsl", "xslt", "xsd", "svg", "plist", "csproj", "msbuild", "xaml", "wsdl", "pom"),
        endings=(
            ".xml",
            ".xsl",
            ".xslt",
            ".xsd",
            ".svg",
            ".plist",
            ".csproj",
            ".fsproj",
            ".vbproj",
            ".props",
            ".targets",
            ".xaml",
            ".axml",
            ".rss",
            ".wsdl",
        ),
        block_comments=_MARKUP_COMMENTS,
        extra=True,
    ),
    Language(
        id="kotlin",
        name="Kotlin",
        module="tree_sitter_kotlin",
        aliases=("kt", "kts"),
        endings=(".kt", ".kts", ".ktm"),
        interpreters=("kotlin",),
        line_comments=("//",),
        block_comments=_C_COMMENTS,
        extra=True,
    ),
    Language(
        id="scala",
        name="Scala",
        module="tree_sitter_scala",
        aliases=("sc", "sbt"),
        endings=(".scala", ".sc", ".sbt", ".mill"),
        interpreters=("scala", "scala-cli", "amm"),
        line_comments=("//",),
        block_comments=_C_COMMENTS,
        extra=True,
    ),
)


def _index(keys: Iterable[tuple[Language, Iterable[str]]]) -> Mapping[str, Language]:
    """From each key to its language; the first language that claims a key has it."""
    index: dict[str, Language] = {}
    for language, names in keys:
        for name in names:
            index.setdefault(name.lower(), language)
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

    An id that is known decides; editors let the user set it. Otherwise the file's name, its ending
    and then the `#!` line tell; which dialect it is, the name and the text. `path` may be a path of
    any system or a URI. A grammar that is an extra and does not load is none. Never raises.
    """
    wanted = (language_id or "").strip().lower()
    language = _BY_ID.get(wanted) or _by_path(path or "") or _by_shebang(_line(text))
    if language is not None and language.extra and not language.available:
        return None
    if language is not None and language.id == "c" and holds_cpp(path or "", text):
        return _BY_ID["cpp"]
    if language is not None and language.id == "json" and takes_commas(wanted, path or ""):
        return replace(language, commas=True)
    return language


def _line(text: str) -> str:
    """The first line, as far as a `#!` reaches."""
    return text[:200].partition("\n")[0]


def _by_path(path: str) -> Language | None:
    """The language that a file's name or ending tells."""
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
    """The ids of all languages with a grammar, in the order of the table."""
    return tuple(language.id for language in _LANGUAGES)


def all_languages() -> tuple[Language, ...]:
    """All languages with a grammar, in the order of the table."""
    return _LANGUAGES
