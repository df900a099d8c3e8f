"""The registry of providers."""

import pytest

from lsp_server.errors import SettingsError
from lsp_server.gateway.providers import make_provider, provider_names


def test_an_unknown_provider_is_named_with_those_that_exist() -> None:
    with pytest.raises(SettingsError, match=r"'unheard-of'.*practice"):
        make_provider("unheard-of")


def test_practice_is_there() -> None:
    assert "practice" in provider_names()
