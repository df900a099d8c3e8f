"""Whatever a complete answer holds can be had in full: shown, in the list of attempts, restored."""

import pytest

from tests.support.raw_client import Json
from tests.support.stage import Stage

URI = "file:///project/a.py"
SCOPE = "def one():\n    total = 0\n    for x in xs:\n        total += x\n    return total"
TEXT = f"import os\n\n\n{SCOPE}\n\n\ndef two():\n    return 2\n"
REPLIES = {
    "words": "I cannot change that.\n\nAsk your colleagues.",
    "behind thoughts": "<think>\nHm, 17.\n</think>\nI cannot change that.\n",
    "a diff that fits nowhere": "```diff\n@@ -1 +1 @@\n-def nine():\n+def ten():\n```\n",
    "a piece without a place": "```python\nvalue = [1, 2]\nreturn value\n```\n",
    "what does not parse": "```python\ndef one(:\n    return sum(xs\n```\n",
}


def words(text: str) -> list[str]:
    """What has to be there: all but blanks and the fence around all of it."""
    lines = text.partition("</think>")[2] if "</think>" in text else text
    if lines.startswith("```"):
        lines = lines.partition("\n")[2].rpartition("```")[0]
    return lines.split()


def lines_of(text: str) -> list[str]:
    return [line for line in text.split("\n") if line.strip()]


def replied(stage: Stage, reply: str) -> tuple[str, Json]:
    session = stage.edit(URI, SCOPE)
    asked = stage.asked()
    asked.say(*(reply[at : at + 6] for at in range(0, len(reply), 6)))
    asked.finish()
    return session, stage.reach(session, "review")


def listed(stage: Stage, session: str) -> list[Json]:
    return list(stage.client.command("midstream.attempts", {"session": session})["attempts"])


def scope_of(stage: Stage) -> str:
    head, tail = TEXT.split(SCOPE)
    text = stage.client.text(URI)
    assert text.startswith(head) and text.endswith(tail)
    return text[len(head) : len(text) - len(tail)]


@pytest.mark.parametrize("name", REPLIES)
def test_it_is_held_and_shown_in_full(stage: Stage, name: str) -> None:
    stage.begin()
    stage.client.open(URI, TEXT, "python")
    session, body = replied(stage, REPLIES[name])
    wanted = words(REPLIES[name])
    assert body["message"]["level"] == "warning"
    assert stage.client.text(URI) == TEXT
    assert body["held"]["text"].split() == wanted
    (entry,) = listed(stage, session)
    assert entry["held"] and entry["answer"] == REPLIES[name] and entry["text"].split() == wanted
    stage.client.command("midstream.show", {"session": session})
    stage.client.wait_for(lambda: scope_of(stage).split() == wanted)
    assert "held" not in stage.reach(session, "review")
    assert not listed(stage, session)[0]["held"]
    stage.client.command("midstream.revert", {"session": session})
    stage.holds(URI, TEXT)


@pytest.mark.parametrize("name", REPLIES)
def test_it_is_restored_in_full_also_after_another_attempt(stage: Stage, name: str) -> None:
    stage.begin()
    stage.client.open(URI, TEXT, "python")
    session, _ = replied(stage, REPLIES[name])
    place = TEXT.index("    for x")
    stage.client.type(URI, place, place, "    # mine\n")
    stage.client.command("midstream.redirect", {"session": session, "instruction": "again"})
    new = SCOPE.replace("0\n", "0.0\n    # mine\n")
    stage.asked().answer(new)
    stage.shows(URI, new)
    stage.reach(session, "review")
    stage.client.command("midstream.restore", {"session": session, "attempt": 1})
    wanted = set(words(REPLIES[name]))
    stage.client.wait_for(lambda: wanted <= set(scope_of(stage).split()))
    assert "# mine" in scope_of(stage)
    stage.client.command("midstream.restore", {"session": session, "attempt": 2})
    # A line end that kept the user's line apart in between is the user's, and stays.
    stage.client.wait_for(lambda: lines_of(scope_of(stage)) == lines_of(new))


def test_the_attempt_current_is_restored_in_full_too(stage: Stage) -> None:
    stage.begin()
    stage.client.open(URI, TEXT, "python")
    session, _ = replied(stage, REPLIES["words"])
    answer = stage.client.command("midstream.restore", {"session": session, "attempt": 1})
    assert answer == {"session": session, "attempt": 1}
    stage.client.wait_for(lambda: scope_of(stage) == REPLIES["words"])
