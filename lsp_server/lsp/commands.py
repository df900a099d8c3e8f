"""The commands of `workspace/executeCommand`.

Each reads its one JSON object, passes an event to a session and returns the session's answer. All
raise `InvalidParams` and `RequestFailed` with sentences for the user.
"""

from collections.abc import Awaitable, Callable
from enum import StrEnum
from functools import partial

from lsp_server.backends.base import ConnectionState, ConnectionStatus, Usage
from lsp_server.choices import Leave
from lsp_server.errors import InvalidParams, RequestFailed
from lsp_server.lsp import convert
from lsp_server.lsp.command_arguments import CommandArguments
from lsp_server.lsp.command_targets import (
    PLACE,
    answered,
    context_of,
    hunks_of,
    profile_of,
    selection_of,
    session_of,
)
from lsp_server.lsp.convert import Json
from lsp_server.lsp.driver import Driver
from lsp_server.lsp.import_places import may_name_imports
from lsp_server.lsp.models import rows_of
from lsp_server.lsp.reply_form import form_of
from lsp_server.lsp.sent_context import context_json, context_of_session
from lsp_server.lsp.server_state import ServerState
from lsp_server.lsp.session_record import SessionContext, SessionRecord
from lsp_server.lsp.settings_loading import READING
from lsp_server.lsp.tree_reader import Response
from lsp_server.prompt.marking import lines_to_mark
from lsp_server.session import events as ev
from lsp_server.session.document_edits import Begun
from lsp_server.session.ledger import answerer_json
from lsp_server.session.machine import Session
from lsp_server.session.request import EditRequest, Form, Keep
from lsp_server.settings import Imports, Profile, Settings
from lsp_server.syntax.instruction_comments import InstructionTooLong, instruction_comment
from lsp_server.syntax.scope import Scope, ScopeLevel, find_scope, scopes_by_level
from lsp_server.text.lines import Encoding
from lsp_server.text.span import Span

Command = Callable[[ServerState, Json], Response]

_NO_MODEL = ConnectionStatus(ConnectionState.CLOSED)


EDIT_COMMENT = "midstream.editComment"
"""The command of the code action for an `ms:` comment."""


class CommandName(StrEnum):
    """The names of the commands in the protocol (`docs/protocol.md`)."""

    SCOPE = "midstream.scope"
    EDIT = "midstream.edit"
    CONTEXT = "midstream.context"
    REDIRECT = "midstream.redirect"
    CANCEL = "midstream.cancel"
    ACCEPT = "midstream.accept"
    REVERT = "midstream.revert"
    SHOW = "midstream.show"
    ATTEMPTS = "midstream.attempts"
    RESTORE = "midstream.restore"
    STATUS = "midstream.status"


# -- scopes and new sessions --


def scope(state: ServerState, raw: Json) -> Response:
    """`midstream.scope`: the scope that an edit would have, and all levels. Changes nothing."""
    args = CommandArguments(raw, ("uri", "range", "scope"))
    driver, selected = selection_of(state.context, state.drivers, args)
    level = args.choice("scope", ScopeLevel, ScopeLevel.SMALLEST)

    def described(selection: Span) -> Json:
        text, tree, encoding = driver.document_edits.text, driver.tree(), state.context.encoding
        found = find_scope(text.text, selection, driver.language, level, tree)
        levels = [
            {"scope": other.level.value, "range": convert.range_of(text, other.span, encoding)}
            for other in scopes_by_level(text.text, selection, driver.language, tree)
        ]
        return {"scope": _scope_json(driver, found, encoding), "ladder": levels}

    return driver.when_read(selected, described)


def edit(state: ServerState, raw: Json) -> Response:
    """`midstream.edit`: start a session."""
    known = ("uri", "range", "instruction", "scope", "profile", "version", "diagnostics")
    args = CommandArguments(raw, (*known, "context", "leaveOut"))
    driver, selected = selection_of(state.context, state.drivers, args)
    instruction, context = args.text("instruction"), context_of(args)
    level = args.choice("scope", ScopeLevel, ScopeLevel.SMALLEST)
    messages = args.diagnostics("diagnostics")
    profile = profile_of(state.context, args)
    if args.has("version") and args.number("version") != driver.document.version:
        raise RequestFailed(
            f"The document has changed (it is at version {driver.document.version}). Try again."
        )
    _refuse_what_cannot_be_edited(state, driver, profile)

    def started(selection: Span) -> Json:
        profile = profile_of(state.context, args)  # Settings may have changed meanwhile.
        _refuse_what_cannot_be_edited(state, driver, profile)
        text, tree = driver.document_edits.text.text, driver.tree()
        found = find_scope(text, selection, driver.language, level, tree)
        return _begin(
            state, driver, found, instruction, profile, messages, selection, context=context
        )

    return driver.when_read(selected, started)


