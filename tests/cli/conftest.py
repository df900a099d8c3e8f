"""What the tests of the command line share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.program import settle
from tests.support.scripted_model import ScriptedModel


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home without settings, which is the working folder too."""
    return tmp_path


@pytest.fixture
def model(home: Path) -> Iterator[ScriptedModel]:
    """A model that the test plays; the profile `scripted` of the settings is it."""
    with ScriptedModel() as made:
        settle(
            home, f'profile = "scripted"\n[profiles.scripted]\nurl = "{made.url}"\nmodel = "m"\n'
        )
        yield made
