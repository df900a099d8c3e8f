"""Which requests for a WebSocket are accepted."""

import pytest

from lsp_server.gateway.authentication import Authenticator

GOOD = {"host": "127.0.0.1:8765", "authorization": "Bearer token"}


def status(path: str = "/v1/responses", host: str = "127.0.0.1", **headers: str) -> int:
    refusal = Authenticator(host, "token").judge(path, {**GOOD, **headers})
    return 101 if refusal is None else refusal.status


@pytest.mark.parametrize("host", ["127.0.0.1:8765", "localhost:8765", "[::1]:8765", "LocalHost"])
def test_this_machine_may(host: str) -> None:
    assert (
        Authenticator("127.0.0.1", "token").judge("/v1/responses", {**GOOD, "host": host}) is None
    )


@pytest.mark.parametrize("host", ["evil.example:8765", "", "127.0.0.1.evil.example", "[::1"])
def test_a_foreign_host_may_not(host: str) -> None:
    refusal = Authenticator("127.0.0.1", "token").judge("/v1/responses", {**GOOD, "host": host})
    assert refusal is not None and refusal.status == 403


def test_a_gateway_for_others_takes_any_host() -> None:
    door = Authenticator("0.0.0.0", "token")
    assert door.judge("/v1/responses", {**GOOD, "host": "gateway.example"}) is None


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:3000", ""])
def test_a_web_page_may_not(origin: str) -> None:
    assert status(origin=origin) == 403


def test_the_gateways_own_origin_may() -> None:
    assert status(origin="http://127.0.0.1:8765") == 101


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer toke", "Bearer tokens", "Basic token"])
def test_a_wrong_token_may_not(given: str) -> None:
    assert status(authorization=given) == 401


@pytest.mark.parametrize("given", ["Bearer token", "bearer token", "BEARER  token "])
def test_the_scheme_is_read_leniently(given: str) -> None:
    assert status(authorization=given) == 101


def test_the_query_is_no_part_of_the_path() -> None:
    assert status("/v1/responses?x=1") == 101
    assert status("/v1/responses/") == 404
    assert status("/") == 404


def test_odd_bytes_in_the_token_are_a_wrong_token() -> None:
    assert status(authorization="Bearer \udcff") == 401


def test_the_token_is_not_shown() -> None:
    assert "secret" not in repr(Authenticator("127.0.0.1", "secret"))
