"""Nothing that is printed can steer a terminal."""

from hypothesis import given
from hypothesis import strategies as st

from lsp_server.cli.visible import visible


@given(st.text())
def test_no_control_character_gets_through(text: str) -> None:
    shown = visible(text)
    assert len(shown) == len(text)
    assert all(ord(c) >= 0x20 and not 0x7F <= ord(c) < 0xA0 for c in shown)
    shown.encode("utf-8")


def test_what_becomes_of_them() -> None:
    assert visible("\x1b[2J ü\u202e\x7f") == "␛[2J ü\ufffd␡"


def test_what_nobody_sees_is_shown() -> None:
    """All that a line could hide, and nothing that is spelling."""
    hidden = "\u061c\u200b\u00ad\u200d\u2060\ufeff\u3164\u2800\U000e0041\ufe0f"
    assert visible(f"a{hidden}b") == f"a{'�' * len(hidden)}b"
    assert visible("a\u00a0b") == "a␣b"
    assert visible("می\u200cخواهم ❤\ufe0f") == "می\u200cخواهم ❤\ufe0f"
