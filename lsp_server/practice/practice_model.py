"""The practice model: prompt in, answer out, always the same answer for the same prompt.

Reads the prompt that every model gets, applies its six recipes, and says what it does not know.
Pure; `provider` streams the answer.
"""

from collections.abc import Callable

from lsp_server.practice.bindings import names_in
from lsp_server.practice.docs import add_docstrings
from lsp_server.practice.fragment import Edit, Fragment, known_language, read_fragment
from lsp_server.practice.guards import use_guard_clauses
from lsp_server.practice.hints import add_type_hints
from lsp_server.practice.plan import Job, Plan, make_plan
from lsp_server.practice.prints import remove_debug_output
from lsp_server.practice.recipe import RECIPES, RecipeName, RecipeResult
from lsp_server.practice.rename import Rename, rename
from lsp_server.practice.scope_patch import unified_diff
from lsp_server.practice.strings import interpolate_strings
from lsp_server.practice.user_changes import with_user_changes
from lsp_server.prompt.parse import ParsedPrompt, parse
from lsp_server.prompt.sections import fenced
from lsp_server.session.request import Form
from lsp_server.syntax.language import Language

_KNOWN = "; ".join(f'"{recipe.example}"' for recipe in RECIPES)
HELP = (
    f"The practice model only knows {_KNOWN}. For anything else, choose a real model: see "
    "docs/models.md."
)

_RECIPES: dict[RecipeName, Callable[[Fragment], RecipeResult]] = {
    RecipeName.DOCSTRINGS: add_docstrings,
    RecipeName.TYPE_HINTS: add_type_hints,
    RecipeName.STRINGS: interpolate_strings,
    RecipeName.DEBUG_OUTPUT: remove_debug_output,
    RecipeName.GUARD_CLAUSES: use_guard_clauses,
}

_MOST_ROUNDS = 100
"""A recipe works from the outside in, one level a round. No code is nested this deep."""

_ONE_ROUND = frozenset({RecipeName.DOCSTRINGS, RecipeName.TYPE_HINTS, RecipeName.DEBUG_OUTPUT})
"""Recipes that need only one round."""


def answer(prompt_input: str) -> str:
    """The whole answer to a prompt: a fenced block with or without sentences, or only sentences."""
    prompt = parse(prompt_input)
    if prompt is None:
        return HELP
    language = known_language(prompt.language)
    if language is None:
        return (
            "The practice model works on Python, JavaScript and TypeScript, not on "
            f"{prompt.language or 'this language'}. {HELP}"
        )
    plan = make_plan(
        prompt.earlier,
        prompt.instruction,
        unfinished=prompt.cut is not None,
        original_names=_names(prompt.original, prompt, language),
        names_now=_names(prompt.current, prompt, language),
    )
    notes = list(plan.notes)
    if plan.unknown or not (plan.jobs or notes):
        what = ", ".join(f"“{words}”" for words in plan.unknown) or "the instruction"
        notes.append(f"I don't know how to do this: {what}. {HELP}")
    text, job_notes = _carry_out(plan, prompt, language)
    notes += job_notes
    sentences = " ".join(dict.fromkeys(notes))
    if text == prompt.current:
        return sentences or "There is nothing to change here."
    block = _block(prompt, text)
    return f"{sentences}\n\n{block}\n" if sentences else f"{block}\n"


def _names(text: str, prompt: ParsedPrompt, language: Language) -> frozenset[str]:
    return names_in(read_fragment(text, language, prompt.before, prompt.after))


def _block(prompt: ParsedPrompt, text: str) -> str:
    if prompt.form is Form.PATCH:
        return fenced(unified_diff(prompt.current, text), "diff")
    return fenced(text, prompt.language)


def _carry_out(plan: Plan, prompt: ParsedPrompt, language: Language) -> tuple[str, list[str]]:
    """The scope after the plan, and sentences about it.

    A cut leaves part of an answer above the rest of the original: it may parse and still be wrong,
    such as an `else` under another `if`. So after a cut the plan is applied to the original, and
    the user's changes are merged into the result.
    """
    if prompt.cut is None:
        return _do_all(plan.jobs, prompt.current, prompt, language)
    answered, _ = _do_all(plan.before, prompt.original, prompt, language)
    halfway, _ = _do_all(plan.unfinished, prompt.original, prompt, language)
    wanted, notes = _do_all(plan.jobs, halfway, prompt, language)
    text = with_user_changes(prompt, answered, wanted)
    sound = _errors(text, prompt, language) <= _errors(prompt.original, prompt, language)
    if sound and all(settled in text for settled in prompt.settled):
        return text, notes
    halfway, _ = _do_all(plan.unfinished, prompt.current, prompt, language)
    return _do_all(plan.jobs, halfway, prompt, language)


def _errors(text: str, prompt: ParsedPrompt, language: Language) -> int:
    return read_fragment(text, language, prompt.before, prompt.after).errors


def _do_all(
    jobs: tuple[Job, ...], text: str, prompt: ParsedPrompt, language: Language
) -> tuple[str, list[str]]:
    notes: list[str] = []
    for job in jobs:
        text, note = _do(job, text, prompt, language)
        notes += [note] if note else []
    return text, notes


def _do(job: Job, text: str, prompt: ParsedPrompt, language: Language) -> tuple[str, str]:
    """The text after one job, and a sentence about it."""
    first_note = ""
    start = text
    errors: int | None = None
    for round_number in range(_MOST_ROUNDS):
        fragment = read_fragment(text, language, prompt.before, prompt.after)
        errors = fragment.errors if errors is None else errors
        try:
            result = _once(job, fragment)
        except RecursionError:
            # Thousands of nested brackets: nobody writes that, but it may be sent.
            return start, "This is nested too deeply for the practice model."
        result, refused = _without_settled(fragment, result, prompt.settled, job)
        if round_number == 0:
            first_note = refused or result.note
        changed = fragment.rewrite(result.edits)
        if changed == text:
            break
        if read_fragment(changed, language, prompt.before, prompt.after).errors > errors:
            what = "the rename" if isinstance(job, Rename) else job.value
            return start, f"I left out {what}, because the result wouldn't parse."
        text = changed
        if isinstance(job, Rename) or job in _ONE_ROUND:
            break
    return text, first_note


def _once(job: Job, fragment: Fragment) -> RecipeResult:
    return rename(fragment, job) if isinstance(job, Rename) else _RECIPES[job](fragment)


def _without_settled(
    fragment: Fragment, result: RecipeResult, settled: tuple[str, ...], job: Job
) -> tuple[RecipeResult, str]:
    """The result without edits of text that the user has accepted, and a sentence about it."""
    kept = tuple(edit for edit in result.edits if not _touches(fragment, edit, settled))
    if len(kept) == len(result.edits):
        return result, ""
    if job is RecipeName.GUARD_CLAUSES or isinstance(job, Rename):
        # Half of such a change would be wrong code.
        return (
            RecipeResult(),
            "I left out changes to the parts you accepted.",
        )
    return RecipeResult(kept), "The parts you accepted stay as they are."


def _touches(fragment: Fragment, edit: Edit, settled: tuple[str, ...]) -> bool:
    """Whether an edit changes part of an accepted text."""
    for text in settled:
        data = text.encode("utf-8", "surrogatepass")
        place = fragment.source.find(data, fragment.start) if data.strip() else -1
        if place >= 0 and edit.start < place + len(data) and place < edit.end:
            return True
    return False
