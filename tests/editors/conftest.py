"""Real editors for the tests: each test runs once for every version that is here."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.editors.neovim import Neovim
from tests.support.editors import REQUIRED, Editor, editors, required
from tests.support.scripted_model import ScriptedModel

Start = Callable[..., Neovim]


@pytest.fixture(params=editors(), ids=lambda editor: editor.version or editor.name)
def editor(request: pytest.FixtureRequest) -> Editor:
    """A Neovim that is on this machine."""
    found: Editor = request.param
    if found.program is None:
        reason = f"{found.name} is not here: {found.remedy}"
        if required():
            pytest.fail(f"{reason}; {REQUIRED} asks for it")
        pytest.skip(reason)
    return found


@pytest.fixture
def neovim(editor: Editor, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Starts Neovim on a file with that content, the server attached unless `attach` is off.

    Without content on the file that is in `folder`.
    Ends all that was started, and looks into the log for mistakes of the server's.
    """
    started: list[Neovim] = []

    def start(
        content: str | bytes | None,
        *,
        name: str = "a.py",
        options: dict[str, Any] | None = None,
        debounce: int | None = 0,
        attach: bool = True,
        sessions: bool = False,
        folder: Path | None = None,
    ) -> Neovim:
        # Neovim prints the path in some messages, and a message that is longer than the screen
        # is wide makes it wait for a key: so the folder's name is short.
        folder = folder or tmp_path_factory.mktemp("nvim")
        file = folder / name
        if content is not None:
            file.write_bytes(content.encode() if isinstance(content, str) else content)
        assert editor.program is not None
        found = Neovim(Path(editor.program), folder, file)
        started.append(found)
        if attach:
            found.attach(options, debounce, sessions=sessions)
        return found

    try:
        yield start
    finally:
        for one in started:
            one.close()
    for one in started:
        assert "Traceback" not in one.log, one.log[-5000:]


@pytest.fixture
def model() -> Iterator[ScriptedModel]:
    """A model that says what the test wants."""
    with ScriptedModel() as server:
        yield server
