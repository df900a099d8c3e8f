"""Failures of a model API become one typed sentence without the server's words."""

import socket

import pytest

from lsp_server.gateway.capabilities import capabilities_of
from lsp_server.gateway.model_provider import ProviderError
from lsp_server.gateway.providers.faults import Faults
from lsp_server.gateway.upstream import Upstream
from lsp_server.wording import GIVE_KEY, setting

SECRET = "sk-test-0123456789"


def faults(url: str = "https://models.example/v1", key: str | None = SECRET) -> Faults:
    upstream = Upstream("openai-chat", url, key)
    return Faults(upstream, capabilities_of(upstream), "some-model")


def error(**fields: object) -> dict[str, object]:
    return {"error": {"message": f"{SECRET} is your key", **fields}}


@pytest.mark.parametrize(
    ("status", "body", "code", "words"),
    [
        (400, error(code="context_length_exceeded"), "context_length_exceeded", "smaller scope"),
        (400, {"error": "prompt is too long: 9 > 8"}, "context_length_exceeded", "longer"),
        (413, "", "context_length_exceeded", "longer"),
        (404, error(code="model_not_found"), "model_not_found", "some-model"),
        (400, error(message="The model `x` does not exist"), "model_not_found", "some-model"),
        (400, error(message="model: fine. Unknown name `top`"), "invalid_prompt", "refused"),
        (429, error(code="insufficient_quota"), "insufficient_quota", "credit"),
        (429, error(), "rate_limit_exceeded", "rate limit"),
        (401, error(), "invalid_api_key", "rejected the key of this profile"),
        (403, error(), "access_denied", "denies"),
        (404, "<html>", "not_found", setting("base_url")),
        (307, "", "redirected", "redirects"),
        (400, error(), "invalid_prompt", "refused"),
        (500, error(), "server_error", "the server's fault"),
        (529, error(), "server_is_overloaded", "overloaded"),
    ],
)
def test_http_errors(status: int, body: object, code: str, words: str) -> None:
    fault = faults().of_status(status, body)
    assert (fault.code, words in str(fault)) == (code, True), str(fault)
    sound(fault)


def sound(fault: ProviderError) -> None:
    assert len(str(fault)) <= 250 and SECRET not in str(fault)


def test_a_key_that_is_missing_is_asked_for() -> None:
    assert GIVE_KEY in str(faults(key=None).of_status(401, ""))


def test_a_model_that_ollama_lacks_is_reported_with_the_remedy() -> None:
    fault = faults("http://127.0.0.1:11434/v1").of_status(404, {"error": "model 'x' not found"})
    assert "ollama pull some-model" in str(fault)


def caused(inner: BaseException) -> Exception:
    try:
        try:
            raise inner
        except type(inner) as error:
            raise RuntimeError(SECRET) from error
    except RuntimeError as outer:
        return outer


class ReadTimeout(Exception):
    pass


@pytest.mark.parametrize(
    ("error", "begun", "words"),
    [
        (ConnectionRefusedError(), False, "Nothing answers at"),
        (ExceptionGroup("all", [ConnectionRefusedError()]), False, "Nothing answers at"),
        (socket.gaierror(), False, "isn't known"),
        (ReadTimeout(), False, "didn't answer in time"),
        (ReadTimeout(), True, "fell silent"),
        (ConnectionResetError(), True, "broke off"),
        (ConnectionResetError(), False, "couldn't connect to"),
    ],
)
def test_connections(error: Exception, begun: bool, words: str) -> None:
    fault = faults().of_exception(caused(error), begun)
    assert words in str(fault)
    sound(fault)


def test_a_local_server_that_does_not_run_is_asked_after_by_name() -> None:
    fault = faults("http://127.0.0.1:11434/v1").of_exception(ConnectionRefusedError(), False)
    assert str(fault) == "Nothing answers at http://127.0.0.1:11434. Is Ollama running?"


@pytest.mark.parametrize(
    ("event", "code"),
    [
        ({"type": "overloaded_error"}, "server_is_overloaded"),
        ({"code": "rate_limit_exceeded"}, "rate_limit_exceeded"),
        ({"code": 502}, "server_error"),
        ({"code": 7}, "server_error"),
        (
            {"type": "invalid_request_error", "message": "maximum context"},
            "context_length_exceeded",
        ),
        ({}, "server_error"),
    ],
)
def test_errors_inside_a_stream(event: dict[str, object], code: str) -> None:
    assert faults().of_event(event).code == code
