"""The practice model: six recipes that need no key, no network and no weights.

It replaces a real model in the demo, in tests and on a user's first day. It reads the prompt that
every model gets, answers like a model and streams at a set rate.

    provider          streams the answer at a set rate
    practice_model    prompt in, answer out
    plan              a series of instructions as jobs
    instructions      plain English as steps
    the rest          one module for each recipe, and what they share
"""

from lsp_server.practice.practice_model import answer
from lsp_server.practice.provider import PracticeProvider
from lsp_server.practice.recipe import RECIPES, Recipe

__all__ = ["RECIPES", "PracticeProvider", "Recipe", "answer"]
