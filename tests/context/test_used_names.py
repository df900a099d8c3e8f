"""Which names a piece of code uses."""

import time

import pytest

from lsp_server.context.used_names import used_names
from lsp_server.syntax.languages import language_for


@pytest.mark.parametrize(
    ("language_id", "code", "chains"),
    [
        ("python", "a.b(c).d[e]", "a.b c .d e"),
        ("python", "def f() -> Money: ...", "def f Money"),
        ("python", '"""Doc of X."""\nx = "{y}"  # no Z\n', "x y"),
        ("typescript", "a?.b!.c // no\n/* no */ d", "a.b.c d"),
        ("typescript", '"http://x"', "http x"),
        ("rust", "a::b::<C>(d)?.e", "a.b C d .e"),
        ("cpp", "p->q(r) + ns::s", "p.q r ns.s"),
        ("php", r"$a->b(C::D, \E\F)", "a.b C.D E.F"),
        ("kotlin", "a!!.b", "a.b"),
        ("python", "a\n    .b", "a.b"),
    ],
)
def test_chains(language_id: str, code: str, chains: str) -> None:
    found = used_names(code, language_for(language_id))
    assert " ".join(".".join(chain) for chain in found.chains) == chains


def test_what_can_be_asked() -> None:
    found = used_names("self.cache.read(a.b.c, a.d, this.e.f)", language_for("python"))
    assert found.plain == ("self", "a", "this")
    assert found.members == ("cache", "read", "b", "c", "d", "e", "f")
    assert found.own_fields == ("cache", "e")
    assert found.behind(("a",)) == ("b", "d")
    assert found.behind(("a", "b")) == ("c",)


@pytest.mark.parametrize(
    "part", ["\u00a0", "\n", "/*", "/* b", '"""\n', "#", "a.", "->", "::", "a "]
)
def test_what_a_repository_made_to_be_slow_is_read_in_time(part: str) -> None:
    text = part * (200_000 // len(part))
    began = time.thread_time()
    for language in ("python", "javascript", "rust"):
        used_names(text, language_for(language))
    assert time.thread_time() - began < 20  # With squares it is minutes.
