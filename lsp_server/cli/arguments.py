"""Parses the command line. Every mistake becomes one sentence that says what to change.

Knows the form of the arguments, not what they are used for. Opens no files.
"""

import argparse
import re
from typing import NoReturn

from lsp_server.errors import SettingsError

_LINES = re.compile(r"([0-9]{1,9})(?:-([0-9]{1,9}))?")
_REQUIRED = re.compile(r"the following arguments are required: (.+)")
_UNRECOGNIZED = re.compile(r"unrecognized arguments: (.+)", re.DOTALL)
_ONE_ARGUMENT = re.compile(r"argument (\S+): expected one argument")
_NOT_ALLOWED = re.compile(r"argument (\S+): not allowed with argument (\S+)")
_NAMES = {"-m/--message": "-m"}


class Parser(argparse.ArgumentParser):
    """`argparse` with sentences for mistakes and without abbreviations."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**{"allow_abbrev": False, **kwargs})  # type: ignore[arg-type]

    def error(self, message: str) -> NoReturn:
        """Raises `SettingsError`. argparse would print the usage and exit."""
        raise SettingsError(f"{_sentence(message, self.prog)} See `{self.prog} --help`.")


def parse_lines(text: str) -> tuple[int, int]:
    """The first and the last line, from 1, of `A-B` or `A`. Raises `SettingsError`."""
    found = _LINES.fullmatch(text.strip())
    if found is None or int(found[1]) == 0:
        raise SettingsError(
            f"--lines takes line numbers from 1, such as 10-42, not `{_shown(text)}`."
        )
    first = int(found[1])
    last = first if found[2] is None else int(found[2])
    if last < first:
        raise SettingsError(
            f"--lines {first}-{last} ends before it begins. Did you mean {last}-{first}?"
        )
    return first, last


def parse_context(text: str) -> tuple[str, tuple[int, int] | None]:
    """The file and the lines of `FILE:A-B`, `FILE:A` or `FILE`. Raises `SettingsError`."""
    name, colon, lines = text.rpartition(":")
    if colon and name and _LINES.fullmatch(lines.strip()):
        try:
            return name, parse_lines(lines)
        except SettingsError as error:
            words = str(error).replace("--lines", "--context", 1)
            raise SettingsError(words) from None
    if not text.strip():
        raise SettingsError("--context is empty. Name a file, such as shop/money.py:10-40.")
    return text, None


def check_instruction(text: str) -> str:
    """The instruction, unchanged. Raises `SettingsError` for a blank one."""
    if not text.strip():
        raise SettingsError("-m is empty. Say what to do, such as -m 'use f-strings'.")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise SettingsError("-m has bytes that aren't text in this terminal's encoding.")
    return text


def _sentence(message: str, program: str) -> str:
    if found := _REQUIRED.fullmatch(message):
        names = [_NAMES.get(name, name) for name in found[1].split(", ")]
        return f"`{program}` needs {_listed(names)}."
    if found := _UNRECOGNIZED.fullmatch(message):
        return f"`{program}` doesn't take `{_shown(found[1])}`."
    if found := _ONE_ARGUMENT.fullmatch(message):
        return f"{_NAMES.get(found[1], found[1])} needs a value."
    if found := _NOT_ALLOWED.fullmatch(message):
        return f"{found[1]} and {found[2]} can't be combined. Leave one out."
    return f"`{program}`: {message}."


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _shown(text: str) -> str:
    """The user's input, short enough for a sentence."""
    line = " ".join(text.split())
    return line if len(line) <= 40 else line[:39] + "…"
