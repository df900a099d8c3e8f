"""The example in `docs/protocol.md` is what the server sends."""

import json
import re
from pathlib import Path

from tests.support.stage import Stage

_PAGE = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text("utf-8")
_EXAMPLE = _PAGE.partition("## An edit, message by message")[2].partition("\n## ")[0]


def blocks(language: str) -> list[str]:
    """The example's code blocks in that language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```", _EXAMPLE, re.MULTILINE | re.DOTALL)


def test_the_example_is_what_the_server_sends(stage: Stage) -> None:
    """The scripted model sends the practice model's answer in one piece, so one edit is sent."""
    (document,) = blocks("python")
    edit, started, applied, review, accept = map(json.loads, blocks("json"))
    (accepted,) = re.findall(r"`(\{.*remaining.*\})`", _EXAMPLE)
    stage.begin()
    client = stage.client
    client.open(review["uri"], document, "python")
    assert client.request("workspace/executeCommand", edit) == started
    request = stage.model.next()
    request.say('```python\nreturn f"{name}: {price}"\n```\n')
    request.finish()
    assert stage.reach(started["session"], "review").items() >= review.items()
    assert client.edits == [applied]
    assert client.request("workspace/executeCommand", accept) == json.loads(accepted)
