"""Runs one edit from its instruction to the decision.

An editor makes the changes, a screen shows them and a decider decides. The demo differs from
`midstream edit` only in its decider. Writes no files.
"""

import asyncio
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

from lsp_server.cli.interrupts import Interrupts
from lsp_server.cli.live_view import SessionSnapshot
from lsp_server.cli.screen import Screen
from lsp_server.cli.server_process import ServerProcessError
from lsp_server.cli.small_editor import Buffer, EditorSession, SmallEditor
from lsp_server.cli.sourcefile import SourceFile
from lsp_server.errors import SettingsError
from lsp_server.guard.invisible_filter import invisible_in, name_of
from lsp_server.text.span import Span

_OPTIONS = {
    "profile": "--profile",
    "scope": "--scope",
    "context": "--context",
    "range": "--lines",
    "instruction": "-m",
}
"""The command line's names for fields of `midstream.edit`."""
_MOST_NAMED = 8
_FIELD = re.compile(r"`(\w+)`(?! in )")
"""A field at the beginning of a sentence. One followed by "in" is a key of the settings."""


@dataclass(frozen=True, slots=True)
class Job:
    """What to do. `options` go to `midstream.edit` unchanged (`scope`, `profile`, `context`)."""

    file: SourceFile
    selection: Span
    instruction: str
    options: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Redirect:
    """Go on with another instruction."""

    instruction: str


@dataclass(frozen=True, slots=True)
class Accept:
    """Keep the changes. `imports`: whether to write what is offered; `None`: by the setting."""

    imports: bool | None = None


@dataclass(frozen=True, slots=True)
class Revert:
    """Leave everything as it was."""


@dataclass(frozen=True, slots=True)
class Show:
    """Show what is held although it does not parse, then ask again."""


Decision = Redirect | Accept | Revert | Show


class Decider(Protocol):
    """Decides about an edit."""

    def while_streaming(self, session: EditorSession) -> Redirect | None:
        """Called repeatedly: whether to redirect now."""

    def when_stopped(self, session: EditorSession) -> Decision:
        """Called after Ctrl-C, when the session has settled."""

    def in_review(self, session: EditorSession, sound: bool) -> Decision:
        """Called when the model has finished. `sound` is whether its answer is complete."""


@dataclass(frozen=True, slots=True)
class Result:
    """How it ended. `text` is the complete document if the changes were accepted, else `None`."""

    text: str | None
    session: EditorSession


