"""How long it takes to build a prompt of 100,000 tokens, including masks.

The file is the package's own source code, one module after the other, in two lengths: one fits into
the prompt, and of the other one half does. The tree is parsed before, as in an editor. Prints the
distribution over the places that are asked about.

    python -m benchmarks.prompt [--rounds N]
"""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from lsp_server.backends.base import ModelRequest
from lsp_server.lsp.redaction import Redaction
from lsp_server.prompt.budget import tokens_of
from lsp_server.prompt.compose import PromptPlace, compose
from lsp_server.session.ledger import percentile
from lsp_server.session.request import EditRequest
from lsp_server.syntax.languages import language_for
from lsp_server.syntax.scope import ScopeLevel, find_scope
from lsp_server.syntax.tree import DocumentTree
from lsp_server.text.span import Span

TOKENS = 100_000
PACKAGE = Path(__file__).parents[1] / "lsp_server"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=40, help="places asked about in each file")
    chosen = parser.parse_args(arguments)
    source = "\n".join(path.read_text("utf-8") for path in sorted(PACKAGE.rglob("*.py")))
    for words, share in (("fits whole", 0.95), ("fits by half", 2.0)):
        wanted = int(TOKENS * share)
        text = source * (1 + wanted // tokens_of(source))
        text = text[: int(len(text) * wanted / tokens_of(text))]
        spent, sizes = measure(text, chosen.rounds)
        print(
            f"a file of {tokens_of(text):,} tokens, which {words}: prompts of "
            f"{min(sizes):,} to {max(sizes):,} tokens in p50 {percentile(spent, 0.5):.1f} ms, "
            f"p95 {percentile(spent, 0.95):.1f} ms, max {max(spent):.1f} ms"
        )
    return 0


def measure(text: str, rounds: int) -> tuple[list[float], list[int]]:
    """Milliseconds and tokens of each prompt."""
    language = language_for("python", None, "")
    assert language is not None
    tree = DocumentTree(language, text)
    spent, sizes = [], []
    for index in range(rounds):
        offset = len(text) * (index + 1) // (rounds + 2)
        scope = find_scope(text, Span(offset, offset), language, ScopeLevel.SMALLEST, tree).span
        original = scope.text(text)
        began = time.perf_counter()
        place = PromptPlace("big.py", "python", text, scope, tree=tree)
        prompt = compose(EditRequest("Add types.", original, original, "p"), place, TOKENS)
        request = ModelRequest("m", prompt.instructions, prompt.input)
        masked = Redaction().masked(text, scope, request, redact=True)
        spent.append((time.perf_counter() - began) * 1000)
        sizes.append(tokens_of(masked.input))
    return spent, sizes


if __name__ == "__main__":
    sys.exit(main())
