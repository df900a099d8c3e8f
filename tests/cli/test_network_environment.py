"""What `midstream doctor` reports about proxies and certificates."""

from pathlib import Path

import pytest

from lsp_server.cli.network_environment import surroundings
from tests.backends.proxies import without_proxies
from tests.backends.test_tls import certificate

assert certificate, "a fixture of this module too"


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    without_proxies(monkeypatch)


def test_nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    # Unencrypted addresses never go through a proxy, so this one is not in use.
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example:3128")
    (sentence,) = surroundings()
    assert "No proxy is in use" in sentence


def test_a_proxy_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "http://me:hush@proxy.example:3128")
    monkeypatch.setenv("WSS_PROXY", "socks5://proxy.example")
    monkeypatch.setenv("NO_PROXY", "localhost,.example")
    output = " ".join(surroundings())
    assert "https:// use the proxy http://proxy.example:3128 (ALL_PROXY)." in output
    assert "wss:// use the proxy socks5h://proxy.example:1080 (WSS_PROXY)." in output
    assert "Without the proxy: localhost,.example (NO_PROXY)." in output
    assert "hush" not in output


@pytest.mark.parametrize("odd", ["http://[", "http://x:port", "://"])
def test_a_proxy_that_is_none(odd: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", odd)
    (sentence,) = surroundings()
    assert (
        sentence.startswith("HTTPS_PROXY ") and "Midstream sends nothing around a proxy" in sentence
    )


def test_certificates(
    certificate: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    assert f"come from {certificate[0]} (SSL_CERT_FILE)." in surroundings()[0]
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "gone.pem"))
    assert "SSL_CERT_FILE names, doesn't exist" in surroundings()[0]
