"""Every profile that the documentation offers for pasting can be used as it is."""

import re
import tomllib
from pathlib import Path

import pytest

from lsp_server.cli.discover import SERVICES, Service
from lsp_server.settings.load import load

ROOT = Path(__file__).parents[2]
_BLOCK = re.compile(r"^```toml\n(.*?)^```", re.M | re.S)
_CATALOGUE = (ROOT / "docs" / "models.md").read_text("utf-8")


def blocks() -> list[tuple[str, str]]:
    """Each block of settings in the documentation, with the name of its document."""
    found = []
    for document in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))):
        for block in _BLOCK.findall(document.read_text("utf-8")):
            # Blocks for editors and build tools do not count.
            if "profiles" in block and "language" not in block:
                found.append((document.name, block))
    return found


@pytest.mark.parametrize(("document", "block"), blocks(), ids=lambda part: part[:24])
def test_a_block_is_settings_that_can_be_used(document: str, block: str, tmp_path: Path) -> None:
    user = tmp_path / "config.toml"
    user.write_text(block, "utf-8")
    loaded = load(user=user)
    assert [problem.sentence for problem in loaded.problems] == [], document
    assert dict(loaded.settings.unusable) == {}, document
    assert loaded.settings.profiles.keys() >= tomllib.loads(block).get("profiles", {}).keys()


def test_the_documents_offer_profiles() -> None:
    assert {"README.md", "models.md", "settings.md"} <= {name for name, _ in blocks()}


def test_every_profile_says_when_it_was_checked_against_what() -> None:
    """A date and a document, or that it was not checked. A company's own servers are exempt."""
    offered = _CATALOGUE.partition("## Profiles to paste")[2].partition("### A company's own")[0]
    heads = re.findall(r"^\[profiles\.[^\n]*", offered, re.M)
    assert len(heads) > 15
    for head in heads:
        comment = head.partition("#")[2]
        assert re.search(r"\b2\d{3}-\d{2}-\d{2}: \S+|not checked", comment), head


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_what_the_doctor_offers_is_in_the_catalogue(service: Service) -> None:
    profiles: dict[str, dict[str, object]] = {}
    for block in _BLOCK.findall(_CATALOGUE):
        profiles |= tomllib.loads(block).get("profiles", {})
    assert service.profile in profiles
    profile = profiles[service.profile]
    place = tomllib.loads("\n".join(service.place))
    assert profile.items() >= place.items()
    assert profile["api_key_env"] == service.variable
