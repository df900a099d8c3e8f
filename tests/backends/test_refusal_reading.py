"""What the real refusals in `fixtures/refusals` mean, whatever their shape."""

import json
from pathlib import Path
from typing import Any

import pytest

from lsp_server.backends.refusal_reading import RefusalReading, verdict_of
from lsp_server.backends.refusal_sentences import Party, sentence_of
from lsp_server.backends.refusals import RefusalKind

BODIES = Path(__file__).parents[2] / "fixtures/refusals/bodies.jsonl"
CASES: list[dict[str, Any]] = [json.loads(line) for line in BODIES.read_text("utf-8").splitlines()]


def judged(case: dict[str, Any], body: object) -> RefusalReading:
    return verdict_of(case["status"], body)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['from']}-{case['kind']}")
def test_what_it_means(case: dict[str, Any]) -> None:
    body = case["body"]
    raw = body if isinstance(body, str) else json.dumps(body)
    for form in (body, raw, raw.encode()):
        found = judged(case, form)
        wait = None if found.wait is None else str(found.wait)
        told = (found.kind.name, found.limit, wait)
        assert told == (case["kind"], case.get("limit"), case.get("wait")), form


PARTIES = [
    Party("the model server", "some-model"),
    Party("https://x.example", "some-model", "openai-chat", "Ollama", False, True, True),
]


@pytest.mark.parametrize("kind", RefusalKind)
def test_each_kind_has_a_sentence_that_says_what_to_do(kind: RefusalKind) -> None:
    for party in PARTIES:
        told = sentence_of(RefusalReading(kind, 400, limit=4096), party)
        assert told[0].isupper() or told.startswith(("https://", "some-model"))
        assert told.endswith(".") and "\n" not in told and "{" not in told and len(told) < 250
        assert party.who.removeprefix("the ") in told or party.model in told


def test_no_two_kinds_say_the_same() -> None:
    told = {sentence_of(RefusalReading(kind), PARTIES[0]) for kind in RefusalKind}
    assert len(told) == len(RefusalKind)


def test_nothing_that_a_server_wrote_is_repeated() -> None:
    for case in CASES:
        found = judged(case, {"error": {"message": f"{case['body']} sk-secret until noon"}})
        assert "secret" not in sentence_of(found, PARTIES[0]) and "secret" not in repr(found)


@pytest.mark.parametrize(
    "body", [None, "", [], {}, [[[]]], {"error": None}, {"error": 5}, "{" * 99]
)
def test_a_body_that_says_nothing_leaves_the_status(body: object) -> None:
    assert verdict_of(400, body).kind is RefusalKind.REFUSED
    assert verdict_of(None, body).kind is RefusalKind.UNKNOWN


def test_a_deep_body_is_read_to_a_depth() -> None:
    body: object = "context length exceeded"
    for _ in range(100):
        body = {"error": body}
    assert verdict_of(400, body).kind is RefusalKind.REFUSED
