"""Addresses that a gateway may use, and the headers that carry them."""

import pytest

from lsp_server.errors import SettingsError
from lsp_server.gateway.upstream import Upstream, upstream_of

KEY = "sk-test-0123456789abcdef"


def test_it_comes_through_the_headers_as_it_was() -> None:
    upstream = Upstream("openai-chat", "http://127.0.0.1:11434/v1/", KEY)
    assert upstream_of(upstream.headers()) == upstream
    assert upstream.base_url == "http://127.0.0.1:11434/v1"
    without = Upstream("anthropic")
    assert without.base_url == "https://api.anthropic.com"
    assert upstream_of(without.headers()) == without


def test_a_handshake_may_name_no_model() -> None:
    assert upstream_of({"host": "x"}) is None


def test_its_key_is_in_no_repr() -> None:
    assert KEY not in repr(Upstream("openai-chat", key=KEY))


@pytest.mark.parametrize(
    ("provider", "url"),
    [
        ("openai-chat", "http://example.com/v1"),
        ("openai-chat", "ftp://127.0.0.1/v1"),
        ("openai-chat", "https://user:secret@example.com/v1"),
        ("openai-chat", "https://[::1/v1"),
        ("openai-chat", "nonsense"),
        ("practice", ""),
    ],
)
def test_where_no_code_may_go(provider: str, url: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Upstream(provider, url, KEY)
    assert KEY not in str(caught.value) and "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "place", "port", "here"),
    [
        ("http://localhost:8080/v1", "http://localhost:8080", 8080, True),
        ("http://[::1]:8080/v1", "http://[::1]:8080", 8080, True),
        ("https://API.example.com/v1", "https://api.example.com", 443, False),
    ],
)
def test_what_a_sentence_says_of_it(url: str, place: str, port: int, here: bool) -> None:
    upstream = Upstream("openai-chat", url)
    assert (upstream.place, upstream.port, upstream.is_loopback) == (place, port, here)
