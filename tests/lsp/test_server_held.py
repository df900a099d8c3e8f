"""Answers that do not fit, through a real server: what fits is shown, the rest held."""

import pytest

from lsp_server.session.answer_messages import HELD_AT_THE_END, HELD_LONG
from lsp_server.wording import LSP
from tests.support.scripted_model import Asked
from tests.support.stage import SESSION, Stage

URI = "file:///project/a.py"
SCOPE = (
    "def f(a):\n    first = a + 1\n    second = first * 2\n    third = second - 3\n    return third"
)
BELOW = '\n\n\ndef g():\n    return "g"\n'
TEXT = f"import os\n\n\n{SCOPE}{BELOW}"
FITS = SCOPE.replace("a + 1", "a + 100")
BROKEN = FITS.replace("return third", "return call(third")


def held(stage: Stage, answer: str = BROKEN) -> tuple[str, Asked]:
    """An answer has ended whose last line does not parse; the session and the request."""
    stage.begin()
    stage.client.open(URI, TEXT, "python")
    session = stage.edit(URI, "first = a", scope="function")
    asked = stage.asked()
    asked.answer(answer)
    stage.reach(session, "review")
    return session, asked


def with_scope(scope: str) -> str:
    """The document with `scope` in it."""
    return TEXT.replace(SCOPE, scope)


def test_what_fits_is_shown_and_the_rest_is_reported_in_one_sentence(stage: Stage) -> None:
    session, _ = held(stage)
    stage.holds(URI, with_scope(FITS))
    body = stage.last(session)
    assert body["message"] == {
        "level": "warning",
        "text": LSP.render(HELD_AT_THE_END),
        "show": True,
    }
    assert "return call(third" in body["held"]["text"]
    told = [new["message"] for new in stage.news(session) if "message" in new]
    assert {message["text"] for message in told} == {LSP.render(HELD_AT_THE_END)}
    for choice in ("midstream.show", "redirect", "revert"):
        assert choice in LSP.render(HELD_AT_THE_END)


def test_show_shows_it_all_the_same(stage: Stage) -> None:
    session, _ = held(stage)
    stage.client.command("midstream.show", {"session": session})
    stage.holds(URI, with_scope(BROKEN))
    assert stage.client.command("midstream.accept", {"session": session})["remaining"] == 0
    assert stage.client.text(URI) == with_scope(BROKEN)


def test_revert_brings_back_what_was(stage: Stage) -> None:
    session, _ = held(stage)
    stage.client.command("midstream.revert", {"session": session})
    stage.holds(URI, TEXT)


def test_a_redirect_goes_on_from_what_fits(stage: Stage) -> None:
    session, _ = held(stage)
    stage.client.command(
        "midstream.redirect", {"session": session, "instruction": "close the bracket"}
    )
    asked = stage.asked()
    assert "a + 100" in asked.prompt and "call(third" not in asked.prompt
    asked.answer(BROKEN + ")")
    stage.reach(session, "review")
    stage.holds(URI, with_scope(BROKEN + ")"))


@pytest.mark.parametrize(
    "answer",
    [
        FITS + "\n\n\n@cached",  # It would adorn the function below.
        FITS.replace("return third", 'return """third'),
        "def f(a):\n    first = a + 100\n" + SCOPE.partition("\n")[2].partition("\n")[2] + " \\",
    ],
)
def test_what_would_reach_below_the_scope_is_held(stage: Stage, answer: str) -> None:
    session, _ = held(stage, answer)
    text = stage.client.text(URI)
    assert "a + 100" in text and text.endswith(BELOW)
    assert text != with_scope(answer)
    assert stage.last(session)["message"]["text"] == LSP.render(HELD_AT_THE_END)


def test_a_long_hold_is_reported_once_and_names_the_way_out(stage: Stage) -> None:
    stage.begin(SESSION)
    stage.client.open(URI, TEXT, "python")
    session = stage.edit(URI, "first = a", scope="function")
    asked = stage.asked()
    asked.say("````\n", "def f(a):\n", "    first = call(\n")
    asked.say(*(f"        argument_{number},\n" for number in range(160)))
    last = "argument_159"
    stage.client.wait_for(lambda: last in stage.last(session).get("held", {}).get("text", ""))

    def told() -> int:
        messages = (new.get("message", {}) for new in stage.news(session))
        return sum(message.get("text") == LSP.render(HELD_LONG) for message in messages)

    assert told() == 0
    stage.clock.skip(2_000)
    stage.client.wait_for(lambda: told() == 1)
    asked.say(*(f"        more_{number},\n" for number in range(160)))
    stage.client.wait_for(lambda: "more_159" in stage.last(session)["held"]["text"])
    stage.clock.skip(2_000)
    stage.client.command("midstream.show", {"session": session})
    stage.shows(URI, "more_157")
    assert told() == 1
    assert "midstream.show" in LSP.render(HELD_LONG)
    asked.say("    )\n    return first\n````\n")
    asked.finish()
    stage.reach(session, "review")
    assert stage.client.text(URI).endswith(f"    )\n    return first{BELOW}")
