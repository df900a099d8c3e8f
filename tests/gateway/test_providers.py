"""Loading providers by their rows."""

import pytest

from lsp_server.errors import SettingsError
from lsp_server.gateway.providers import make_provider
from lsp_server.gateway.upstream import Upstream
from lsp_server.practice import PracticeProvider
from lsp_server.provider_table import Provider


def test_an_unknown_provider_is_named_with_those_that_exist() -> None:
    with pytest.raises(SettingsError, match=r"'unheard-of'.*practice"):
        make_provider("unheard-of")


@pytest.mark.parametrize("provider", Provider)
def test_every_row_names_code_that_exists(provider: Provider) -> None:
    if provider is Provider.PRACTICE:
        assert isinstance(make_provider(provider), PracticeProvider)
    else:
        made = make_provider(provider, upstream=Upstream(provider))
        assert f"{type(made).__module__}:{type(made).__name__}" == provider.row.factory
