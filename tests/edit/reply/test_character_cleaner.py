"""Line ends and characters of a reply."""

import pytest

from lsp_server.edit.reply.character_cleaner import CharacterCleaner


@pytest.mark.parametrize(
    ("chunks", "clean"),
    [
        (["a\r\nb\rc\nd"], "a\nb\nc\nd"),
        (["a\r", "\nb"], "a\nb"),
        (["a\r", "", "\n", "\nb"], "a\n\nb"),
        (["a\r\0\nb"], "a\nb"),
        (["\ufeffa\ufeff"], "a\ufeff"),
        (["", "\0", "\ufeffa"], "a"),
        (["a\0b"], "ab"),
        (["\ud83d", "\ude00"], "😀"),
        (["\ude00\ud83d"], ""),
        (["\ud83dx"], "x"),
        (["\ud83d"], ""),
    ],
)
def test_cleaned(chunks: list[str], clean: str) -> None:
    cleaner = CharacterCleaner()
    assert "".join(map(cleaner.push, chunks)) == clean
