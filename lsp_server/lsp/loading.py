"""Settings on their way into the office: read aside, told once, and waited for.

A settings file can lie on a slow disk, and a repository can fill its own with what takes long to
read. So files are read in a thread, for a bounded time, and what the editor says next waits in its
order until they are in: nothing ever runs with settings that are not the user's.
"""

import asyncio
import logging
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress

from lsp_server.ignore import Ignore, Unreadable
from lsp_server.lsp.client import Client, Level
from lsp_server.settings import READ_S, Loaded, Problem, Settings

log = logging.getLogger(__name__)

READING = "The settings are being read."
"""In the status, until they are in."""

_SHOWN = 3
"""Sentences in one message; the log and the doctor have the others."""


class Loading:
    """One reading after the other. `settled` is called with each, on the event loop."""

    def __init__(self, client: Client, settled: Callable[[Loaded], None]) -> None:
        self._client = client
        self._settled = settled
        self._told: set[str] = set()
        self._reading = 0
        self.when_done: Callable[[], None] = lambda: None
        """Called when a reading aside is over."""

    @property
    def busy(self) -> bool:
        """Whether settings are being read that are not in force yet."""
        return self._reading > 0

    def at_once(self, read: Callable[[], Loaded]) -> None:
        """Read here and now."""
        self._take(with_sound_patterns(read()))

    def aside(self, read: Callable[[], Loaded], late: Callable[[], Loaded]) -> None:
        """Read in a thread. `late` is what is taken where that takes too long, or fails."""
        loop = asyncio.get_running_loop()
        self._reading += 1
        over = False

        def done(loaded: Loaded) -> None:
            nonlocal over
            if over:
                return
            over = True
            alarm.cancel()
            try:
                self._take(loaded)
            finally:
                self._reading -= 1
                self.when_done()

        def work() -> None:
            try:
                loaded = with_sound_patterns(read())
            except Exception:
                log.exception("The settings could not be read.")
                loaded = late()
            with suppress(RuntimeError):  # The loop is closed: nobody waits any more.
                loop.call_soon_threadsafe(done, loaded)

        alarm = loop.call_later(READ_S, lambda: done(late()))
        # A thread of the loop's own would be waited for in the end.
        threading.Thread(target=work, name="settings", daemon=True).start()

    def _take(self, loaded: Loaded) -> None:
        self._settled(loaded)
        new = [p.sentence for p in loaded.problems if p.sentence not in self._told]
        self._told.update(new)
        if new:
            self._client.show_message(Level.WARNING, message_of(new))
        if len(new) > _SHOWN:
            self._client.log(Level.WARNING, "\n".join(new))


def message_of(sentences: Sequence[str]) -> str:
    """One message for all that is new."""
    shown = " ".join(sentences[:_SHOWN])
    if (more := len(sentences) - _SHOWN) <= 0:
        return shown
    return f"{shown} And {more} more; the log and `midstream doctor` have them all."


def trusts(options: object) -> bool:
    """What `initializationOptions` say of the workspace; who says nothing trusts it."""
    if options is None or options == [] or options == {}:
        return True
    return isinstance(options, dict) and options.get("trusted", True) is True


def with_sound_patterns(loaded: Loaded) -> Loaded:
    """The same; with a pattern of `ignore` that cannot be read it has an `ignore_fault`."""
    settings, fault = loaded.settings, _pattern_fault(loaded.settings)
    if fault is None:
        return loaded
    problems = (*loaded.problems, Problem(fault))
    return Loaded(settings.refusing(fault), problems)


def _pattern_fault(settings: Settings) -> str | None:
    try:
        Ignore().settings_rules(settings.ignore, folded=False)
    except Unreadable as error:
        return f"{str(error)[:1].upper()}{str(error)[1:]} Until then no code is sent to a model."
    return None
