"""What surrounds an answer and is never a part of it: pieces of the request, and of the wire.

A small model repeats the request that it answers: the tags of its sections, its headings, the name
of the language on a line of its own. A server that leaves its template's tokens in sends the end of
the model's turn as text. Each is known by its kind, and none of them counts where the file itself
holds it. Knows nothing of blocks and of what the lines mean.
"""

import re
from dataclasses import dataclass
from enum import Enum, auto

from lsp_server.edit.reply.place import BLANKS, Place

_TAG = re.compile(r"<(/?)([a-z]+(?:-[a-z]+)*)-[0-9a-f]{8}>")
_TAG_BEGINNING = re.compile(r"(?:<(?:/?(?:[a-z]+(?:-[a-z0-9]*)*)?)?|<[/a-z0-9-]+>\s*)?")
_SCOPE = "scope"
# The line above the code that is to be rewritten, in the request.
_ABOVE_SCOPE = "Selected code in "
# The same of the other sections; the first is a heading only where a block follows.
_ABOVE_OTHERS = ("File ", "What stands there now, partly rewritten already:")
_ASKS = "Answer with the whole selected code."
_LANGUAGE_NAMES = """
    bash c cpp c++ csharp cs css dart diff elixir go golang haskell html java javascript js json
    jsonc jsx julia kotlin lua makefile markdown md perl php plaintext powershell python py r
    ruby rust scala sh shell sql swift toml tsx typescript ts vue xml yaml yml zig
"""
_LANGUAGES = frozenset(_LANGUAGE_NAMES.split())
_LONGEST_TOKEN = 32
_PIPED = re.compile(r"<[|｜][\w▁]{1,28}[|｜]>")
_PIPED_BEGINNING = re.compile(r"<(?:[|｜](?:[\w▁]{1,28}(?:[|｜])?)?)?")
_NAMED = ("</s>", "<eos>", "<EOT>", "<end_of_turn>", "<end_of_utterance>")


class Section(Enum):
    """Which part of the request a tag or a heading belongs to."""

    SCOPE = auto()
    OTHER = auto()


@dataclass(frozen=True, slots=True)
class Tag:
    """A line that is only a tag of the request."""

    section: Section
    closes: bool


class Scaffold:
    """Recognises what is left of the request in a reply for the scope at `place`."""

    def __init__(self, place: Place) -> None:
        self._near = f"{place.before}\n{place.original}\n{place.after}"

    def _is_ours(self, line: str) -> bool:
        """Whether the file does not hold the line itself, as far as it is known."""
        return line not in self._near

    def tag(self, line: str) -> Tag | None:
        """The tag that the line is, or None."""
        found = _TAG.fullmatch(line.strip())
        if found is None or not self._is_ours(line.strip()):
            return None
        section = Section.SCOPE if found[2] == _SCOPE else Section.OTHER
        return Tag(section, bool(found[1]))

    def heading(self, line: str) -> Section | None:
        """The section that the line stands above in a request, or None."""
        text = line.strip()
        if not text.endswith(":") or not self._is_ours(text):
            return None
        if text.startswith(_ABOVE_SCOPE):
            return Section.SCOPE
        return Section.OTHER if text.startswith(_ABOVE_OTHERS) else None

    def is_dropped(self, line: str) -> bool:
        """Whether a line within code is surely a piece of the request."""
        text = line.strip()
        asks = text in (_ASKS, _ABOVE_OTHERS[1])
        scope = text.startswith(_ABOVE_SCOPE) and text.endswith(":")
        return (asks or scope) and self._is_ours(text)

    def may_be(self, beginning: str) -> bool:
        """Whether a line that begins so could still be a tag, or a piece that is dropped."""
        text = beginning.lstrip(BLANKS)
        if text[:1] == "<":
            return _TAG_BEGINNING.fullmatch(text) is not None
        known = (_ABOVE_SCOPE, _ABOVE_OTHERS[1], _ASKS)
        return any(
            piece.startswith(text) or (piece is not known[1] and text.startswith(piece))
            for piece in known
        )

    def is_language(self, line: str) -> bool:
        """Whether the line is nothing but the name of a language, as a fence would tell it."""
        return line.strip().lower() in _LANGUAGES and line == line.lstrip()

    def may_be_language(self, beginning: str) -> bool:
        """Whether a line that begins so could still be one."""
        text = beginning.rstrip().lower()
        return bool(text) and any(name.startswith(text) for name in _LANGUAGES)


class Turn:
    """Text in, the text of the model's own turn out: a token that ends it is taken out.

    A token counts only where nothing follows it on its line, and not where the file holds it. What
    comes after it is not the model's answer any more. At most a token and blanks are held.
    """

    def __init__(self, place: Place) -> None:
        self._near = f"{place.before}\n{place.original}\n{place.after}"
        self._held = ""
        self._over = False

    def push(self, text: str) -> str:
        """Take the next piece; return what surely belongs to the answer."""
        if self._over:
            return ""
        if "<" not in text and not self._held:
            return text
        return self._read(self._held + text)

    def end(self, completed: bool) -> str:
        """The reply has ended; of a cut one the held beginning of a token is left out."""
        held, self._held = self._held, ""
        if not completed or self._token(held.rstrip()) == held.rstrip() != "":
            return ""
        return held

    def _read(self, text: str) -> str:
        self._held = ""
        place = text.find("<")
        while place >= 0:
            token = self._token(text[place : place + _LONGEST_TOKEN + 1])
            if token is None:
                tail = text[place:]
                if len(tail) <= _LONGEST_TOKEN and self._may_be(tail):
                    self._held = tail
                    return text[:place]
            else:
                after = text[place + len(token) :]
                line, end, _ = after.partition("\n")
                if not line.strip(BLANKS) or self._begins_token(line.lstrip(BLANKS)):
                    if not end and not self._begins_token(line.lstrip(BLANKS)):
                        self._held = text[place:]
                    else:
                        self._over = True
                    return text[:place]
            place = text.find("<", place + 1)
        return text

    def _begins_token(self, text: str) -> bool:
        return self._token(text[: _LONGEST_TOKEN + 1]) is not None

    def _token(self, text: str) -> str | None:
        """The token that the text begins with, unless the file holds it."""
        piped = _PIPED.match(text)
        token = piped[0] if piped else next((t for t in _NAMED if text.startswith(t)), None)
        return None if token is None or token in self._near else token

    def _may_be(self, tail: str) -> bool:
        return _PIPED_BEGINNING.fullmatch(tail) is not None or any(
            token.startswith(tail) for token in _NAMED
        )