def context(state: ServerState, raw: Json) -> Response:
    """`midstream.context`: what an edit that starts now would send. Changes and sends nothing."""
    known = ("uri", "range", "instruction", "scope", "profile", "context", "leaveOut")
    args = CommandArguments(raw, known)
    driver, selected = selection_of(state.context, state.drivers, args)
    instruction = args.optional_text("instruction") or ""
    level = args.choice("scope", ScopeLevel, ScopeLevel.SMALLEST)
    profile, named = profile_of(state.context, args), context_of(args)
    state.workspace.refuse_ignored(driver.document.uri)

    def listed(selection: Span) -> Response:
        text = driver.document_edits.text.text
        found = find_scope(text, selection, driver.language, level, driver.tree())
        request = first_request(
            driver, found, instruction, profile, state.context.settings, selection
        )
        record = SessionRecord(state.drivers.ids.coming, context=named)
        sent = state.requests.preview(driver, record, found.span, request)

        async def answer() -> Json:
            return {"context": context_json(await sent, state.context.encoding)}

        return answer()

    return driver.when_read(selected, listed)


def edit_comment(state: ServerState, raw: Json) -> Response:
    """`midstream.editComment`: do what the `ms:` comment at `range` says.

    It redirects a session whose scope contains the comment, else it starts one.
    """
    args = CommandArguments(raw, ("uri", "range", "profile"))
    driver, selected = selection_of(state.context, state.drivers, args)
    return driver.when_read(selected, partial(_edit_comment, state, driver, args))


def _edit_comment(
    state: ServerState, driver: Driver, args: CommandArguments, selection: Span
) -> Response:
    text = driver.document_edits.text.text
    profile = profile_of(state.context, args)
    found = instruction_comment(text, selection, driver.language, driver.tree())
    if found is None:
        raise RequestFailed("There is no `ms:` comment here.")
    if isinstance(found, InstructionTooLong):
        raise RequestFailed(f"{found.sentence}")
    spans = (
        (session, driver.document_edits.span_of(session.id))
        for session in driver.document_edits.sessions
    )
    around = next((pair for pair in spans if pair[1].contains(found.comment)), None)
    if around is not None:
        live, place = around
        if not args.has("profile"):
            profile = state.context.profile(live.attempt.request.profile)
        _refuse_what_cannot_be_edited(state, driver, profile)
        without = found.comment.shift(-place.start)
        return answered(
            driver,
            live,
            lambda token: ev.Redirected(
                token,
                found.instruction,
                profile=profile.name,
                without=without,
                patch_from=state.context.settings.patch_from_lines,
                large=_large_form(state, driver, live, profile, place),
                imports=_may_name_imports(state, driver, place, driver.record(live.id).scope_kind),
            ),
        )
    _refuse_what_cannot_be_edited(state, driver, profile)
    target, current = found.scope, found.rest(text)
    return _begin(state, driver, target, found.instruction, profile, (), target.span, current)


def _begin(
    state: ServerState,
    driver: Driver,
    found: Scope,
    instruction: str,
    profile: Profile,
    diagnostics: tuple[str, ...],
    selection: Span,
    current: str | None = None,
    context: SessionContext | None = None,
) -> Json:
    settings = state.context.settings
    selected = selection if current is None else found.span
    request = first_request(driver, found, instruction, profile, settings, selected, current)
    scope = _scope_json(driver, found, state.context.encoding)
    session = state.drivers.ids.next()
    begun = Begun(session, found.span, request, settings.publish)
    driver.begin(begun, selection, found.kind, diagnostics, context)
    return {"session": session, "scope": scope}


def first_request(
    driver: Driver,
    found: Scope,
    instruction: str,
    profile: Profile,
    settings: Settings,
    selection: Span,
    current: str | None = None,
) -> EditRequest:
    """The request of a session's first attempt. `current` replaces the text of the scope, if given.

    A text of `patchFromLines` lines or more is requested in the profile's form for large scopes.
    """
    document = driver.document_edits.text.text
    original = found.span.text(document)
    text = original if current is None else current
    return EditRequest(
        instruction,
        original,
        text,
        profile.name,
        form=form_of(driver, profile, found.span, text, settings.patch_from_lines),
        selected=lines_to_mark(document, found.span, selection),
        imports=may_name_imports(
            settings, driver.language_name, driver.tree(), found.span, found.kind
        ),
    )


