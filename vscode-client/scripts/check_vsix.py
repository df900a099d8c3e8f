"""Holds a packed .vsix against its own list of licences: each distribution that is in it is named
there, with a text. `make vsix` runs it last.

    python vscode-client/scripts/check_vsix.py FILE
"""

import email.message
import re
import sys
import zipfile

NOTICES = "extension/THIRD-PARTY-NOTICES.txt"
_METADATA = re.compile(r"extension/bundled/libs[^/]*/[^/]+\.dist-info/METADATA")


def faults(path: str) -> list[str]:
    """What is wrong with a .vsix, in sentences."""
    with zipfile.ZipFile(path) as vsix:
        names = vsix.namelist()
        if NOTICES not in names:
            return [f"{path} holds no {NOTICES}."]
        notifications = vsix.read(NOTICES).decode("utf-8")
        told = [email.message_from_bytes(vsix.read(n)) for n in names if _METADATA.fullmatch(n)]
    wanted = sorted({f"{one['Name']} {one['Version']}" for one in told})
    if not wanted or "vscode-languageclient " not in notifications:
        return [f"{path} does not hold what it is to bundle."]
    listed = [
        line[2:].partition(": ") for line in notifications.splitlines() if line.startswith("- ")
    ]
    licences = {name: licence for name, _, licence in listed}
    missing = [f"{one} has no line in {NOTICES}." for one in wanted if not licences.get(one)]
    if "(The package holds no text of its licence.)" in notifications:
        missing.append(f"Some package in {NOTICES} has no text of its licence.")
    return missing


def main() -> int:
    """Returns 1 when something is wrong."""
    found = faults(sys.argv[1])
    for sentence in found:
        print(sentence, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
