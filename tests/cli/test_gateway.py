"""`midstream gateway` serves the profiles in the user's settings."""

from pathlib import Path

import pytest

from lsp_server.cli.gateway import routes_of
from lsp_server.gateway.routing import Route
from lsp_server.gateway.upstream import Upstream

SETTINGS = """
[profiles.native]
url = "wss://api.openai.com/v1/responses"
model = "a"

[profiles.local]
provider = "openai-chat"
base_url = "http://127.0.0.1:11434/v1"
model = "b"

[profiles.deep]
provider = "anthropic"
model = "c"
api_key_env = "A_KEY_FOR_THIS_TEST"
"""


def test_its_models_are_the_profiles_with_a_provider(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "config.toml"
    file.write_text(SETTINGS, "utf-8")
    local = Route("local", "b", Upstream("openai-chat", "http://127.0.0.1:11434/v1"))
    routes = routes_of(file)
    assert {route.name for route in routes} == {"practice", "local"}
    assert local in routes
    output = capsys.readouterr().err
    assert "Left out: profile deep. " in output
    assert "Left out: profile native, because it has a url" in output
    monkeypatch.setenv("A_KEY_FOR_THIS_TEST", "sk-ant-test")
    deep = Route("deep", "c", Upstream("anthropic", "", "sk-ant-test"))
    assert deep in routes_of(file)
    assert "sk-ant-test" not in repr(deep)
