"""Answers as models really send them: the file is right, or a message says why not."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.scripted_model import Asked
from tests.support.stage import Stage, staged

FOLDER = Path(__file__).parents[2] / "fixtures" / "answers"
PIECE = 6
"""So many characters of an answer come at a time."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One folder of the fixtures."""

    name: str
    options: dict[str, Any]
    before: str
    start: int
    end: int
    reply: str
    expected: str

    @property
    def settings(self) -> str:
        """What the server must be started with, as a key."""
        return json.dumps(self.options.get("settings", {}), sort_keys=True)


def _load(folder: Path) -> Answer:
    def text(name: str) -> str:
        return (folder / name).read_bytes().decode()

    marked = text("document.txt")
    before = marked.replace("«", "", 1).replace("»", "", 1).replace("‸", "", 1)
    if "«" in marked:
        start, end = marked.index("«"), marked.index("»") - 1
    else:
        start = end = marked.index("‸")
    options = json.loads(text("case.json"))
    return Answer(folder.name, options, before, start, end, text("reply.txt"), text("expected.txt"))


ANSWERS = sorted(
    (_load(folder) for folder in FOLDER.iterdir() if folder.is_dir()),
    key=lambda answer: (answer.settings, answer.name),
)


@pytest.fixture(scope="module")
def stage(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    """One server for all answers with the same settings."""
    config = tmp_path_factory.mktemp("user") / "config.toml"
    with pytest.MonkeyPatch.context() as patch, staged(patch, config) as made:
        made.begin(initializationOptions=json.loads(request.param))
        yield made


def _uri(answer: Answer) -> str:
    """An address of the answer's own, so that no two meet in one document."""
    file = str(answer.options["file"])
    if ":" in file:
        return f"{file}-{answer.name}"
    return f"file:///project/{answer.name}/{file}"


def _send(asked: Asked, answer: Answer) -> None:
    reply = answer.reply
    asked.say(*(reply[i : i + PIECE] for i in range(0, len(reply), PIECE)))
    match answer.options.get("end", "completed"):
        case "drop":
            asked.drop()
        case "max":
            asked.incomplete("max_output_tokens")
        case _:
            asked.finish()


@pytest.mark.parametrize(
    ("stage", "answer"),
    [(answer.settings, answer) for answer in ANSWERS],
    ids=[answer.name for answer in ANSWERS],
    indirect=["stage"],
)
def test_the_file_is_right_or_a_message_says_why_not(stage: Stage, answer: Answer) -> None:
    client, uri, options = stage.client, _uri(answer), answer.options
    client.open(uri, answer.before, options["language"])
    argument = {
        "uri": uri,
        "range": client.range(uri, answer.start, answer.end),
        "instruction": options["instruction"],
    }
    if "scope" in options:
        argument["scope"] = options["scope"]
    session = str(client.command("midstream.edit", argument)["session"])
    _send(stage.asked(), answer)
    message = stage.reach(session, "review").get("message")
    text = client.text(uri)
    client.command("midstream.accept", {"session": session})
    if options.get("or") == "told" and message and text == answer.before:
        return
    assert text == answer.expected, message


def test_every_kind_has_its_answers() -> None:
    kinds = {answer.options["kind"] for answer in ANSWERS}
    assert len(ANSWERS) > 150
    assert len(kinds) > 15
