"""What the model sees beyond the file, and what it costs to find it.

    python -m benchmarks.context CHECKOUT... [--functions 200] [--files 10000] [--missed FILE]

The real server runs on stdio, with each checkout as its workspace and a model on a loopback port
that only takes requests. Functions are drawn that use at least one name of another file; each is
edited once by a server with context and once by a server without, by turns. `elsewhere` says
which names those are and where they are defined, without anything of the server's search; a name
is found if the line of its definition is in the prompt, and in the list of what was sent.

Then a tree of so many files is made from the checkouts, in folders with new names, and a server
indexes it. For the first edits each server is new and has no index.
"""

import argparse
import asyncio
import contextlib
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from benchmarks.elsewhere.languages import ENDINGS, languages_of
from benchmarks.elsewhere.uses import Function, Place, Use, draw, source_files
from benchmarks.index_watch import IndexCost, memory_of, watched
from benchmarks.loopback import PATIENCE_S, Editor, Json, Model, server
from benchmarks.real_model.product import NO_CONTEXT
from lsp_server.session.ledger import percentile

_INSTRUCTION = "Simplify this function."
_SEED = 1
_OWN = frozenset({"scope", "around", "outline", "diagnostics"})
"""Reasons for text of the document itself."""
_SETTLING_S = 0.5
"""Seconds from opening a file to the edit: a user selects code first."""
_SOCKETS = 2
"""What each server keeps open."""
_HANDSHAKE_S = 0.02
"""Seconds in which the server has learned too that its socket is open."""
_PLACES = ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME")

