"""Differences between platforms, and what is taken for an API key."""

import pytest

from lsp_server.settings.values import looks_like_key, split_command


@pytest.mark.parametrize(
    ("line", "windows", "words"),
    [
        (r"C:\tools\op.exe read 'a b'", True, (r"C:\tools\op.exe", "read", "a b")),
        (r"pass a\ b", False, ("pass", "a b")),
    ],
)
def test_a_command_line_is_read_as_the_platform_reads_it(
    line: str, windows: bool, words: tuple[str, ...]
) -> None:
    assert split_command(line, windows=windows) == words


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("sk-x", True),
        ("AIzaSyA-0123456789", True),
        ("d41d8cd98f00b204e9800998ecf8427e", True),
        ("Zm9vYmFyYmF6cXV4Zm9vYmFy0", True),
        ("OPENAI_API_KEY", False),
        ("THE_API_KEY_OF_MY_OWN_SERVICE_2", False),
        ("my-company-openai-service", False),
        ("a key with spaces in its name 1", False),
    ],
)
def test_what_is_taken_for_a_key(text: str, key: bool) -> None:
    assert looks_like_key(text) is key
