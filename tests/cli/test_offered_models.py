"""The list of models of a server elsewhere, which the doctor reports after a failed edit."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from lsp_server.cli.offered_models import offered
from lsp_server.settings import Profile, Provider
from tests.cli.test_server_check import models
from tests.support.json_server import serving

_LISTED = models("x", "models/gemini-3.8-flash", "gemini-3.5-flash-lite", "other")


def said(profile: Profile, key: str | None = None) -> str:
    return " ".join(asyncio.run(offered(profile, key)))


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("gemini-3.8-flash", "is one of the 3 models"),
        (
            "gemini-3-flash",
            "isn't one of the 3 models it offers. Closest: gemini-3.8-flash, gemini-3.5-flash",
        ),
        ("zzz", "zzz isn't one of the 3 models it offers."),
    ],
)
def test_a_model_and_what_is_near_it(model: str, words: str) -> None:
    heads: list[Mapping[str, str]] = []
    with serving({"/v1/models": _LISTED}, heads) as port:
        place = f"127.0.0.1:{port}/v1"
        chat = Profile("p", model, provider=Provider.OPENAI_CHAT, base_url=f"http://{place}")
        socket = Profile("p", model, url=f"ws://{place}/responses")
        assert words in said(chat, "key-1")
        assert words in said(socket)
    assert [head.get("Authorization") for head in heads] == ["Bearer key-1", None]


@pytest.mark.parametrize("told", [404, {"data": []}, {"data": 1}, "text"])
def test_no_list_says_nothing(told: Any) -> None:
    with serving({"/v1/models": told}) as port:
        url = f"http://127.0.0.1:{port}/v1"
        assert said(Profile("p", "m", provider=Provider.OPENAI_CHAT, base_url=url)) == ""
    assert said(Profile("p", "m", provider=Provider.OPENAI_CHAT, base_url=url)) == ""
    assert said(Profile("p", "m", provider=Provider.ANTHROPIC)) == ""
