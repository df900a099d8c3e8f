"""What `detect-secrets` finds in a case of the corpus: the measure that we hold ourselves to.

Run as its own command line runs: with all its plugins and filters but the one that goes to the
network, on a file of the case's name.
"""

from pathlib import Path

from detect_secrets.core.scan import scan_file
from detect_secrets.settings import default_settings

from tests.support.corpus import Case


def found(case: Case, folder: Path) -> list[str]:
    """What it takes for secrets."""
    path = folder / case.file
    path.write_text(case.text, "utf-8")
    with default_settings():
        return sorted(str(secret.secret_value) for secret in scan_file(str(path)))
