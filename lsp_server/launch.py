"""Runs first in each of our processes: keeps the current folder out of Python's import path.

An editor starts the server in a repository's folder. `python -m lsp_server` puts that folder first
on the import path, and a `PYTHONPATH` with a relative entry puts it before the installed packages.
A file named `json.py` in it would then run as soon as we import `json`. So these folders are
removed before anything else is imported. After `python -m`, a folder that contains a module with
the name of one of ours is refused, because that module may already have run.

Modules that Python itself imports earlier, and a `lsp_server` in that folder, have run by then.
Only `python -P` or the program `midstream`, without relative entries in `PYTHONPATH`, keep those
out.
"""

# `pathlib` is not imported yet, and must not be.
# ruff: noqa: PTH100, PTH109, PTH117, PTH118, PTH120, PTH208

import os
import sys

_MODULES = (".py", ".pyc", ".so", ".pyd")
_NOT_OURS = frozenset({"test", "tests", "docs", "examples"})
"""Names that packages leave on the import path by mistake. Nothing of ours imports them."""


def keep_out() -> None:
    """Import nothing from folders that nobody named in full.

    Ends the process with exit code 2 if Python has put such a folder first, as `python -m` does,
    and the folder contains a module that we would import.
    """
    folders = _strange_folders()
    first = [entry for entry in sys.path[:1] if entry in folders and not sys.flags.safe_path]
    sys.path[:] = [entry for entry in sys.path if os.path.isabs(entry) and entry not in folders]
    for folder in first:
        if (name := _shadow(folder)) is not None:
            sys.stderr.write(
                f"midstream: the folder {folder!r} holds {name!r}, which Python would run in place "
                "of a module of its own or of Midstream's. Start it as `midstream` or by `python "
                "-P -m lsp_server`.\n"
            )
            raise SystemExit(2)


def _strange_folders() -> list[str]:
    """Folders on the import path only because the process was started in or near them."""
    variable = os.environ.get("PYTHONPATH", "") if not sys.flags.ignore_environment else ""
    named = variable.split(os.pathsep) if variable else []
    try:
        here = os.getcwd()
    except OSError:  # It was removed: nothing can be imported from it.
        return []
    found = [os.path.join(here, entry) for entry in named if not os.path.isabs(entry)]
    if not sys.flags.safe_path and sys.path and _same(os.path.join(here, sys.path[0]), here):
        found.append(here)
    trusted = [entry for entry in named if os.path.isabs(entry)]
    trusted.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    strange = [folder for folder in found if not any(_same(folder, known) for known in trusted)]
    return [entry for entry in sys.path if any(_same(entry, folder) for folder in strange)]


def _same(one: str, other: str) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)


def _shadow(folder: str) -> str | None:
    """The name in a folder that would shadow a module available elsewhere."""
    known = {"lsp_server", *sys.stdlib_module_names}
    for entry in sys.path:
        known.update(name.partition(".")[0] for name in _listed(entry))
    known -= _NOT_OURS
    for name in sorted(_listed(folder)):
        if name.partition(".")[0] in known and _is_module(folder, name):
            return name
    return None


def _is_module(folder: str, name: str) -> bool:
    """Whether Python would import it: a module, or a folder that is a package."""
    if name.endswith(_MODULES):
        return True
    return any(inner.startswith("__init__.") for inner in _listed(os.path.join(folder, name)))


def _listed(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []
