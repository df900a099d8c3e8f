"""The corpus of `fixtures/secrets`: synthetic secrets and harmless look-alikes.

`fixtures/secrets/README.md` gives the format. No secret stands there in one piece: what is random
in one is drawn here, from a seed that is the case's own name.
"""

import base64
import random
import re
import string
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lsp_server.text.span import Span
from tests.support.architecture import ROOT

FOLDER = ROOT / "fixtures" / "secrets"
PARTS = ("tuned", "held-out", "later")
_ALPHABETS = {
    "alnum": string.ascii_letters + string.digits,
    "base64": string.ascii_letters + string.digits + "+/",
    "word": string.ascii_letters + string.digits + "-_",
    "hex": "0123456789abcdef",
    "HEX": "0123456789ABCDEF",
    "digit": string.digits,
    "letter": string.ascii_letters,
    "lower": string.ascii_lowercase + string.digits,
    "upper": string.ascii_uppercase + string.digits,
    "base32": string.ascii_uppercase + "234567",
    "lowerbase32": string.ascii_lowercase + "234567",
    "salt": string.ascii_letters + string.digits + "!@#%^&*(-_=+)",
}
_CASE = re.compile(r"^=== (.+?) \| (\S+)\n", re.M)
_DRAWN = re.compile(r"‹(?:(\w+) (\d+)|(uuid)|b64 (.*?))›")


@dataclass(frozen=True, slots=True)
class Case:
    """A text, and the places of its secrets (in code points; none in a harmless one)."""

    name: str
    file: str
    text: str
    secrets: tuple[Span, ...]


def cases(part: str, kind: str) -> tuple[Case, ...]:
    """The cases of a part (`tuned`, `held-out`), of a kind (`secrets`, `harmless`)."""
    text = (FOLDER / f"{part}-{kind}.txt").read_text("utf-8")
    pieces = _CASE.split(text)[1:]
    return tuple(
        _case(name, file, body.removesuffix("\n"))
        for name, file, body in zip(pieces[::3], pieces[1::3], pieces[2::3], strict=True)
    )


def masked(case: Case, found: Sequence[Span]) -> bool:
    """Whether no character of the case's secrets can be read."""
    return all(
        any(span.start <= secret.start and secret.end <= span.end for span in found)
        for secret in case.secrets
    )


def exact(case: Case, found: Iterable[Span]) -> bool:
    """Whether the secrets are found as they are: without their names, quotes and signs."""
    return tuple(found) == case.secrets


def _case(name: str, file: str, body: str) -> Case:
    chance = random.Random(f"{name} | {file}")
    drawn = _DRAWN.sub(lambda match: _draw(match, chance), body) + "\n"
    parts = re.split("[«»]", drawn)
    assert len(parts) % 2, f"a « without its » in {name}"
    text, secrets = "", []
    for index, piece in enumerate(parts):
        if index % 2:
            secrets.append(Span(len(text), len(text) + len(piece)))
        text += piece
    return Case(name, file, text, tuple(secrets))


def _draw(match: re.Match[str], chance: random.Random) -> str:
    if match[3]:
        return str(uuid.UUID(int=chance.getrandbits(128), version=4))
    if match[4]:
        return base64.b64encode(match[4].encode()).decode()
    return "".join(chance.choices(_ALPHABETS[match[1]], k=int(match[2])))