class EditFlow:
    """Runs jobs one after the other. `keep` leaves the last picture of each on the screen."""

    def __init__(
        self,
        editor: SmallEditor,
        screen: Screen,
        decider: Decider,
        interrupts: Interrupts,
        keep: bool = False,
    ) -> None:
        self._editor = editor
        self._screen = screen
        self._decider = decider
        self._interrupts = interrupts
        self._keep = keep
        self._stops = 0
        self._instructions: list[str] = []

    async def run(self, job: Job) -> Result:
        """Run the job. Raises `SettingsError` if it cannot start, and `MidstreamError`."""
        buffer = self._editor.open(job.file.given, job.file.text)
        session = await self._begin(job, job.instruction, buffer)
        while True:
            match await self._until_decided(job, session):
                case Redirect(instruction) if session.ended:
                    session = await self._begin_again(job, instruction, buffer)
                case Redirect(instruction):
                    await self._redirect(session, instruction)
                case Show():
                    await self._editor.show(session)
                case Accept(imports) if not session.ended:
                    await self._editor.accept(session, imports)
                    await self._ended(session)
                    return Result(buffer.text.text, session)
                case _:
                    return await self._reverted(session)

    async def _reverted(self, session: EditorSession) -> Result:
        if not session.ended:
            await self._editor.revert(session)
            await self._ended(session)
        return Result(None, session)

    async def _ended(self, session: EditorSession) -> None:
        await self._editor.until(lambda: session.ended)

    async def _begin(self, job: Job, instruction: str, buffer: Buffer) -> EditorSession:
        self._instructions = [instruction]
        try:
            session = await self._editor.edit(buffer, job.selection, instruction, **job.options)
        except ServerProcessError as error:
            raise SettingsError(own_words(str(error))) from None
        if not self._screen.live:
            self._screen.say(f"{job.file.path.name}: {instruction}")
        return session

    async def _begin_again(self, job: Job, instruction: str, buffer: Buffer) -> EditorSession:
        """Redirect a session that ended before anything arrived: the earlier instructions still
        count."""
        first, *others = self._instructions
        session = await self._begin(job, first, buffer)
        for later in (*others, instruction):
            await self._redirect(session, later)
        return session

    async def _redirect(self, session: EditorSession, instruction: str) -> None:
        self._instructions.append(instruction)
        if not self._screen.live:
            self._screen.say(f"Redirected: {instruction}")
        await self._editor.redirect(session, instruction)

    async def _until_decided(self, job: Job, session: EditorSession) -> Decision:
        """Watch until nothing more happens on its own, then ask."""
        self._stops = 0
        loop = asyncio.get_running_loop()
        self._interrupts.handle(lambda: loop.call_soon_threadsafe(self._interrupted))
        self._editor.on_change = self._screen.changed
        self._screen.watch(lambda: self._snapshot(job, session), self._keep)
        try:
            await self._watch(session)
            self._screen.unwatch()
        finally:
            self._screen.abandon()
            self._interrupts.hold()
        return await self._decision(job, session)

    async def _watch(self, session: EditorSession) -> None:
        """Wait until the session has settled, on its own or because it was stopped."""
        redirect: Redirect | None = None

        def must_act() -> bool:
            nonlocal redirect
            if session.settled or self._stops:
                return True
            redirect = self._decider.while_streaming(session)
            return redirect is not None

        while True:
            await self._editor.until(must_act)
            if self._stops:
                with suppress(
                    ServerProcessError
                ):  # It may have ended by itself at the same moment.
                    await self._editor.cancel(session)
                await self._editor.until(lambda: session.settled)
            if session.settled or redirect is None:
                return
            await self._redirect(session, redirect.instruction)
            redirect = None

    async def _decision(self, job: Job, session: EditorSession) -> Decision:
        failed = session.ended and not self._stops
        sound = not session.ended and not session.held and await self._editor.sound(session)
        if not self._keep:
            self._screen.changes(self._snapshot(job, session))
            self._name_hidden(session)
            for line in session.offers:
                self._screen.say(f"The new code needs an import: {line}", "cyan")
        for sentence in session.messages if not self._stops else ():
            self._screen.say(sentence, "yellow")
        if failed:
            return Revert()
        if self._stops > 1:
            return Accept()
        if self._stops:
            return self._decider.when_stopped(session)
        return self._decider.in_review(session, sound)

    def _name_hidden(self, session: EditorSession) -> None:
        """Name the hidden characters of the code, which the view replaces by symbols."""
        if hidden := sorted(invisible_in(session.text)):
            names = ", ".join(name_of(character) for character in hidden[:_MOST_NAMED])
            more = f" and {len(hidden) - _MOST_NAMED} others" if hidden[_MOST_NAMED:] else ""
            self._screen.say(
                f"The code has characters that are invisible: {names}{more}.", "yellow"
            )

    def _interrupted(self) -> None:
        self._stops += 1
        self._editor.nudge()

    def _snapshot(self, job: Job, session: EditorSession) -> SessionSnapshot:
        """A snapshot that includes the complete first and last line of the scope."""
        text = session.buffer.text
        first = text.line_of(session.before)
        start = text.line_span(first).start
        behind = len(text) - session.after
        end = text.line_span(text.line_of(behind)).end
        lead, tail = text.text[start : session.before], text.text[behind:end]
        rate = session.state.get("tokensPerSecond")
        return SessionSnapshot(
            title=f"{job.file.path.name}, line {first + 1} on",
            first_line=first + 1,
            before=f"{lead}{session.original}{tail}",
            after=f"{lead}{session.text}{tail}",
            place=session.buffer.place - start,
            phase=session.phase,
            attempt=session.attempt,
            tokens=session.tokens,
            tokens_per_second=float(rate) if rate else None,
            edits=session.edits,
            held=len(session.held),
            instructions=tuple(self._instructions),
            model=session.model,
            hint="" if session.settled or self._keep else "Ctrl-C stops",
        )


def own_words(sentence: str) -> str:
    """A sentence of the server with the command line's name for the field at its start."""
    found = _FIELD.match(sentence)
    option = None if found is None else _OPTIONS.get(found[1])
    return sentence if found is None or option is None else option + sentence[found.end() :]
