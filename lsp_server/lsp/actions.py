"""Code actions on a selection and code lenses above a scope: Midstream without an extension.

Each holds a Midstream command with its argument, which the editor runs. Nothing here changes
anything.
"""

from collections.abc import Callable, Iterator

from lsp_server.edit.hunks import Hunk, HunkState
from lsp_server.errors import MidstreamError
from lsp_server.guard.invisible_filter import one_line
from lsp_server.lsp import convert
from lsp_server.lsp.client import MessageType
from lsp_server.lsp.client_context import ClientContext
from lsp_server.lsp.commands import EDIT_COMMENT, CommandName
from lsp_server.lsp.convert import Json
from lsp_server.lsp.document_drivers import DocumentDrivers
from lsp_server.lsp.driver import Driver
from lsp_server.session.import_offers import ImportHunk
from lsp_server.session.machine import Phase
from lsp_server.session.session_view import SessionView
from lsp_server.syntax.instruction_comments import InstructionTooLong, instruction_comment
from lsp_server.text.span import Span

REWRITE = "refactor.rewrite.midstream"
QUICKFIX = "quickfix.midstream"

INVOKED = 1
"""The user asked for the actions, not the editor by itself (LSP 3.17, `CodeActionTriggerKind`)."""

LONGEST_TITLE = 80
"""Code points of a title, which is one line of a menu. A cut title says how much is missing."""
LONGEST_FOREIGN_TITLE = 160
"""The same for a prompt of the workspace: its title shows the instruction that it sends."""
_LONGEST_NAME = 40
"""Code points of the name in such a title, so that no name hides whose prompt it is."""
MOST_PROMPTS = 100
MOST_PROMPT_TEXT = 100_000
"""The most prompts to offer, and the most code points of their instructions together."""
MOST_FIXES = 50
"""The most diagnostics to offer a fix for."""
LONGEST_MESSAGE = 4_000
"""Code points of a diagnostic's message in the instruction to fix it."""


def code_actions(
    context: ClientContext,
    drivers: DocumentDrivers,
    selected: Callable[[Driver, Span], None],
    params: object,
) -> list[Json]:
    """`textDocument/codeAction`. `selected` is called with the place if the user asked."""
    driver = _driver(drivers, params)
    if driver is None:
        return []
    assert isinstance(params, dict)
    text = driver.document.text
    try:
        seen = convert.span_from(text, params.get("range"), context.encoding)
    except MidstreamError:
        return []
    raw = params.get("context")
    about: Json = raw if isinstance(raw, dict) else {}
    uri, range_ = driver.document.uri, convert.range_of(text, seen, context.encoding)
    place = driver.known_place(seen)
    found = [
        *_session_actions(context, driver, place),
        *_comment(context, driver, place, uri, range_),
        *_fixes(context, about, uri, range_),
        *_edits(context, driver, place, uri, range_),
    ]
    if about.get("triggerKind") == INVOKED:
        selected(driver, place)
    only = about.get("only")
    if not isinstance(only, list):
        return found
    return [a for a in found if any(_within(a["kind"], kind) for kind in only)]


def _driver(drivers: DocumentDrivers, params: object) -> Driver | None:
    """The driver of the document that a request names; None if it is not open."""
    item = params.get("textDocument") if isinstance(params, dict) else None
    uri = item.get("uri") if isinstance(item, dict) else None
    try:
        return drivers.of(uri) if isinstance(uri, str) else None
    except MidstreamError:
        return None


def _within(kind: str, wanted: object) -> bool:
    return isinstance(wanted, str) and (
        not wanted or kind == wanted or kind.startswith(wanted + ".")
    )


def _session_actions(context: ClientContext, driver: Driver, place: Span) -> Iterator[Json]:
    """For the session at the place: stop, accept, revert, show, redirect."""
    session = driver.document_edits.at(place)
    if session is None:
        return
    named: Json = {"session": session.id}
    if session.busy:
        yield _action("Midstream: Stop", f"{REWRITE}.stop", CommandName.CANCEL, named)
    view = driver.document_edits.view(session.id)
    if with_imports := _accept_with_imports(view):
        title, argument = f"Midstream: {with_imports}", named | {"imports": True}
        yield _action(title, f"{REWRITE}.accept", CommandName.ACCEPT, argument)
    yield _action("Midstream: Accept", f"{REWRITE}.accept", CommandName.ACCEPT, named)
    yield _action("Midstream: Revert", f"{REWRITE}.revert", CommandName.REVERT, named)
    yield from _hunk_actions(view, place)
    if view.held is not None and (level := view.held.level):
        title = f"Midstream: Show the answer in the whole {level}"
        yield _action(title, f"{REWRITE}.show", CommandName.SHOW, named | {"scope": level})
    if session.scope_writer.only_sound and session.attempt.held_text():
        yield _action("Midstream: Show the held text", f"{REWRITE}.show", CommandName.SHOW, named)
    for title, most, instruction in _offered(context, "Redirect"):
        argument = named | {"instruction": instruction}
        yield _action(title, f"{REWRITE}.redirect", CommandName.REDIRECT, argument, most)
    if _prompts(context):
        yield _prompt("Redirect…", f"{REWRITE}.redirect", named)


