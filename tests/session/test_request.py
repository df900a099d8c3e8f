"""What a request holds after a redirect."""

from lsp_server.session.request import Form, form_for
from tests.support.rig import Rig


def test_an_answer_that_repeats_what_has_landed_costs_no_edit_for_it() -> None:
    rig = Rig.open("one = 1\ntwo = 2\nthree = 3\nfour = 4\n", max_edits_per_second=1000.0)
    rig.run(
        'begin s1 1:1-4:9 "tens"\nmodel s1 "```\\none = 10\\ntwo = 20\\nthree = 3\\nfo"\nsettle'
    )
    rig.run('redirect s1 landed "go on"')
    edits = rig.edits
    first = "```\none = 10\ntwo = 20\n"
    rig.run(f"model s1 {first!r}".replace("'", '"') + "\nsettle")
    assert rig.edits == edits
    rig.run('model s1 "three = 30\\nfour = 40\\n```"\nmodel s1 finishes\nsettle')
    scope = rig.scope("s1")
    assert scope.startswith("one = 10\ntwo = 20\nthree = 3")
    assert scope.endswith("four = 40")


def test_long_scopes_are_asked_for_as_a_patch() -> None:
    assert form_for("a\n" * 9, 10) is Form.REWRITE
    assert form_for("a\n" * 10, 10) is Form.PATCH
