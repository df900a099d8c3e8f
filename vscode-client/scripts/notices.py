"""What a wheel says of its licence, and the list of all that are bundled, with the texts.

A package that names no licence ends the packing: what may be passed on has to be known.
"""

import email.message
import re
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_TEXT = re.compile(r"(^|/)(licen[cs]e|copying|notice|authors)[^/]*$", re.IGNORECASE)


class Unlicensed(Exception):
    """A package does not say under which licence it stands; the message names it."""


@dataclass(frozen=True, slots=True, order=True)
class Licensed:
    """One package. `texts` are its licence files, or nothing where the wheel holds none."""

    name: str
    version: str
    licence: str
    texts: tuple[str, ...]


def of_wheel(wheel: Path) -> Licensed:
    """Read a wheel's metadata. Raises `Unlicensed`."""
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        (place,) = [name for name in names if re.fullmatch(r"[^/]+\.dist-info/METADATA", name)]
        told = email.message_from_bytes(archive.read(place))
        folder = place.removesuffix("METADATA")
        texts = [
            archive.read(name).decode("utf-8", "replace").strip()
            for name in sorted(names)
            if name.startswith(folder) and _TEXT.search(name)
        ]
    name, version = str(told["Name"]), str(told["Version"])
    return Licensed(name, version, _licence(told, name), tuple(dict.fromkeys(texts)))


def _licence(told: email.message.Message, name: str) -> str:
    """As an SPDX expression or, of older packages, in their own words."""
    expression = told["License-Expression"]
    classes = [
        str(value).rpartition(" :: ")[2]
        for value in told.get_all("Classifier", [])
        if str(value).startswith("License :: ")
    ]
    words = str(told["License"] or "").strip()
    known = str(expression or ", ".join(classes) or words.partition("\n")[0]).strip()
    if known.lower() in ("", "unknown", "other/proprietary license"):
        raise Unlicensed(f"{name} does not say what its licence is; it cannot be bundled.")
    return known


def write(packages: Iterable[Licensed]) -> str:
    """The list, by name, then the texts; equal texts once."""
    ordered = sorted(packages, key=lambda one: (one.name.lower(), one.version))
    lines = ["Python packages", ""]
    lines += [f"- {one.name} {one.version}: {one.licence}" for one in ordered]
    by_text: dict[tuple[str, ...], list[str]] = {}
    for one in ordered:
        by_text.setdefault(one.texts, []).append(f"{one.name} {one.version}")
    for texts, names in by_text.items():
        lines += ["", "-" * 80, ", ".join(names), ""]
        lines += ["\n\n".join(texts) or "(The package holds no text of its licence.)"]
    return "\n".join(lines) + "\n"
