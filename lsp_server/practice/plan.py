"""The jobs that follow from a series of instructions, the last of which may redirect a cut attempt.

A cut attempt leaves its work half done, perhaps a name with two spellings. So earlier instructions
are finished first, unless the new one takes them back. "Call it z instead" means the name that was
renamed last. Pure; knows nothing of code.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from lsp_server.practice.instructions import (
    Instruction,
    RecipeStep,
    RenameStep,
    understand,
)
from lsp_server.practice.recipe import RecipeName
from lsp_server.practice.rename import Rename

Job = Rename | RecipeName
"""A rename, or a recipe by its name."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Jobs in order, sentences about what cannot be done, and words that were not understood."""

    before: tuple[Job, ...]
    """The jobs of the earlier instructions."""
    unfinished: tuple[Job, ...]
    """Those of `before` that are still wanted and may be half done."""
    jobs: tuple[Job, ...]
    """The jobs of the new instruction, to be done last."""
    notes: tuple[str, ...]
    unknown: tuple[str, ...]


def make_plan(
    earlier: Iterable[str],
    instruction: str,
    *,
    unfinished: bool,
    original_names: frozenset[str],
    names_now: frozenset[str],
) -> Plan:
    """The plan for `instruction` after the `earlier` ones, oldest first.

    `unfinished`: the last attempt was cut, so its work may be half done. `original_names` are the
    names in the scope before the session: a rename to one of them was refused, so it is not another
    spelling of the old name. `names_now` are the names in the scope now: an old name that is there
    after a finished rename is another thing with that name.
    """
    history = _Jobs(original_names, frozenset() if unfinished else names_now)
    for text in earlier:
        history.begin(understand(text))
    before = tuple(history.jobs)
    history.begin(understand(instruction))
    remaining = tuple(job for job in history.jobs if job not in history.latest)
    return Plan(
        before,
        remaining if unfinished else (),
        tuple(history.latest),
        tuple(history.notes),
        history.unknown,
    )


class _Jobs:
    """The jobs of several instructions in a row."""

    def __init__(self, original_names: frozenset[str], names_now: frozenset[str]) -> None:
        self._original_names = original_names
        self._names_now = names_now
        self.jobs: list[Job] = []
        self.notes: list[str] = []
        self.unknown: tuple[str, ...] = ()
        self.latest: list[Job] = []

    def begin(self, instruction: Instruction) -> None:
        """Add the jobs of the next instruction."""
        self.notes = []
        self.unknown = instruction.unknown
        before, self.latest = self.latest, []
        if instruction.instead and instruction.steps:
            self._take_back(before, instruction)
        for step in instruction.steps:
            if isinstance(step, RenameStep):
                self._rename(step)
            else:
                self._recipe(step)

    def _add(self, job: Job) -> None:
        self.jobs.append(job)
        self.latest.append(job)

    def _drop(self, job: Job) -> None:
        self.jobs = [other for other in self.jobs if other != job]
        self.latest = [other for other in self.latest if other != job]

    def _is_about(self, step: RenameStep, job: Rename) -> bool:
        """Whether the step renames what the job has renamed."""
        if step.old is None:
            return True
        return step.old in job.names and (step.old == job.new or step.old not in self._names_now)

    def _take_back(self, latest: list[Job], instruction: Instruction) -> None:
        """Drop the jobs of the last instruction; a renamed name gets its old spelling back."""
        renamed_anew = any(isinstance(step, RenameStep) for step in instruction.steps)
        for job in latest:
            if isinstance(job, Rename) and renamed_anew:
                continue
            self._drop(job)
            old = sorted(job.names & self._original_names) if isinstance(job, Rename) else []
            if isinstance(job, Rename) and old:
                self._add(Rename(job.names, old[0], job.attribute))

    def _rename(self, step: RenameStep) -> None:
        names = frozenset() if step.old is None else frozenset({step.old})
        for job in reversed(self.jobs):
            if isinstance(job, Rename) and self._is_about(step, job):
                self._drop(job)
                names |= job.names
                break
        if not names:
            self.notes.append(
                f"Which name should become `{step.new}`? Say: rename … to {step.new}."
            )
            return
        spellings = names if step.new in self._original_names else names | {step.new}
        self._add(Rename(spellings, step.new, step.attribute))

    def _recipe(self, step: RecipeStep) -> None:
        self._drop(step.name)
        if step.wanted:
            self._add(step.name)
        else:
            self.notes.append(f"I left {step.name.value} as it is.")