def _accept_with_imports(view: SessionView) -> str:
    """What accepting the session with its imports is called; "" if it offers none."""
    count = len(view.offers) if view.phase is Phase.REVIEW else 0
    return f"Accept with {count} {'import' if count == 1 else 'imports'}" if count else ""


def _hunk_actions(view: SessionView, place: Span) -> Iterator[Json]:
    """Accept or revert the changes at the place, unless these are all changes."""
    start = view.scope.start
    undecided = [hunk for hunk in view.hunks if hunk.state is not HunkState.LOCKED]
    here = [
        hunk.id
        for hunk in undecided
        if hunk.span.start + start <= place.end and place.start <= hunk.span.end + start
    ]
    if not here or (view.phase is Phase.REVIEW and len(here) == len(undecided)):
        return
    these = "this change" if len(here) == 1 else f"these {len(here)} changes"
    named: Json = {"session": view.id, "hunks": here}
    yield _action(f"Midstream: Accept {these}", f"{REWRITE}.accept", CommandName.ACCEPT, named)
    yield _action(f"Midstream: Revert {these}", f"{REWRITE}.revert", CommandName.REVERT, named)


def _comment(
    context: ClientContext, driver: Driver, place: Span, uri: str, range_: Json
) -> Iterator[Json]:
    """For an `ms:` comment at the place: do what it says."""
    found = instruction_comment(
        driver.document_edits.text.text, place, driver.language, driver.tree()
    )
    if isinstance(found, InstructionTooLong):
        context.client.tell_once(MessageType.WARNING, found.sentence)
    elif found is not None:
        title = f"Midstream: {found.instruction}"
        argument: Json = {"uri": uri, "range": range_}
        yield _action(title, f"{REWRITE}.comment", EDIT_COMMENT, argument)


def _fixes(context: ClientContext, about: Json, uri: str, range_: Json) -> Iterator[Json]:
    """A fix for each diagnostic that the editor shows at the place."""
    diagnostics = about.get("diagnostics")
    shown = [d for d in diagnostics if _message(d)] if isinstance(diagnostics, list) else []
    if len(shown) > MOST_FIXES:
        context.client.tell_once(
            MessageType.INFO,
            f"There are {len(shown):,} diagnostics here. Midstream offers a fix for {MOST_FIXES} "
            "of them.",
        )
    for diagnostic in shown[:MOST_FIXES]:
        fix = _cut(f"Fix: {_message(diagnostic)}", LONGEST_MESSAGE)
        argument: Json = {
            "uri": uri,
            "range": diagnostic.get("range", range_),
            "instruction": fix,
            "diagnostics": [diagnostic],
        }
        yield _action(fix, QUICKFIX, CommandName.EDIT, argument) | {"diagnostics": [diagnostic]}


def _message(diagnostic: object) -> str:
    """The message of a diagnostic; "" if it has none."""
    message = diagnostic.get("message") if isinstance(diagnostic, dict) else None
    return message if isinstance(message, str) and message.strip() else ""


def _cut(text: str, most: int) -> str:
    """The first `most` code points of a text, and how many more there are."""
    if len(text) <= most:
        return text
    return f"{text[:most]}… (and {len(text) - most:,} more characters)"


def _edits(
    context: ClientContext, driver: Driver, place: Span, uri: str, range_: Json
) -> Iterator[Json]:
    """The prompts of the settings, unless a session is busy at the place."""
    session = driver.document_edits.at(place)
    if session is not None and session.busy:
        return
    argument: Json = {"uri": uri, "range": range_}
    for title, most, instruction in _offered(context, "Midstream"):
        full = argument | {"instruction": instruction}
        yield _action(title, f"{REWRITE}.prompt", CommandName.EDIT, full, most)
    if _prompts(context):
        yield _prompt("Edit with instruction…", f"{REWRITE}.edit", argument)


