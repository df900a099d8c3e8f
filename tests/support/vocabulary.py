"""The words of the protocol and the settings as the server knows them, as JSON on standard output.

    python -m tests.support.vocabulary

A client in another language holds its own lists against these; it knows nothing of the client.
"""

import json
import re
from collections.abc import Iterable
from enum import StrEnum

from lsp_server.edit.hunks import HunkState
from lsp_server.lsp.commands import COMMANDS
from lsp_server.session.effects import Level
from lsp_server.session.machine import Phase, SessionOutcome
from lsp_server.settings.schema import describe
from lsp_server.syntax.scope import ScopeLevel

_LIST = re.compile(r"`[^`]+`(, `[^`]+`)+")


def vocabulary() -> dict[str, object]:
    """All words, each list in the server's own order."""
    return {
        "commands": [str(name) for name in COMMANDS],
        "phases": _values(Phase),
        "outcomes": _values(SessionOutcome),
        "hunkStates": _values(HunkState),
        "levels": _values(Level),
        "rungs": _values(ScopeLevel),
        "settings": [
            {
                "key": row.key,
                "choices": re.findall(r"`([^`]+)`", row.type) if _LIST.fullmatch(row.type) else [],
                "default": row.default,
                "fromWorkspace": row.from_workspace,
            }
            for row in describe()
        ],
    }


def _values(kind: Iterable[StrEnum]) -> list[str]:
    return [member.value for member in kind]


if __name__ == "__main__":
    print(json.dumps(vocabulary()))
