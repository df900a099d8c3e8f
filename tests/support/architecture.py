"""The packages of `lsp_server` and what each may import, as data; and the imports that exist.

`ARCHITECTURE.md` shows the same table (`tests.support.tables` writes it there) and
`tests/test_architecture.py` checks the code against it.
"""

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "lsp_server"
TESTS = ROOT / "tests"
DATA = (SOURCE / "cli" / "examples",)
"""Folders whose Python files are examples to edit, not modules."""


@dataclass(frozen=True, slots=True)
class Package:
    """One package, or one top-level module.

    `imports` are other packages, or single modules of them. `outside` are third-party packages.
    `rule` is the sentence that a failing test prints.
    """

    name: str
    about: str
    imports: tuple[str, ...]
    outside: tuple[str, ...]
    rule: str

    def holds(self, module: str) -> bool:
        """Whether the module (its name without `lsp_server.`) belongs to this package."""
        return module == self.name or module.startswith(f"{self.name}.")


_CORE = (*("errors", "wording", "text", "edit", "syntax", "imports", "session", "prompt", "guard"),)
_BELOW_LSP = (
    *_CORE,
    "choices",
    "addresses",
    "provider_table",
    "settings",
    "ignore",
    "context",
    "keys",
    "backends",
    "gateway",
    "practice",
)

PACKAGES = (
    Package("errors", "all exceptions", (), (), "`errors` imports nothing."),
    Package(
        "wording",
        "how a sentence names what the user can do, for each kind of client",
        (),
        (),
        "`wording` knows words and not who says them.",
    ),
    Package(
        "addresses",
        "whether an address is on this machine, in a private network or on the internet",
        ("errors", "wording"),
        (),
        "`addresses` classifies addresses and does not know who uses them.",
    ),
    Package(
        "choices",
        "what a user chooses and both the settings and a session know",
        (),
        (),
        "`choices` holds only words and does not know who uses them.",
    ),
    Package(
        "provider_table",
        "the table of model APIs",
        (),
        (),
        "`provider_table` is data. It imports nothing and names the code of a provider as text.",
    ),
    Package(
        "text",
        "spans, lines, change sets",
        ("errors",),
        (),
        "`text` is the base of everything else and imports only the standard library.",
    ),
    Package(
        "edit",
        "readers for replies, patches and definitions; aligner, diff, shadow copy, hunks",
        ("errors", "wording", "choices", "text"),
        ("rapidfuzz", "unidiff"),
        "`edit` works on text and changes. It knows no grammar, session or editor.",
    ),
    Package(
        "syntax",
        "grammars, trees, scopes, the gate, outlines",
        ("errors", "text"),
        ("tree_sitter",),
        "`syntax` parses documents. It knows no edit and no session.",
    ),
    Package(
        "imports",
        "import statements: what they import, and where a new one belongs",
        ("errors", "text", "syntax"),
        ("tree_sitter",),
        "`imports` reads and places import statements. It reads no files.",
    ),
    Package(
        "session",
        "the state machine of one edit, and all edits of one document",
        ("errors", "wording", "choices", "text", "edit"),
        ("rapidfuzz",),
        "`session` gets its gate as a function and the time as an argument. It knows no grammar, "
        "model or editor.",
    ),
    Package(
        "prompt",
        "writes the prompt, and reads it back",
        ("errors", "text", "syntax", "session.request"),
        (),
        "`prompt` turns a request into text. It knows nothing else of a session.",
    ),
    Package(
        "guard",
        "secrets on the way out, invisible characters on the way in",
        ("text",),
        (),
        "`guard` sees only text and does not know what the text is for.",
    ),
    Package(
        "settings",
        "reads and checks the settings",
        ("errors", "wording", "choices", "addresses", "provider_table"),
        ("platformdirs", "rapidfuzz"),
        "`settings` are plain values and do not know who uses them.",
    ),
    Package(
        "ignore",
        "which files are never sent: git's rules, `.midstreamignore`, the user's setting",
        ("errors", "wording", "settings"),
        (),
        "`ignore` reads ignore rules and runs no program. It knows no editor.",
    ),
    Package(
        "context",
        "what an edit needs to see beyond its file: index, definitions, callers, mentions, rules",
        (
            *("errors", "wording", "text", "syntax", "imports", "prompt", "settings", "ignore"),
            "launch",
        ),
        ("tree_sitter",),
        "`context` finds pieces of files. It knows no session, editor or model.",
    ),
    Package(
        "keys",
        "finds a profile's API key",
        ("errors", "wording", "settings"),
        ("keyring",),
        "`keys` is the only module that touches an API key. It knows only the profile.",
    ),
    Package(
        "backends",
        "the model's wire protocol and the pool of sockets",
        ("errors", "wording", "addresses", "provider_table", "session.events"),
        ("orjson", "websockets"),
        "`backends` turns frames into session events and knows nothing else of a session.",
    ),
    Package(
        "gateway",
        "a Responses WebSocket server in its own process",
        ("errors", "wording", "addresses", "provider_table", "backends", "launch"),
        ("orjson", "websockets"),
        "`gateway` is another process. It shares the wire protocol with `backends` and nothing "
        "with `lsp`.",
    ),
    Package(
        "practice",
        "the built-in practice model",
        (
            *("errors", "text", "edit", "syntax", "prompt", "session.request"),
            "gateway.request_protocol",
        ),
        ("tree_sitter", "tree_sitter_javascript", "tree_sitter_python", "tree_sitter_typescript"),
        "`practice` is a model like any other: it sees the prompt and nothing else.",
    ),
    Package(
        "lsp",
        "the language server: transport, documents, commands, sessions",
        _BELOW_LSP,
        ("cattrs", "lsprotocol", "orjson", "pygls", "rapidfuzz"),
        "`lsp` is above everything but the command line. Only `lsp` imports pygls and lsprotocol.",
    ),
    Package(
        "cli",
        "the command line",
        (*_BELOW_LSP, "lsp"),
        ("orjson", "rich"),
        "`cli` is at the top. Nothing below it prints to a terminal.",
    ),
    Package(
        "launch",
        "runs first and keeps the working directory out of `sys.path`",
        (),
        (),
        "`launch` imports only `os` and `sys`: any other import could load a file of the project "
        "that is being edited.",
    ),
    Package(
        "__main__",
        "`midstream`, `python -P -m lsp_server`",
        ("cli", "launch"),
        (),
        "`__main__` only starts the `cli`.",
    ),
)

