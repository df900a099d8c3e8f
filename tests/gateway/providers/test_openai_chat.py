"""The fields of a Chat Completions request, by what the server is known to accept."""

from typing import Any

import pytest

from lsp_server.backends.option_fallback import Refusals
from lsp_server.backends.refusal_reading import verdict_of
from lsp_server.gateway.capabilities import Capabilities, capabilities_of
from lsp_server.gateway.providers.openai_chat import ChatRequest
from lsp_server.gateway.request_protocol import Json, Message, ResponseCreate
from lsp_server.gateway.upstream import Upstream


def row_of(url: str) -> Capabilities:
    return capabilities_of(Upstream("openai-chat", url))


CEREBRAS = row_of("https://api.cerebras.ai/v1")
OPENAI = row_of("https://api.openai.com/v1")
GROQ = row_of("https://api.groq.com/openai/v1")
OLD = "def f(): ...\n"


def fields(row: Capabilities, model: str, refusals: Refusals | None = None, **more: Any) -> Json:
    create = ResponseCreate(model, "", "x", (Message("user", "x"),), prediction=OLD, **more)
    return ChatRequest(create, row, refusals or Refusals("https://x")).fields


def test_what_stays_is_predicted_where_the_model_takes_that() -> None:
    predicted = {"type": "content", "content": OLD}
    asked = fields(CEREBRAS, "gpt-oss-120b", max_output_tokens=9)
    assert (asked["prediction"], asked["temperature"]) == (predicted, 0.0)
    assert asked["max_completion_tokens"] == 9
    asked = fields(OPENAI, "gpt-4.1-mini")
    assert (asked["prediction"], asked["temperature"]) == (predicted, 0.0)
    assert "prediction" not in fields(OPENAI, "gpt-4.1-mini", max_output_tokens=9)
    assert "prediction" not in fields(OPENAI, "gpt-5.6-sol")
    assert "prediction" not in fields(GROQ, "gpt-4.1")


@pytest.mark.parametrize(
    ("url", "model"),
    [
        ("http://127.0.0.1:8080/v1", "qwen2.5-coder"),
        ("http://127.0.0.1:11434/v1", "qwen3-coder:30b"),
        ("http://127.0.0.1:5001/v1", "default"),
        ("https://api.mistral.ai/v1", "codestral-2508"),
        ("https://api.openai.com/v1", "gpt-4.1"),
        ("https://generativelanguage.googleapis.com/v1beta/openai", "gemini-2.5-flash"),
    ],
)
def test_the_likeliest_answer_is_asked_for_where_the_model_takes_that(url: str, model: str) -> None:
    assert fields(row_of(url), model)["temperature"] == 0.0
    assert fields(row_of(url), model, temperature=0.7)["temperature"] == 0.7


@pytest.mark.parametrize(
    ("url", "model"),
    [
        ("http://127.0.0.1:8080/v1", "DeepSeek-R1-Distill-Qwen-7B"),
        ("http://127.0.0.1:11434/v1", "qwen3:8b"),
        ("https://api.openai.com/v1", "gpt-5.6-sol"),
        ("https://api.openai.com/v1", "o3"),
        ("https://generativelanguage.googleapis.com/v1beta/openai", "gemini-3-pro"),
        ("https://example.org/v1", "m"),
    ],
)
def test_a_model_that_thinks_or_is_not_known_has_its_own_temperature(url: str, model: str) -> None:
    assert "temperature" not in fields(row_of(url), model)
    assert fields(row_of(url), model, temperature=0.7)["temperature"] == 0.7


def test_one_that_is_asked_to_think_has_its_own_temperature() -> None:
    assert "temperature" not in fields(GROQ, "m", reasoning_effort="high")
    assert fields(GROQ, "m", reasoning_effort="none")["temperature"] == 0.0


def test_a_refused_temperature_is_not_sent_again() -> None:
    refusals = Refusals("https://x")
    request = ChatRequest(ResponseCreate("m", "", "x"), GROQ, refusals)
    body = {"error": {"message": "Unsupported value: 'temperature' does not support 0 with this"}}
    assert request.judge(verdict_of(400, body))
    assert "temperature" not in fields(GROQ, "m", refusals)


def test_the_cache_is_named_only_to_those_who_know_it() -> None:
    assert fields(OPENAI, "m", prompt_cache_key="k")["prompt_cache_key"] == "k"
    assert "prompt_cache_key" not in fields(GROQ, "m", prompt_cache_key="k")


def test_a_refused_prediction_is_not_sent_again() -> None:
    refusals = Refusals("https://x")
    create = ResponseCreate("gpt-4o", "", "x", prediction=OLD)
    request = ChatRequest(create, OPENAI, refusals)
    assert "prediction" in request.fields
    assert request.judge(verdict_of(400, {"error": {"param": "prediction"}}))
    assert "prediction" not in fields(OPENAI, "gpt-4o", refusals)
    assert "prediction" in fields(OPENAI, "gpt-4o-mini", refusals)


@pytest.mark.parametrize("row", [CEREBRAS, OPENAI, GROQ])
def test_a_prefix_is_left_out_where_a_model_begins_anew(row: Capabilities) -> None:
    asked = fields(row, "m", prefix="```\n")
    assert [message["role"] for message in asked["messages"]] == ["user"]


@pytest.mark.parametrize("url", ["https://api.mistral.ai/v1", "https://api.deepseek.com/beta"])
def test_a_prefix_is_marked_where_the_message_itself_says_so(url: str) -> None:
    asked = fields(row_of(url), "m", prefix="```\n")
    assert asked["messages"][-1] == {"role": "assistant", "content": "```\n", "prefix": True}


def test_deepseek_goes_on_from_a_prefix_only_at_its_beta_address() -> None:
    asked = fields(row_of("https://api.deepseek.com/v1"), "m", prefix="```\n")
    assert [message["role"] for message in asked["messages"]] == ["user"]


def test_thinking_is_switched_off_in_each_ones_own_words() -> None:
    deepseek = row_of("https://api.deepseek.com/beta")
    asked = fields(deepseek, "m", reasoning_effort="none")
    assert asked["extra_body"]["thinking"] == {"type": "disabled"}
    assert "reasoning_effort" not in asked
    asked = fields(deepseek, "m", reasoning_effort="low")
    assert (asked["reasoning_effort"], asked["extra_body"]) == ("low", {})
    assert fields(OPENAI, "m", reasoning_effort="none")["reasoning_effort"] == "none"


def test_developers_speak_as_the_system() -> None:
    create = ResponseCreate("m", "one", "", (Message("developer", "two"), Message("user", "x")))
    asked = ChatRequest(create, GROQ, Refusals("https://x")).fields
    assert [m["role"] for m in asked["messages"]] == ["system", "system", "user"]
