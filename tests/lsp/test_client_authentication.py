"""The first message of a connection: what lets a client in, and what is left of it then."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lsp_server.lsp.client_authentication import AuthenticationRefused, proven

TOKEN = "a token of some length"
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def initialize(options: object, id_: object = 1) -> dict[str, Any]:
    return {"id": id_, "method": "initialize", "params": {"initializationOptions": options}}


@given(st.dictionaries(st.text(), values, max_size=4), st.integers() | st.text())
def test_the_token_is_taken_out_and_the_rest_stays(options: dict[str, Any], id_: object) -> None:
    options.pop("token", None)
    first = proven(json.dumps(initialize({**options, "token": TOKEN}, id_)).encode(), TOKEN)
    assert isinstance(first, bytes)
    assert json.loads(first) == initialize(options, id_)


@given(values, values)
def test_no_other_value_is_the_token(given_: object, message: object) -> None:
    refused = proven(json.dumps(initialize({"token": given_})).encode(), TOKEN)
    assert isinstance(refused, AuthenticationRefused)
    assert TOKEN not in json.dumps(refused.message())
    assert isinstance(proven(json.dumps(message).encode(), None), AuthenticationRefused)


@given(st.binary(max_size=60))
def test_no_bytes_raise(body: bytes) -> None:
    assert isinstance(proven(body, None), AuthenticationRefused)
    assert isinstance(proven(b"[" * 100_000 + body, None), AuthenticationRefused)


def test_what_is_judged_is_what_is_used() -> None:
    """Of a key that stands twice, the one that was compared is the one that goes on."""
    body = b'{"id": 1, "method": "initialize", "method": "shutdown", "params": {}}'
    assert isinstance(proven(body, None), AuthenticationRefused)
    body = b'{"id": 1, "method": "x", "method": "initialize", "params": {"a": 1, "a": 2}}'
    assert proven(body, None) == b'{"id": 1, "method": "initialize", "params": {"a": 2}}'
