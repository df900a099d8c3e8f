"""Stop and redirect in a real Neovim: at any token, over unchanged text, to another model, in
several places of one file, and around hunks that the user has decided already."""

import pytest

from tests.editors.conftest import Start
from tests.editors.neovim import Neovim
from tests.editors.scenes import begin, ended, heard
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
    lines_of,
    parses,
    pieces,
)
from tests.support.scripted_model import ScriptedModel

pytestmark = pytest.mark.neovim

TOKENS = pieces(FENCE + ANSWER + END)
CUTS = (2, 10, 17, 25, 31, 38, 44, len(TOKENS) - 1)
"""Behind which token the answer is cut: in the fence, in words, in lines, before the end."""


# -- stop at any token --


@pytest.mark.parametrize("leave", ["valid", "raw", "original"])
def test_cut_at_many_tokens(neovim: Start, model: ScriptedModel, leave: str) -> None:
    editor = neovim(FILE, options=model.options() | {"maxEditsPerSecond": 1000})
    for cut in CUTS:
        argument = editor.lines(FIRST, LAST) | {"instruction": "Simplify."}
        session = editor.command("midstream.edit", argument)["session"]
        answer = model.next()
        answer.say(*TOKENS[:cut])
        heard(editor, answer)
        left = editor.command("midstream.cancel", {"leave": leave})
        edits = len(editor.edits)
        assert left["session"] == session
        answer.wait_cut()
        text, phase = editor.text, editor.phase(session)
        assert text.startswith(BEFORE) and text.endswith(AFTER)
        said = "".join(TOKENS[:cut])[len(FENCE) :].rstrip("`\n ")
        if leave == "original":
            assert (text, phase) == (FILE, "ended")
        elif phase == "ended":
            assert text == FILE, "Nothing had landed, so nothing may be left."
        elif leave == "raw":
            assert text.startswith(BEFORE + said), text
        else:
            assert parses(text), text
            assert "return total\n" in text, "The end of the original goes without proof."
        if phase == "review":
            # Nothing has come since the answer: the next edit is the revert's.
            assert len(editor.edits) == edits
            editor.command("midstream.revert", {"session": session})
        assert editor.text == FILE


# -- redirects --


def test_what_the_new_answer_repeats_is_not_touched(neovim: Start, model: ScriptedModel) -> None:
    editor = neovim(FILE, options=model.options())
    _, first = begin(editor, model)
    first.say(*lines_of(ANSWER)[3:5], "    ret")
    repeated = "".join(lines_of(ANSWER)[:4])
    editor.wait_for(lambda: repeated in editor.text)
    editor.command("midstream.redirect", {"instruction": "Go on."})
    first.wait_cut()
    second = model.next()
    landed, edits = editor.text, len(editor.edits)
    second.say(FENCE, *pieces(repeated))
    heard(editor, first, second)
    assert (len(editor.edits), editor.text) == (edits, landed)
    second.say(*pieces(ANSWER.removeprefix(repeated)), END)
    second.finish()
    ended(editor, attempt=2)
    assert editor.text == EDITED
    assert all(repeated in edit.after for edit in editor.edits[edits:])


@pytest.mark.parametrize("stopped", [False, True], ids=["goes-on", "stopped-at-once"])
def test_a_redirect_that_keeps_nothing_begins_from_the_original(
    neovim: Start, model: ScriptedModel, stopped: bool
) -> None:
    editor = neovim(FILE, options=model.options())
    session, first = begin(editor, model)
    editor.command("midstream.redirect", {"instruction": "Only once.", "keep": "none"})
    if stopped:
        editor.command("midstream.cancel")
        assert (editor.text, editor.phase(session)) == (FILE, "ended")
        return
    first.wait_cut()
    second = model.next()
    editor.wait_for(lambda: editor.text == FILE)
    assert LANDED not in second.prompt and "Simplify." in second.prompt
    second.say(FENCE, *lines_of(ANSWER), END)
    second.finish()
    ended(editor, attempt=2)
    assert editor.text == EDITED


def test_escalation_to_another_model_keeps_what_landed(neovim: Start, model: ScriptedModel) -> None:
    options = model.options()
    options["profiles"]["deep"] = {"url": model.url, "model": "deep-1", "role": "deep"}
    editor = neovim(FILE, options=options)
    session, first = begin(editor, model)
    argument = {"instruction": "Think harder.", "profile": "deep"}
    assert editor.command("midstream.redirect", argument) == {"session": session, "attempt": 2}
    first.wait_cut()
    second = model.next()
    assert (first.create["model"], second.create["model"]) == ("scripted-1", "deep-1")
    assert LANDED in second.prompt and LANDED in editor.text
    second.say(FENCE, *lines_of(ANSWER), END)
    second.finish()
    ended(editor, attempt=2)
    assert editor.text == EDITED
    assert all(LANDED in edit.after for edit in editor.edits)


def test_redirects_before_the_first_token_and_after_a_failure(
    neovim: Start, model: ScriptedModel
) -> None:
    editor = neovim(FILE, options=model.options())
    argument = editor.lines(FIRST, LAST) | {"instruction": "Simplify."}
    session = editor.command("midstream.edit", argument)["session"]
    first = model.next()
    editor.command("midstream.redirect", {"instruction": "Use sum()."})
    first.wait_cut()
    second = model.next()
    assert "Use sum()." in second.prompt
    second.say(FENCE, *lines_of(ANSWER)[:4])
    editor.wait_for(lambda: LANDED in editor.text)
    second.fail("server_error")
    assert "the server's fault" in ended(editor, attempt=2)
    assert editor.phase(session) == "review" and parses(editor.text)
    editor.command("midstream.redirect", {"instruction": "Try again."})
    third = model.next()
    third.say(FENCE, *lines_of(ANSWER), END)
    third.finish()
    ended(editor, attempt=3)
    assert editor.text == EDITED
    editor.command("midstream.revert")
    assert editor.written() == FILE.encode()


