"""What `midstream doctor` says of proxies and certificates."""

from pathlib import Path

from lsp_server.cli.surroundings import surroundings


def test_nothing_is_set() -> None:
    (sentence,) = surroundings({}, {"SSL_CERT_FILE": " "})
    assert "No proxy is named" in sentence


def test_a_proxy_without_its_password() -> None:
    said = " ".join(
        surroundings(
            {
                "https": "http://me:hush@proxy.example:3128",
                "all": "socks5://proxy.example:1080",
                "ftp": "http://old.example",
                "no": "localhost,.example",
            },
            {},
        )
    )
    assert "https:// goes by the proxy http://proxy.example:3128." in said
    assert "What has no proxy of its own goes by the proxy socks5://proxy.example:1080." in said
    assert "Not by it: localhost,.example (NO_PROXY)." in said
    assert "hush" not in said and "old.example" not in said


def test_a_proxy_that_is_none() -> None:
    for odd in ("http://[", "http://x:port", "://"):
        assert "cannot be read" in surroundings({"http": odd}, {})[0]


def test_certificates(tmp_path: Path) -> None:
    there = tmp_path / "company.pem"
    there.touch()
    said = " ".join(surroundings({}, {"SSL_CERT_FILE": str(there), "SSL_CERT_DIR": "/nowhere/x"}))
    assert f"read from {there} (SSL_CERT_FILE)" in said
    assert "/nowhere/x, WHICH IS NOT THERE (SSL_CERT_DIR)" in said
