"""The plan of the house: which room may import what, as data, and the imports that there are.

`ARCHITECTURE.md` shows the same plan (`tests.support.tables` writes it there) and
`tests/test_house.py` holds the code to it.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "lsp_server"
TESTS = ROOT / "tests"
DATA = (PACKAGE / "cli" / "examples",)
"""Folders in the package whose Python files are material, not modules."""


@dataclass(frozen=True, slots=True)
class Room:
    """One room. `imports` are rooms, or single modules of them, beside its own; `outside` are
    packages that are not the standard library's; `law` is what a breach is told."""

    name: str
    about: str
    imports: tuple[str, ...]
    outside: tuple[str, ...]
    law: str

    def holds(self, module: str) -> bool:
        """Whether a module (without the package's name in front) is in the room."""
        return module == self.name or module.startswith(f"{self.name}.")


_HEART = ("errors", "text", "edit", "syntax", "session", "prompt", "guard")
_BELOW_LSP = (*_HEART, "places", "settings", "ignore", "keys", "backends", "gateway")

ROOMS = (
    Room("errors", "every exception, in one tree", (), (), "`errors` knows nobody."),
    Room(
        "places",
        "where an address leads: this machine, a private network, or out",
        ("errors",),
        (),
        "`places` judges addresses; whose they are is not its business.",
    ),
    Room(
        "text",
        "spans, lines, changes and their algebra",
        ("errors",),
        (),
        "`text` is what everything else stands on; it imports only the standard library.",
    ),
    Room(
        "edit",
        "readers of replies, patches and definitions, aligner, diff, mirror, hunks",
        ("errors", "text"),
        ("rapidfuzz", "unidiff"),
        "`edit` knows texts and changes, but no grammar, no session and no editor.",
    ),
    Room(
        "syntax",
        "grammars, trees, scopes, the gate, outlines",
        ("errors", "text"),
        ("tree_sitter",),
        "`syntax` parses the user's documents; it knows no edit and no session.",
    ),
    Room(
        "session",
        "the state machine of one edit, the desk of one document",
        ("errors", "text", "edit"),
        ("rapidfuzz",),
        "`session` takes its gate as a function and its time as an argument: it knows no "
        "grammar, no model and no editor.",
    ),
    Room(
        "prompt",
        "what a model is told, and reading it back",
        ("errors", "text", "syntax", "session.request"),
        (),
        "`prompt` makes words from a request; of a session it knows only the request.",
    ),
    Room(
        "guard",
        "what must not leave and what must not come in",
        ("text",),
        (),
        "`guard` sees nothing but texts; what they are for is not its business.",
    ),
    Room(
        "settings",
        "the settings, read and checked once",
        ("errors", "places"),
        ("platformdirs", "rapidfuzz"),
        "`settings` are plain values at the border; they know nobody who uses them.",
    ),
    Room(
        "ignore",
        "which files must not be sent, by git's rules, ours and the user's",
        ("errors", "settings"),
        (),
        "`ignore` reads other people's rules and runs nobody's program; it knows no editor.",
    ),
    Room(
        "keys",
        "where a profile's key comes from",
        ("errors", "settings"),
        ("keyring",),
        "`keys` is the one place that touches a key, so it knows only the profile.",
    ),
    Room(
        "backends",
        "the model's wire and the pool of sockets",
        ("errors", "places", "session.events"),
        ("orjson", "websockets"),
        "`backends` turn frames into a session's events and know nothing else of it.",
    ),
    Room(
        "gateway",
        "a Responses WebSocket server in its own process",
        ("errors", "places", "backends", "launch"),
        ("orjson", "websockets"),
        "`gateway` is another process: it shares the wire with `backends` and nothing with `lsp`.",
    ),
    Room(
        "gateway.practice",
        "the practice model",
        (
            "errors",
            "text",
            "edit",
            "syntax",
            "prompt",
            "session.request",
            "gateway.protocol",
            "gateway.providers",
        ),
        ("tree_sitter", "tree_sitter_javascript", "tree_sitter_python", "tree_sitter_typescript"),
        "`gateway.practice` is a model like any other: it reads the prompt and knows nothing "
        "else of what happens.",
    ),
    Room(
        "lsp",
        "the editor: transport, documents, driver, commands",
        _BELOW_LSP,
        ("cattrs", "lsprotocol", "orjson", "pygls", "rapidfuzz"),
        "`lsp` stands above everything but the command line; only it knows pygls and lsprotocol.",
    ),
    Room(
        "cli",
        "the command line",
        (*_BELOW_LSP, "lsp"),
        ("orjson", "rich"),
        "`cli` is on top; nothing below it prints to a terminal.",
    ),
    Room(
        "launch",
        "what runs first: keeps the working directory out",
        (),
        (),
        "`launch` imports only `os` and `sys`: whatever else it did could be the project's.",
    ),
    Room(
        "__main__",
        "`midstream`, `python -P -m lsp_server`",
        ("cli", "launch"),
        (),
        "`__main__` only starts the `cli`.",
    ),
)

PURE = frozenset(_HEART)
"""Rooms without input, output, clocks or chance."""
IMPURE_MODULES = frozenset(
    {"asyncio", "concurrent", "http", "multiprocessing", "os", "random", "secrets", "select"}
    | {"selectors", "shutil", "signal", "socket", "ssl", "subprocess", "sys", "tempfile"}
    | {"threading", "time", "urllib"}
)
"""Standard modules that the pure rooms do without."""


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
    for path in sorted(PACKAGE.rglob("*.py")):
        if not any(path.is_relative_to(folder) for folder in DATA):
            parts = path.relative_to(PACKAGE).with_suffix("").parts
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
                    inner = f"{base}.{alias.name}".removeprefix(f"{PACKAGE.name}.")
                    whole = f"{base}.{alias.name}" if inner in modules else base
                    yield Import(name, whole, (alias.name,), node.lineno)


def room_of(module: str) -> Room | None:
    """The innermost room that holds the module; None for the package itself."""
    found = [room for room in ROOMS if room.holds(module)]
    return max(found, key=lambda room: len(room.name), default=None)