def _offered(context: ClientContext, verb: str) -> Iterator[tuple[str, int, str]]:
    """For each prompt its title, how long the title may be, and the instruction.

    The user's own prompts come first, so that a workspace cannot crowd them out. Titles of the
    workspace's prompts say whose they are and show the instruction, which somebody else wrote.
    """
    settings, size = context.settings, 0
    foreign = settings.workspace_prompts
    prompts = sorted(settings.prompts.items(), key=lambda prompt: prompt[0] in foreign)
    for count, (name, instruction) in enumerate(prompts):
        size += len(instruction)
        if count >= MOST_PROMPTS or size > MOST_PROMPT_TEXT:
            context.client.tell_once(
                MessageType.WARNING,
                f"The setting `prompts` has {len(prompts):,} prompts. Midstream offers the first "
                f"{count:,}: at most {MOST_PROMPTS}, with {MOST_PROMPT_TEXT:,} characters in all.",
            )
            return
        if name in foreign:
            whose = f"{one_line(name, _LONGEST_NAME)} (this workspace's prompt)"
            yield f"{verb}: {whose}: {instruction}", LONGEST_FOREIGN_TITLE, instruction
        else:
            yield f"{verb}: {name}", LONGEST_TITLE, instruction


def _prompts(context: ClientContext) -> bool:
    """Whether the client can ask the user for an instruction."""
    return context.capability("experimental", "midstream", "prompt") is True


def _prompt(title: str, kind: str, argument: Json) -> Json:
    return _action(title, kind, "midstream.promptEdit", argument)


def _action(title: str, kind: str, command: str, argument: Json, most: int = LONGEST_TITLE) -> Json:
    line = one_line(title, most)
    return {
        "title": line,
        "kind": kind,
        "command": {"title": line, "command": str(command), "arguments": [argument]},
    }


# -- lenses --


def code_lenses(context: ClientContext, drivers: DocumentDrivers, params: object) -> list[Json]:
    """`textDocument/codeLens`."""
    driver = _driver(drivers, params)
    if driver is None:
        return []
    found: list[Json] = []
    for session in driver.document_edits.sessions:
        view = driver.document_edits.view(session.id)
        found += _scope_lenses(context, driver, view)
        if view.phase is Phase.REVIEW:
            for hunk in view.hunks:
                found += _hunk_lenses(context, driver, view, hunk)
            for one in view.imports:
                found += _import_lenses(context, driver, view, one)
    return found


def _scope_lenses(context: ClientContext, driver: Driver, view: SessionView) -> Iterator[Json]:
    start = Span(view.scope.start, view.scope.start)
    named: Json = {"session": view.id}
    if view.phase is Phase.REVIEW:
        count = len(view.hunks)
        phase = f"{count} {'change' if count == 1 else 'changes'}"
    else:
        phase = view.phase.value
        yield _lens(context, driver, start, f"Midstream {phase} · Stop", CommandName.CANCEL, named)
    if with_imports := _accept_with_imports(view):
        argument = named | {"imports": True}
        words = f"Midstream {phase} · {with_imports}"
        yield _lens(context, driver, start, words, CommandName.ACCEPT, argument)
    yield _lens(context, driver, start, f"Midstream {phase} · Accept", CommandName.ACCEPT, named)
    yield _lens(context, driver, start, f"Midstream {phase} · Revert", CommandName.REVERT, named)
    if view.held is not None and (level := view.held.level):
        words = f"Midstream {phase} · Show in the whole {level}"
        yield _lens(context, driver, start, words, CommandName.SHOW, named | {"scope": level})


def _hunk_lenses(
    context: ClientContext, driver: Driver, view: SessionView, hunk: Hunk
) -> Iterator[Json]:
    if hunk.state is HunkState.LOCKED:
        return
    place = hunk.span.shift(view.scope.start)
    words = "Accept withheld change" if hunk.state is HunkState.WITHHELD else "Accept change"
    argument: Json = {"session": view.id, "hunks": [hunk.id]}
    yield _lens(context, driver, place, words, CommandName.ACCEPT, argument)
    yield _lens(context, driver, place, "Revert change", CommandName.REVERT, argument)


def _import_lenses(
    context: ClientContext, driver: Driver, view: SessionView, one: ImportHunk
) -> Iterator[Json]:
    argument: Json = {"session": view.id, "hunks": [one.id]}
    if one.offer is None:
        yield _lens(context, driver, one.span, "Revert import", CommandName.REVERT, argument)
        return
    line = one_line(one.line, LONGEST_TITLE)
    yield _lens(context, driver, one.span, f"Add import: {line}", CommandName.ACCEPT, argument)


def _lens(
    context: ClientContext, driver: Driver, place: Span, title: str, command: str, argument: Json
) -> Json:
    return {
        "range": convert.range_of(driver.document_edits.text, place, context.encoding),
        "command": {"title": title, "command": str(command), "arguments": [argument]},
    }
