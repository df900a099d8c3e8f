"""Which endpoints are valid, and their properties."""

import pytest

from lsp_server.backends.base import Endpoint
from lsp_server.errors import SettingsError


@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.example.com",
        "https://api.example.com/v1/responses",
        "ws://api.example.com/v1/responses",
        "ws://192.168.1.5:8080/v1/responses",
        "ws://localhost.example.com/v1/responses",
        "wss://",
        "wss://[::1/v1/responses",
        "wss://example.com:port/v1/responses",
        "wss://user:secret@example.com/v1/responses",
    ],
)
def test_an_unsound_url_is_refused_without_repeating_secrets(url: str) -> None:
    with pytest.raises(SettingsError) as error:
        Endpoint(url)
    assert "secret" not in str(error.value)


def test_an_endpoint_never_shows_its_key() -> None:
    endpoint = Endpoint("wss://example.com/v1/responses", {"Authorization": "Bearer sk-1"})
    assert "sk-1" not in repr(endpoint)


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("wss://example.com/v1/responses?key=1", "wss://example.com"),
        ("ws://[::1]:80/v1/responses", "ws://[::1]:80"),
        ("ws://127.0.0.1:9/x", "ws://127.0.0.1:9"),
    ],
)
def test_the_place_is_scheme_host_and_port(url: str, place: str) -> None:
    assert Endpoint(url).place == place


@pytest.mark.parametrize(
    ("url", "near"),
    [
        ("ws://127.0.0.1:9/x", True),
        ("ws://10.0.0.7:9/x", True),
        ("wss://192.168.1.2/x", True),
        ("wss://example.com/x", False),
        ("wss://8.8.8.8/x", False),
    ],
)
def test_a_server_of_the_users_own_is_near(url: str, near: bool) -> None:
    """It is waited for while it loads its model."""
    assert Endpoint(url, allow_insecure=True).is_near is near
