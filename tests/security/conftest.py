"""What the attacks share."""

from pathlib import Path

import pytest


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The user's home folder."""
    folder = tmp_path / "home"
    folder.mkdir()
    return folder
