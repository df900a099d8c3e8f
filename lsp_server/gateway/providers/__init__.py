"""Loads providers by their rows in `lsp_server.provider_table`.

A provider is imported when it is first asked for, so only its users need its package.
"""

import sys
from importlib import import_module
from importlib.util import find_spec
from typing import Any, cast

from lsp_server.errors import SettingsError
from lsp_server.gateway.model_provider import ModelProvider
from lsp_server.provider_table import Provider


def missing_package(name: str) -> str | None:
    """The sentence for a provider whose package is not installed; None when it is.

    Its command names the Python that runs here, because a package installed for another is of no
    use.
    """
    row = Provider(name).row
    if not row.package or find_spec(row.package) is not None:
        return None
    python = f'"{sys.executable}"' if " " in sys.executable else sys.executable
    command = f'{python} -m pip install "{row.requirement}"'
    return f"The provider {name} needs the Python package {row.package}. Install it: {command}"


def make_provider(name: str, **options: Any) -> ModelProvider:
    """A provider by its name in the settings. Raises `SettingsError` for an unknown name.

    Those with an address take their `Upstream` as the option `upstream`.
    """
    known = [provider.value for provider in Provider]
    if name not in known:
        raise SettingsError(
            f"There is no provider {name!r}. The providers are: {', '.join(known)}."
        )
    module, _, factory = Provider(name).row.factory.partition(":")
    return cast(ModelProvider, getattr(import_module(module), factory)(**options))
