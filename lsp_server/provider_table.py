"""The model APIs that Midstream can use: one row for each provider.

Settings, gateway, language server and command line all read this table. A new provider is one row
here and the module that its row names. A row names its module as text, because the gateway imports
a provider's code, and the package it needs, only when that provider is first used.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self


@dataclass(frozen=True, slots=True)
class ProviderRow:
    """What is known of a provider before its code is loaded."""

    factory: str
    """`module:class`. The class is called with `upstream`; the practice model without arguments."""
    base_url: str = ""
    """The address of the API when a profile gives none. "" for the practice model, which has no
    address."""
    maker: str = ""
    """Who runs the API at `base_url`, as users call them."""
    package: str = ""
    """The package to import; "" when none beyond our own dependencies is needed."""
    client: str = ""
    """The class of `package` that talks to the API."""
    requirement: str = ""
    """The versions of `package` that are known to work, as in pyproject.toml."""
    variables: str = ""
    """How the environment variables begin from which `package` would take keys and addresses by
    itself. The gateway removes them before it serves."""
    client_path: str = ""
    """The path that the maker's client appends to the base URL by itself."""
    lists_models: bool = False
    """Whether `GET /models` below the base URL lists the models in OpenAI's format."""


_CLIENTS = "lsp_server.gateway.providers"


class Provider(StrEnum):
    """A provider by its name in the settings. `row` holds the facts about it."""

    row: ProviderRow

    OPENAI_CHAT = (
        "openai-chat",
        ProviderRow(
            f"{_CLIENTS}.openai_chat:OpenAIChat",
            base_url="https://api.openai.com/v1",
            maker="OpenAI",
            package="openai",
            client="AsyncOpenAI",
            requirement="openai>=3.50,<4",
            variables="OPENAI_",
            lists_models=True,
        ),
    )
    OPENAI_RESPONSES = (
        "openai-responses",
        ProviderRow(
            f"{_CLIENTS}.openai_responses:OpenAIResponses",
            base_url="https://api.openai.com/v1",
            maker="OpenAI",
            package="openai",
            client="AsyncOpenAI",
            requirement="openai>=3.50,<4",
            variables="OPENAI_",
            lists_models=True,
        ),
    )
    ANTHROPIC = (
        "anthropic",
        ProviderRow(
            f"{_CLIENTS}.anthropic_messages:AnthropicMessages",
            base_url="https://api.anthropic.com",
            maker="Anthropic",
            package="anthropic",
            client="AsyncAnthropic",
            requirement="anthropic>=2.11,<3",
            variables="ANTHROPIC_",
            client_path="/v1",
        ),
    )
    PRACTICE = ("practice", ProviderRow("lsp_server.practice:PracticeProvider"))

    # `row` has a default so that a type checker accepts the look-up `Provider("openai-chat")`.
    def __new__(cls, name: str, row: ProviderRow = ProviderRow("")) -> Self:
        member = str.__new__(cls, name)
        member._value_ = name
        member.row = row
        return member


CLIENT_VARIABLES = tuple(sorted({p.row.variables for p in Provider if p.row.variables}))
"""How the environment variables begin that makers' clients would read by themselves."""
