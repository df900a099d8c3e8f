"""The ids of sessions."""

from lsp_server.lsp.session_ids import SessionIds


def test_ids_are_given_once_and_in_order() -> None:
    numbers = SessionIds()
    assert not numbers.has_given("s1")
    assert numbers.coming == "s1" == numbers.next()
    assert (numbers.next(), numbers.coming) == ("s2", "s3")
    assert numbers.has_given("s1") and numbers.has_given("s2")
    assert not any(map(numbers.has_given, ("s3", "s0", "s01", "x", "")))
