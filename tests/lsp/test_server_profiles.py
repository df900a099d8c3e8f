"""Two profiles, one fast and one deep: the user asks the other one in the middle of an answer."""

from collections.abc import Iterator

import pytest

from lsp_server.prompt.budget import tokens_of
from tests.support.scripted_model import ScriptedModel
from tests.support.stage import Stage

URI = "file:///project/a.py"
TEXT = "def area(w, h):\n    a = w\n    b = h\n    c = a\n    return a*b\n"
SCOPE = TEXT.rstrip("\n")


@pytest.fixture
def deep() -> Iterator[ScriptedModel]:
    """The second model."""
    with ScriptedModel() as model:
        yield model


@pytest.mark.parametrize("name", ["deep", "thinker"])
def test_a_redirect_takes_what_landed_to_the_deep_one(
    stage: Stage, deep: ScriptedModel, name: str
) -> None:
    thinker = {"url": deep.url, "model": "deep-1", "role": "deep", "reasoningEffort": "high"}
    stage.begin(initializationOptions={"profiles": {"thinker": thinker}})
    stage.client.open(URI, TEXT, "python")
    session = stage.edit(URI, "def area", scope="function", instruction="name things")
    quick = stage.asked()
    quick.say("```python\ndef area(width, h):\n    a = width\n    b = h\n")
    stage.shows(URI, "a = width")
    argument = {"session": session, "instruction": "drop c too", "profile": name}
    stage.client.command("midstream.redirect", argument)
    assert quick.cut.wait(20)
    asked = deep.next()
    assert asked.create["model"] == "deep-1"
    assert asked.create["reasoning"] == {"effort": "high"}
    now = asked.prompt.partition("What stands there now")[2]
    assert "def area(width, h):\n    a = width\n" in now, "It goes on from what landed."
    assert "name things" in asked.prompt and "drop c too" in asked.prompt
    assert "a = width" in stage.client.text(URI), "Nothing that landed is taken back."
    asked.answer("def area(width, h):\n    a = width\n    b = h\n    return a * b")
    told = stage.reach(session, "review")
    stage.holds(URI, "def area(width, h):\n    a = width\n    b = h\n    return a * b\n")
    assert told["model"]["requested"] == "deep-1"

    stage.client.command("midstream.redirect", {**argument, "profile": "scripted"})
    assert stage.asked().create["model"] == "scripted-1", "And back."


def test_an_edit_takes_either(stage: Stage, deep: ScriptedModel) -> None:
    thinker = {"url": deep.url, "model": "deep-1", "role": "deep"}
    stage.begin(initializationOptions={"profiles": {"thinker": thinker}})
    stage.client.open(URI, TEXT, "python")
    stage.edit(URI, "def area", scope="function", profile="deep")
    assert deep.next().create["model"] == "deep-1"
    refused = stage.refused("midstream.edit", {**_PLACE, "profile": "fast"})
    assert "there is no profile `fast`" in refused.message


def test_the_profile_says_how_much_the_model_reads(stage: Stage, deep: ScriptedModel) -> None:
    """32,000 tokens where it does not; a model that reads more is sent the whole file."""
    text = TEXT + "".join(f"\n\ndef f{n}(x):\n    return x + {n}\n" for n in range(6000))
    thinker = {"url": deep.url, "model": "deep-1", "role": "deep", "contextTokens": 128_000}
    stage.begin(initializationOptions={"profiles": {"thinker": thinker}})
    stage.client.open(URI, text, "python")
    session = stage.edit(URI, "def area", scope="function")
    asked = stage.asked()
    told = tokens_of(asked.prompt) + tokens_of(asked.create["instructions"])
    assert 25_000 < told <= 32_000
    argument = {"session": session, "instruction": "again", "profile": "deep"}
    stage.client.command("midstream.redirect", argument)
    prompt = deep.next().prompt
    assert 60_000 < tokens_of(prompt) <= 128_000
    assert "return x + 5999\n" in prompt


_PLACE = {
    "uri": URI,
    "range": {"start": {"line": 0, "character": 0}, "end": {"line": 1, "character": 0}},
    "instruction": "x",
}
