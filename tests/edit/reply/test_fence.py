"""Fence lines."""

import pytest

from lsp_server.edit.reply.fence import Fence, may_be_fence, may_close, read_fence


@pytest.mark.parametrize(
    ("line", "fence"),
    [
        ("```", Fence("`", 3, 0, "")),
        ("````python", Fence("`", 4, 0, "python")),
        ("  ~~~ js {1} ", Fence("~", 3, 2, "js {1}")),
        ("~~~ a`b", Fence("~", 3, 0, "a`b")),
        ("``` a`b", None),
        ("``", None),
        ("x ```", None),
        ("", None),
    ],
)
def test_read_fence(line: str, fence: Fence | None) -> None:
    assert read_fence(line) == fence
    if fence is not None:
        assert all(may_be_fence(line[:end]) for end in range(len(line)))


def test_a_rival_is_no_shorter_and_no_deeper() -> None:
    outer = Fence("`", 4, 0, "")
    assert outer.rivals(Fence("`", 5, 3, "py"))
    assert not outer.rivals(Fence("`", 3, 0, ""))
    assert not outer.rivals(Fence("~", 4, 0, ""))
    assert not outer.rivals(Fence("`", 4, 4, ""))


@pytest.mark.parametrize(
    ("beginning", "may"),
    [("", True), ("  ", True), ("``", True), ("````  ", True), ("`` ", False), ("```p", False)],
)
def test_may_close(beginning: str, may: bool) -> None:
    assert may_close(beginning, Fence("`", 3, 0, "")) is may
