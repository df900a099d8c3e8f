"""The project's rules files, which are sent to the model."""

import logging
import os
from collections.abc import Sequence
from pathlib import Path

from lsp_server.ignore import FileCache, Ignore, Unreadable

log = logging.getLogger(__name__)

RULES_FILES = (".midstream/rules.md", "AGENTS.md")
"""Read from the workspace's folder, both of them, in this order."""
_MOST_BYTES = 200_000


class RulesFiles:
    """Reads the rules files, and again only when they change."""

    def __init__(self, ignore: Ignore) -> None:
        self._ignore = ignore
        self._file_cache = FileCache(_text, _MOST_BYTES)

    def of(self, root: Path | None, roots: Sequence[Path], patterns: Sequence[str]) -> str:
        """The contents of the rules files in `root`; "" if there are none.

        A rules file is a file like any other: one that is ignored or unreadable is skipped. So is a
        link out of the workspace: a cloned project must not be able to send another file of the
        user's to a model.
        """
        if root is None:
            return ""
        texts = (self._read(root, name, roots, patterns) for name in RULES_FILES)
        return "\n\n".join(text for text in texts if text)

    def _read(self, root: Path, name: str, roots: Sequence[Path], patterns: Sequence[str]) -> str:
        path = str(root / name)
        try:
            real, top = (os.path.realpath(place) for place in (path, root))
            if not os.path.lexists(path) or not Path(real).is_relative_to(top):
                return ""
            refusal = self._ignore.refusal(path, (*roots, root), patterns)
            if refusal is not None:
                log.info("%s is ignored. %s", name, refusal.sentence)
                return ""
            # Read the path that was checked: the link may lead elsewhere by now.
            return self._file_cache.read(real) or ""
        except Unreadable as error:
            log.info("%s is ignored: it %s.", name, error.what)
        except (OSError, ValueError) as error:
            log.info("%s is ignored: %s", name, error)
        return ""


def _text(data: bytes) -> str:
    return data.decode("utf-8-sig", "replace").strip()
