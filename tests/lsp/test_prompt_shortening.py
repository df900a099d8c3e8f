"""A request that is longer than the model can read is asked again, with less around the scope."""

from tests.support.scripted_model import Asked
from tests.support.stage import Stage

URI = "file:///project/areas.py"
TEXT = "".join(f"def area_{n}(a, b):\n    return a * {n} + b\n\n\n" for n in range(400))
AREA = "def area_200(a, b):\n    return a * 200 + b"
READS = 2_000


def refuse(asked: Asked, words: str) -> None:
    asked.send("error", status=400, error={"code": "context_length_exceeded", "message": words})


def say_limit(asked: Asked) -> None:
    refuse(asked, f"This model's maximum context length is {READS} tokens.")


def test_less_is_sent_within_the_same_attempt_and_from_then_on(stage: Stage) -> None:
    stage.begin()
    stage.client.open(URI, TEXT, "python")
    session = stage.edit(URI, AREA)
    first = stage.asked()
    assert len(first.prompt) > READS * 4
    say_limit(first)
    second = stage.asked()
    assert AREA in second.prompt and len(second.prompt) < READS * 3.5
    assert "def area_199(" in second.prompt
    second.answer(AREA.replace("+ b", "- b"))
    body = stage.reach(session, "review")
    assert (body["attempt"], "message" in body) == (1, False)
    stage.holds(URI, TEXT.replace(AREA, AREA.replace("+ b", "- b")))
    stage.client.command("midstream.accept", {"session": session})

    stage.edit(URI, "def area_100(a, b):\n    return a * 100 + b")
    assert len(stage.asked().prompt) < READS * 3.5, "What was learnt is kept to."


def test_the_scope_alone_is_sent_before_anything_is_said(stage: Stage) -> None:
    stage.begin()
    stage.client.open(URI, TEXT, "python")
    session = stage.edit(URI, AREA)
    asked = stage.asked()
    refuse(asked, "too long")
    lengths = [len(asked.prompt)]
    for _ in range(2):
        asked = stage.asked()
        lengths.append(len(asked.prompt))
        refuse(asked, "too long")
    assert lengths == sorted(lengths, reverse=True) and len(set(lengths)) == 3
    assert AREA in asked.prompt and "def area_199(" not in asked.prompt
    body = stage.reach(session, "review")
    assert body["attempt"] == 1
    assert "hoose a smaller scope" in body["message"]["text"]
