"""Settings on their way into the office: read aside, told once, and waited for.

A settings file can lie on a slow disk, and a repository can fill its own with what takes long to
read. So files are read in a thread, for a bounded time, and what the editor says next waits in its
order until they are in: nothing ever runs with settings that are not the user's.
"""

import asyncio
import logging
import re
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress

from rapidfuzz import fuzz

from lsp_server.ignore import Ignore, Unreadable
from lsp_server.lsp.client import EditorClient, MessageType
from lsp_server.settings import READ_S, Loaded, Problem, Settings
from lsp_server.settings.schema import COMPOSITE_KEYS, KEYS

log = logging.getLogger(__name__)

READING = "The settings are being read."
"""In the status, until they are in."""

_LATE = "could not be read in {:.0f} seconds"
_MISTAKE = "could not be read, by a mistake of Midstream; its log has the details"

_NEAR = 75
"""From this similarity on, in percent, a name is a misspelt `trusted`."""
_NEGATED = re.compile("(un|not?|dis|mis)trust")

_SHOWN = 3
"""Sentences in one message; the log and the doctor have the others."""


class SettingsLoading:
    """One reading after the other. `settled` is called with each, on the event loop."""

    def __init__(self, client: EditorClient, settled: Callable[[Loaded], None]) -> None:
        self._client = client
        self._settled = settled
        self._told: set[str] = set()
        self._busy = False
        self._again: tuple[Callable[[], Loaded], Callable[[str], Loaded]] | None = None
        self.when_done: Callable[[], None] = lambda: None
        """Called when everything that was to be read aside is in force."""

    @property
    def busy(self) -> bool:
        """Whether settings are being read that are not in force yet."""
        return self._busy

    def at_once(self, read: Callable[[], Loaded]) -> None:
        """Read here and now."""
        self._take(with_sound_patterns(read()))

    def aside(self, read: Callable[[], Loaded], unread: Callable[[str], Loaded]) -> None:
        """Read in a thread. `unread` is what is taken where that takes too long, or fails; it is
        told the fault.

        While one reading runs, only the last of those asked for meanwhile is kept for its end.
        """
        if self._busy:
            self._again = read, unread
            return
        loop = asyncio.get_running_loop()
        self._busy, over = True, False

        def done(loaded: Loaded) -> None:
            nonlocal over
            if over:
                return
            over = True
            alarm.cancel()
            try:
                self._take(loaded)
            finally:
                self._go_on()

        def work() -> None:
            try:
                loaded = with_sound_patterns(read())
            except Exception:
                log.exception("The settings could not be read.")
                loaded = _without(unread, _MISTAKE)
            with suppress(RuntimeError):  # The loop is closed: nobody waits any more.
                loop.call_soon_threadsafe(done, loaded)

        alarm = loop.call_later(READ_S, lambda: done(_without(unread, _LATE.format(READ_S))))
        # A thread of the loop's own would be waited for in the end.
        threading.Thread(target=work, name="settings", daemon=True).start()

    def _go_on(self) -> None:
        self._busy = False
        again, self._again = self._again, None
        if again is not None:
            self.aside(*again)
        else:
            self.when_done()

    def _take(self, loaded: Loaded) -> None:
        self._settled(loaded)
        new = [p.sentence for p in loaded.problems if p.sentence not in self._told]
        self._told.update(new)
        if new:
            self._client.show_message(MessageType.WARNING, message_of(new))
        if len(new) > _SHOWN:
            self._client.log(MessageType.WARNING, "\n".join(new))


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
    return isinstance(options, dict) and all(map(_trusting, options, options.values()))


def _trusting(name: object, value: object) -> bool:
    """Whether a field does not say that the workspace is not trusted, however it is spelled."""
    plain = re.sub(r"[\W_]", "", str(name).lower())
    if "trust" not in plain and fuzz.ratio(plain, "trusted") < _NEAR:
        return True
    return value is (_NEGATED.search(plain) is None)


def only_ignore(configuration: object) -> object:
    """What may be heard of a configuration that is mixed from a workspace without trust.

    `ignore` can only add. What is no setting at all stays: it may be an `ignore` that is misspelt.
    """
    if not isinstance(configuration, dict):
        return configuration
    dropped = {key.json_name for key in (*KEYS, *COMPOSITE_KEYS)} - {"ignore"}
    return {name: value for name, value in configuration.items() if name not in dropped}


def _without(unread: Callable[[str], Loaded], fault: str) -> Loaded:
    """The settings without what could not be read; no code is sent where not even that is sure."""
    try:
        return unread(fault)
    except Exception:
        log.exception("The settings could not be read without their files.")
        sentence = f"The settings {fault}. Until then no code is sent to a model."
        return Loaded(Settings().refusing(sentence), (Problem(sentence),))


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
