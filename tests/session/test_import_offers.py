"""Imports that an answer needs outside of its scope: offered, accepted, taken back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.edit.hunks import HunkState
from lsp_server.session.import_offers import ImportEdit, ImportOffers, PlacedLine, offered
from lsp_server.text.changes import Change, ChangeSet
from lsp_server.text.span import Span
from tests.support.import_lines import place_imports
from tests.support.rig import Rig

BEFORE = "import q\nfrom m import y\n\ndef f():\n    return 1\n"
NEEDS = "```needs\\nimport a\\nfrom m import c\\n```\\n"
AFTER = "import q\nfrom m import y, c\nimport a\n\ndef f():\n    return a.c\n"
REVIEW = f"""
given imports
begin s1 4:1-5:13 "do it"
model s1 "```\\ndef f():\\n    return a.c\\n```\\n{NEEDS}"
model s1 finishes
settle
expect phase s1 review
"""
EDITED = BEFORE.replace("return 1", "return a.c")


def played(script: str, before: str = BEFORE) -> Rig:
    """The rig after an answer that needs two imports, and then the script."""
    return Rig.play(before, REVIEW + script)


def test_imports_are_offered_at_their_places_and_not_written() -> None:
    rig = played("expect imports s1 i1=offered i2=offered\nexpect hunks s1 h1=open")
    assert rig.editor.text == EDITED
    found = rig.document_edits.view("s1").imports
    assert [(one.span, one.before, one.offer) for one in found] == [
        (Span(25, 25), "", "import a\n"),
        (Span(9, 24), "from m import y", "from m import y, c"),
    ]


def test_accept_with_imports_writes_them_and_then_ends() -> None:
    rig = played("accept s1 imports\nsettle\nexpect outcome s1 accepted")
    assert rig.editor.text == AFTER
    assert rig.answers == {1: {"session": "s1", "remaining": 0}}
    rig.step("user undoes")
    assert rig.editor.text == EDITED, "one step of undo for both imports"


def test_accept_without_imports_writes_none() -> None:
    rig = played("accept s1\nsettle\nexpect outcome s1 accepted")
    assert rig.editor.text == EDITED


def test_an_accept_waits_until_the_imports_have_landed() -> None:
    rig = played("accept s1 imports")
    assert rig.answers == {}
    rig.run("editor takes\neditor reports\neditor reports\nexpect outcome s1 accepted")
    assert rig.answers == {1: {"session": "s1", "remaining": 0}}


def test_the_last_hunk_ends_the_session_and_brings_the_imports_along() -> None:
    rig = played("accept s1 imports h1\nsettle\nexpect outcome s1 accepted")
    assert rig.editor.text == AFTER
    rig = played("accept s1 h1\nsettle\nexpect outcome s1 accepted")
    assert rig.editor.text == EDITED


def test_an_import_accepted_by_its_id_stays_open_and_can_be_reverted() -> None:
    rig = played("accept s1 i2\nsettle\nexpect phase s1 review")
    assert rig.editor.text == EDITED.replace("import y", "import y, c")
    assert rig.answers == {1: {"session": "s1", "remaining": 1}}
    rig.step("expect imports s1 i2=open i1=offered")
    assert rig.document_edits.view("s1").imports[0].span == Span(24, 27)
    rig.run("revert s1 i2\nsettle\nexpect imports s1 i1=offered\nexpect phase s1 review")
    assert rig.editor.text == EDITED


@pytest.mark.parametrize("command", ["revert s1", "cancel s1 original"])
def test_a_revert_takes_the_imports_back_in_one_step(command: str) -> None:
    rig = played(f"accept s1 i1 i2\nsettle\n{command}\nsettle")
    assert rig.editor.text == BEFORE
    rig.step("user undoes")
    assert rig.editor.text == AFTER


def test_reverting_an_offer_dismisses_it() -> None:
    rig = played("revert s1 i1\nexpect imports s1 i2=offered\nexpect phase s1 review")
    assert rig.answers == {1: {"session": "s1", "remaining": 1}}
    rig.run("accept s1 imports\nsettle")
    assert rig.editor.text == EDITED.replace("import y", "import y, c")


def test_an_offer_moves_with_what_is_typed_and_goes_when_the_user_writes_it() -> None:
    rig = played('user 1:1 "# top\\n"\nsettle\nexpect imports s1 i1=offered i2=offered')
    assert rig.document_edits.view("s1").imports[0].span == Span(31, 31)
    rig.run('user 1:1 "import a\\n"\nsettle\nexpect imports s1 i2=offered')
    rig.run("user undoes\nsettle\nexpect imports s1 i1=offered i2=offered")


def test_undo_and_redo_of_an_accepted_import_are_recognised() -> None:
    rig = played("accept s1 i1\nsettle\nexpect imports s1 i1=open i2=offered")
    rig.run("user undoes\nsettle\nexpect imports s1 i1=offered i2=offered")
    rig.run("user redoes\nsettle\nexpect imports s1 i1=open i2=offered")
    rig.run("revert s1\nsettle")
    assert rig.editor.text == BEFORE


def test_what_the_user_types_into_an_import_stays_on_a_line_of_its_own() -> None:
    rig = played('accept s1 i1\nsettle\nuser 3:9 " as b"\nsettle\nrevert s1 i1\nsettle')
    assert rig.editor.text == EDITED.replace("y\n\n", "y\n as b\n\n")


def test_a_redirect_keeps_the_offers_and_joins_those_of_the_new_answer() -> None:
    answer = "```\\ndef f():\\n    return b\\n```\\n```needs\\nimport b\\nimport a\\n```\\n"
    rig = played(
        f'redirect s1 landed "b"\nexpect imports s1 i1=offered i2=offered\n'
        f'model s1 "{answer}"\nmodel s1 finishes\nsettle'
    )
    rig.step("expect imports s1 i1=offered i2=offered i3=offered")
    rig.run("restore s1 1\nsettle\nexpect imports s1 i1=offered i2=offered")
    rig.run("restore s1 2\nsettle\nexpect imports s1 i1=offered i2=offered i3=offered")


def test_a_redirect_to_the_original_drops_the_offers() -> None:
    rig = played('redirect s1 none "b"\nexpect imports s1\n')
    rig.run('model s1 "```\\ndef f():\\n    return 2\\n```\\n"\nmodel s1 finishes\nsettle')
    rig.step("expect imports s1")


def test_a_cut_answer_offers_the_lines_that_came_whole() -> None:
    rig = Rig.play(
        BEFORE,
        'given imports\nbegin s1 4:1-5:13 "do it"\n'
        'model s1 "```\\ndef f():\\n    return a.c\\n```\\n```needs\\nimport a\\nimport b"\n'
        "model s1 breaks off\nsettle\nexpect imports s1 i1=offered\nexpect phase s1 review",
    )
    assert rig.editor.text == EDITED


def test_accepting_while_the_answer_streams_takes_the_imports_that_have_come() -> None:
    rig = Rig.play(
        BEFORE,
        'given imports\nbegin s1 4:1-5:13 "do it"\n'
        f'model s1 "```\\ndef f():\\n    return a.c\\n```\\n{NEEDS}"\nsettle\n'
        "accept s1 imports\nsettle\nexpect outcome s1 accepted",
    )
    assert rig.editor.text.startswith("import q\nfrom m import y, c\nimport a\n")


def test_an_editor_that_refuses_ends_nothing_but_says_so() -> None:
    rig = played("accept s1 imports\neditor refuses\neditor reports\ntick 2500\n")
    rig.run('expect phase s1 review\nexpect message s1 "refused"')
    rig.step("expect imports s1 i1=offered i2=offered")
    assert rig.editor.text == EDITED
    assert rig.answers == {1: {"session": "s1", "remaining": 1}}
    rig.run("accept s1 imports\nsettle\nexpect outcome s1 accepted")
    assert rig.editor.text == AFTER


def test_an_import_is_written_again_after_the_user_has_typed_first() -> None:
    rig = played('accept s1 imports\nuser 1:1 "# top\\n"\nsettle\nexpect outcome s1 accepted')
    assert rig.editor.text == f"# top\n{AFTER}"


def test_at_the_first_line_of_a_file_an_import_stays_outside_of_the_scope() -> None:
    rig = played("accept s1 i1\nsettle", "\n\n\ndef f():\n    return 1\n")
    assert rig.editor.text == "import a\n\n\n\ndef f():\n    return a.c\n"
    script = REVIEW.replace("4:1-5:13", "1:1-2:13")
    rig = Rig.play("def f():\n    return 1\n", f"{script}accept s1 i1 i2\nsettle")
    text = "import a\nfrom m import c\ndef f():\n    return a.c\n"
    assert (rig.editor.text, rig.scope("s1")) == (text, "def f():\n    return a.c")
    rig.run("user undoes\nsettle\nuser redoes\nsettle")
    assert (rig.editor.text, rig.scope("s1")) == (text, "def f():\n    return a.c")
    rig.run("revert s1\nsettle")
    assert rig.editor.text == "def f():\n    return 1\n"


def test_a_session_that_has_ended_shows_no_imports() -> None:
    """What it wrote is not followed any more, whatever happens to the document."""
    rig = played("accept s1 i1\nsettle\naccept s1\nexpect outcome s1 accepted")
    rig.run('program reloads "x"\neditor reports\nexpect imports s1')


def test_nothing_is_offered_inside_of_another_scope() -> None:
    script = 'begin s2 1:1-2:16 "other"\nexpect imports s1 i1=offered\nrevert s2\nsettle\n'
    played(script + "expect imports s1 i1=offered i2=offered")


def test_to_another_session_an_import_is_a_change_of_somebody_else() -> None:
    rig = Rig.play(
        BEFORE,
        f'{REVIEW}begin s2 1:1-1:9 "other"\nmodel s2 "```\\nimport r\\n```\\n"\n'
        "model s2 finishes\nsettle\naccept s1 imports\nsettle\nexpect phase s2 review",
    )
    assert rig.editor.text == AFTER.replace("import q", "import r")
    assert rig.scope("s2") == "import r"
    rig.run("revert s2\nsettle")
    assert rig.editor.text == AFTER


def test_imports_alone_do_not_end_a_session_nor_keep_it_alive() -> None:
    same = REVIEW.replace("return a.c", "return 1")
    rig = Rig.play(BEFORE, f"{same}expect hunks s1\naccept s1 i1\nsettle\nexpect phase s1 review")
    rig.run("accept s1 imports\nsettle\nexpect outcome s1 accepted")
    assert rig.editor.text == AFTER.replace("return a.c", "return 1")


def test_an_import_that_was_merged_into_another_outlives_it() -> None:
    needs = "```needs\\nfrom n import c\\nfrom n import d\\n```\\n"
    rig = Rig.play(BEFORE, REVIEW.replace(NEEDS, needs) + "accept s1 i1 i2\nsettle\n")
    assert "from n import c, d\n" in rig.editor.text
    rig.run("revert s1 i1\nsettle\nexpect imports s1 i2=open")
    assert "from n import d\n" in rig.editor.text
    rig.run("revert s1\nsettle")
    assert rig.editor.text == BEFORE


def proposed(offers: ImportOffers, text: str, *, in_steps: bool) -> ImportEdit | None:
    def place_next(changes: ChangeSet, line: str) -> PlacedLine | None:
        return next(iter(place_imports(changes.apply(text), [line])), None)

    placed = place_imports(text, offers.lines)
    return offers.propose(text, placed, place_next if in_steps else None)


LINES = st.lists(st.sampled_from(["import a", "import b", "from m import c", "from m import d"]))
PIECES = (
    "import a\n",
    "import q\n",
    "from m import y\n",
    "from m import c\n",
    "x = 1\n",
    "y",
    "\n",
)
DOCUMENTS = st.lists(st.sampled_from(PIECES), max_size=5).map("".join)


@given(
    DOCUMENTS,
    LINES,
    st.lists(st.tuples(st.integers(0, 60), st.sampled_from("xy\n")), max_size=4),
    st.booleans(),
)
def test_taking_imports_back_leaves_the_document_and_what_was_typed(
    document: str, lines: list[str], typed: list[tuple[int, str]], in_steps: bool
) -> None:
    offers = ImportOffers()
    offers.collect(1, lines)
    offers.accept_all()
    text = document
    while (edit := proposed(offers, text, in_steps=in_steps)) is not None:
        offers.sent(edit)
        text = edit.changes.apply(text)
        offers.follow(edit.changes)
        offers.landed(ChangeSet.identity(len(text)))
    assert place_imports(text, offers.lines) == ()
    others = text
    for place, character in typed:
        at = min(place, len(text))
        changes = ChangeSet.of(len(text), [Change(at, at, character)])
        text, others = changes.apply(text), changes.apply(others)
        offers.follow(changes)
    offers.revert_all()
    if (back := offers.propose(text, ())) is not None:
        text = back.changes.apply(text)
    if not typed:
        assert text == document
    left = sorted(text.replace("\n", ""))
    assert left == sorted((document + "".join(c for _, c in typed)).replace("\n", ""))


def test_places_at_the_edges_of_a_scope_are_outside() -> None:
    scope = Span(5, 9)
    inside = [Change(6, 6, "a"), Change(4, 6, "a"), Change(8, 12, "a")]
    beside = [Change(5, 5, "a"), Change(9, 9, "a"), Change(2, 5, "a")]
    placed = [PlacedLine(str(n), (change,)) for n, change in enumerate(inside + beside)]
    assert [one.changes[0] for one in offered(placed, [scope])] == beside


def test_the_ids_of_lines_stay() -> None:
    offers = ImportOffers()
    offers.collect(1, ["import a", "import b"])
    offers.begin_attempt(keep=False)
    offers.collect(2, ["import b", "import c"])
    assert offers.states() == {"i2": HunkState.OFFERED, "i3": HunkState.OFFERED}


def test_a_model_that_names_thousands_of_imports() -> None:
    offers = ImportOffers()
    offers.begin_attempt(keep=False)
    offers.collect(1, [f"import m{number}" for number in range(10_000)])
    assert len(offers.states()) == 40, "writing many more takes seconds"
