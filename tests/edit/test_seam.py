"""The first line of a scope keeps its column, in every state."""

from hypothesis import given
from hypothesis import strategies as st

from lsp_server.choices import Publish
from lsp_server.edit.align import Aligner
from lsp_server.edit.seam import Seam
from tests.support.strategies import texts


def test_the_first_line_keeps_its_indentation_behind_a_new_one() -> None:
    original = "one();\n  two();\n"
    aligner = Aligner(original)
    seam = Seam(aligner, original, "  ")
    aligner.push("zeroth();\n")
    aligner.stalled()
    assert seam.state(aligner.latest) == "zeroth();\n  one();\n  two();\n"
    aligner.push("  one();\n  two();\n")
    aligner.finish()
    assert {seam.state(candidate) for candidate in aligner.candidates} == {
        original,
        "zeroth();\n  one();\n  two();\n",
    }


def test_the_line_that_becomes_the_first_has_its_indentation_once() -> None:
    original = "one();\n  two();\n  three();\n"
    aligner = Aligner(original)
    seam = Seam(aligner, original, "  ")
    aligner.push("two();\n  three();\n")
    aligner.finish()
    assert all("    two" not in seam.state(candidate) for candidate in aligner.candidates)
    assert all(not seam.state(candidate).startswith(" ") for candidate in aligner.candidates)


@given(texts(), texts(), st.sampled_from(["", " ", "\t", "  "]), st.sampled_from(Publish))
def test_the_changes_lead_from_one_state_to_a_later_one(
    original: str, answer: str, indentation: str, publish: Publish
) -> None:
    aligner = Aligner(original, publish=publish)
    seam = Seam(aligner, original, indentation)
    for piece in answer:
        aligner.push(piece)
    aligner.stalled()
    aligner.finish()
    candidates = aligner.candidates
    for index, before in enumerate(candidates):
        for after in candidates[index:]:
            assert seam.changes(before, after).apply(seam.state(before)) == seam.state(after)
    assert seam.state(candidates[-1]) == aligner.output
