"""The ledger of a session as a table for people. What is measured stands in `docs/protocol.md`."""

from collections.abc import Mapping, Sequence

from rich.table import Table

from lsp_server.backends.headers import same_model
from lsp_server.cli.visible import visible
from lsp_server.lsp.convert import Json

_MEANINGS = {
    "requestToWire": "command to request written",
    "firstToken": "command to first token",
    "firstEdit": "command to first edit landed",
    "held": "text read to text landed",
    "applyRoundTrip": "edit sent to edit confirmed",
    "frameToEdit": "frame read to edit written",
    "tokens": "of all attempts",
    "tokensPerSecond": "while they came",
    "edits": "that landed",
    "refused": "that the editor did not take",
    "charsInserted": "",
    "charsDeleted": "",
    "charsMinimal": "the least that would have done",
    "cancel": "stop to last edit settled",
    "redirect": "redirect to request written",
    "models": "that answered, in order",
}
_TIMES = ("requestToWire", "firstToken", "firstEdit", "cancel", "redirect")
_SPREADS = ("held", "applyRoundTrip", "frameToEdit")
_FIGURES = tuple(key for key in _MEANINGS if key != "models")
_NOTHING = "–"
_GAP = "   "


def table_of(ledgers: Sequence[tuple[str, Mapping[str, object]]], width: int) -> Table:
    """One row for each figure, one column for each ledger, headed by its name if there are more.

    Times that have a spread are the median and, behind it, the 95th percentile. What the figures
    mean is left out where `width` columns do not hold it.
    """
    columns = [[figure(key, ledger.get(key)) for key in _FIGURES] for _, ledger in ledgers]
    headed = len(ledgers) > 1
    names = [name if headed else "" for name, _ in ledgers]
    widths = [max(map(len, [name, *c])) for name, c in zip(names, columns, strict=True)]
    taken = sum(len(_GAP) + w for w in (max(map(len, _MEANINGS)), *widths))
    explained = taken + max(map(len, _MEANINGS.values())) <= width
    table = Table(box=None, pad_edge=False, padding=(0, len(_GAP), 0, 0))
    table.show_header = headed
    table.add_column("", style="bold", no_wrap=True)
    for name, least in zip(names, widths, strict=True):
        table.add_column(name, justify="right", overflow="fold", min_width=least)
    if explained:
        table.add_column("", style="dim", no_wrap=True)
    for index, (key, meaning) in enumerate(_MEANINGS.items()):
        if key in _FIGURES:
            cells = [column[index] for column in columns]
        else:
            cells = [_models(ledger.get(key)) for _, ledger in ledgers]
        table.add_row(key, *cells, *([meaning] if explained else []))
    return table


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


def _models(value: object) -> str:
    """Who answered each attempt, a line for each; the same again and again only once."""
    attempts = value if isinstance(value, list) else []
    return "\n".join(dict.fromkeys(map(_model, attempts))) or _NOTHING


def _model(attempt: Json) -> str:
    asked, served = attempt.get("requested"), attempt.get("served")
    name = visible(str(served or asked or _NOTHING))
    if served is not None and asked is not None and not same_model(asked, served):
        name += f" for {visible(asked)}"
    if attempt.get("serviceTier"):
        name += f", {visible(attempt['serviceTier'])}"
    if isinstance(attempt.get("queueMs"), int | float):
        name += f", queue {_number(attempt['queueMs'])} ms"
    return name


def at_p95(ledger: Json, key: str) -> float | None:
    """The 95th percentile of a figure that has one, in milliseconds."""
    spread = ledger.get(key)
    value = spread.get("p95") if isinstance(spread, dict) else None
    return float(value) if isinstance(value, int | float) else None


def _number(value: object) -> str:
    return f"{value:,.1f}" if isinstance(value, int | float) else _NOTHING
