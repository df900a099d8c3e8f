"""Files of every kind, buffers that go away, and what is left when a real Neovim ends."""

import pytest

from tests.editors.conftest import Start
from tests.editors.neovim import wait_for
from tests.editors.scenes import begin, ended, finish
from tests.editors.texts import (
    AFTER,
    ANSWER,
    BEFORE,
    EDITED,
    END,
    FENCE,
    FILE,
    FIRST,
    LANDED,
    LAST,
    ORIGINAL,
    lines_of,
    pieces,
)
from tests.support.processes import children, running
from tests.support.scripted_model import ScriptedModel

pytestmark = pytest.mark.neovim

WIDE = "# 😀 𝒳 e\u0301 über\n"


def widened(code: str) -> str:
    """With characters outside the BMP before what the model changes, on the same lines too."""
    return code.replace("rate", "rate_ſ").replace(
        "    if total > LIMIT:\n", '    if "😀𝒳" and total > LIMIT:\n'
    )


def tabbed(code: str) -> str:
    return code.replace("    ", "\t")


VARIANTS = {
    "crlf": ((BEFORE, ORIGINAL, ""), ANSWER, "\r\n"),
    "no-final-newline": ((BEFORE, ORIGINAL, ""), ANSWER, "\n"),
    "wide": ((WIDE + BEFORE, widened(ORIGINAL), AFTER + WIDE), widened(ANSWER), "\n"),
    "tabs-and-bom": (("\ufeff" + BEFORE, tabbed(ORIGINAL), tabbed(AFTER)), tabbed(ANSWER), "\n"),
}
"""What stands before, in and after the scope; the answer; the line ends of the file."""


@pytest.mark.parametrize("kind", VARIANTS)
def test_every_byte_is_as_it_should_be(neovim: Start, model: ScriptedModel, kind: str) -> None:
    (before, scope, after), new, line_end = VARIANTS[kind]
    whole = [before + scope + after, before + new + after]
    if kind == "no-final-newline":
        whole = [text.removesuffix("\n") for text in whole]
    original, edited = (text.replace("\n", line_end) for text in whole)
    editor = neovim(original.encode(), options=model.options())
    first = before.count("\n") + 1
    argument = editor.lines(first, first + scope.count("\n") - 1) | {"instruction": "Simplify."}
    editor.command("midstream.edit", argument)
    answer = model.next()
    answer.say(FENCE, *pieces("".join(lines_of(new)[:4])))
    editor.wait_for(lambda: LANDED in editor.text)
    answer.say(*pieces("".join(lines_of(new)[4:])), END)
    answer.finish()
    ended(editor)
    assert editor.written() == edited.encode()
    editor.command("midstream.revert")
    assert editor.written() == original.encode()


# -- buffers --


def test_a_buffer_that_is_deleted_ends_its_session(neovim: Start, model: ScriptedModel) -> None:
    editor = neovim(FILE, options=model.options())
    session, answer = begin(editor, model)
    editor.ex("enew | bdelete! #")
    answer.wait_cut()
    ended(editor)
    editor.ex("edit! a.py")
    editor.attach_more()
    assert editor.phase(session) == "ended"
    edits = len(editor.edits)
    assert editor.text == FILE
    argument = editor.lines(FIRST, LAST) | {"instruction": "Simplify."}
    assert editor.command("midstream.edit", argument)["session"] != session
    again = model.next()
    again.say(FENCE, *lines_of(ANSWER), END)
    again.finish()
    editor.wait_for(lambda: editor.text == EDITED)
    assert len(editor.edits) > edits


def test_a_window_that_is_closed_leaves_the_stream_running(
    neovim: Start, model: ScriptedModel
) -> None:
    editor = neovim(FILE, options=model.options())
    session, answer = begin(editor, model)
    buffer = editor.buffer
    editor.ex("new")
    editor.ex("wincmd p | quit")
    assert editor.buffer != buffer
    finish(editor, answer)
    assert editor.text_of(buffer) == EDITED
    editor.ex(f"buffer {buffer}")
    assert editor.phase(session) == "review"
    assert editor.written() == EDITED.encode()


def test_two_buffers_at_once(neovim: Start, model: ScriptedModel) -> None:
    editor = neovim(FILE, options=model.options())
    first_buffer = editor.buffer
    argument = editor.lines(FIRST, LAST) | {"instruction": "Simplify the first."}
    editor.command("midstream.edit", argument)
    first = model.next()
    editor.ex("edit b.py")
    editor.set_lines(lines_of(WIDE + FILE))
    editor.attach_more()
    second_buffer = editor.buffer
    argument = editor.lines(FIRST + 1, LAST + 1) | {"instruction": "Simplify the second."}
    editor.command("midstream.edit", argument)
    second = model.next()
    assert "the first" in first.prompt and "the second" in second.prompt
    first.say(FENCE)
    second.say(FENCE)
    for line in lines_of(ANSWER):
        first.say(line)
        second.say(line)
    second.say(END)
    second.finish()
    editor.wait_for(lambda: editor.text_of(second_buffer) == WIDE + EDITED)
    first.say(END)
    first.finish()
    editor.wait_for(lambda: editor.text_of(first_buffer) == EDITED)
    editor.command("midstream.revert", {"uri": editor.uri})
    assert editor.text_of(second_buffer) == WIDE + FILE
    assert editor.text_of(first_buffer) == EDITED


# -- the end --


def test_nothing_is_left_when_neovim_quits(neovim: Start) -> None:
    editor = neovim(FILE)
    argument = editor.lines(FIRST, LAST) | {"instruction": "add docstrings"}
    editor.command("midstream.edit", argument)
    ended(editor)
    (server,) = editor.servers()
    started = children(server)  # The gateway, and what builds the index.
    assert started
    editor.leave()
    wait_for(lambda: not running(server))
    wait_for(lambda: not any(map(running, started)))


def test_nothing_is_left_when_neovim_quits_in_a_stream(neovim: Start, model: ScriptedModel) -> None:
    editor = neovim(FILE, options=model.options())
    _, answer = begin(editor, model)
    (server,) = editor.servers()
    editor.leave()
    answer.wait_cut()
    wait_for(lambda: not running(server))
    assert (editor.folder / "a.py").read_text("utf-8") == FILE


def test_nothing_is_left_when_neovim_is_killed(neovim: Start) -> None:
    # A slow model: the stream is on its way when Neovim dies.
    editor = neovim(FILE, options={"profile": "slow", "profiles": {"slow": SLOW}})
    argument = editor.lines(FIRST, LAST) | {"instruction": "add docstrings"}
    session = editor.command("midstream.edit", argument)["session"]
    editor.wait_for(lambda: editor.phase(session) == "streaming")
    (server,) = editor.servers()
    started = children(server)
    assert started
    editor.kill()
    wait_for(lambda: not running(editor.pid))
    wait_for(lambda: not running(server))
    wait_for(lambda: not any(map(running, started)))


SLOW = {"provider": "practice", "model": "practice@2"}
