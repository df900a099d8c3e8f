"""The tables in the documentation that come from the code.

`python -m tests.support.tables` writes them into their files, each between its two marks;
`tests/test_architecture.py` fails when one of them is no longer what the code says.
"""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from lsp_server.session import events as ev
from lsp_server.session.machine import TRANSITIONS, Cell, Handler, Phase
from lsp_server.settings import describe
from tests.support.architecture import PACKAGES, ROOT

_SENDERS: dict[str, tuple[type, ...]] = {
    "model": (ev.Started, ev.Delta, ev.Finished, ev.Failed),
    "document": (
        *(ev.Landed, ev.Refused, ev.ScopeChanged, ev.Gone, ev.Quiet),
        *(ev.ImportsLanded, ev.ImportsRefused),
    ),
    "user": (ev.Redirected, ev.Cancelled, ev.Accepted, ev.Reverted, ev.Shown, ev.Restored),
    "clock": (ev.Tick,),
}


def packages() -> str:
    """What each package imports."""
    rows = [
        (
            f"`{package.name}`",
            package.about,
            _list(package.imports),
            _list(package.outside),
        )
        for package in PACKAGES
    ]
    return _table(("package", "contents", "imports from `lsp_server`", "third-party imports"), rows)


def rules() -> str:
    """The sentence of each package."""
    return "\n".join(f"- {package.rule}" for package in PACKAGES)


def phases() -> str:
    """Phase by event, from the machine itself."""
    rows = []
    for sender, kinds in _SENDERS.items():
        for kind in kinds:
            cells = [_cell(TRANSITIONS[phase][kind]) for phase in Phase]
            rows.append((sender, f"`{kind.__name__}`", *cells))
    known = {kind for kinds in _SENDERS.values() for kind in kinds}
    for row in TRANSITIONS.values():
        if set(row) != known:
            raise AssertionError("There is an event that this table does not show.")
    return _table(("from", "event", *(phase.name for phase in Phase)), rows)


def settings() -> str:
    """All settings."""
    rows = [
        (
            f"`{row.key}`",
            f"`{row.toml_key}`" if row.toml_key != row.key else "the same",
            row.type,
            row.default or "none",
            row.meaning,
            "yes" if row.from_workspace else "no",
            row.refused,
        )
        for row in describe()
    ]
    head = ("key", "in TOML", "value", "default", "meaning", "workspace may set it")
    return _table((*head, "where your value cannot be read"), rows)


TABLES: tuple[tuple[str, str, Callable[[], str]], ...] = (
    ("ARCHITECTURE.md", "packages", packages),
    ("ARCHITECTURE.md", "rules", rules),
    ("ARCHITECTURE.md", "phases", phases),
    ("docs/settings.md", "settings", settings),
)
"""File, name of the table, and what makes it."""


def renewed(path: Path) -> str:
    """The file's text with all its tables as they should be."""
    text = path.read_text("utf-8")
    for file, name, make in TABLES:
        if ROOT / file == path:
            start, end = f"<!-- table: {name} -->\n", "<!-- end of table -->"
            before, found, rest = text.partition(start)
            _, closed, after = rest.partition(end)
            if not (found and closed):
                raise AssertionError(f"{file} has no place for the table `{name}`.")
            text = f"{before}{start}{make()}\n{end}{after}"
    return text


def files() -> tuple[Path, ...]:
    """The files that hold tables."""
    return tuple(ROOT / file for file in dict.fromkeys(file for file, _, _ in TABLES))


def _cell(cell: Handler | Cell) -> str:
    if isinstance(cell, Cell):
        return f"*{cell.name.lower()}*"
    return str(getattr(cell, "__name__", "?")).strip("_").replace("_", " ")


def _list(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "nothing"


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main() -> int:
    """Write all tables anew."""
    for path in files():
        path.write_text(renewed(path), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
