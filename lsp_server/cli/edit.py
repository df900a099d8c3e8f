"""`midstream edit`: one edit without an editor, from the command line to the written file.

A client of the language server, which does all the editing.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import orjson

from lsp_server.cli.arguments import check_instruction, parse_context, parse_lines
from lsp_server.cli.decider import NoDecider, UserDecider
from lsp_server.cli.edit_flow import Decider, EditFlow, Job, Result
from lsp_server.cli.interrupts import Interrupts
from lsp_server.cli.ledger_table import table_of
from lsp_server.cli.screen import Screen
from lsp_server.cli.small_editor import SmallEditor
from lsp_server.cli.sourcefile import SourceFile, WriteError
from lsp_server.errors import SettingsError
from lsp_server.ignore import workspace_above
from lsp_server.lsp.convert import Json
from lsp_server.text.lines import Text, split_lines
from lsp_server.text.span import Span

DONE, FAILED = 0, 1
"""The exit codes. Wrong use raises `SettingsError`."""


def run(chosen: argparse.Namespace) -> int:
    """Run `midstream edit`; returns the exit code. Raises `MidstreamError`."""
    job, options = job_from(chosen), check_imports(chosen.imports)
    job.file.refuse_unwritable()
    stream = sys.stderr if chosen.json else sys.stdout
    can_ask = sys.stdin is not None and sys.stdin.isatty() and stream.isatty()
    if not (can_ask or chosen.yes):
        raise SettingsError(
            "There is no terminal to ask you whether to accept the edit. Add --yes."
        )
    with Interrupts() as interrupts:
        screen = Screen(stream, interrupts)
        decider = UserDecider(screen, chosen.yes) if can_ask else NoDecider()
        return asyncio.run(_edit(job, screen, decider, interrupts, options, chosen.json))


async def _edit(
    job: Job,
    screen: Screen,
    decider: Decider,
    interrupts: Interrupts,
    options: Mapping[str, object],
    json: bool,
) -> int:
    task, loop = asyncio.current_task(), asyncio.get_running_loop()
    assert task is not None
    interrupts.handle(lambda: loop.call_soon_threadsafe(task.cancel))
    editor = SmallEditor(screen.warn)
    try:
        await editor.start(root_of(job.file.path), options)
        result = await EditFlow(editor, screen, decider, interrupts).run(job)
        interrupts.ignore()
        return _finish(job, result, screen, json)
    except asyncio.CancelledError:
        screen.warn("Stopped. Nothing was changed.")
        return FAILED
    finally:
        interrupts.ignore()
        await editor.aclose()
        screen.drop_keys()


def _finish(job: Job, result: Result, screen: Screen, json: bool) -> int:
    """Write the file, report the outcome, print the ledger."""
    code, outcome = FAILED, _outcome_of(result)
    try:
        if result.text is None:
            screen.say(f"`{job.file.name}` is unchanged.")
        elif job.file.write(result.text):
            screen.say(f"Accepted: `{job.file.name}` was written.", "bold green")
            code = DONE
        else:
            screen.say(f"Nothing was changed in `{job.file.name}`.")
    except WriteError as error:
        screen.warn(str(error))
        outcome = "failed"
    ledger = result.session.ledger or {}
    if json:
        report = {"outcome": outcome, **ledger}
        print(orjson.dumps(report, option=orjson.OPT_INDENT_2).decode())
    elif any(figure for name, figure in ledger.items() if name not in ("models", "context")):
        screen.show(table_of([(job.file.name, ledger)], screen.width))
    return code


def _outcome_of(result: Result) -> str:
    """The session's own outcome. A failed edit is reverted here, but it ended because it failed."""
    state = result.session.state
    failed = (state.get("message") or {}).get("level") == "error" and result.text is None
    return "failed" if failed else str(state.get("outcome") or "failed")


def job_from(chosen: argparse.Namespace) -> Job:
    """The job that the command line describes. Raises `SettingsError`."""
    lines = parse_lines(chosen.lines)
    instruction = check_instruction(chosen.message)
    file = SourceFile.read(chosen.file)
    options = {
        "scope": check_scope(chosen.scope),
        "profile": chosen.profile,
        "context": named_files(chosen.context) or None,
    }
    return Job(
        file,
        span_of_lines(file, lines),
        instruction,
        {name: value for name, value in options.items() if value is not None},
    )


def named_files(texts: Sequence[str]) -> list[Json]:
    """The files of `--context`, as `midstream.edit` takes them.

    Raises `SettingsError` for one that is not there. Whatever else keeps a file from being sent is
    a message, and the edit goes on.
    """
    files: list[Json] = []
    for text in texts:
        name, lines = (text, None) if Path(text).exists() else parse_context(text)
        if not Path(name).exists():
            raise SettingsError(f"--context: there is no file `{name}`. Check the path.")
        path = Path(os.path.abspath(name))  # noqa: PTH100 - links are to stay
        file: Json = {"uri": path.as_uri()}
        if lines is not None:
            start, end = ({"line": line, "character": 0} for line in (lines[0] - 1, lines[1]))
            file["range"] = {"start": start, "end": end}
        files.append(file)
    return files


def check_scope(name: str | None) -> str | None:
    """The name of a scope level. Raises `SettingsError`."""
    from lsp_server.syntax.scope import ScopeLevel

    known = [level.value for level in ScopeLevel]
    if name is not None and name not in known:
        raise SettingsError(f"--scope must be one of {', '.join(known)}, not `{name}`.")
    return name


def check_imports(name: str | None) -> dict[str, object]:
    """The settings that `--imports` stands for. Raises `SettingsError`."""
    from lsp_server.settings import Imports

    known = [choice.value for choice in Imports]
    if name is not None and name not in known:
        raise SettingsError(f"--imports must be one of {', '.join(known)}, not `{name}`.")
    return {} if name is None else {"imports": name}


def span_of_lines(file: SourceFile, lines: tuple[int, int]) -> Span:
    """The range from the start of the first line to the end of the last. Raises `SettingsError`."""
    count = max(len(split_lines(file.text)), 1)
    first, last = lines
    if last > count:
        has = "1 line" if count == 1 else f"{count} lines"
        raise SettingsError(f"`{file.name}` has {has}, so --lines {first}-{last} is too far.")
    text = Text(file.text)
    return Span(text.line_span(first - 1).start, text.line_span(last - 1).end)


def root_of(path: Path) -> Path:
    """The workspace of a file: the nearest folder above it with `.git` or Midstream's settings."""
    if (above := workspace_above(path)) is not None:
        return above
    here = Path.cwd()
    return here if path.is_relative_to(here) else path.parent
