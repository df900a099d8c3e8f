"""The practice model: six recipes that need no key, no network and no weights.

It stands in for a real model wherever one would be in the way: in the demo, in tests, on the first
day. It reads the prompt that every model reads, answers as models do and streams at a set rate.

    provider    the stream, at a set rate
    model       prompt in, answer out
    plan        instructions that follow on one another, as jobs
    the rest    plain instructions as steps; one module for each recipe and what they share
"""

from lsp_server.practice.practice_model import answer
from lsp_server.practice.provider import PracticeProvider
from lsp_server.practice.recipe import RECIPES, Recipe

__all__ = ["RECIPES", "PracticeProvider", "Recipe", "answer"]
