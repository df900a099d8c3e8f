"""Where lines of an answer are found again in the original."""

from hypothesis import given
from hypothesis import strategies as st

from lsp_server.edit.anchors import LONG_LINE, Anchor, Original


@given(st.text(alphabet="ab\r\n\f"))
def test_lines_and_ends_are_the_text(text: str) -> None:
    original = Original(text)
    assert "".join(c + e for c, e in zip(original.contents, original.ends, strict=True)) == text
    assert original.starts[original.count] == len(text)
    assert original.ends_within_line == (not text.endswith(("\n", "\r")))


def test_equal_lines_are_found_nearest_first_and_only_so_many() -> None:
    original = Original("x\n" * 100)
    assert original.equals("x", 3, 2) == [3, 4]
    assert original.equals("x", 0) == list(range(8))
    assert original.equals("y", 0) == []


def test_similar_lines_count_only_where_none_is_equal() -> None:
    original = Original("call(one, two)\ncall(one, three)\n")
    (equal,) = original.anchors("call(one, three)", 0, [])
    assert (equal.line, equal.equal) == (1, True)
    similar = original.anchors("call(one, four)", 0, [])
    assert [(a.line, a.equal) for a in similar] == [(0, False), (1, False)]


def test_what_follows_the_last_anchor_is_looked_at_however_far_it_is() -> None:
    original = Original("\n" * 50 + "first(line)\nsecond(line)\n")
    assert original.anchors("second(lines)", 0, []) == []
    (found,) = original.anchors("second(lines)", 0, [Anchor(50, 3.0, True)])
    assert found.line == 51


def test_similarity_knows_short_long_and_reindented_lines() -> None:
    long_line = "x" * (LONG_LINE + 1)
    original = Original(f"    value = 1\nab\n{long_line}\n")
    assert original.similarity("    value = 1", 0) == 1.0
    assert 0.85 < original.similarity("value = 1", 0) < 1.0
    assert original.similarity("ac", 1) == 0.0
    assert original.similarity(long_line, 2) == 0.0


def test_a_long_line_says_more_than_a_short_one() -> None:
    original = Original("\n}\nvalue = compute()\n")
    scores = [original.anchors(content, 0, [])[0].score for content in original.contents]
    assert scores == sorted(scores) and scores[0] == 1.0


def test_a_line_is_found_by_its_words_however_far_it_is() -> None:
    original = Original("\n" * 50 + "// return this.set(setting, true);\n// }\n")
    (found,) = original.anchors("return this.set(setting, true);", 0, [])
    assert (found.line, found.equal) == (50, False)
    assert original.anchors("} ()", 0, []) == []


def test_kin_is_the_likeness_to_other_lines_not_to_equal_ones() -> None:
    original = Original("add(one)\nadd(two)\nadd(one)\nreturn everything\n}\n")
    assert 0.6 < original.nearby_similarity(0) < 1.0
    assert original.nearby_similarity(0) == original.nearby_similarity(2)
    assert original.nearby_similarity(3) == original.nearby_similarity(4) == 0.0


def test_a_line_resembles_the_next_ones_only() -> None:
    original = Original("value = compute(a)\n}\nresult.append(value)\n")
    assert original.resembles("value = combine(a)", 0)
    assert not original.resembles("value = combine(a)", 1)
    assert not original.resembles("import os", 0)
    assert not original.resembles("value", 3)


def test_where_all_lines_are_alike_a_line_has_no_more_anchors_than_the_one_before() -> None:
    original = Original("".join(f"value_{i} = compute({i}, other)\n" for i in range(300)))
    counts: list[int] = []
    anchors: list[Anchor] = []
    for line in range(200):
        anchors = original.anchors(f"value_{line} = calculate({line}, other)", line, anchors)
        counts.append(len(anchors))
    assert max(counts) <= 40
