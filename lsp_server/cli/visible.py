"""Text that is safe to print: what a terminal could take for a command is made visible.

So no file, no file's name and no model can play with the user's screen.
"""

_CONTROL_PICTURES = 0x2400
_STEERING = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that turn the order of what follows around."""


def visible(text: str) -> str:
    """The text with every control character replaced by a picture of it."""
    if text.isprintable():
        return text
    return "".join(_seen(character) for character in text)


def _seen(character: str) -> str:
    code = ord(character)
    if code < 0x20:
        return chr(_CONTROL_PICTURES + code)
    if code == 0x7F:
        return "\u2421"
    if 0x80 <= code < 0xA0 or character in _STEERING or 0xD800 <= code < 0xE000:
        return "\ufffd"
    return " " if character in "\u2028\u2029" else character
