"""The registry of providers."""

import tomllib
from pathlib import Path

import pytest

from lsp_server.errors import SettingsError
from lsp_server.gateway.providers import REQUIREMENTS, make_provider, provider_names


def test_an_unknown_provider_is_named_with_those_that_exist() -> None:
    with pytest.raises(SettingsError, match=r"'unheard-of'.*practice"):
        make_provider("unheard-of")


def test_practice_is_there() -> None:
    assert "practice" in provider_names()


def test_the_versions_named_are_those_of_the_extra() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))
    extra = project["project"]["optional-dependencies"]["providers"]
    assert sorted(extra) == sorted(REQUIREMENTS.values())
