"""Shows the ledger of a session as a table. `docs/protocol.md` says what is measured."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from lsp_server.backends.headers import same_model
from lsp_server.guard.invisible_filter import visible
from lsp_server.lsp.convert import Json
from lsp_server.lsp.uris import path_from
from lsp_server.prompt.pieces import Why

_MEANINGS = {
    "requestToWire": "command to request written",
    "firstToken": "command to first token",
    "firstEdit": "command to first edit landed",
    "held": "text received to text landed",
    "applyRoundTrip": "edit sent to edit confirmed",
    "frameToEdit": "frame received to edit sent",
    "tokens": "of all attempts",
    "tokensPerSecond": "while streaming",
    "edits": "that landed",
    "refused": "that the editor refused",
    "unchecked": "shown with unknown syntax",
    "imports": "written outside of the scope",
    "charsInserted": "",
    "charsDeleted": "",
    "charsMinimal": "the fewest possible",
    "cancel": "stop to last edit settled",
    "redirect": "redirect to request written",
}
_TIMES = ("requestToWire", "firstToken", "firstEdit", "cancel", "redirect")
_SPREADS = ("held", "applyRoundTrip", "frameToEdit")
_NOTHING = "–"
_GAP = "   "


def table_of(ledgers: Sequence[tuple[str, Mapping[str, object]]], width: int) -> RenderableType:
    """One row for each figure, one column for each ledger, with its name as heading if there are
    several. Below it the models that answered, what was repaired in how many answers, and what was
    sent of other files.

    Times with a spread are the median and the 95th percentile. The meanings are left out if they do
    not fit into `width` columns.
    """
    columns = [[figure(key, ledger.get(key)) for key in _MEANINGS] for _, ledger in ledgers]
    headed = len(ledgers) > 1
    names = [visible(name) if headed else "" for name, _ in ledgers]
    widths = [max(map(len, [name, *c])) for name, c in zip(names, columns, strict=True)]
    used = sum(len(_GAP) + w for w in (max(map(len, _MEANINGS)), *widths))
    explained = used + max(map(len, _MEANINGS.values())) <= width
    table = Table(box=None, pad_edge=False, padding=(0, len(_GAP), 0, 0))
    table.show_header = headed
    table.add_column("", style="bold", no_wrap=True)
    for name, least in zip(names, widths, strict=True):
        table.add_column(name, justify="right", no_wrap=True, min_width=least)
    if explained:
        table.add_column("", style="dim", no_wrap=True)
    for index, key in enumerate(_MEANINGS):
        figures = [column[index] for column in columns]
        table.add_row(key, *figures, *([_MEANINGS[key]] if explained else []))
    return Group(
        table,
        *_models(ledgers, headed=headed),
        *_repairs(ledgers, headed=headed),
        *_context(ledgers, headed=headed),
    )


def figure(key: str, value: object) -> str:
    """One figure with its unit."""
    if isinstance(value, dict) and key in _SPREADS:
        return f"{_number(value.get('p50'))} / {_number(value.get('p95'))} ms"
    if value is None:
        return _NOTHING
    if key in _TIMES:
        return f"{_number(value)} ms"
    if key == "tokensPerSecond" and isinstance(value, int | float):
        return f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _models(ledgers: Sequence[tuple[str, Mapping[str, object]]], *, headed: bool) -> Iterator[Text]:
    """The models that answered, one line each, without repetitions."""
    answered: dict[str, dict[str, None]] = {}
    for name, ledger in ledgers:
        attempts = ledger.get("models")
        for attempt in attempts if isinstance(attempts, list) else []:
            answered.setdefault(_model(attempt), {})[visible(name)] = None
    before = "models"
    for words, names in answered.items():
        line = Text(f"{before:<{max(map(len, _MEANINGS))}}{_GAP}", style="bold")
        line.append(words, style="not bold")
        if headed and len(names) < len(ledgers):
            line.append(f"{_GAP}{', '.join(names)}", style="dim not bold")
        yield line
        before = ""


def _repairs(
    ledgers: Sequence[tuple[str, Mapping[str, object]]], *, headed: bool
) -> Iterator[Text]:
    """What was repaired in the answers, one line for each ledger that has any."""
    before = "mended"
    for name, ledger in ledgers:
        kinds = ledger.get("mended")
        if not isinstance(kinds, dict) or not kinds:
            continue
        line = Text(f"{before:<{max(map(len, _MEANINGS))}}{_GAP}", style="bold")
        words = (k if n == 1 else f"{k} {n} times" for k, n in kinds.items())
        line.append(", ".join(words), style="not bold")
        if headed:
            line.append(f"{_GAP}{visible(name)}", style="dim not bold")
        yield line
        before = ""


def _context(
    ledgers: Sequence[tuple[str, Mapping[str, object]]], *, headed: bool
) -> Iterator[Text]:
    """What was sent of other files, one line for each ledger that has any."""
    before = "context"
    for name, ledger in ledgers:
        words = context_words(ledger.get("context"))
        if not words:
            continue
        line = Text(f"{before:<{max(map(len, _MEANINGS))}}{_GAP}", style="bold")
        line.append(words, style="not bold")
        if headed:
            line.append(f"{_GAP}{visible(name)}", style="dim not bold")
        yield line
        before = ""


def context_words(context: object) -> str:
    """The other files of which a prompt holds something, why, and how many tokens they take; ""
    for none."""
    pieces = context if isinstance(context, list) else []
    own = {piece["uri"] for piece in pieces if piece["why"] == Why.SCOPE.value}
    others = [piece for piece in pieces if piece["uri"] not in own]
    files: dict[str, dict[str, None]] = {}
    for piece in others:
        files.setdefault(_file_name(piece["uri"]), {})[piece["why"]] = None
    listed = ", ".join(f"{visible(name)} ({', '.join(whys)})" for name, whys in files.items())
    return f"{listed}; about {sum(p['tokens'] for p in others):,} tokens" if others else ""


def _file_name(uri: str) -> str:
    """The file as the user would name it here."""
    path = path_from(uri)
    if path is None:
        return uri
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else path.name


def _model(attempt: Json) -> str:
    words = model_words(attempt.get("requested"), attempt.get("served")) or _NOTHING
    if attempt.get("serviceTier"):
        words += f", service tier {visible(attempt['serviceTier'])}"
    if isinstance(attempt.get("queueMs"), int | float):
        words += f", {_number(attempt['queueMs'])} ms in its queue"
    return words


def model_words(requested: object, served: object) -> str:
    """The model that answered; also the requested one if it is another."""
    name = visible(str(served or requested or ""))
    if isinstance(requested, str) and isinstance(served, str) and not same_model(requested, served):
        name += f" instead of {visible(requested)}"
    return name


def at_p95(ledger: Json, key: str) -> float | None:
    """The 95th percentile of a figure that has one, in milliseconds."""
    spread = ledger.get(key)
    value = spread.get("p95") if isinstance(spread, dict) else None
    return float(value) if isinstance(value, int | float) else None


def _number(value: object) -> str:
    return f"{value:,.1f}" if isinstance(value, int | float) else _NOTHING
