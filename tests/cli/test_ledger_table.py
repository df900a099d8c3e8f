"""The ledger as a table."""

from pathlib import Path

from rich.console import Console

from lsp_server.cli.ledger_table import at_p95, context_words, figure, table_of
from lsp_server.session.ledger import Ledger


def _printed(width: int, count: int) -> list[str]:
    ledger = Ledger(0.0)
    ledger.requested(1, "practice")
    ledgers = [(f"file{n}.py", ledger.as_json(12)) for n in range(count)]
    console = Console(width=width, record=True, file=None, quiet=False, no_color=True)
    with console.capture() as captured:
        console.print(table_of(ledgers, width))
    return captured.get().splitlines()


def test_every_figure_has_its_row_and_none_is_cut() -> None:
    for width, count in ((120, 1), (80, 3), (120, 3)):
        text = "\n".join(_printed(width, count))
        assert all(f"{key} " in text for key in Ledger(0.0).as_json(None))
        assert "…" not in text


def test_meanings_only_if_they_fit() -> None:
    assert "frame received to edit sent" in "\n".join(_printed(120, 3))
    assert "frame received" not in "\n".join(_printed(60, 3))


def test_figures_have_units() -> None:
    assert figure("firstToken", 1234.56) == "1,234.6 ms"
    assert figure("held", {"p50": 1.0, "p95": 2.25}) == "1.0 / 2.2 ms"
    assert figure("tokensPerSecond", 998.7) == "999"
    assert figure("charsInserted", 1234) == "1,234"
    assert figure("cancel", None) == "–"


def test_at_p95() -> None:
    assert at_p95({"held": {"p50": 1.0, "p95": 2.0}}, "held") == 2.0
    assert at_p95({"held": None}, "held") is None


def test_each_model_that_answered_is_named_once() -> None:
    ledger = Ledger(0.0)
    ledger.requested(1, "quick")
    ledger.answered(1, "quick-2026-01-31", None, None)
    ledger.requested(2, "deep")
    ledger.answered(2, "cheaper", "default", 1234.5)
    ledger.requested(3, "deep")
    ledger.answered(3, "cheaper", "default", 1234.5)
    ledger.requested(4, "deep")
    console = Console(width=100, no_color=True)
    with console.capture() as captured:
        console.print(table_of([("", ledger.as_json(0))], 100))
    lines = [line.strip() for line in captured.get().splitlines()]
    at = next(i for i, line in enumerate(lines) if line.startswith("models"))
    assert lines[at].split(maxsplit=1)[1] == "quick-2026-01-31"
    assert lines[at + 1 :] == [
        "cheaper instead of deep, service tier default, 1,234.5 ms in its queue",
        "deep",
    ]


def test_other_files_are_named_with_the_reason_and_the_cost() -> None:
    here = Path.cwd().as_uri()
    own: list[dict[str, object]] = [
        {"uri": f"{here}/a.py", "why": why, "tokens": 100} for why in ("around", "scope")
    ]
    others: list[dict[str, object]] = [
        {"uri": f"{here}/shop/money.py", "why": "definition", "tokens": 1000},
        {"uri": f"{here}/shop/money.py", "why": "open", "tokens": 200},
        {"uri": "file:///elsewhere/notes.md", "why": "mention", "tokens": 34},
    ]
    assert context_words([*own, *others]) == (
        "shop/money.py (definition, open), notes.md (mention); about 1,234 tokens"
    )
    assert context_words(own) == context_words(None) == ""
    console = Console(width=100, no_color=True)
    with console.capture() as captured:
        console.print(table_of([("", {"context": own})], 100))
    assert "context" not in captured.get()


def test_repairs_are_counted_if_there_are_any() -> None:
    console = Console(width=100, no_color=True)
    with console.capture() as captured:
        console.print(table_of([("", {"mended": {"fence": 2, "echo": 1}})], 100))
    assert "fence 2 times, echo" in captured.get()
    with console.capture() as captured:
        console.print(table_of([("", {"mended": {}})], 100))
    assert "mended" not in captured.get()