# -- live sessions --


def redirect(state: ServerState, raw: Json) -> Response:
    """`midstream.redirect`: a new instruction."""
    args = CommandArguments(raw, (*PLACE, "instruction", "keep", "profile", "scope"))
    instruction = args.text("instruction")
    keep = args.choice("keep", Keep, Keep.LANDED)
    level = args.choice("scope", ScopeLevel, ScopeLevel.SMALLEST) if args.has("scope") else None
    named = profile_of(state.context, args)
    driver, session = session_of(state.context, state.drivers, args)
    profile = (
        named if args.has("profile") else state.context.profile(session.attempt.request.profile)
    )
    _refuse_what_cannot_be_edited(state, driver, profile)

    def redirected(_: Span) -> Response:
        new_scope = driver.scope_of(session.id).at(level) if level is not None else None
        resize = driver.document_edits.resize_to(session.id, new_scope.span) if new_scope else None
        place = new_scope.span if new_scope else driver.document_edits.span_of(session.id)
        kind = new_scope.kind if new_scope else driver.record(session.id).scope_kind
        return answered(
            driver,
            session,
            lambda token: ev.Redirected(
                token,
                instruction,
                keep,
                profile.name,
                resize=resize,
                patch_from=state.context.settings.patch_from_lines,
                large=_large_form(state, driver, session, profile, place),
                imports=_may_name_imports(state, driver, place, kind),
            ),
            new_scope.kind if new_scope else None,
        )

    # A redirect stops the model, so it waits only for the very first parse of the document.
    return driver.when_read(Span(0, 0), redirected, sooner=True)


def _may_name_imports(state: ServerState, driver: Driver, place: Span, kind: str) -> bool:
    settings = state.context.settings
    return may_name_imports(settings, driver.language_name, driver.tree(), place, kind)


def _large_form(
    state: ServerState, driver: Driver, session: Session, profile: Profile, place: Span
) -> Form:
    """The form in which a redirect asks for a large scope.

    In a small scope no definitions are looked for: that would delay the redirect.
    """
    text = max(place.text(driver.document_edits.text.text), session.original, key=len)
    return form_of(driver, profile, place, text, state.context.settings.patch_from_lines)


def cancel(state: ServerState, raw: Json) -> Response:
    """`midstream.cancel`: stop, also an edit that waits for its document to be parsed."""
    args = CommandArguments(raw, (*PLACE, "leave"))
    leave = args.choice("leave", Leave, state.context.settings.cancel_leaves)
    if not args.has("session") and state.drivers.drop_waiting(args.optional_text("uri")):
        return {"session": "", "left": Leave.ORIGINAL.value}
    driver, session = session_of(state.context, state.drivers, args)
    return answered(driver, session, lambda token: ev.Cancelled(token, leave))


def accept(state: ServerState, raw: Json) -> Response:
    """`midstream.accept`: accept everything, or some hunks, with or without imports."""
    args = CommandArguments(raw, (*PLACE, "hunks", "imports"))
    imports = args.yes_or_no("imports", state.context.settings.imports is Imports.ADD)
    driver, session, hunks = hunks_of(state.context, state.drivers, args)

    def accepted(_: Span) -> Response:
        return answered(driver, session, lambda token: ev.Accepted(token, hunks, imports))

    if imports and session.import_offers.lines:
        return driver.when_read(Span(0, 0), accepted)  # Only the tree tells their places.
    return accepted(Span(0, 0))


def revert(state: ServerState, raw: Json) -> Awaitable[Json]:
    """`midstream.revert`: revert everything, or some hunks."""
    args = CommandArguments(raw, (*PLACE, "hunks"))
    driver, session, hunks = hunks_of(state.context, state.drivers, args)
    return answered(driver, session, lambda token: ev.Reverted(token, hunks))


def show(state: ServerState, raw: Json) -> Response:
    """`midstream.show`: show what is held although it does not parse; with a wider `scope`, use it
    for that scope."""
    args = CommandArguments(raw, (*PLACE, "scope"))
    level = args.choice("scope", ScopeLevel, ScopeLevel.SMALLEST) if args.has("scope") else None
    driver, session = session_of(state.context, state.drivers, args)
    if level is None:
        return answered(driver, session, ev.Shown)

    def shown(_: Span) -> Response:
        wider = driver.scope_of(session.id).at(level)
        resize = driver.document_edits.resize_to(session.id, wider.span)
        return answered(driver, session, lambda token: ev.Shown(token, resize), wider.kind)

    return driver.when_read(Span(0, 0), shown, sooner=True)


