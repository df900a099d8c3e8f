"""What `midstream doctor` finds on this machine, with real servers on free ports."""

import contextlib
import socket
import threading
import time
import tomllib

import pytest

from lsp_server.cli.discover import (
    LOCAL_SERVERS,
    SERVICES,
    LocalServer,
    keys_present,
    local_servers,
    settings_for,
)
from lsp_server.cli.http_question import TIMEOUT_S
from tests.support.json_server import serving

LIST = "/v1/models"


def test_a_server_and_its_models() -> None:
    models = {"data": [{"id": "qwen3-coder:30b"}, {"id": 7}, 8, {"id": "gemma"}]}
    with serving({LIST: models}) as port, serving({LIST: {"data": []}}) as empty:
        found = local_servers(
            [LocalServer("Ollama", "ollama", port), LocalServer("vLLM", "vllm", empty)]
        )
    assert [one.models for one in found] == [("qwen3-coder:30b", "gemma"), ()]
    profiles = tomllib.loads("\n".join(settings_for(found, ())))["profiles"]
    assert profiles["ollama"] == {
        "provider": "openai-chat",
        "base_url": f"http://127.0.0.1:{port}/v1",
        "model": "qwen3-coder:30b",
    }
    assert profiles["vllm"]["model"] == ""
    lines = settings_for(found, ())
    assert "profile" not in tomllib.loads("\n".join(lines)), "It is the user who chooses."
    chosen = tomllib.loads("\n".join([lines[0].removeprefix("# "), *lines]))
    assert chosen["profile"] in chosen["profiles"]


@pytest.mark.parametrize("told", [b"<html>", [], {"data": 1}, (500, {"data": []}), b"\xff"])
def test_what_is_no_model_server(told: object) -> None:
    with serving({LIST: told}) as port:
        assert local_servers([LocalServer("x", "x", port)]) == []


def test_nobody_there() -> None:
    with serving({}) as port:
        pass
    assert local_servers([LocalServer("x", "x", port)]) == []
    assert local_servers([]) == []


def test_keys_by_name_and_never_by_value() -> None:
    environ = {"OPENAI_API_KEY": "very-secret", "GROQ_API_KEY": " ", "PATH": "x"}
    services = keys_present(environ)
    assert [service.name for service in services] == ["OpenAI"]
    lines = settings_for((), services)
    assert "very-secret" not in "\n".join(lines)
    profile = tomllib.loads("\n".join(lines))["profiles"]["openai"]
    assert profile["api_key_env"] == "OPENAI_API_KEY"


def test_every_profile_offered_is_one() -> None:
    profiles = tomllib.loads("\n".join(settings_for((), SERVICES)))["profiles"]
    assert len(profiles) == len(SERVICES)
    assert len({server.port for server in LOCAL_SERVERS}) == len(LOCAL_SERVERS)
    for profile in profiles.values():
        assert ("url" in profile) != ("provider" in profile)


def test_a_server_that_answers_byte_by_byte_is_left() -> None:
    listening = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        connection, _ = listening.accept()
        with connection, contextlib.suppress(OSError):
            connection.recv(4096)
            connection.sendall(b"HTTP/1.0 200 OK\r\n\r\n")
            while True:
                connection.sendall(b" ")
                time.sleep(0.05)

    threading.Thread(target=drip, daemon=True).start()
    with listening:
        begun = time.monotonic()
        assert local_servers([LocalServer("Slow", "slow", listening.getsockname()[1])]) == []
        assert time.monotonic() - begun < 20 * TIMEOUT_S
