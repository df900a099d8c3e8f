"""What must not be in a result: lines of a prompt's own, and damage around the scope."""

import re
from collections.abc import Sequence

from benchmarks.loopback import Json
from benchmarks.real_model.product import EditResult
from benchmarks.real_model.sight import declared, nodes, tree
from benchmarks.real_model.tasks import Task

__all__ = ["errors", "leaked", "soundness"]

_FENCE = re.compile(r"\s*(`{3,}|~{3,})[\w+#-]*\s*")
_BARE = {"markdown"}
"""Languages in which a line of backticks may well be the user's."""
_WITHOUT_GRAMMAR = {"sql"}


def leaked(task: Task, text: str, requests: Sequence[Json]) -> list[str]:
    """Lines of `text` that stand in a prompt or are a fence, and in no file and no solution."""
    own = _lines(task.text) | {line for right in task.right for line in _lines(right.text)}
    own |= {line for _, text in task.beside for line in _lines(text)}
    asked = {line for request in requests for line in _lines(_prompt(request))}
    found = []
    for line in _lines(text) - own:
        fence = _FENCE.fullmatch(line) is not None and task.language not in _BARE
        if fence or (line in asked and _FENCE.fullmatch(line) is None):
            found.append(line)
    return sorted(found)


def _prompt(request: Json) -> str:
    contents = [message["content"] for message in request["messages"]]
    return "\n".join(content for content in contents if isinstance(content, str))


def _lines(text: str) -> set[str]:
    return {line.strip() for line in text.splitlines() if line.strip()}


def soundness(task: Task, result: EditResult) -> Json:
    """Whether the file parses no worse than before, is the same outside, and what it lost.

    At a cursor each arm chooses by itself what to change, so nothing is outside.
    """
    text = result.text
    if task.language in _WITHOUT_GRAMMAR:
        return {"parses": True, "outside": True, "undeclared": [], "silent": False}
    before, after = task.text[: task.start].rstrip(), task.text[task.end :].lstrip()
    found: Json = {
        "parses": errors(text, task.language) <= errors(task.text, task.language),
        "outside": task.start == task.end or (text.startswith(before) and text.endswith(after)),
    }
    gone = declared(task.text, task.language) - declared(text, task.language)
    for right in task.right:
        gone &= declared(task.text, task.language) & declared(right.text, task.language)
    found["undeclared"] = sorted(gone)
    found["silent"] = bool(gone) and not result.sentences
    return found


def errors(text: str, language: str) -> int:
    """Places at which the grammar gave up or missed something."""
    root = tree(text, language)
    return sum(node.is_error or node.is_missing for node in nodes(root)) if root.has_error else 0
