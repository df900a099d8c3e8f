"""What a session writes next into its scope, and the record of what it has written.

A `ScopeWriter` holds the attribution (whose text is whose), the shadow copy (the model's text and
how it reads in what the user sees), the earlier states of the scope, and the one edit in flight. It
knows no phases, streams or commands; those belong to `machine`.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import assert_never

from lsp_server.edit.align import Candidate
from lsp_server.edit.diff import diff
from lsp_server.edit.hunks import Attribution, HunkState
from lsp_server.edit.line_joins import LineEdges
from lsp_server.edit.shadow_copy import ShadowCopy, ShadowWrite
from lsp_server.errors import ContractError, RequestFailed
from lsp_server.session.attempt import START, Attempt
from lsp_server.session.check_budget import MayCheck, always
from lsp_server.session.gate_protocol import Gate
from lsp_server.session.history import History, KnownState
from lsp_server.session.scope_edit import ScopeEdit, alters
from lsp_server.session.scope_resize import ScopeResize
from lsp_server.session.settle_target import SettleTarget
from lsp_server.text.changes import Change, ChangeSet

GateFor = Callable[[str | None], Gate]
"""Makes the gate for texts that would replace the given one (None: the present text)."""

# This many of the newest states are checked one by one before the steps grow.
_NEWEST_TRIES = 8


class ScopeWriter:
    """The text of one scope, and what is written into it next.

    Invariant: `attribution.view == shadow_copy.view`. That is the scope as the editor holds it
    while nothing is in flight.

    `taking_back` and `offers_to_show` are ids of hunks that the user wants reverted or shown, not
    written yet. `restoring_attempt` is the attempt whose result the user wants back.
    """

    def __init__(self, scope: str, *, only_sound: bool) -> None:
        self.attribution = Attribution.begin(scope)
        self.shadow_copy = ShadowCopy.begin(scope)
        self.in_flight: ScopeEdit | None = None
        self.only_sound = only_sound
        """Whether only versions that the gate admits may be shown."""
        self.taking_back: tuple[str, ...] = ()
        self.offers_to_show: tuple[str, ...] = ()
        self.restoring_attempt = 0
        self.result_of = 0
        """The attempt whose result was recorded last."""
        self._history = History(self.attribution)
        self._exact = True  # The private copy equals the attempt's shown state.
        self._from_base = False  # The attempt rewrites the base, not what the user saw.

    @property
    def view(self) -> str:
        """The scope as the editor holds it."""
        return self.attribution.view

    # -- what has happened --

    def set_edges(self, edges: LineEdges) -> None:
        """Set how the scope lies in the lines of its document now."""
        if self.shadow_copy.edges != edges:
            self.shadow_copy = replace(self.shadow_copy, edges=edges)
        if self.attribution.edges != edges:
            self.attribution = replace(self.attribution, edges=edges)

    def landed(self, attempt: Attempt, now: float) -> tuple[ScopeEdit, float | None]:
        """The edit in flight has landed.

        Returns it and, for text of the answer, how long its first character was held (ms).
        """
        edit = self.take_in_flight()
        held: float | None = None
        self.attribution = edit.recorded_in_attribution(self.attribution)
        self.shadow_copy = edit.recorded_in_copy(self.shadow_copy)
        if edit.write is None:
            self.taking_back = tuple(i for i in self.taking_back if i not in edit.taking_back)
            if edit.offer is not None:  # The user accepted it before it was shown.
                self.offers_to_show = tuple(i for i in self.offers_to_show if i != edit.offer)
                self.attribution = self.attribution.without_offers((edit.offer,))
                self._lock_at(edit.changes)
        elif edit.candidate is None:
            self._exact = self.shadow_copy.copy == attempt.text_of(attempt.shown)
        else:
            held = attempt.held_for(edit.candidate, now)
            self._record_shown(
                attempt,
                edit.candidate,
                edit.write,
                raw=edit.settle_target is SettleTarget.RAW,
            )
        if edit.attempt != attempt.number:
            self.attribution = self.attribution.remembering(edit.attempt)
        self._history.add(self.attribution, ours=True)
        return edit, held

    def take_in_flight(self) -> ScopeEdit:
        """Remove and return the edit in flight: it has landed or was refused."""
        edit, self.in_flight = self.in_flight, None
        if edit is None:
            raise ContractError("An edit came back that this session never proposed.")
        return edit

    def typed(self, changes: ChangeSet) -> KnownState | None:
        """Somebody else changed the scope. Returns the earlier state that this restored, if any."""
        unwanted = [hunk.span for hunk in self.attribution.hunks() if hunk.id in self.taking_back]
        attribution = self.attribution.typed_in(changes)
        found = self._history.go_to(attribution.view)
        self.shadow_copy = self.shadow_copy.typed(changes, undone=found is not None)
        if found is None:
            self.attribution = attribution
            self._history.add(attribution, ours=False)
        else:
            # What the user has accepted since stays accepted, even where it was several hunks then.
            # A deletion leaves no text that would tell its place.
            locked = [mark.span for mark in attribution.locked if not mark.span.empty]
            again = found.attribution.locking(
                hunk.id
                for hunk in found.attribution.hunks()
                if hunk.id in {mark.id for mark in attribution.locked}
                or (hunk.state is HunkState.OPEN and any(hunk.span.overlaps(s) for s in locked))
            )
            results = attribution.results if again.base == attribution.base else again.results
            newest = max(attribution.next_id, again.next_id)
            self.attribution = replace(
                again, results=results, next_id=newest, offers=attribution.offers
            )
            self._history.amend(self.attribution)
        if unwanted:
            self.taking_back = self.attribution.hunks_within(unwanted, changes)
        return found

    def adopt(self, attribution: Attribution) -> None:
        """Continue with the attribution of a session that was lost."""
        self.attribution = attribution.tidied()
        self.shadow_copy = ShadowCopy.begin(self.view)
        self.result_of = 1  # The attribution holds the result of its first attempt.
        self._history = History(Attribution.begin(attribution.base))
        self._history.add(self.attribution, ours=True)

    def begin_attempt(self, base: str, *, from_base: bool = False) -> None:
        """Start an attempt that rewrites `base`. An edit in flight counts as landed.

        `from_base`: `base` is the scope without the model's changes, and it comes back first.
        """
        self._from_base = from_base
        if (edit := self.in_flight) is not None:
            nothing = ChangeSet.identity(edit.changes.length_after)
            write = ShadowWrite(edit.changes, edit.changes, nothing, 0, nothing)
            self.in_flight = ScopeEdit(edit.changes, edit.attempt, write)
        self.attribution = self.attribution.without_offers(i for i, _ in self.attribution.offers)
        self.shadow_copy = ShadowCopy.begin(self.view, self.attribution.locked)
        self._exact = self.view == base
        self.offers_to_show = ()

    def follow_realignment(self, attempt: Attempt) -> None:
        """The attempt was aligned anew: its earlier states no longer count."""
        attempt.realigned = False
        if self.in_flight is not None:
            self.in_flight = replace(self.in_flight, candidate=None)
        self._exact = self.shadow_copy.copy == attempt.text_of(attempt.shown)

    def resize(self, resize: ScopeResize) -> None:
        """Make the scope wider or narrower; an attempt must begin right after.

        Raises `RequestFailed` where the new scope would leave out something that has been changed.
        """
        edit = self.in_flight
        if edit is not None:
            edit = replace(edit, changes=resize.changes(edit.changes), write=None)
            edit = replace(edit, candidate=None, wanted_and_extra=None)
        end = len(self.view) - resize.cut_after
        theirs = [*self.attribution.typed, *(mark.span for mark in self.attribution.locked)]
        if any(s.start < resize.cut_before or s.end > end for s in theirs):
            raise RequestFailed(
                "You typed or accepted code outside the new scope. Revert the edit and "
                "start a new one."
            )
        self.attribution = _resized(self.attribution, resize)
        self.shadow_copy = ShadowCopy.begin(self.view)
        self.in_flight = edit
        self._history.resize(self.attribution, lambda attribution: _resized(attribution, resize))

    def widen(self, resize: ScopeResize, sent: ScopeResize, attempt: Attempt) -> None:
        """Make the scope wider for `attempt`, which was read for it; nothing is in flight.

        `sent` is the same resize in the document that the model was sent. What the user typed stays
        theirs.
        """
        attribution = _resized(self.attribution, resize)
        self.attribution = attribution.without_offers(i for i, _ in attribution.offers)
        then, now = (sent.add_before, sent.add_after), (resize.add_before, resize.add_after)
        self.shadow_copy = self.shadow_copy.widened(then, now)
        self._history.resize(self.attribution, lambda attribution: _resized(attribution, resize))
        self._exact = self.shadow_copy.copy == attempt.text_of(attempt.shown)
        attempt.realigned = False

    def being_rewritten(self, ids: Iterable[str]) -> list[str]:
        """Those of these hunks that the edit in flight alters, not only extends at an edge."""
        if self.in_flight is None:
            return []
        wanted, changes = set(ids), self.in_flight.changes.changes
        return [
            hunk.id
            for hunk in self.attribution.hunks()
            if hunk.id in wanted and any(alters(change, hunk.span) for change in changes)
        ]

    def lock(self, ids: Iterable[str]) -> None:
        """The user has accepted these open hunks."""
        wanted = set(ids)
        known = len(self.attribution.locked)
        self.attribution = self.attribution.locking(wanted)
        self.shadow_copy = self.shadow_copy.locking(self.attribution.locked[known:])
        self._history.amend(self.attribution)

    def _lock_at(self, written: ChangeSet) -> None:
        """Lock the hunks that this write has just changed."""
        places = list(written.after_spans())
        self.lock(
            hunk.id
            for hunk in self.attribution.hunks()
            if hunk.state is HunkState.OPEN
            and any(hunk.span.start <= end and start <= hunk.span.end for start, end in places)
        )

    def drop_offers(self, ids: Iterable[str]) -> None:
        """The user does not want these withheld hunks."""
        self.attribution = self.attribution.without_offers(ids)
        self._history.amend(self.attribution)

    def record_result(self, attempt: Attempt) -> None:
        """The answer is written: tidy the hunks, offer what was withheld, keep the result."""
        self.result_of = attempt.number
        self._from_base = False
        self.attribution = self.attribution.tidied().remembering(attempt.number)
        if (text := attempt.full_text) is not None:
            self._remember(attempt.number, text, as_one=attempt.is_unread)
        wanted = self._changes_to(attempt, attempt.newest)
        write = self.shadow_copy.write(wanted, attempt.newest.answer)
        if write.withheld and not write.private:
            self.attribution = self.attribution.offered(self.shadow_copy.offered(write.withheld))
        self._history.amend(self.attribution)

    def _remember(self, number: int, text: str, *, as_one: bool) -> None:
        """Keep `text` as the result of a held attempt, so that the user can go back to it.

        `as_one`: it has nothing in common with what it takes the place of.
        """
        copy = self.shadow_copy.copy
        everything = Change(0, len(copy), text)
        wanted = ChangeSet.of(len(copy), [everything]) if as_one else diff(copy, text)
        shown = self.shadow_copy.write(wanted, len(text)).shown
        result = self.attribution.ours.compose(shown)
        others = tuple(r for r in self.attribution.results if r[0] != number)
        self.attribution = replace(self.attribution, results=(*others, (number, result)))

    def tidy(self) -> None:
        """The user's decisions are written: tidy the hunks."""
        self.attribution = self.attribution.tidied()
        self._history.amend(self.attribution)

    def may_owe_base(self, attempt: Attempt) -> bool:
        """Whether the base that the attempt starts from may not be back yet."""
        pending = self.in_flight is not None or not self._exact
        return self._from_base and pending and attempt.shown == START

    def give_up(self) -> None:
        """Drop the user's decisions that are not written yet."""
        self.taking_back = self.offers_to_show = ()

    # -- what to write next --

    def write_start(self, attempt: Attempt) -> ChangeSet | None:
        """Before an answer comes: the changes to the text that it rewrites, if any are needed."""
        if self._exact:
            return None
        return self._propose_answer(
            attempt, attempt.shown, self._shadow_write(attempt, attempt.shown)
        )

    def write_answer(
        self, attempt: Attempt, gate: GateFor, may_check: MayCheck = always
    ) -> ChangeSet | None:
        """The changes to the newest state of the answer that may be shown.

        When time for checks is short, states wait, and newer ones replace older ones. The end of an
        answer does not wait: it is always checked, and `may_check` bounds the search for an earlier
        state.
        """
        if not (attempt.over or not self.only_sound or may_check()):
            return None
        for state in attempt.untried():
            write = self._shadow_write(attempt, state)
            if self._changes_nothing(write.shown):
                self._record_unwritten(attempt, state, write)
                return None
            if not self.only_sound or self._admits(attempt, state, write, gate(None)):
                return self._propose_answer(attempt, state, write)
            if not may_check():
                return None
        return None

    def write_settle_target(
        self,
        settle_target: SettleTarget,
        attempt: Attempt,
        gate: GateFor,
        in_time: MayCheck = always,
    ) -> ChangeSet | None:
        """The next changes for `settle_target`; `in_time` bounds the search for a sound state."""
        match settle_target:
            case SettleTarget.NOTHING:
                return None
            case SettleTarget.ANSWER:
                return (
                    self.write_start_of_empty_answer(attempt)
                    or self.write_answer(attempt, gate, in_time)
                    or self._to_line_end(attempt, gate)
                )
            case SettleTarget.RAW:
                wanted = diff(self.shadow_copy.copy, attempt.raw_text())
                return self._propose_state(attempt, attempt.raw, wanted, settle_target)
            case SettleTarget.VALID:
                if self.may_owe_base(attempt):  # The user wanted the earlier answer gone.
                    return self._propose_for_user(attempt, self.attribution.reverting())
                if self.only_sound:
                    return None
                state = self._newest_sound(attempt, gate, in_time)
                return (
                    None
                    if state is None
                    else self._propose_state(
                        attempt, state, self._changes_back(attempt, state), settle_target
                    )
                )
            case SettleTarget.BASE:
                return self._propose_for_user(attempt, self.attribution.reverting())
            case SettleTarget.RESULT:
                changes = self._propose_for_user(
                    attempt, self.attribution.restoring(self.restoring_attempt)
                )
                if self.in_flight is not None:
                    self.in_flight = replace(self.in_flight, settle_target=settle_target)
                return changes
            case _:
                assert_never(settle_target)

    def revert_hunks(self, attempt: Attempt) -> ChangeSet | None:
        """The changes that revert the hunks in `taking_back`."""
        if not self.taking_back:
            return None
        unwanted = self.attribution.reverting(self.taking_back)
        changes = self._propose_for_user(attempt, unwanted, taking_back=self.taking_back)
        if changes is None:
            self.taking_back = ()
        return changes

    def show_offers(self, attempt: Attempt) -> ChangeSet | None:
        """The changes that show the next withheld hunk that the user wants."""
        while self.offers_to_show:
            name = self.offers_to_show[0]
            offer = self.attribution.offer(name)
            if offer and (changes := self._propose_for_user(attempt, offer, offer=name)):
                return changes
            self.drop_offers((name,))
            self.offers_to_show = self.offers_to_show[1:]
        return None

    def write_start_of_empty_answer(self, attempt: Attempt) -> ChangeSet | None:
        """As `write_start`, for an answer that could not be shown at all."""
        if self._exact or attempt.newest.answer or attempt.proven:
            return None
        return self.write_start(attempt)

    def _to_line_end(self, attempt: Attempt, gate: GateFor) -> ChangeSet | None:
        """The changes back to the end of a line of the answer, where what is shown ends within one.

        Such a line would be half the model's and half the user's. Only once no more of the answer
        can be shown.
        """
        if not self.only_sound or not attempt.shows_half_a_line or self.in_flight is not None:
            return None
        present = gate(None)
        for state in attempt.earlier_line_ends():
            if state == START or self._is_sound(attempt, state, present):
                write = self.shadow_copy.write(self._changes_back(attempt, state), state.answer)
                return self._propose_answer(attempt, state, write)
        return None

    # -- inside --

    def _changes_to(self, attempt: Attempt, state: Candidate) -> ChangeSet:
        """The changes of the private copy that lead to `state`."""
        if self._exact and state.answer >= attempt.shown.answer:
            return attempt.changes_to(state)
        return diff(self.shadow_copy.copy, attempt.text_of(state))

    def _admits(self, attempt: Attempt, state: Candidate, write: ShadowWrite, gate: Gate) -> bool:
        """Whether the gate admits this write. It may admit more as the last text of an answer."""
        candidate = write.shown.apply(self.view)
        if not attempt.over or state != attempt.newest:
            return gate.admits(candidate)
        return gate.settled(candidate) or attempt.passes_unchecked(gate.unknown, candidate)

    def _shadow_write(self, attempt: Attempt, state: Candidate) -> ShadowWrite:
        return self.shadow_copy.write(self._changes_to(attempt, state), state.answer)

    def _changes_nothing(self, changes: ChangeSet) -> bool:
        """Whether what the user sees stays the same.

        Such an edit must not be sent: an editor may never report it.
        """
        as_long = changes.length_after == changes.length
        return as_long and changes.apply(self.view) == self.view

    def _record_unwritten(self, attempt: Attempt, state: Candidate, write: ShadowWrite) -> None:
        """Record that the scope shows that state already, without an edit."""
        self.shadow_copy = self.shadow_copy.landed(write)
        self._record_shown(attempt, state, write)

    def _record_shown(
        self, attempt: Attempt, state: Candidate, write: ShadowWrite, *, raw: bool = False
    ) -> None:
        attempt.shown = state
        # Raw text may have a line of its own, which no state of the answer has.
        self._exact = not write.withheld and not raw and attempt.is_decided(state)

    def _propose_answer(
        self, attempt: Attempt, state: Candidate, write: ShadowWrite
    ) -> ChangeSet | None:
        edit = ScopeEdit.from_answer(self.attribution, write, attempt.number, state)
        if self._changes_nothing(edit.changes):
            self.attribution = (
                edit.recorded_in_attribution(self.attribution)
                if edit.wanted_and_extra
                else self.attribution
            )
            self.shadow_copy = edit.recorded_in_copy(self.shadow_copy)
            self._record_shown(attempt, state, write)
            return None
        self.in_flight = edit
        return edit.changes

    def _changes_back(self, attempt: Attempt, state: Candidate) -> ChangeSet:
        """The changes of the private copy that lead to `state`, which may be an earlier one."""
        if self._exact and attempt.is_before_shown(state):
            return attempt.changes_back_to(state)
        return diff(self.shadow_copy.copy, attempt.text_of(state))

    def _propose_state(
        self, attempt: Attempt, state: Candidate, wanted: ChangeSet, settle_target: SettleTarget
    ) -> ChangeSet | None:
        """Propose a state, whether it parses or not; it may be an earlier one."""
        write = self.shadow_copy.write(wanted, state.answer)
        changes = self._propose_answer(attempt, state, write)
        if self.in_flight is not None:
            self.in_flight = replace(self.in_flight, settle_target=settle_target)
        elif settle_target is SettleTarget.RAW:
            self._exact = False
        return changes

    def _propose_for_user(
        self,
        attempt: Attempt,
        changes: ChangeSet,
        *,
        taking_back: tuple[str, ...] = (),
        offer: str | None = None,
    ) -> ChangeSet | None:
        """Propose an edit that the user asked for, and which hunks it decides."""
        edit = ScopeEdit.for_user(self.attribution, changes, attempt.number, taking_back, offer)
        if self._changes_nothing(edit.changes):
            self.attribution = (
                edit.recorded_in_attribution(self.attribution)
                if edit.wanted_and_extra
                else self.attribution
            )
            return None
        self.in_flight = edit
        return edit.changes

    def _newest_sound(self, attempt: Attempt, gate: GateFor, in_time: MayCheck) -> Candidate | None:
        """The newest state that parses no worse than the base; None: the present text does."""
        base_gate = gate(self.attribution.base)
        if base_gate.admits(self.view):
            return None
        states = attempt.states_at_line_ends()

        def is_sound(place: int) -> bool:
            return self._is_sound(attempt, states[place], base_gate)

        return states[newest_sound(len(states), is_sound, in_time)]

    def _is_sound(self, attempt: Attempt, state: Candidate, gate: Gate) -> bool:
        write = self.shadow_copy.write(self._changes_back(attempt, state), state.answer)
        return gate.admits(write.shown.apply(self.view))


def _resized(attribution: Attribution, resize: ScopeResize) -> Attribution:
    """The attribution of the resized scope. Raises `RequestFailed` where it does not fit."""
    return attribution.reframed(resize.around, resize.moved, resize.changes)


def newest_sound(count: int, is_sound: Callable[[int], bool], in_time: MayCheck) -> int:
    """The index of the newest sound state among `count`; 0 is the newest, the last is sound.

    A long answer has too many states to check them all. What is open at one place mostly stays open
    after it. So the search steps back from the newest state, in growing steps, then bisects the
    last step. When time is up it takes the newest sound state found so far.
    """
    found, refused = count - 1, -1
    place, step = 0, 1
    while place < found and in_time():
        if is_sound(place):
            found = place
            break
        refused = place
        step = 1 if place < _NEWEST_TRIES else 2 * step
        place += step
    while found - refused > 1 and in_time():
        middle = (found + refused) // 2
        if is_sound(middle):
            found = middle
        else:
            refused = middle
    return found
