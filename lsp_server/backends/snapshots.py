"""Handles items of one answer that repeat earlier text: Bedrock's mantle sends each item as a
snapshot of all text so far, in pieces from its beginning. Pure."""


class Snapshots:
    """Passes on only new text. An item that begins like the answer is held while it repeats it; if
    it then differs, all of it is passed on."""

    def __init__(self) -> None:
        self._item: object = None
        self._passed: list[str] = []
        self._before = ""
        self._repeats = False
        self._at = 0
        """Code points of `_before` that the current item has repeated."""

    def push(self, item: object, text: str) -> str:
        """Add text of an item. Returns what is new."""
        left = ""
        if item != self._item:
            left = self.finish()
            self._item, self._at = item, 0
            self._before = "".join(self._passed)
            self._repeats = bool(self._before)
        return left + self._pass(self._new(text))

    def finish(self) -> str:
        """The item has ended. Returns what was held if it was not a snapshot of the whole
        answer."""
        held, self._repeats = self._repeats and self._at < len(self._before), False
        return self._pass(self._before[: self._at]) if held else ""

    def _new(self, text: str) -> str:
        if not self._repeats:
            return text
        known = self._before[self._at : self._at + len(text)]
        if known == text:
            self._at += len(text)
            return ""
        self._repeats = False
        if self._at + len(known) == len(self._before) and text.startswith(known):
            return text[len(known) :]
        return self._before[: self._at] + text

    def _pass(self, text: str) -> str:
        if text:
            self._passed.append(text)
        return text
