"""What `midstream doctor` reports about servers on this machine, with real ones on free ports."""

import socket
from collections.abc import Mapping
from typing import Any

import pytest

from lsp_server.cli.server_check import ServerCheck, check_server
from lsp_server.settings import Profile, Provider
from tests.support.json_server import Routes, serving


def checked(
    routes: Routes, model: str, *, base: str = "/v1", context: int | None = None
) -> tuple[bool, str]:
    with serving(routes) as port:
        check = check_server(
            Profile(
                "p",
                model,
                provider=Provider.OPENAI_CHAT,
                base_url=f"http://127.0.0.1:{port}{base}",
                context_tokens=context,
            )
        )
    assert check is not None
    return check.fine, " ".join(check.sentences)


def models(owner: str, *names: str, **more: Any) -> Any:
    return {"data": [{"id": name, "owned_by": owner, **more} for name in names]}


def llama(n_ctx: int, speculative: bool | None) -> Routes:
    slots: Any = 501 if speculative is None else [{"id": 0, "speculative": speculative}]
    listed = models("llamacpp", "qwen.gguf", meta={"n_ctx": n_ctx})
    return {"/v1/models": listed, "/slots": slots}


def test_a_llama_server_that_does_not_guess_ahead() -> None:
    fine, sentences = checked(llama(32_768, speculative=False), "default")
    assert fine, "it answers with its one model, whatever a profile calls it"
    assert "llama.cpp answers and offers qwen.gguf." in sentences
    assert "--spec-type ngram-simple --spec-ngram-simple-size-n 6" in sentences
    assert "--cache-reuse 256" in sentences
    assert "--ctx-size" not in sentences


@pytest.mark.parametrize("speculative", [True, None])
def test_a_llama_server_that_guesses_or_does_not_tell(speculative: bool | None) -> None:
    assert "--spec-type" not in checked(llama(32_768, speculative), "qwen.gguf")[1]


def test_a_server_that_reads_too_little() -> None:
    sentences = checked(llama(4096, speculative=True), "qwen.gguf")[1]
    assert "It reads 4,096 tokens at once" in sentences and "--ctx-size 16384" in sentences
    sentences = checked(llama(20_000, speculative=True), "qwen.gguf", context=24_000)[1]
    assert "may need 24,000" in sentences
    sentences = checked({"/v1/models": models("vllm", "m", max_model_len=8192)}, "m")[1]
    assert "--max-model-len 16384" in sentences


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"/api/ps": {"models": [{"name": "q:latest", "context_length": 4096}]}}, "=16384,"),
        ({"/api/show": {"parameters": "stop x\nnum_ctx 2048"}}, "remove num_ctx"),
        ({"/api/ps": {"models": [{"name": "q:latest", "context_length": 65_536}]}}, None),
        ({"/api/ps": {"models": 7}, "/api/show": {"parameters": "num_ctx many"}}, None),
        ({}, None),
    ],
)
def test_how_much_ollama_reads(told: Routes, words: str | None) -> None:
    fine, sentences = checked({"/v1/models": models("library", "q:latest"), **told}, "q")
    assert fine
    assert ("OLLAMA_CONTEXT_LENGTH" in sentences) == (words is not None)
    assert words is None or words in sentences


def test_a_model_that_is_not_offered() -> None:
    fine, sentences = checked({"/v1/models": models("library", "a:7b", "b")}, "coder")
    assert not fine
    assert "offers a:7b, b. coder isn't one of them: run `ollama pull coder`." in sentences
    fine, sentences = checked({"/v1/models": models("somebody", *"abcdefghijk")}, "z")
    assert fine, "a router need not list all that it passes on"
    assert "offers a, b, c, d, e, f, g, h and 3 more. z isn't one of them." in sentences
    assert f"offers {'x' * 80}…." in checked({"/v1/models": models("s", "x" * 90_000)}, "m")[1]
    assert "offers no model yet" in checked({"/v1/models": {"data": []}}, "z")[1]


@pytest.mark.parametrize(
    ("routes", "base", "fine", "words"),
    [
        ({"/v1/models": models("x", "m")}, "", False, "Add /v1 to"),
        ({"/v1/models": 401}, "/v1", True, "needs a key"),
        ({"/v1/models": 503}, "/v1", True, "still loading"),
        ({}, "/v1", True, "lists no models"),
        ({"/v1/models": [1]}, "/v1", True, "lists no models"),
    ],
)
def test_a_server_without_a_list(routes: Routes, base: str, fine: bool, words: str) -> None:
    assert checked(routes, "m", base=base)[0] is fine
    assert words in checked(routes, "m", base=base)[1]


def test_where_the_list_is() -> None:
    heads: list[Mapping[str, str]] = []
    with serving({"/v1/models": models("x", "m")}, heads) as port:
        for profile in (
            Profile("p", "m", url=f"ws://127.0.0.1:{port}/v1/responses", api_key_env="PATH"),
            Profile("p", "m", provider=Provider.ANTHROPIC, base_url=f"http://127.0.0.1:{port}"),
        ):
            check = check_server(profile)
            assert check is not None and "offers m." in check.sentences[0]
    assert heads and not any("Authorization" in head for head in heads), "no key is sent"


def test_nobody_there_and_somebody_else() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        secure = Profile("p", "m", url=f"wss://127.0.0.1:{port}/v1/responses")
        assert check_server(secure) == ServerCheck(True)
        plain = Profile("p", "m", url=f"ws://127.0.0.1:{port}/v1/responses")
        check = check_server(plain)
        assert check is not None and check.fine and "isn't an HTTP server" in check.sentences[0]
    for profile in (secure, plain):
        check = check_server(profile)
        assert check is not None and not check.fine and f"127.0.0.1:{port}" in check.sentences[0]


@pytest.mark.parametrize(
    "profile",
    [
        Profile("p", "m", url="wss://api.example.com/v1/responses"),
        Profile("p", "m", provider=Provider.OPENAI_CHAT),
        Profile("p", "m", provider=Provider.OPENAI_CHAT, base_url="https://10.0.0.7/v1"),
        Profile("practice", "practice", provider=Provider.PRACTICE),
    ],
)
def test_nothing_elsewhere_is_asked(profile: Profile, monkeypatch: pytest.MonkeyPatch) -> None:
    def connect(*_arguments: object, **_more: object) -> None:
        raise AssertionError("a connection is opened")

    monkeypatch.setattr(socket.socket, "connect", connect)
    assert check_server(profile) is None
