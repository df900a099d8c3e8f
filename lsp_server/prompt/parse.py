"""Reads the prompt that `prompt.compose` wrote, exactly.

The practice model needs it: it gets the same message as every other model and has no other way to
know the scope. The round trip is also the proof that the delimiters of the prompt are unambiguous:
what this can tell apart, a model can.
"""

import json
import re
from dataclasses import dataclass

from lsp_server.prompt.sections import Section, read_sections, unfenced
from lsp_server.session.request import Form

_FILE = re.compile(r'^File: (".*")\nLanguage: (".*")$', re.MULTILINE)
_CUT = re.compile(r"^The answer before was cut at character (\d+) of ", re.MULTILINE)
_PATCH = re.compile(r"^Answer with a unified diff ", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class ParsedPrompt:
    """What a prompt says; the fields mean what they mean in `EditRequest` and `Place`.

    `before` and `after` are the lines around that found room in the prompt. `before` ends at the
    scope's first character, so its last line is the scope's own indentation.
    """

    path: str
    language: str
    original: str
    current: str
    instruction: str
    before: str = ""
    after: str = ""
    rules: str = ""
    diagnostics: tuple[str, ...] = ()
    earlier: tuple[str, ...] = ()
    cut: int | None = None
    typed: tuple[str, ...] = ()
    settled: tuple[str, ...] = ()
    withheld: tuple[str, ...] = ()
    form: Form = Form.REWRITE


def parse(text: str) -> ParsedPrompt | None:
    """The prompt that `text` is, or `None` when `compose` did not write it. Never raises."""
    sections = list(read_sections(text))
    words = "\n".join(part.above for part in sections)
    place = _FILE.search(words)
    scope = _last(sections, "scope")
    instruction = _last(sections, "instruction")
    if place is None or scope is None or instruction is None:
        return None
    path, language = _string(place[1]), _string(place[2])
    if path is None or language is None:
        return None
    now = _last(sections, "now")
    cut = _CUT.search(words)
    return ParsedPrompt(
        path=path,
        language=language,
        original=unfenced(scope),
        current=unfenced(scope if now is None else now),
        instruction=instruction,
        before=_last(sections, "before") or "",
        after=_last(sections, "after") or "",
        rules=_last(sections, "rules") or "",
        diagnostics=_all(sections, "diagnostic"),
        earlier=_all(sections, "earlier"),
        cut=None if cut is None else int(cut[1]),
        typed=_all(sections, "typed"),
        settled=_all(sections, "settled"),
        withheld=_all(sections, "withheld"),
        form=Form.PATCH if _PATCH.search(words) else Form.REWRITE,
    )


def _all(sections: list[Section], name: str) -> tuple[str, ...]:
    return tuple(part.content for part in sections if part.name == name)


def _last(sections: list[Section], name: str) -> str | None:
    return next((part.content for part in reversed(sections) if part.name == name), None)


def _string(literal: str) -> str | None:
    """The text of a JSON string, or `None` when it is none."""
    try:
        value = json.loads(literal)
    except ValueError:
        return None
    return value if isinstance(value, str) else None
