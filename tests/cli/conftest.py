"""Fixtures that the tests of the command line share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.program import settle
from tests.support.scripted_model import ScriptedModel


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home without settings, which is also the working directory."""
    return tmp_path


@pytest.fixture
def model(home: Path) -> Iterator[ScriptedModel]:
    """A model that the test scripts; the profile `scripted` of the settings uses it."""
    with ScriptedModel() as model:
        settle(
            home, f'profile = "scripted"\n[profiles.scripted]\nurl = "{model.url}"\nmodel = "m"\n'
        )
        yield model
