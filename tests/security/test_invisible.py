"""What an answer hides: it does not reach the file, and what only looks like it is told."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.stage import Stage, staged

URI = "file:///project/a.py"
TEXT = 'def check(role1):\n    mark = "❤\ufe0f"\n    return role1 == "admin"\n'
FUNCTION = TEXT.rstrip("\n")


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Stage]:
    """A server with the default settings and the file open."""
    with staged(monkeypatch, tmp_path / "config.toml") as made:
        made.begin()
        made.client.open(URI, TEXT, "python")
        yield made


def told(stage: Stage, session: str) -> str:
    """All that was said about a session."""
    return "\n".join(b["message"]["text"] for b in stage.news(session) if "message" in b)


@pytest.mark.parametrize(
    ("answered", "written", "sentence"),
    [
        ("role1\ufe0f", "role1", "U+FE0F"),  # The file's own emoji opens no door.
        ("role1\u2800", "role1", "U+2800"),
        ("role1\u3164", "role1", "U+3164"),
        ("role1\U000e0100", "role1", "U+E0100"),
        ("role1\u00ad", "role1", "U+00AD"),
        ("role1\u200d", "role1", "U+200D"),
        ("role1\u00a0", "role1 ", "U+00A0 NO-BREAK SPACE"),
        ("rоle1", "rоle1", "U+043E CYRILLIC SMALL LETTER O"),
        ("ｒole1", "ｒole1", "U+FF52 FULLWIDTH LATIN SMALL LETTER R"),
    ],
)
@pytest.mark.parametrize("pieces", [1, 60])
def test_two_names_that_look_alike(
    stage: Stage, answered: str, written: str, sentence: str, pieces: int
) -> None:
    session = stage.edit(URI, "def check", scope="function")
    asked = stage.asked()
    asked.answer(FUNCTION.replace("return role1", f"return {answered}"), pieces=pieces)
    stage.reach(session, "review")
    stage.holds(URI, TEXT.replace("return role1", f"return {written}"))
    stage.client.wait_for(lambda: sentence in told(stage, session))


def test_a_lone_carriage_return_is_a_line_end_that_everybody_sees(stage: Stage) -> None:
    session = stage.edit(URI, "def check", scope="function")
    stage.asked().answer(FUNCTION.replace("return", "# quiet\r    return"), pieces=40)
    stage.reach(session, "review")
    stage.holds(URI, TEXT.replace("return", "# quiet\n    return"))
    assert "U+000D" in told(stage, session)


@pytest.mark.parametrize(
    "spelled",
    ["می\u200cخواهم", "نمی\u200cشود", "क्\u200dष", "ക്\u200d", "শ্র\u200d্য", "ක්\u200dය", "ស\u200cីុ",
     "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
     "1\ufe0f\u20e3", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "葛\U000e0100飾", "5\u202f%"],
)  # fmt: skip
@pytest.mark.parametrize("pieces", [1, 90])
def test_spelling_arrives_as_it_is(stage: Stage, spelled: str, pieces: int) -> None:
    session = stage.edit(URI, "def check", scope="function")
    stage.asked().answer(FUNCTION.replace("admin", spelled), pieces=pieces)
    stage.reach(session, "review")
    stage.holds(URI, TEXT.replace("admin", spelled))
    assert "invisible" not in told(stage, session)
