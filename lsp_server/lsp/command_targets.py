"""Finds what a command's arguments name: a document, a place in it, a session, hunks, a profile.

All functions raise `InvalidParams` and `RequestFailed` with sentences for the user.
"""

from collections.abc import Awaitable, Callable

from lsp_server.context.named_files import NamedFile
from lsp_server.errors import InvalidParams, NoSuchProfile
from lsp_server.lsp import convert
from lsp_server.lsp.client_context import ClientContext
from lsp_server.lsp.command_arguments import CommandArguments
from lsp_server.lsp.convert import Json
from lsp_server.lsp.document_drivers import DocumentDrivers
from lsp_server.lsp.driver import Driver
from lsp_server.lsp.session_record import SessionContext
from lsp_server.lsp.uris import path_from
from lsp_server.session import events as ev
from lsp_server.session.machine import Session
from lsp_server.settings import Profile
from lsp_server.text.span import Span

PLACE = ("session", "uri", "range", "position")
"""The arguments that say which session is meant."""


def selection_of(
    context: ClientContext, drivers: DocumentDrivers, args: CommandArguments
) -> tuple[Driver, Span]:
    """The document that a command names, and the range in the editor's text."""
    driver = drivers.of(args.text("uri"))
    return driver, convert.span_from(driver.document.text, args.raw("range"), context.encoding)


def session_of(
    context: ClientContext, drivers: DocumentDrivers, args: CommandArguments
) -> tuple[Driver, Session]:
    """The session that a command means: by id, by place, or the latest."""
    uri = args.optional_text("uri")
    place = None
    if uri is None and (args.has("range") or args.has("position")):
        raise InvalidParams("`uri` is missing: it names the document of the place.")
    if uri is not None:
        driver = drivers.of(uri)
        text = driver.document.text
        if args.has("range"):
            place = driver.known_place(convert.span_from(text, args.raw("range"), context.encoding))
        elif args.has("position"):
            offset = convert.offset_from(text, args.raw("position"), context.encoding)
            place = driver.known_place(Span(offset, offset))
    return drivers.find_session(args.optional_text("session"), uri, place)


def profile_of(context: ClientContext, args: CommandArguments) -> Profile:
    """The profile that the command names, or the one in use."""
    try:
        return context.profile(args.optional_text("profile"))
    except NoSuchProfile as error:
        raise InvalidParams(str(error)) from None


def hunks_of(
    context: ClientContext, drivers: DocumentDrivers, args: CommandArguments
) -> tuple[Driver, Session, tuple[str, ...] | None]:
    """The session meant and its hunks; `None` for all of them."""
    hunks = args.texts("hunks")
    driver, session = session_of(context, drivers, args)
    known = {f"h{number}" for number in range(1, session.scope_writer.attribution.next_id)}
    for id_ in hunks or ():
        if id_ not in known and not session.import_offers.had(id_):
            raise InvalidParams(f"`hunks`: this session never had a hunk `{id_}`.")
    return driver, session, hunks


def context_of(args: CommandArguments) -> SessionContext:
    """What `context` names and `leaveOut` takes out for a session."""
    named, refused = [], []
    for uri, first, last in args.files("context"):
        if (path := path_from(uri)) is None:
            refused.append(f"`{uri}` isn't sent: it isn't a file.")
        else:
            lines = (None, None) if first is None or last is None else (first + 1, last + 1)
            named.append(NamedFile(path, *lines))
    return SessionContext(tuple(named), tuple(refused), args.uris("leaveOut"))


def answered(
    driver: Driver,
    session: Session,
    event: Callable[[int], ev.UserEvent],
    scope_kind: str | None = None,
) -> Awaitable[Json]:
    """Pass the event to the session now, in the order of arrival; its answer may come later.

    `scope_kind` is the kind of the scope once the session has accepted the event.
    """
    future = driver.command(session.id, event, scope_kind)

    async def answer() -> Json:
        return dict(await future)

    return answer()