def attempts(state: ServerState, raw: Json) -> Json:
    """`midstream.attempts`: all attempts of a session with their results."""
    _, session = session_of(state.context, state.drivers, CommandArguments(raw, PLACE))
    results = dict(session.scope_writer.attribution.results)
    base = session.scope_writer.attribution.base
    listed = []
    for attempt in session.attempts:
        number = attempt.number
        answerer = session.ledger.answerer(number)
        listed.append(
            {
                "attempt": number,
                "instruction": attempt.request.instruction,
                "profile": attempt.request.profile,
                "model": answerer.served,
                **{k: v for k, v in answerer_json(answerer).items() if k != "served"},
                "outcome": session.endings.get(number, session.phase.value),
                "lost": list(attempt.lost),
                "held": attempt.full_text is not None,
                "answer": attempt.reply,
                "text": results[number].apply(base) if number in results else None,
            }
        )
    return {"session": session.id, "attempts": listed}


def restore(state: ServerState, raw: Json) -> Awaitable[Json]:
    """`midstream.restore`: go back to the result of an attempt."""
    args = CommandArguments(raw, (*PLACE, "attempt"))
    number = args.number("attempt")
    driver, session = session_of(state.context, state.drivers, args)
    if not 1 <= number <= len(session.attempts):
        raise InvalidParams(
            f"`attempt` must be from 1 to {len(session.attempts)}: the session had that many."
        )
    return answered(driver, session, lambda token: ev.Restored(token, number))


def status(state: ServerState, raw: Json) -> Json:
    """`midstream.status`: sessions, profiles, connection, rate limits, the last ledger."""
    CommandArguments(raw, ())
    settings, profile = state.context.settings, state.context.settings.current
    now = state.models.status(profile) if profile is not None else _NO_MODEL
    sentence = READING if state.loading.busy else state.context.refusal or now.sentence
    shown = state.context.client.shown
    return {
        "sessions": [
            {"session": s.id, "uri": d.document.uri, "phase": s.phase.value}
            for d, s in state.drivers.sessions()
        ],
        "profile": settings.profile,
        "profiles": rows_of(settings, shown),
        "prompts": dict(settings.prompts),
        "model": {"requested": "" if profile is None else profile.model, "served": now.served},
        "connection": now.state.value,
        "sentence": None if sentence is None else shown(sentence),
        "rateLimits": [
            {
                "name": limit.name,
                "limit": limit.limit,
                "remaining": limit.remaining,
                "resetsAt": limit.resets_at,
            }
            for limit in now.rate_limits
        ],
        "serviceTier": now.service_tier,
        "usage": None if now.usage is None else _usage_json(now.usage),
        "queueMs": now.queue_ms,
        "context": context_of_session(state.requests.latest, state.context.encoding),
        "last": state.last_ledger,
    }


def _usage_json(usage: Usage) -> Json:
    return {
        "inputTokens": usage.input_tokens,
        "cachedTokens": usage.cached_tokens,
        "outputTokens": usage.output_tokens,
        "reasoningTokens": usage.reasoning_tokens,
    }


COMMANDS: dict[str, Command] = {
    CommandName.SCOPE: scope,
    CommandName.EDIT: edit,
    CommandName.CONTEXT: context,
    EDIT_COMMENT: edit_comment,
    CommandName.REDIRECT: redirect,
    CommandName.CANCEL: cancel,
    CommandName.ACCEPT: accept,
    CommandName.REVERT: revert,
    CommandName.SHOW: show,
    CommandName.ATTEMPTS: attempts,
    CommandName.RESTORE: restore,
    CommandName.STATUS: status,
}
"""Every command by its name."""


# -- shared --


def _refuse_what_cannot_be_edited(state: ServerState, driver: Driver, profile: Profile) -> None:
    """Raises `RequestFailed` if no edit can be applied, or if the code must not be sent there."""
    if not state.context.can_apply_edits:
        raise RequestFailed(
            "This editor doesn't let a server change documents (workspace/applyEdit), so Midstream "
            "can't show an edit."
        )
    state.workspace.refuse_ignored(driver.document.uri)
    state.models.refuse_unusable(profile)


def _scope_json(driver: Driver, found: Scope, encoding: Encoding) -> Json:
    return {
        "range": convert.range_of(driver.document_edits.text, found.span, encoding),
        "kind": found.kind,
        "language": driver.language_name,
    }
