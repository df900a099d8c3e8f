"""What the cases of fixtures/replies and fixtures/patches have in common, and how they are read."""

from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

FIXTURES = Path(__file__).parents[2] / "fixtures"

_ENDS = {"lf": ["\n"], "crlf": ["\r\n"], "cr": ["\r"], "mixed": ["\r\n", "\n", "\r"]}


@dataclass(frozen=True)
class Case:
    """One reply with the scope that it answers for."""

    name: str
    sentence: str
    original: str
    before: str
    after: str
    reply: str
    expected: str
    options: dict[str, str]

    @property
    def completed(self) -> bool:
        """Whether the model said that the reply is complete."""
        return self.options.get("end", "completed") == "completed"


C = TypeVar("C", bound=Case)


def load_cases(kind: type[C], folder: Path) -> list[C]:
    """Every case in `folder`, by name."""
    return [_load(kind, case) for case in sorted(folder.iterdir()) if case.is_dir()]


def _load(kind: type[C], folder: Path) -> C:
    sentence, *lines = _read(folder / "case.txt").splitlines()
    options = dict(line.split(": ", 1) for line in lines)
    before, _, rest = _read(folder / "original.txt").partition("«")
    original, _, after = rest.partition("»")
    reply = _with_ends(_read(folder / "reply.txt").removesuffix("\n"), options.get("ends", "lf"))
    expected = _read(folder / "expected.txt").removesuffix("\n")
    return kind(folder.name, sentence, original, before, after, reply, expected, options)


def _read(path: Path) -> str:
    # A checkout on Windows may have changed the line ends.
    return path.read_bytes().decode().replace("\r\n", "\n")


def _with_ends(text: str, ends: str) -> str:
    kinds = _ENDS[ends]
    first, *others = text.split("\n")
    return first + "".join(kinds[index % len(kinds)] + line for index, line in enumerate(others))
