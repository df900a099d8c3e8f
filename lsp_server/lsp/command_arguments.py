"""Reads the one JSON object that a command takes. Every error names the field."""

from collections.abc import Sequence
from enum import StrEnum
from typing import TypeVar

from lsp_server.errors import InvalidParams
from lsp_server.lsp import convert
from lsp_server.lsp.convert import Json

E = TypeVar("E", bound=StrEnum)


class CommandArguments:
    """The fields of a command's argument. All methods raise `InvalidParams`."""

    def __init__(self, raw: Json, known: Sequence[str]) -> None:
        """Refuses every field that is not in `known`."""
        for name in raw:
            if name not in known:
                raise InvalidParams(
                    f"`{name}` is unknown. The fields are {', '.join(f'`{k}`' for k in known)}."
                    if known
                    else f"`{name}` is unknown. This command takes no fields."
                )
        self._raw = {name: value for name, value in raw.items() if value is not None}

    def has(self, name: str) -> bool:
        """Whether the field is given and not null."""
        return name in self._raw

    def raw(self, name: str) -> object:
        """The field, unchecked."""
        if name not in self._raw:
            raise InvalidParams(f"`{name}` is missing.")
        return self._raw[name]

    def text(self, name: str) -> str:
        """A string that is not blank."""
        value = self.raw(name)
        if not isinstance(value, str) or not value.strip():
            raise InvalidParams(f"`{name}` must be a non-empty string.")
        return value

    def optional_text(self, name: str) -> str | None:
        """The same; None if the field is missing."""
        return self.text(name) if self.has(name) else None

    def choice(self, name: str, kind: type[E], default: E) -> E:
        """A member of `kind`, by its value."""
        if not self.has(name):
            return default
        value = self._raw[name]
        words = [member.value for member in kind]
        if not isinstance(value, str) or value not in words:
            raise InvalidParams(f"`{name}` must be one of {', '.join(f'`{w}`' for w in words)}.")
        return kind(value)

    def yes_or_no(self, name: str, default: bool) -> bool:
        """A boolean."""
        value = self._raw.get(name, default)
        if not isinstance(value, bool):
            raise InvalidParams(f"`{name}` must be true or false.")
        return value

    def number(self, name: str) -> int:
        """An integer."""
        value = self.raw(name)
        if isinstance(value, bool) or not isinstance(value, int):
            raise InvalidParams(f"`{name}` must be an integer.")
        return value

    def texts(self, name: str) -> tuple[str, ...] | None:
        """A non-empty list of strings, without duplicates; None if the field is missing."""
        if not self.has(name):
            return None
        value = self._raw[name]
        fits = isinstance(value, list) and bool(value) and all(isinstance(v, str) for v in value)
        if not fits:
            raise InvalidParams(f"`{name}` must be a non-empty list of strings.")
        assert isinstance(value, list)
        return tuple(dict.fromkeys(value))

    def uris(self, name: str) -> tuple[str, ...]:
        """A list of URIs; empty if the field is missing."""
        value = self._raw.get(name, [])
        if not isinstance(value, list):
            raise InvalidParams(f"`{name}` must be a list of URIs.")
        for number, uri in enumerate(value):
            convert.uri_from(uri, f"{name}[{number}]")
        return tuple(value)

    def files(self, name: str) -> tuple[tuple[str, int | None, int | None], ...]:
        """A list of `{uri, range?}`: the URI, and the first and the last line, counted from 0.

        Empty if the field is missing. A range that ends at the start of a line does not hold it.
        """
        value = self._raw.get(name, [])
        if not isinstance(value, list):
            raise InvalidParams(f"`{name}` must be a list of `{{uri, range?}}`.")
        return tuple(_file(item, f"{name}[{number}]") for number, item in enumerate(value))

    def diagnostics(self, name: str) -> tuple[str, ...]:
        """The messages of a list of LSP diagnostics."""
        value = self._raw.get(name, [])
        if not isinstance(value, list):
            raise InvalidParams(f"`{name}` must be a list of diagnostics.")
        messages = []
        for item in value:
            message = item.get("message") if isinstance(item, dict) else None
            if not isinstance(message, str):
                raise InvalidParams(f"`{name}`: each diagnostic must have a string `message`.")
            messages.append(message)
        return tuple(messages)


def _file(item: object, field: str) -> tuple[str, int | None, int | None]:
    if not isinstance(item, dict):
        raise InvalidParams(f"`{field}` must be an object with `uri` and, if you like, `range`.")
    for key in item:
        if key not in ("uri", "range"):
            raise InvalidParams(f"`{field}.{key}` is unknown. The fields are `uri`, `range`.")
    uri = item.get("uri")
    convert.uri_from(uri, f"{field}.uri")
    assert isinstance(uri, str)
    if item.get("range") is None:
        return uri, None, None
    first, last = convert.lines_from(item["range"], f"{field}.range")
    return uri, first, last