Drawn = tuple[Function, tuple[Use, ...]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.context")
    parser.add_argument("checkouts", nargs="+", type=Path)
    parser.add_argument("--functions", type=int, default=200, help="drawn from each language")
    parser.add_argument("--files", type=int, default=10_000, help="of the large tree; 0: none")
    parser.add_argument("--first", type=int, default=20, help="first edits in the large tree")
    parser.add_argument("--tokens", type=int, default=128_000, help="context of the model")
    parser.add_argument("--missed", type=Path, help="a file for the names that were not found")
    chosen = parser.parse_args(arguments)
    roots = [checkout.resolve() for checkout in chosen.checkouts]
    asyncio.run(_run(roots, chosen))
    return 0


async def _run(roots: Sequence[Path], chosen: argparse.Namespace) -> None:
    async with Model().listening() as model:
        bench = Bench(model, chosen.tokens)
        results = []
        print(Result.HEAD)
        for root in roots:
            for language, oracle in languages_of(root):
                drawn = draw(oracle, chosen.functions, _SEED)
                if drawn:
                    results.append(await bench.checkout(root, language, drawn))
                    print(results[-1].row(), flush=True)
        _print_sums(results)
        every = {
            True: [sample for result in results for sample in result.with_context],
            False: [sample for result in results for sample in result.without],
        }
        _print_times({"checkouts, first edit of a file": every})
        if chosen.missed is not None:
            chosen.missed.write_text("".join(line for r in results for line in r.missed_lines()))
        if chosen.files:
            with tempfile.TemporaryDirectory(prefix="context-tree-") as folder:
                await _large_tree(bench, roots, Path(folder), chosen)


# -- one edit --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sample:
    """One edit, up to its request."""

    prompt: str
    pieces: list[Json]
    """The list of what was sent, as the server shows it."""
    request_ms: float
    """From the command to the request, by the server's ledger."""
    again: "Sample | None" = None
    """The same function edited once more."""

    def finds(self, use: Use) -> bool:
        """Whether the model saw a definition of the name."""
        return any(self._holds(place) for place in use.places)

    def _holds(self, place: Place) -> bool:
        lines = place.file.read_text("utf-8", "replace").split("\n")
        return lines[place.line].strip() in self.prompt and any(
            _path(piece["uri"]) == place.file
            and piece["range"]["start"]["line"] <= place.line <= piece["range"]["end"]["line"]
            for piece in self.pieces
        )

    def has_file(self, use: Use) -> bool:
        """Whether another part of the right file was sent."""
        files = {_path(piece["uri"]) for piece in self.pieces}
        return any(place.file in files for place in use.places)

    def tokens(self, *, extra: bool) -> int:
        """Of what was sent, or only of what does not come from the document."""
        return sum(p["tokens"] for p in self.pieces if not extra or p["why"] not in _OWN)


def _again(samples: Sequence[Sample]) -> list[Sample]:
    """The second edits."""
    return [sample.again for sample in samples if sample.again is not None]


def _path(uri: str) -> Path:
    return Path(unquote(urlsplit(uri).path))


@dataclass(slots=True)
class Result:
    """The functions of one language in one checkout."""

    HEAD = (
        f"{'':<34}{'functions':>10}{'names':>7}{'found':>8}{'again':>8}{'members':>9}{'found':>8}"
        f"{'prompt':>8}{'p95':>8}{'extra':>7}{'p95':>8}{'ms':>7}{'p95':>7}{'off':>6}{'p95':>7}"
    )
    name: str
    language: str
    root: Path
    drawn: list[Drawn] = field(default_factory=list)
    with_context: list[Sample] = field(default_factory=list)
    without: list[Sample] = field(default_factory=list)

    def found(self, *, members: bool = False, again: bool = False) -> list[bool]:
        """Of each name whether its definition was sent, in the first edit or the second."""
        return [
            (sample.again or sample if again else sample).finds(use)
            for _, use, sample in self._uses()
            if use.member == members
        ]

    def row(self) -> str:
        """One line of the table."""
        names, again = self.found(), self.found(again=True)
        members = self.found(members=True)
        spread = [
            f"{percentile(values, share):>{width}.{digits}f}"
            for values, width, digits in (
                ([sample.tokens(extra=False) for sample in self.with_context], 8, 0),
                ([sample.tokens(extra=True) for sample in self.with_context], 7, 0),
                ([sample.request_ms for sample in _again(self.with_context)], 7, 1),
                ([sample.request_ms for sample in _again(self.without)], 6, 1),
            )
            for share in (0.5, 0.95)
        ]
        head = f"{self.name[:22]:<23}{self.language:<11}{len(self.drawn):>10}"
        return (
            f"{head}{len(names):>7}{_share(names):>8}{_share(again):>8}"
            f"{len(members):>9}{_share(members):>8}" + "".join(spread)
        )

    def missed_lines(self) -> Iterator[str]:
        """The names that were not found, for a person who looks for the reasons."""
        for function, use, sample in self._uses():
            if not sample.finds(use):
                places = ", ".join(
                    f"{place.file.relative_to(self.root)}:{place.line + 1}"
                    for place in sorted(use.places)[:3]
                )
                part = "other part sent" if sample.has_file(use) else "nothing of it sent"
                yield (
                    f"{self.name}\t{self.language}\t{use.how}\t{use.kind}\t{part}\t{use.name}\t"
                    f"{function.file.relative_to(self.root)}:{function.first + 1}\t{places}\n"
                )

    def reasons(self) -> Counter[tuple[str, str, bool]]:
        """How often each way leads to a name, and whether it was found."""
        return Counter((use.how, use.kind, sample.finds(use)) for _, use, sample in self._uses())

    def _uses(self) -> Iterator[tuple[Function, Use, Sample]]:
        for (function, uses), sample in zip(self.drawn, self.with_context, strict=True):
            for use in uses:
                yield function, use, sample


def _share(values: Sequence[bool]) -> str:
    return f"{100 * sum(values) / len(values):.1f} %" if values else "–"


def _print_sums(results: Sequence[Result]) -> None:
    """Each language alone, and the ways to the names."""
    print()
    for language in dict.fromkeys(result.language for result in results):
        own = [result for result in results if result.language == language]
        names = [found for result in own for found in result.found()]
        again = [found for result in own for found in result.found(again=True)]
        print(f"{language:<11} {len(names):>6} names, found {_share(names)}, again {_share(again)}")
        ways = sum((result.reasons() for result in own), Counter[tuple[str, str, bool]]())
        kinds = Counter[tuple[str, str]]()
        for (how, kind, _), count in ways.items():
            kinds[how, kind] += count
        for (how, kind), count in kinds.most_common():
            share = 100 * ways[how, kind, True] / count
            print(f"    {how:<36}{kind:<10}{count:>6}{share:>8.1f} %")


# -- servers ---------------------------------------------------------------------------------------


@dataclass(slots=True)
class Bench:
    """Starts servers for a model, and edits with them."""

    model: Model
    tokens: int
    _servers: int = 0

    @contextlib.asynccontextmanager
    async def server(self, root: Path, *, context: bool) -> AsyncIterator[tuple[Editor, Path]]:
        """A new server with a workspace, and the empty folder in which it keeps its files."""
        profile = {"url": self.model.url, "model": "bench", "contextTokens": self.tokens}
        options = {"profiles": {"bench": profile}, "profile": "bench"}
        options |= {} if context else NO_CONTEXT
        with tempfile.TemporaryDirectory(prefix="context-home-") as home:
            env = dict.fromkeys(_PLACES, home)
            async with Editor.started(server(), options, env, root.as_uri()) as editor:
                self._servers += 1
                try:
                    yield editor, Path(home)
                finally:
                    self._servers -= 1

    async def checkout(self, root: Path, language: str, drawn: list[Drawn]) -> Result:
        """All drawn functions, with context and without by turns, once the index is there."""
        result = Result(root.name, language, root, drawn)
        async with (
            self.server(root, context=True) as (with_context, home),
            self.server(root, context=False) as (without, _),
        ):
            await self.edit(with_context, drawn[0][0], language)
            await self.edit(without, drawn[0][0], language)
            await watched(with_context.process.pid, home)
            for function, _ in drawn:
                result.with_context.append(await self.edit(with_context, function, language))
                result.without.append(await self.edit(without, function, language))
        return result

    async def edit(
        self, editor: Editor, function: Function, language: str, *, settling_s: float = 0.0
    ) -> Sample:
        """Open a file and edit a function until its request has come; twice, and taken back."""
        uri, text = function.file.as_uri(), function.file.read_text("utf-8", "replace")
        editor.open(uri, text, language)
        last = text.split("\n")[function.last]
        place = {
            "start": {"line": function.first, "character": 0},
            "end": {"line": function.last, "character": len(last.rstrip("\r"))},
        }
        await asyncio.sleep(settling_s)
        await editor.command("midstream.scope", {"uri": uri, "range": place})
        sample = await self._ask(editor, uri, place)
        again = await self._ask(editor, uri, place)
        editor.close(uri)
        return replace(sample, again=again)

    async def _ask(self, editor: Editor, uri: str, place: Json) -> Sample:
        """One edit, once the sockets are open again: no user is as fast as this."""
        async with asyncio.timeout(PATIENCE_S):
            while len(self.model.open) < _SOCKETS * self._servers:
                await asyncio.sleep(0.005)
        await asyncio.sleep(_HANDSHAKE_S)
        argument = {"uri": uri, "range": place, "instruction": _INSTRUCTION}
        answer = editor.begin("midstream.edit", argument)
        asked = await self.model.next()
        session = (await answer)["session"]
        await asked.begin()
        await asked.say("```\n")  # The ledger has the time of the request from the first token on.
        pieces = (await _until_streaming(editor, session)).get("context", [])
        await editor.command("midstream.cancel", {"session": session, "leave": "original"})
        ledger = (await editor.command("midstream.status"))["last"]
        sent = [asked.create.get("instructions") or ""]
        sent += [part["text"] for item in asked.create["input"] for part in item["content"]]
        return Sample("\n".join(sent), pieces, ledger["requestToWire"])


async def _until_streaming(editor: Editor, session: str) -> Json:
    """The status once the first token has come."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            status: Json = await editor.command("midstream.status")
            if any(
                s["session"] == session and s["phase"] != "starting" for s in status["sessions"]
            ):
                return status
            await asyncio.sleep(0.001)


# -- a large workspace -----------------------------------------------------------------------------


async def _large_tree(
    bench: Bench, roots: Sequence[Path], folder: Path, chosen: argparse.Namespace
) -> None:
    count = make_tree(roots, folder, chosen.files)
    drawn = _drawn_in(folder, roots, max(chosen.functions, chosen.first))
    first: dict[bool, list[Sample]] = {True: [], False: []}
    for function, language, _ in drawn[: chosen.first]:
        for context in first:
            async with bench.server(folder, context=context) as (editor, _):
                sample = await bench.edit(editor, function, language, settling_s=_SETTLING_S)
                first[context].append(sample)
    later: dict[bool, list[Sample]] = {True: [], False: []}
    async with (
        bench.server(folder, context=True) as (editor, home),
        bench.server(folder, context=False) as (without, _),
    ):
        for one in (editor, without):
            await bench.edit(one, drawn[0][0], drawn[0][1])
        cost = await watched(editor.process.pid, home)
        for function, language, _ in drawn[: chosen.functions]:
            later[True].append(await bench.edit(editor, function, language))
            later[False].append(await bench.edit(without, function, language))
        memory = memory_of(editor.process.pid), memory_of(without.process.pid)
    _print_tree(count, cost, memory)
    uses = [uses for _, _, uses in drawn]
    for name, samples in (("first edit", first), ("later edits", later)):
        found = [
            sample.finds(use)
            for sample, names in zip(samples[True], uses, strict=False)
            for use in names
            if not use.member
        ]
        print(f"{name}: {len(found)} names, found {_share(found)}")
    _print_times({f"large tree, {words}": samples for words, samples in (
        ("first edit of a server", first), ("later edits", later)
    )})  # fmt: skip


def _print_tree(count: int, cost: IndexCost, memory: tuple[float, float]) -> None:
    print(
        f"\nindex of {count:,} files: {cost.seconds:.1f} s, database {cost.database_mib:.1f} MiB, "
        f"its process at most {cost.child_mib:.0f} MiB, the server then {cost.server_mib:.0f} MiB; "
        f"after all edits {memory[0]:.0f} MiB with context, {memory[1]:.0f} MiB without"
    )


def _print_times(samples: dict[str, dict[bool, list[Sample]]]) -> None:
    """From the command to the request, with context and without."""
    print(f"\n{'command to request, milliseconds':<58}{'n':>5}{'p50':>8}{'p95':>8}{'max':>8}")
    for name, of in samples.items():
        for words, values in (
            ("with context", [sample.request_ms for sample in of[True]]),
            ("without", [sample.request_ms for sample in of[False]]),
            ("again, with context", [sample.request_ms for sample in _again(of[True])]),
            ("again, without", [sample.request_ms for sample in _again(of[False])]),
        ):
            shares = [percentile(values, 0.5), percentile(values, 0.95), max(values)]
            row = "".join(f"{value:>8.1f}" for value in shares)
            print(f"{f'{name}, {words}':<58}{len(values):>5}{row}")


def make_tree(roots: Sequence[Path], folder: Path, count: int) -> int:
    """Copy the source files of the checkouts into folders with new names, until there are `count`.

    Gives the number of source files.
    """
    endings = frozenset(ending for ends in ENDINGS.values() for ending in ends)
    files = {root: source_files(root, endings) for root in roots}
    made = 0
    while made < count and any(files.values()):
        for number, (root, sources) in enumerate(files.items()):
            copy = folder / f"project-{made // max(1, count // 100)}-{number}-{root.name}"
            for marker in ("package.json", "tsconfig.json", "go.mod", "Cargo.toml"):
                sources = [*sources, *root.rglob(marker)]
            for source in sources:
                if made >= count:
                    return made
                target = copy / source.relative_to(root)
                if not target.exists():
                    target.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(source, target)
                    made += source.suffix in endings
    return made


def _drawn_in(
    folder: Path, roots: Sequence[Path], count: int
) -> list[tuple[Function, str, tuple[Use, ...]]]:
    """Functions of the whole copies, the copies by turns."""
    copies = sorted(folder.iterdir())[: 2 * len(roots)]
    each = max(1, count // len(copies))
    drawn = [
        [(function, language, uses) for function, uses in draw(oracle, each, _SEED)]
        for copy in copies
        for language, oracle in languages_of(copy)
    ]
    return [one[at] for at in range(each) for one in drawn if at < len(one)]


if __name__ == "__main__":
    sys.exit(main())
