"""Other ways to ask the same model for the same edit: prompts in the manner of other tools.

The words are ours; the manner is theirs: what is shown, how it is marked, which form of answer is
asked for, and how much is done to read one. An arm is asked once, without temperature, and never
again with what went wrong. Nothing of the product is used.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.real_model.tasks import Task

__all__ = ["ARMS", "Arm", "Unreadable"]

_SEARCH = re.compile(
    r"^<{5,9} ?SEARCH[^\n]*\n(.*?)^={5,9}[^\n]*\n(.*?)^>{5,9} ?REPLACE", re.MULTILINE | re.DOTALL
)
_FENCED = re.compile(r"^[ \t]*(`{3,})[^\n`]*\n(.*?)^[ \t]*\1`*[ \t]*$", re.MULTILINE | re.DOTALL)
_OPEN = re.compile(r"^[ \t]*`{3,}[^\n`]*\n(.*)", re.MULTILINE | re.DOTALL)
_MARK_BEGIN, _MARK_END = "<section_to_rewrite>", "</section_to_rewrite>"


class Unreadable(ValueError):
    """The answer cannot be made an edit of; the file stays as it was."""


@dataclass(frozen=True, slots=True)
class Arm:
    """One way: the messages for a task, and the whole file that a reply makes of it."""

    messages: Callable[[Task], list[dict[str, str]]]
    read: Callable[[Task, str], str]
    whole_file: bool = False


def _said(system: str, user: str) -> list[dict[str, str]]:
    return [{"role": "system", "content": system}, {"role": "user", "content": user}]


def _instruction(task: Task) -> str:
    return (
        task.instruction
        if task.redirect is None
        else f"{task.instruction}; then: {task.redirect.instruction}"
    )


def _scope(task: Task) -> str:
    """The selected lines, the first one's indentation included."""
    return _lead(task) + task.text[task.start : task.end]


def _lead(task: Task) -> str:
    line = task.text[task.text.rfind("\n", 0, task.start) + 1 : task.start]
    return "" if line.strip() else line


# -- plain -------------------------------------------------------------------------------------


def _plain(task: Task) -> list[dict[str, str]]:
    code = f"```{task.language}\n{_scope(task)}\n```"
    return [
        {
            "role": "user",
            "content": f"{_instruction(task)}\n\n{code}\n\nGive me the whole new code.",
        }
    ]


def _longest(task: Task, reply: str) -> str:
    """The longest fenced block, else everything, in place of the scope."""
    blocks = [block for _, block in _FENCED.findall(reply)]
    if not blocks and (cut := _OPEN.search(reply)):
        blocks = [cut[1]]
    return _placed(task, max(blocks, key=len) if blocks else reply)


def _placed(task: Task, code: str) -> str:
    """The code in place of the scope, moved as a block so that its first line fits."""
    lines = code.strip("\n").rstrip().split("\n")
    if not "".join(lines).strip():
        raise Unreadable("nothing came")
    lead, own = _lead(task), lines[0][: len(lines[0]) - len(lines[0].lstrip())]
    if not own and lead:
        lines = [lead + line if line.strip() else line for line in lines]
    elif own.startswith(lead) and own != lead:
        more = own[len(lead) :]
        lines = [line.removeprefix(more) for line in lines]
    new = "\n".join(lines).removeprefix(lead)
    return task.text[: task.start] + new + task.text[task.end :]


# -- in the manner of Zed ----------------------------------------------------------------------


def _zed(task: Task) -> list[dict[str, str]]:
    """The document with the section marked in it, the section once more, and the instruction."""
    before, after = task.text[: task.start], task.text[task.end :]
    scope = task.text[task.start : task.end]
    user = (
        f"This is a file in {task.language}:\n\n<file>\n{before}{_MARK_BEGIN}\n{scope}\n{_MARK_END}"
        f"{after}\n</file>\n\nOne section of it is marked and has to be rewritten as asked:\n\n"
        f"<wish>\n{_instruction(task)}\n</wish>\n\nOnce more the section:\n\n"
        f"{_MARK_BEGIN}\n{_scope(task)}\n"
        f"{_MARK_END}\n\nChange only what the wish needs. Reply with the rewritten section alone, "
        "indented as it was, without the marks and without a word about it. Begin with ```."
    )
    return [{"role": "user", "content": user}]


def _zed_read(task: Task, reply: str) -> str:
    """A fence around the reply goes, and the marks where they were repeated."""
    lines = reply.strip("\n").split("\n")
    if lines[0].lstrip().startswith("```"):
        ends = [n for n, line in enumerate(lines) if n and line.strip().startswith("```")]
        lines = lines[1 : ends[0] if ends else len(lines)]
    kept = [line for line in lines if line.strip() not in (_MARK_BEGIN, _MARK_END)]
    return _placed(task, "\n".join(kept))


