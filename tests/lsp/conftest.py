"""A stage for the tests of the language server as an editor meets it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.stage import Stage, staged


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The user's settings file, which is not there unless a test writes it."""
    return tmp_path / "user" / "config.toml"


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch, config: Path) -> Iterator[Stage]:
    """A server in a thread, an editor and a model; the handshake is the test's."""
    with staged(monkeypatch, config) as made:
        yield made
