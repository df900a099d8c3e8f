"""How much of a declaration is sent."""

from lsp_server.context.declaration_lines import LONGEST_WHOLE, lines_of
from lsp_server.context.file_facts import FileFacts, facts_of
from lsp_server.syntax.languages import language_for


def facts(text: str, language_id: str = "python") -> FileFacts:
    language = language_for(language_id)
    assert language is not None
    return facts_of(text, language)


def function(name: str, lines: int, indent: str = "") -> str:
    return f"{indent}def {name}():\n" + f"{indent}    x = 1\n" * (lines - 1)


def test_a_function_is_sent_whole_up_to_a_length() -> None:
    short = facts(function("f", LONGEST_WHOLE))
    assert lines_of(short.named("f")[0], short, frozenset()) == ((0, LONGEST_WHOLE - 1),)
    long = facts(function("f", LONGEST_WHOLE + 1))
    assert lines_of(long.named("f")[0], long, frozenset()) == ((0, 0),)


def test_a_long_value_is_cut() -> None:
    found = facts("X = {\n" + "    1: 1,\n" * 30 + "}\n")
    assert lines_of(found.named("X")[0], found, frozenset()) == ((0, LONGEST_WHOLE - 1),)


def test_used_members_of_a_long_class_are_sent_and_signatures_of_the_others() -> None:
    body = "".join(function(f"m{n}", 10, "    ") + "\n\n\n" for n in range(6))
    found = facts(f"class K:\n    a: int\n\n\n\n{body}")
    sent = lines_of(found.named("K")[0], found, frozenset({"m2"}))
    assert sent == ((0, 1), (5, 5), (18, 18), (31, 40), (44, 44), (57, 57), (70, 70))


def test_of_a_very_large_class_only_used_members_are_sent() -> None:
    body = "".join(function(f"m{n}", 5, "    ") + "\n\n\n" for n in range(80))
    found = facts(f"class K:\n{body}")
    sent = lines_of(found.named("K")[0], found, frozenset({"m3", "m70"}))
    assert sent == ((0, 0), (25, 29), (561, 565))


def test_used_methods_outside_of_their_type() -> None:
    text = "package p\n\ntype S struct{}\n\n\n\nfunc (s *S) A() {}\n\n\n\nfunc (s *S) B() {}\n"
    found = facts(text, "go")
    assert lines_of(found.named("S")[0], found, frozenset({"B"})) == ((2, 2), (10, 10))
