"""The table of providers, and everything that must agree with it."""

import ast
import json
import re
import tomllib

from lsp_server.provider_table import Provider
from tests.support.architecture import ROOT, module_files


def test_requirements_are_those_of_the_extra() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    extra = project["project"]["optional-dependencies"]["providers"]
    assert set(extra) == {provider.row.requirement for provider in Provider} - {""}


def test_the_extension_offers_the_same_providers() -> None:
    manifest = json.loads((ROOT / "vscode-client" / "package.json").read_text("utf-8"))
    offered = json.dumps(manifest["contributes"]["configuration"])
    names = json.dumps([provider.value for provider in Provider])
    assert f'"provider": {{"type": "string", "enum": {names}' in offered


def test_the_extension_trusts_the_same_providers() -> None:
    """In an untrusted workspace it lets through those with an address, if that is loopback."""
    source = (ROOT / "vscode-client" / "src" / "core" / "trust.ts").read_text("utf-8")
    (listed,) = re.findall(r"PROVIDERS: .* = new Set\((\[.*?\])\)", source)
    with_address = [provider.value for provider in Provider if provider.row.base_url]
    assert json.loads(listed) == with_address


def _names_one(value: object, names: set[str]) -> bool:
    """Whether it is a provider's name, or a text with one in quotation marks."""
    quoted = isinstance(value, str) and any(f'"{name}"' in value for name in names)
    return quoted or value in names


def test_a_provider_is_named_in_one_place() -> None:
    """Elsewhere code says `Provider.NAME`, so a renamed or new provider is one changed row."""
    names = {provider.value for provider in Provider}
    named = [
        f"{module}:{node.lineno}"
        for module, path in module_files()
        if module != "provider_table"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and _names_one(node.value, names)
    ]
    assert not named, f"use `Provider` of lsp_server/provider_table.py: {named}"
