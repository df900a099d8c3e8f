"""One check of one result, in a process of its own; started by `grade`, in the folder of the file.

    python -I check.py FILE LANGUAGE WORD

Runs the script `look`, which asserts on the text and knows the names of `sight`, then the body
`run`, in the file's own language, beside the file. Writes WORD if all held, else the reason to
stderr.
"""

import resource
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.real_model.runners import RUNNERS
from benchmarks.real_model.sight import sight

# Bytes of memory (data of each process) and of a file that is written.
_MEMORY, _WRITTEN = 2 << 30, 64 << 20


def main(file: str, language: str, word: str) -> int:
    """Look, run, and say the word."""
    resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_WRITTEN, _WRITTEN))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    look, body = (Path(name).read_text("utf-8") for name in ("look", "run"))
    said = word
    try:
        exec(compile(look, "look", "exec"), sight(file, language))
        if body:
            said = RUNNERS[language](file, body, word)
    except subprocess.TimeoutExpired:
        print("it took too long", file=sys.stderr)
        return 1
    except Exception as error:
        print(_reason(error, look), file=sys.stderr)
        return 1
    print(word if said.rstrip().endswith(word) else "")
    return 0


def _reason(error: BaseException, look: str) -> str:
    """The fault in one line; for an assertion without words, the line of the look that failed."""
    said = " ".join(str(error).split())
    place = error.__traceback__
    while place is not None and place.tb_frame.f_code.co_filename != "look":
        place = place.tb_next
    if place is not None and not said:
        said = look.splitlines()[place.tb_lineno - 1].strip()
    return f"{type(error).__name__}: {said}"


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
