"""Runs tasks through arms, keeps what came, and grades it again when asked.

Each finished pair of an arm and a task is a line of JSON in `build/real-model/results`; a pair that
has a line is not run again. Arms take turns at each task, so that what else the machine does falls
on all alike.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import orjson

from benchmarks.loopback import Json
from benchmarks.real_model.arms import ARMS, Unreadable
from benchmarks.real_model.engine import BUILD, Model, llama_server
from benchmarks.real_model.grade import Lacking, grade
from benchmarks.real_model.product import EditResult, Product
from benchmarks.real_model.relay import Relay
from benchmarks.real_model.scaffold import leaked, soundness
from benchmarks.real_model.tasks import Task

__all__ = [
    "PRODUCT_ARMS",
    "Bench",
    "bench",
    "forget",
    "read_lines",
    "reread",
    "results_file",
    "run",
]

PRODUCT_ARMS = ("product", "again", "no-context")
_SOMETHING_ELSE: Json = {"messages": [{"role": "user", "content": "."}], "max_tokens": 1}
_FEWEST_TOKENS = 512
"""What an answer of the other arms may at least have, beside a half of the file's code points."""


@dataclass(slots=True)
class Bench:
    """What runs: the model behind its relay, and the product."""

    model: Model
    relay: Relay
    product: Product

    async def one(self, suite: str, arm: str, task: Task) -> Json:
        """One arm at one task, as a line of the results."""
        if self.relay.upstream is not None:
            # What the arm before had the server read must not be cheap for this one.
            await self.relay.ask({**_SOMETHING_ELSE, "model": self.model.name})
        self.relay.exchanges.clear()
        began = time.perf_counter()
        scoped = task
        try:
            if arm in PRODUCT_ARMS:
                result = await self._by_product(arm, task)
            else:
                scoped = await self._scoped(task)
                result = await self._other(arm, scoped)
        except (RuntimeError, TimeoutError) as error:
            result = EditResult(task.text, "failed", [str(error) or "it took too long"])
        ms = (time.perf_counter() - began) * 1000
        line: Json = {"suite": suite, "arm": arm, "task": task.name, "model": self.model.name}
        line |= {"ms": ms, "exchanges": [exchange.kept() for exchange in self.relay.exchanges]}
        return line | await asyncio.to_thread(graded, task, result, line["exchanges"])

    async def _by_product(self, arm: str, task: Task) -> EditResult:
        if arm == "again":
            return await self.product.again(task)
        if task.beside:
            with_context = arm == "product"
            return await Product.edit_project(
                self.relay, self.model.name, task, context=with_context
            )
        return await self.product.edit(task)

    async def _scoped(self, task: Task) -> Task:
        """For the other arms a bare cursor stands for what the product would rewrite."""
        if task.start < task.end:
            return task
        start, end = await self.product.scope(task)
        return replace(task, start=start, end=end)

    async def _other(self, name: str, task: Task) -> EditResult:
        arm = ARMS[name]
        most = _FEWEST_TOKENS + len(task.text) // 2
        request = {"model": self.model.name, "messages": arm.messages(task), "temperature": 0}
        exchange = await self.relay.ask({**request, "max_tokens": most})
        if exchange.fault:
            return EditResult(task.text, "failed", [exchange.fault])
        try:
            return EditResult(arm.read(task, exchange.reply))
        except Unreadable as error:
            return EditResult(task.text, "held", [str(error)])


def graded(task: Task, result: EditResult, exchanges: Sequence[Json]) -> Json:
    """What the text is worth, as fields of a line."""
    found: Json = {"text": result.text, "ended": result.ended, "sentences": result.sentences}
    found["leaked"] = leaked(task, result.text, [exchange["request"] for exchange in exchanges])
    found |= soundness(task, result)
    try:
        given = grade(task, result.text)
    except Lacking as error:
        return found | {"passed": None, "why": str(error), "lost": 0, "excess": 0}
    # Some tests of other people do not see their own bug; a file as it was is never right.
    changed = result.text != task.text
    found |= {"passed": given.passed and changed, "lost": given.lines_lost, "excess": given.excess}
    return found | {"why": given.why}


@asynccontextmanager
async def bench(
    model: Model, *, replaying: bool = False, remembering: bool = False
) -> AsyncIterator[Bench]:
    """Everything that runs, ended together. While `replaying` there is no model."""
    async with AsyncExitStack() as stack:
        port = None
        if not replaying:
            serving = llama_server(model, remembering=remembering)
            port = await stack.enter_async_context(serving)
        relay = await stack.enter_async_context(Relay(port).listening())
        product = await stack.enter_async_context(Product.started(relay, model.name))
        yield Bench(model, relay, product)


def results_file(model: Model, suite: str) -> Path:
    """Where the lines of a suite are kept."""
    return BUILD / "results" / f"{model.name}-{suite}.jsonl"


def read_lines(file: Path) -> list[Json]:
    """The lines so far; one that was cut off by an end in its middle is left out."""
    lines = []
    for line in file.read_bytes().splitlines() if file.exists() else []:
        try:
            lines.append(orjson.loads(line))
        except orjson.JSONDecodeError:
            continue
    return lines


def forget(file: Path, arms: Sequence[str]) -> None:
    """Take the lines of these arms out."""
    kept = [line for line in read_lines(file) if line["arm"] not in arms]
    if file.exists():
        file.write_bytes(b"".join(orjson.dumps(line) + b"\n" for line in kept))


async def run(model: Model, suite: str, arms: Sequence[str], tasks: Sequence[Task]) -> list[Json]:
    """All pairs; those that have a line already are taken from the file."""
    file = results_file(model, suite)
    file.parent.mkdir(parents=True, exist_ok=True)
    done = {(line["arm"], line["task"]): line for line in read_lines(file)}
    wanted = [(arm, task) for task in tasks for arm in arms]
    left = [pair for pair in wanted if (pair[0], pair[1].name) not in done]
    if left:
        async with bench(model) as running:
            with file.open("ab") as out:
                for number, (arm, task) in enumerate(left, 1):
                    line = await running.one(suite, arm, task)
                    out.write(orjson.dumps(line) + b"\n")
                    out.flush()
                    done[arm, task.name] = line
                    print(f"{number}/{len(left)} {brief(line)}", flush=True)
    return [done[arm, task.name] for arm, task in wanted]


def brief(line: Json) -> str:
    """A result in one line."""
    verdict = {True: "passed", False: "wrong", None: "not graded"}[line["passed"]]
    verdict = line["ended"] if line["ended"] != "done" and not line["passed"] else verdict
    words = "; ".join(line["sentences"]) or line["why"]
    leak = f" LEAKED {line['leaked']}" if line["leaked"] else ""
    took = f"{line['ms'] / 1000:6.1f} s"
    return f"{line['arm']:<12} {line['task']:<34} {verdict:<7} {took} {words}{leak}"


async def reread(
    model: Model, lines: Sequence[Json], task_of: Callable[[str], Task | None]
) -> list[Json]:
    """The product's lines read anew from the raw replies that were kept, without a model."""
    again = []
    async with bench(model, replaying=True) as running:
        for line in lines:
            task = task_of(line["task"])
            if line["arm"] not in PRODUCT_ARMS or task is None:
                continue
            running.relay.kept[:] = line["exchanges"]
            new = await running.one(line["suite"], line["arm"], task)
            again.append(new | {"exchanges": line["exchanges"], "ms": line["ms"]})
            print(brief(new) + ("" if new["passed"] == line["passed"] else "   <- OTHERWISE"))
    return again