PURE = frozenset((*_CORE, "choices"))
"""Packages without I/O, clocks or randomness."""
IMPURE_MODULES = frozenset(
    {"asyncio", "concurrent", "http", "multiprocessing", "os", "random", "secrets", "select"}
    | {"selectors", "shutil", "signal", "socket", "ssl", "subprocess", "sys", "tempfile"}
    | {"threading", "time", "urllib"}
)
"""Standard modules that a pure package must not import."""


@dataclass(frozen=True, slots=True)
class Import:
    """One import statement's target, as a dotted name, in a module of the package."""

    module: str
    target: str
    names: tuple[str, ...]
    line: int

    @property
    def top(self) -> str:
        """The first part of the target."""
        return self.target.partition(".")[0]


def module_files() -> Iterator[tuple[str, Path]]:
    """Every module of the package without the package's name in front (`""` is the package)."""
    for path in sorted(SOURCE.rglob("*.py")):
        if not any(path.is_relative_to(folder) for folder in DATA):
            parts = path.relative_to(SOURCE).with_suffix("").parts
            yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


def imports() -> Iterator[Import]:
    """Every import of every module; those inside of functions too."""
    modules = {name for name, _ in module_files()}
    for name, path in module_files():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield Import(name, alias.name, (), node.lineno)
            elif isinstance(node, ast.ImportFrom):
                base = "." * node.level + (node.module or "")
                for alias in node.names:
                    inner = f"{base}.{alias.name}".removeprefix(f"{SOURCE.name}.")
                    whole = f"{base}.{alias.name}" if inner in modules else base
                    yield Import(name, whole, (alias.name,), node.lineno)


def package_of(module: str) -> Package | None:
    """The package that holds the module; None for `lsp_server` itself."""
    return next((package for package in PACKAGES if package.holds(module)), None)


Graph = Mapping[str, set[str]]
"""Who imports whom, by name."""


def module_graph() -> Graph:
    """The imports between the modules of `lsp_server`, those inside functions included."""
    modules = {name for name, _ in module_files()}
    graph: dict[str, set[str]] = defaultdict(set)
    for found in imports():
        target = found.target.removeprefix(f"{SOURCE.name}.")
        if found.target.startswith(f"{SOURCE.name}.") and target in modules:
            graph[found.module].add(target)
    return graph


def package_graph() -> Graph:
    """The imports between packages."""
    graph: dict[str, set[str]] = defaultdict(set)
    for module, targets in module_graph().items():
        package = package_of(module)
        imported = {package_of(target) for target in targets} - {package, None}
        if package is not None:
            graph[package.name] |= {other.name for other in imported if other is not None}
    return graph


def circle_in(graph: Graph) -> list[str] | None:
    """Names that import one another in a circle, the first of them once more at the end."""
    done: set[str] = set()

    def search(name: str, path: list[str]) -> list[str] | None:
        if name in path:
            return [*path[path.index(name) :], name]
        if name in done:
            return None
        found = (search(target, [*path, name]) for target in sorted(graph.get(name, ())))
        circle = next((circle for circle in found if circle), None)
        done.add(name)
        return circle

    found = (search(name, []) for name in sorted(graph))
    return next((circle for circle in found if circle), None)
