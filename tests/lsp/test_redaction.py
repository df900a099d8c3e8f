"""Secrets are masked on the way out and come back; each session has its own."""

from dataclasses import replace

import pytest

from lsp_server.backends.base import ModelRequest
from lsp_server.errors import RequestFailed
from lsp_server.lsp.redaction import Redaction
from lsp_server.session import events as ev
from lsp_server.text.span import Span
from tests.guard.test_secrets import random_text

_SECRET = "gh" + "p_" + random_text(36)
_CODE = f"password = '{random_text(18)}'\ntoken = '{_SECRET}'\n"


def _request(text: str) -> ModelRequest:
    return ModelRequest(model="m", instructions="i", input=text)


def _answered(redaction: Redaction, *texts: str) -> tuple[str, list[str]]:
    came: list[ev.ModelEvent] = []
    told: list[str] = []
    sink = redaction.filtering(_CODE, came.append, told.append, refuse=True)
    for text in texts:
        sink(ev.Delta(1, text))
    sink(ev.Finished(1))
    assert isinstance(came[-1], ev.Finished)
    assert len(came) >= len(texts) + 1
    return "".join(event.text for event in came if isinstance(event, ev.Delta)), told


def test_there_and_back() -> None:
    redaction = Redaction()
    asked = redaction.masked(_CODE, Span(0, len(_CODE)), _request(_CODE), redact=True)
    assert _SECRET not in asked.input
    assert random_text(18) not in asked.input
    assert _answered(redaction, *asked.input) == (_CODE, [])
    assert _answered(Redaction(), asked.input) == (asked.input, [])


def test_what_else_a_request_holds_is_masked_or_left_out() -> None:
    request = replace(_request(_CODE), prediction=_CODE, prefix=_CODE[: len(_CODE) // 2])
    asked = Redaction().masked(_CODE, Span(0, len(_CODE)), request, redact=True)
    assert asked.prediction == asked.input
    assert asked.prefix is None
    fence = "````c++\n"
    request = replace(request, prefix=fence)
    asked = Redaction().masked(_CODE, Span(0, len(_CODE)), request, redact=True)
    assert asked.prefix == fence
    plain = replace(_request("x = 1\n"), prediction="x = 1\n", prefix="x")
    asked = Redaction().masked("x = 1\n", Span(0, 6), plain, redact=True)
    assert (asked.prediction, asked.prefix) == ("x = 1\n", "x")


def test_a_secret_that_the_scope_cuts_out_of_its_line() -> None:
    literal = f"'{random_text(18)}'"
    start = _CODE.index(literal)
    asked = Redaction().masked(
        _CODE, Span(start, start + len(literal)), _request(literal), redact=True
    )
    assert asked.input == "'MIDSTREAM_SECRET_1_'"


def test_the_middle_of_a_private_key_whose_beginning_is_far_away() -> None:
    body = "\n".join(random_text(64, seed=seed) for seed in range(60))
    label = "RSA PRIVATE KEY"
    code = "def f():\n    return 1\n"
    document = f"-----BEGIN {label}-----\n{body}\n-----END {label}-----\n{code}"
    scope = Span(len(document) - len(code), len(document))
    near = document[-900:]
    asked = Redaction().masked(document, scope, _request(near), redact=True)
    assert random_text(64, seed=58) in near
    assert random_text(64, seed=58) not in asked.input
    assert code in asked.input


def test_more_secrets_than_are_masked_are_not_sent() -> None:
    document = "".join(f"password_{at} = '{random_text(14, seed=at)}'\n" for at in range(1100))
    with pytest.raises(RequestFailed, match="more than 1,000 secrets"):
        Redaction().masked(document, Span(0, len(document)), _request(document), redact=True)


def test_a_short_password_that_the_scope_cuts_out_of_its_line() -> None:
    document = "x = 1\npassword = 'hunter2'\n"
    start = document.index("'hunter2'")
    asked = Redaction().masked(document, Span(start, start + 9), _request("'hunter2'"), redact=True)
    assert asked.input == "'MIDSTREAM_SECRET_1_'"


def test_of_an_answer_that_breaks_off_no_half_placeholder_is_left() -> None:
    for end in (ev.Failed(1, "It broke off."), ev.Finished(1, completed=False)):
        redaction = Redaction()
        redaction.masked(_CODE, Span(0, len(_CODE)), _request(_CODE), redact=True)
        came: list[ev.ModelEvent] = []
        sink = redaction.filtering(_CODE, came.append, lambda sentence: None, refuse=True)
        sink(ev.Delta(1, "token = 'MIDSTREAM_SECRET_1"))
        sink(end)
        text = "".join(event.text for event in came if isinstance(event, ev.Delta))
        assert text == "token = '"
        assert came[-1] == end


def test_the_user_may_send_everything() -> None:
    redaction = Redaction()
    asked = redaction.masked(_CODE, Span(0, 1), _request(_CODE), redact=False)
    assert asked.input == _CODE
    assert _answered(redaction, "MIDSTREAM_SECRET_1_") == ("MIDSTREAM_SECRET_1_", [])


def test_invisible_characters_are_reported_once() -> None:
    text, told = _answered(Redaction(), "a\u202eb", "c\u202e", "MIDSTREAM_SEC")
    assert text == "abcMIDSTREAM_SEC"
    assert told == [
        "The answer had invisible characters, which were removed: U+202E RIGHT-TO-LEFT OVERRIDE."
    ]
