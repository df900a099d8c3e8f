"""What is to be done in all, after an instruction, a cut and another instruction.

The new instruction comes last but does not stand alone. An attempt that was cut in the middle has
left its work half done, a name perhaps with two spellings; so what was asked for before is finished
first, unless the new instruction takes it back. "Call it z instead" means the name that was renamed
last. Pure; knows nothing of code.
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
"""One thing to do: a rename, or a recipe that needs no more than its name."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do, in order; sentences about what cannot be; the words that were not understood."""

    before: tuple[Job, ...]
    """What had been asked for until now."""
    unfinished: tuple[Job, ...]
    """What of that is still wanted, and may be half done."""
    jobs: tuple[Job, ...]
    """What is asked for now, to be done last."""
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
    """The plan for `instruction` after the `earlier` ones, the oldest first.

    `unfinished`: the attempt before was cut, so that its work may be half done. `original_names`:
    the names in the scope before the session; a new name that was there already was refused then,
    and is not another spelling of the old one. `names_now`: those in the scope as it stands; an old
    name that is there although its rename was finished is another thing of that name.
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
    """Jobs as they add up over several instructions."""

    def __init__(self, original_names: frozenset[str], standing: frozenset[str]) -> None:
        self._original_names = original_names
        self._standing = standing
        self.jobs: list[Job] = []
        self.notes: list[str] = []
        self.unknown: tuple[str, ...] = ()
        self.latest: list[Job] = []

    def begin(self, instruction: Instruction) -> None:
        """Add the jobs of one more instruction."""
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
        """Whether the step gives another name to what the job renamed."""
        if step.old is None:
            return True
        return step.old in job.names and (step.old == job.new or step.old not in self._standing)

    def _take_back(self, latest: list[Job], instruction: Instruction) -> None:
        """Drop what was asked for last; a name that was renamed gets its old spelling back."""
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
            self.notes.append(f"Say which name is to become `{step.new}`: rename … to {step.new}.")
            return
        spellings = names if step.new in self._original_names else names | {step.new}
        self._add(Rename(spellings, step.new, step.attribute))

    def _recipe(self, step: RecipeStep) -> None:
        self._drop(step.name)
        if step.wanted:
            self._add(step.name)
        else:
            self.notes.append(f"The matter of {step.name.value} is left as it stands.")
