"""How much of a prompt has to be read again: edits one after the other in a file of 250 lines.

Prints for each step the tokens that were not cached and the seconds to the first token, as the
model's server and the relay before it tell them.
"""

from dataclasses import replace

from benchmarks.real_model.engine import Model
from benchmarks.real_model.run import Bench, bench
from benchmarks.real_model.tasks import Kind, Redirect, Task

__all__ = ["measure"]

_FUNCTIONS = 31
_FUNCTION = """\
def measure_{n}(values, limit={n}):
    \"\"\"How many of the values are above limit number {n}.\"\"\"
    found = 0
    for value in values:
        if value > limit:
            found += 1
    return found

"""


def _file() -> Task:
    """A task without a solution on a file of some 250 lines."""
    text = "\n".join(_FUNCTION.format(n=n) for n in range(_FUNCTIONS))
    return Task(
        "cache", Kind.EVERYDAY, "measures.py", "python", text, 0, 0, "", None, "", "", (), ()
    )


def _at(task: Task, text: str, number: int) -> Task:
    start = text.index(f"def measure_{number}(")
    end = text.index("return found", start) + len("return found")
    return replace(task, text=text, start=start, end=end)


async def measure(model: Model) -> str:
    """The table."""
    task = _file()
    rows = [f"{'step':<40}{'prompt':>8}{'read':>8}{'first, s':>10}"]
    async with bench(model, remembering=True) as running:
        uri = running.product.open(task)
        text = task.text
        for title, number, instruction in (
            ("first edit in the file", 15, "rename found to count"),
            ("same function again", 15, "rename value to number"),
            ("another function below", 22, "rename found to count"),
            ("a function above, after accepting", 6, "rename found to count"),
        ):
            text, row = await _step(running, uri, _at(task, text, number), title, instruction)
            rows.append(row)
        redirect = Redirect("no, call it total", 0.4)
        last = replace(_at(task, text, 26), instruction="rename found to count", redirect=redirect)
        running.relay.exchanges.clear()
        await running.product.edit_here(uri, last)
        rows.append(_row("a redirect", running))
    return "\n".join(rows)


async def _step(
    running: Bench, uri: str, task: Task, title: str, instruction: str
) -> tuple[str, str]:
    """One edit, accepted; the file's text afterwards and a row of the table."""
    running.relay.exchanges.clear()
    result = await running.product.edit_here(uri, replace(task, instruction=instruction))
    return result.text, _row(title, running)


def _row(title: str, running: Bench) -> str:
    newest = running.relay.exchanges[-1]
    first = "-" if newest.first_ms is None else f"{newest.first_ms / 1000:.1f}"
    return f"{title:<40}{newest.sent:>8}{newest.uncached:>8}{first:>10}"