# -- in the manner of Continue -----------------------------------------------------------------


def _continue(task: Task) -> list[dict[str, str]]:
    """The text before, the text after, the code between and the instruction; asks for a block."""
    before, after = task.text[: task.start].rstrip(), task.text[task.end :].strip("\n")
    parts = ["A part of a file is to be rewritten."]
    for title, code in (
        ("What stands above it", before),
        ("What stands below it", after),
        ("The code to rewrite", _scope(task)),
    ):
        if code:
            parts.append(f"{title}:\n```{task.language}\n{code}\n```")
    parts.append(
        f'What is asked for: "{_instruction(task)}"\nReply with one code block that holds the '
        "rewritten code and nothing of what stands around it. Explain nothing."
    )
    return [{"role": "user", "content": "\n\n".join(parts)}]


def _first(task: Task, reply: str) -> str:
    """The first fenced block, also one that is still open; else everything."""
    found = _FENCED.search(reply)
    if found is not None:
        return _placed(task, found[2])
    cut = _OPEN.search(reply)
    return _placed(task, reply if cut is None else cut[1])


# -- in the manner of Aider --------------------------------------------------------------------


def _aider_whole(task: Task) -> list[dict[str, str]]:
    """The file by name; its name and all of it again are asked for."""
    system = (
        "You are a careful programmer. Whoever asks shows you files. Reply with each file that "
        "changes: its name on a line of its own, below it a fenced block with the whole new file. "
        "Leave nothing out and never write that the rest is unchanged."
    )
    return _said(system, f"{_file(task)}\n\n{_instruction_at(task)}")


def _file(task: Task) -> str:
    return f"{task.file}\n```\n{task.text}```"


def _instruction_at(task: Task) -> str:
    """The instruction, with the selection given by its lines, as a user would."""
    first = task.text.count("\n", 0, task.start) + 1
    last = task.text.count("\n", 0, task.end) + 1
    begins = task.text[task.start : task.end].lstrip().partition("\n")[0].strip()
    return f"In {task.file}, lines {first} to {last} (`{begins}`): {_instruction(task)}"


def _aider_whole_read(task: Task, reply: str) -> str:
    blocks = [block for _, block in _FENCED.findall(reply)]
    if not blocks:
        raise Unreadable("no fenced block with the file")
    return str(max(blocks, key=len))


def _aider_diff(task: Task) -> list[dict[str, str]]:
    """The file by name; blocks with the lines to find and those to put there are asked for."""
    system = (
        "You are a careful programmer. Reply with edits only, each like this, as often as needed:\n"
        "\nname.py\n```\n<<<<<<< SEARCH\nlines as they stand in the file, to the letter\n=======\n"
        "the lines that take their place\n>>>>>>> REPLACE\n```\n\nKeep each edit short, with just "
        "enough lines to be found once."
    )
    return _said(system, f"{_file(task)}\n\n{_instruction_at(task)}")


def _aider_diff_read(task: Task, reply: str) -> str:
    """Each block where its lines stand, else where they stand but for their indentation."""
    text = task.text
    blocks = _SEARCH.findall(reply)
    if not blocks:
        raise Unreadable("no search and replace block")
    for old, new in blocks:
        text = _replaced(text, old, new)
    return text


def _replaced(text: str, old: str, new: str) -> str:
    if old.strip() and old in text:
        return text.replace(old, new, 1)
    lines, wanted = text.splitlines(keepends=True), [s.strip() for s in old.splitlines()]
    for at in range(len(lines) - len(wanted) + 1):
        there = lines[at : at + len(wanted)]
        if not wanted or [line.strip() for line in there] != wanted:
            continue
        first = old.splitlines()[0]
        missing = len(there[0]) - len(there[0].lstrip()) - (len(first) - len(first.lstrip()))
        pad = there[0][: max(0, missing)]
        put = [pad + line if line.strip() else line for line in new.splitlines(keepends=True)]
        return "".join(lines[:at] + put + lines[at + len(wanted) :])
    raise Unreadable("lines to be replaced do not stand in the file")


ARMS = {
    "plain": Arm(_plain, _longest),
    "zed": Arm(_zed, _zed_read),
    "continue": Arm(_continue, _first),
    "aider-whole": Arm(_aider_whole, _aider_whole_read, whole_file=True),
    "aider-diff": Arm(_aider_diff, _aider_diff_read),
}
