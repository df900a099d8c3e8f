"""What module resolution sees of the disk."""

from pathlib import Path

from lsp_server.context.resolution.project_files import ProjectFiles


def test_a_listing_follows_the_folder(tmp_path: Path) -> None:
    files = ProjectFiles((str(tmp_path),))
    (tmp_path / "b.go").write_text("")
    assert files.names(str(tmp_path)) == ("b.go",)
    (tmp_path / "a.go").write_text("")
    (tmp_path / "c.txt").write_text("")
    assert files.files(str(tmp_path), ".go") == (str(tmp_path / "a.go"), str(tmp_path / "b.go"))
    assert files.names(str(tmp_path / "none")) == ()


def test_texts_are_bounded_and_parsed_once(tmp_path: Path) -> None:
    files = ProjectFiles((str(tmp_path),))
    path = tmp_path / "x"
    seen: list[str] = []

    def parse(text: str) -> int:
        seen.append(text)
        return len(text)

    path.write_text("one")
    for _ in range(2):
        assert files.parsed(str(path), "what", parse) == 3
    path.write_text("twice")
    assert files.parsed(str(path), "what", parse) == 5
    assert seen == ["one", "twice"]
    path.write_text("#" * 300_000)
    assert files.text(str(path)) is None
    assert files.parsed(str(path), "what", len) is None
    assert files.text(str(tmp_path)) is None


def test_the_folders_around_a_file(tmp_path: Path) -> None:
    root, inner = tmp_path / "a", tmp_path / "a" / "b"
    files = ProjectFiles((str(root), str(inner)))
    assert files.root_of(str(inner / "c" / "x")) == str(inner)
    assert files.above(str(inner / "c" / "x")) == (str(inner / "c"), str(inner))
    assert files.above(str(tmp_path / "z" / "x")) == (str(tmp_path / "z"),)


def test_what_holds_tests_is_judged_within_the_workspace(tmp_path: Path) -> None:
    root = tmp_path / "tests" / "work"
    files = ProjectFiles((str(root),))
    for name in (
        "test_a.py",
        "a_test.go",
        "a.spec.ts",
        "spec/a.rb",
        "src/test/A.java",
        "ATest.java",
    ):
        assert files.is_test(str(root / name)), name
    for name in ("a.py", "latest.py", "contest/a.py", "attest.go"):
        assert not files.is_test(str(root / name)), name
