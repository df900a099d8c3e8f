"""Interleavings drawn by Hypothesis, which shrinks a failure."""

import json

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from lsp_server.choices import Publish
from lsp_server.session.machine import Phase, Session
from lsp_server.text.lines import Text
from tests.support.fake_editor import Manners
from tests.support.promises import TYPED
from tests.support.rig import Rig

_LINES = ("alpha", "  beta(gamma)", "delta", "", "    omega(", "rate)", "total item", "size 7")


class Editing(RuleBasedStateMachine):
    """Up to two sessions in a small document; the rig's watch checks every step."""

    rig: Rig
    typed: int

    @initialize(
        lines=st.lists(st.sampled_from(_LINES), min_size=3, max_size=8),
        end=st.sampled_from(["\n", "\r\n"]),
        publish=st.sampled_from(Publish),
        brackets=st.booleans(),
        manners=st.builds(Manners, st.booleans(), st.booleans(), st.booleans(), st.booleans()),
    )
    def open(
        self, lines: list[str], end: str, publish: Publish, brackets: bool, manners: Manners
    ) -> None:
        text = end.join(lines)
        self.rig = Rig.open(
            text,
            manners=manners,
            publish=publish,
            brackets=brackets,
            max_edits_per_second=1000.0,
        )
        self.typed = TYPED.start
        half = Text(text).line_span(len(lines) // 2).start
        self.begin("s1", 0, half)
        self.begin("s2", half, len(text))

    def begin(self, name: str, start: int, end: int) -> None:
        self.rig.step(f'begin {name} {self.rig.place(start, end)} "do it"')

    def session(self, pick: int) -> Session:
        sessions = self.rig.document_edits.sessions
        return sessions[pick % len(sessions)]

    def has_sessions(self) -> bool:
        return bool(self.rig.document_edits.sessions)

    @precondition(has_sessions)
    @rule(
        pick=st.integers(0, 1), line=st.sampled_from((*_LINES, "```", " new")), whole=st.booleans()
    )
    def model_writes(self, pick: int, line: str, whole: bool) -> None:
        session = self.session(pick)
        opening = "" if session.attempt.answer or session.phase is Phase.STREAMING else "```\n"
        text = opening + line + ("\n" if whole else "")
        self.rig.step(f"model {session.id} {json.dumps(text)}")

    @precondition(has_sessions)
    @rule(pick=st.integers(0, 1), how=st.sampled_from(("finishes", "breaks off", "fails")))
    def model_ends(self, pick: int, how: str) -> None:
        self.rig.step(f"model {self.session(pick).id} {how}")

    @rule(place=st.integers(0, 200), end=st.sampled_from(("", "", "\n")))
    def user_types(self, place: int, end: str) -> None:
        text = self.rig.editor.text
        at = place % (len(text) + 1)
        if text[max(at - 1, 0) : at + 1] == "\r\n":
            at -= 1
        key = chr(self.typed)
        self.typed += 1
        self.rig.step(f"user {self.rig.place(at, at)} {json.dumps(key + end)}")

    @rule(place=st.integers(0, 200), size=st.integers(1, 12))
    def user_deletes(self, place: int, size: int) -> None:
        text = self.rig.editor.text
        start = place % (len(text) + 1)
        end = min(start + size, len(text))
        inside = any(text[max(at - 1, 0) : at + 1] == "\r\n" for at in (start, end))
        if start < end and not inside:
            self.rig.step(f'user {self.rig.place(start, end)} ""')

    @rule(what=st.sampled_from(("undoes", "redoes")))
    def user_steps(self, what: str) -> None:
        self.rig.step(f"user {what}")

    @rule(what=st.sampled_from(("takes", "takes", "refuses", "reports", "reports", "reports")))
    def editor(self, what: str) -> None:
        self.rig.step(f"editor {what}")

    @rule(milliseconds=st.sampled_from((1, 50, 300, 2500)))
    def time_passes(self, milliseconds: int) -> None:
        self.rig.step(f"tick {milliseconds}")

    @precondition(has_sessions)
    @rule(
        pick=st.integers(0, 1),
        command=st.sampled_from(
            (
                "cancel {} valid",
                "cancel {} raw",
                "cancel {} original",
                'redirect {} landed "more"',
                'redirect {} none "other"',
                "accept {}",
                "revert {}",
                "show {}",
                "restore {} 1",
            )
        ),
    )
    def command(self, pick: int, command: str) -> None:
        self.rig.step(command.format(self.session(pick).id))

    @precondition(has_sessions)
    @rule(
        pick=st.integers(0, 1), hunk=st.integers(0, 3), what=st.sampled_from(("accept", "revert"))
    )
    def hunk_command(self, pick: int, hunk: int, what: str) -> None:
        session = self.session(pick)
        hunks = session.scope_writer.attribution.hunks()
        if hunks:
            self.rig.step(f"{what} {session.id} {hunks[hunk % len(hunks)].id}")

    def teardown(self) -> None:
        if not hasattr(self, "rig"):
            return
        for word in ("cancel", "revert"):
            self.rig.step("settle")
            for session in self.rig.document_edits.sessions:
                self.rig.step(f"{word} {session.id}")
        self.rig.step("settle")
        assert not self.rig.document_edits.sessions
        assert all(log.ended == 1 for log in self.rig.streams.values())


TestEditing = Editing.TestCase
# About 1,200 examples in `.ci/run`, few while developing, and as many as the profile says at night.
_LOADED = settings.default.max_examples if settings.default is not None else 60
TestEditing.settings = settings(
    max_examples={60: 50, 200: 1_200}.get(_LOADED, _LOADED), stateful_step_count=40
)
