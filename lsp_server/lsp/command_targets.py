"""What the arguments of a command mean: the document, the place in it, the session, the profile.

Shared by all commands. Raises `InvalidParams` and `RequestFailed` with sentences for the user.
"""

from collections.abc import Awaitable, Callable

from lsp_server.errors import InvalidParams, NoSuchProfile
from lsp_server.lsp import convert
from lsp_server.lsp.command_arguments import CommandArguments
from lsp_server.lsp.convert import Json
from lsp_server.lsp.driver import Driver
from lsp_server.lsp.server_state import ServerState
from lsp_server.session import events as ev
from lsp_server.session.machine import Session
from lsp_server.settings import Profile
from lsp_server.text.span import Span

PLACE = ("session", "uri", "range", "position")
"""Where a command may look for a session that is not named."""


def selection_of(server_state: ServerState, args: CommandArguments) -> tuple[Driver, Span]:
    """The document that a command names, and the place in it as the editor has it."""
    driver = server_state.driver(args.text("uri"))
    return driver, convert.span_from(driver.document.text, args.raw("range"), server_state.encoding)


def session_of(server_state: ServerState, args: CommandArguments) -> tuple[Driver, Session]:
    uri = args.optional_text("uri")
    place = None
    if uri is None and (args.has("range") or args.has("position")):
        raise InvalidParams("`uri` is missing: it says in which document the place is.")
    if uri is not None:
        driver = server_state.driver(uri)
        text = driver.document.text
        if args.has("range"):
            place = driver.at_document(
                convert.span_from(text, args.raw("range"), server_state.encoding)
            )
        elif args.has("position"):
            offset = convert.offset_from(text, args.raw("position"), server_state.encoding)
            place = driver.at_document(Span(offset, offset))
    return server_state.find(args.optional_text("session"), uri, place)


def profile_of(server_state: ServerState, args: CommandArguments) -> Profile:
    """The profile that the command names, or the one in use."""
    try:
        return server_state.profile(args.optional_text("profile"))
    except NoSuchProfile as error:
        raise InvalidParams(str(error)) from None


def hunks_of(
    server_state: ServerState, raw: Json
) -> tuple[Driver, Session, tuple[str, ...] | None]:
    """The session meant and its hunks; `None` for all of them."""
    args = CommandArguments(raw, (*PLACE, "hunks"))
    hunks = args.texts("hunks")
    driver, session = session_of(server_state, args)
    known = {f"h{number}" for number in range(1, session.scope_writer.attribution.next_id)}
    for id_ in hunks or ():
        if id_ not in known:
            raise InvalidParams(f"`hunks`: there has never been a hunk `{id_}` in this session.")
    return driver, session, hunks


def answered(
    driver: Driver, session: Session, event: Callable[[int], ev.UserEvent]
) -> Awaitable[Json]:
    """Hand the event over now, in the order of arrival; the answer may come later."""
    future = driver.command(session.id, event)

    async def answer() -> Json:
        return dict(await future)

    return answer()
