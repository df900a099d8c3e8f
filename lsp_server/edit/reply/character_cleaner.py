"""Unifies the line ends of a reply and removes characters that no file should get."""

_BYTE_ORDER_MARK = "\ufeff"
_HIGH_SURROGATES = ("\ud800", "\udbff")


class CharacterCleaner:
    """Takes raw chunks and returns text with "\\n" line ends; holds at most half a surrogate pair.

    It removes a byte order mark at the very beginning, NULs (unless the scope has one: then they
    are part of its text), and surrogates without their other half. It joins a pair that a server
    has split between two chunks. It changes nothing else.
    """

    def __init__(self, keeps_nul: bool = False) -> None:
        self._keeps_nul = keeps_nul
        self._at_start = True
        self._after_return = False  # the last character was "\r": a "\n" now belongs to it
        self._half = ""  # a high surrogate that waits for its low one

    def push(self, chunk: str) -> str:
        """The clean text of `chunk`."""
        text = self._pair(chunk)
        if not self._keeps_nul:
            text = text.replace("\0", "")
        if text and self._at_start:
            self._at_start = False
            text = text.removeprefix(_BYTE_ORDER_MARK)
        if not text:
            return ""
        if self._after_return and text[0] == "\n":
            text = text[1:]
            self._after_return = False
            if not text:
                return ""
        self._after_return = text[-1] == "\r"
        return text.replace("\r\n", "\n").replace("\r", "\n")

    def _pair(self, chunk: str) -> str:
        text = self._half + chunk
        self._half = ""
        if text.isascii():
            return text
        if _HIGH_SURROGATES[0] <= text[-1] <= _HIGH_SURROGATES[1]:
            text, self._half = text[:-1], text[-1]
        # In UTF-16 two adjacent halves are one character, and a lone one is an error.
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
