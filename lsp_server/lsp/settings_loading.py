"""Reads the settings in a thread and shows what is wrong in them.

A settings file can be on a slow disk, and a repository can fill its own with text that takes long
to read. So files are read in a thread, for a bounded time, and the editor's next messages wait in
order until the settings are read: nothing ever runs with settings that are not the user's.
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
from lsp_server.wording import DOCTOR, LOG

log = logging.getLogger(__name__)

READING = "Midstream is reading the settings."
"""The sentence of the status meanwhile."""

_LATE = "couldn't be read in {:.0f} seconds"
_MISTAKE = f"couldn't be read, which is a bug: please report it with {LOG}"

_NEAR = 75
"""From this similarity on, in percent, a name is a misspelt `trusted`."""
_NEGATED = re.compile("(un|not?|dis|mis)trust")

_SHOWN = 3
"""The most sentences in one message; the log and `midstream doctor` have all."""


class SettingsLoading:
    """Reads settings, one reading after the other. `settled` gets each on the event loop."""

    def __init__(self, client: EditorClient, settled: Callable[[Loaded], None]) -> None:
        self._client = client
        self._settled = settled
        self._shown_sentences: set[str] = set()
        self._busy = False
        self._again: tuple[Callable[[], Loaded], Callable[[str], Loaded]] | None = None
        self.when_done: Callable[[], None] = lambda: None
        """Called when the settings of all readings in threads are in force."""

    @property
    def busy(self) -> bool:
        """Whether a reading in a thread is not in force yet."""
        return self._busy

    def at_once(self, read: Callable[[], Loaded]) -> None:
        """Read on the event loop."""
        self._take(with_sound_patterns(read()))

    def run_in_thread(self, read: Callable[[], Loaded], unread: Callable[[str], Loaded]) -> None:
        """Read in a thread. If that takes too long or fails, the settings are those of `unread`,
        which gets the fault.

        While a reading runs, only the last of further requests is kept and follows it.
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
                self._next()

        def work() -> None:
            try:
                loaded = with_sound_patterns(read())
            except Exception:
                log.exception("The settings couldn't be read.")
                loaded = _without(unread, _MISTAKE)
            with suppress(RuntimeError):  # The loop is closed, so the result is not needed.
                loop.call_soon_threadsafe(done, loaded)

        alarm = loop.call_later(READ_S, lambda: done(_without(unread, _LATE.format(READ_S))))
        # Not in the loop's executor: closing the loop would wait for it.
        threading.Thread(target=work, name="settings", daemon=True).start()

    def _next(self) -> None:
        self._busy = False
        again, self._again = self._again, None
        if again is not None:
            self.run_in_thread(*again)
        else:
            self.when_done()

    def _take(self, loaded: Loaded) -> None:
        self._settled(loaded)
        new = [p.sentence for p in loaded.problems if p.sentence not in self._shown_sentences]
        self._shown_sentences.update(new)
        if new:
            self._client.show_message(MessageType.WARNING, message_of(new))
        if len(new) > _SHOWN:
            self._client.log(MessageType.WARNING, "\n".join(new))


def message_of(sentences: Sequence[str]) -> str:
    """One message for all sentences."""
    shown = " ".join(sentences[:_SHOWN])
    if (more := len(sentences) - _SHOWN) <= 0:
        return shown
    return f"{shown} There are {more} more: see {LOG}, or run {DOCTOR}."


def trusts(options: object) -> bool:
    """Whether `initializationOptions` trust the workspace; they do unless they say otherwise."""
    if options is None or options == [] or options == {}:
        return True
    return isinstance(options, dict) and all(map(_trusting, options, options.values()))


def _trusting(name: object, value: object) -> bool:
    """Whether a field, even a misspelt one, does not say that the workspace is untrusted."""
    plain = re.sub(r"[\W_]", "", str(name).lower())
    if "trust" not in plain and fuzz.ratio(plain, "trusted") < _NEAR:
        return True
    return value is (_NEGATED.search(plain) is None)


def only_ignore(configuration: object) -> object:
    """The parts of a configuration that count although an untrusted workspace had a say in it.

    `ignore` counts, because it can only add. Unknown names stay too: one may be a misspelt
    `ignore`.
    """
    if not isinstance(configuration, dict):
        return configuration
    dropped = {key.json_name for key in (*KEYS, *COMPOSITE_KEYS)} - {"ignore"}
    return {name: value for name, value in configuration.items() if name not in dropped}


def _without(unread: Callable[[str], Loaded], fault: str) -> Loaded:
    """The settings without those that could not be read.

    If even that fails, they allow no code to be sent.
    """
    try:
        return unread(fault)
    except Exception:
        log.exception("The settings couldn't be read without their files.")
        sentence = f"The settings {fault}. Until then, no code is sent to a model."
        return Loaded(Settings().refusing(sentence), (Problem(sentence),))


def with_sound_patterns(loaded: Loaded) -> Loaded:
    """The same, with an `ignore_fault` if a pattern in `ignore` is invalid."""
    settings, fault = loaded.settings, _pattern_fault(loaded.settings)
    if fault is None:
        return loaded
    problems = (*loaded.problems, Problem(fault))
    return Loaded(settings.refusing(fault), problems)


def _pattern_fault(settings: Settings) -> str | None:
    try:
        Ignore().settings_rules(settings.ignore, folded=False)
    except Unreadable as error:
        return f"{str(error)[:1].upper()}{str(error)[1:]} Until then, no code is sent to a model."
    return None