# -- several sessions in one file --

NAMES = ("first", "second", "third")


def place(name: str) -> str:
    """A function of the file."""
    return f"def {name}(items):\n    total = 0\n    return total + len(items)\n"


def placed(name: str) -> str:
    """The same, as the model wants it."""
    return f'def {name}(items):\n    """How many {name}."""\n    return len(items)\n'


def test_sessions_in_one_file_do_not_touch_each_other(neovim: Start, model: ScriptedModel) -> None:
    file = "\n\n".join(place(name) for name in NAMES)
    editor = neovim(file, options=model.options())
    sessions, answers = [], []
    for number, name in enumerate(NAMES):
        row = 1 + number * 5
        argument = editor.lines(row, row + 2) | {"instruction": f"Tell of the {name}."}
        sessions.append(editor.command("midstream.edit", argument)["session"])
        answers.append(model.next())
        assert f"Tell of the {name}." in answers[-1].prompt
        answers[-1].say(FENCE)
    # Line by line, in all three at once.
    for number in range(2):
        for name, answer in zip(NAMES, answers, strict=True):
            answer.say(*pieces(lines_of(placed(name))[number]))
    for name, answer in zip(NAMES, answers, strict=True):
        answer.say("    return")
        editor.wait_for(lambda name=name: f"How many {name}." in editor.text)  # type: ignore[misc]
    # The first is stopped, the second redirected; the third runs on.
    editor.command("midstream.cancel", {"session": sessions[0], "leave": "original"})
    answers[0].wait_cut()
    editor.command("midstream.redirect", {"session": sessions[1], "instruction": "Shorter."})
    answers[1].wait_cut()
    again = model.next()
    assert "Shorter." in again.prompt
    assert not answers[2].cut.is_set()
    assert [editor.phase(session) for session in sessions[2:]] == ["streaming"]
    answers[2].say(" len(items)\n", END)
    answers[2].finish()
    again.say(FENCE, *pieces(placed("second")), END)
    again.finish()
    ended(editor, 1, sessions[2])
    ended(editor, 2, sessions[1])
    parts = [place("first"), placed("second"), placed("third")]
    assert editor.text == "\n\n".join(parts)
    editor.command("midstream.revert", {"session": sessions[2]})
    editor.command("midstream.accept", {"session": sessions[1]})
    parts[2] = place("third")
    assert editor.written() == "\n\n".join(parts).encode()


def test_an_edit_over_one_in_review_accepts_that_one(neovim: Start, model: ScriptedModel) -> None:
    editor = neovim(FILE, options=model.options())
    session, answer = begin(editor, model)
    editor.command("midstream.cancel")
    answer.wait_cut()
    stopped = editor.text
    argument = editor.lines(FIRST, LAST) | {"instruction": "Once more."}
    second = editor.command("midstream.edit", argument)["session"]
    assert editor.phase(session) == "ended"
    again = model.next()
    again.say(FENCE, *lines_of(ANSWER), END)
    again.finish()
    ended(editor, 1, second)
    assert editor.text == EDITED
    editor.command("midstream.revert")
    assert editor.written() == stopped.encode()


# -- hunks while it streams --


def locked_early(editor: Neovim, model: ScriptedModel) -> tuple[str, str]:
    """The first hunk has landed and was accepted while the answer goes on: session and file."""
    session, answer = begin(editor, model)
    heard(editor, answer)

    def hunks() -> list[str]:
        told = editor.received("midstream/session")
        return [hunk["id"] for hunk in told[-1]["hunks"]] if told else []

    (hunk,) = editor.wait_for(hunks)
    argument = {"session": session, "hunks": [hunk]}
    assert editor.command("midstream.accept", argument)["session"] == session
    assert editor.phase(session) == "streaming" and not answer.cut.is_set()
    return session, editor.text


@pytest.mark.parametrize("how", ["cancel", "revert"])
def test_a_hunk_accepted_in_the_stream_stays(neovim: Start, model: ScriptedModel, how: str) -> None:
    editor = neovim(FILE, options=model.options(), sessions=True)
    _, accepted = locked_early(editor, model)
    if how == "cancel":
        editor.command("midstream.cancel", {"leave": "original"})
    else:
        editor.command("midstream.revert")
    editor.wait_for(lambda: editor.text == accepted)
    assert editor.text.count(LANDED) == 1
    assert editor.written() == accepted.encode()


@pytest.mark.parametrize("kept", [True, False], ids=["kept", "gainsaid"])
def test_a_hunk_accepted_in_the_stream_outlives_redirect_and_revert(
    neovim: Start, model: ScriptedModel, kept: bool
) -> None:
    editor = neovim(FILE, options=model.options(), sessions=True)
    _, accepted = locked_early(editor, model)
    editor.command("midstream.redirect", {"instruction": "No docstring, please."})
    second = model.next()
    assert LANDED in second.prompt
    new = ANSWER if kept else ANSWER.replace(LANDED, '"""Something else."""')
    second.say(FENCE, *lines_of(new), END)
    second.finish()
    ended(editor, attempt=2)
    text = editor.text
    assert f"\n    {LANDED}\n" in text and text.count(LANDED) == 1 and parses(text)
    assert text == EDITED or not kept, text
    editor.command("midstream.revert")
    editor.wait_for(lambda: editor.text == accepted)
    assert editor.written() == accepted.encode()
