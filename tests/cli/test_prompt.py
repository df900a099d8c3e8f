"""`midstream prompt`: exactly what an edit sends."""

import json
from pathlib import Path

from tests.cli.program import midstream, started
from tests.support.scripted_model import ScriptedModel

_CODE = "def f():\n    tmp = 1\n    return tmp\n"


def test_it_is_what_the_edit_sends(home: Path, model: ScriptedModel) -> None:
    (home / "a.py").write_text(_CODE)
    words = ("a.py", "--lines", "2-2", "-m", "rename\ntmp", "--scope", "function")
    done = midstream(home, "prompt", *words)
    assert (done.returncode, done.stderr) == (0, "")
    process = started(home, "edit", *words, "--yes")
    request = model.next()
    request.fail("server_error")
    process.communicate(timeout=60)

    head, frame, rest = done.stdout.split("\n", 2)
    assert head == "--- to the profile scripted, in addition to what follows"
    sent = dict(request.create)
    instructions, prompt = sent.pop("instructions"), request.prompt
    sent.pop("input")
    assert json.loads(frame) == sent
    assert f" tokens\n{instructions}\n--- input, about " in rest
    assert f" tokens\n{prompt}\n--- about " in rest


def test_each_piece_is_named_with_its_reason_before_it_is_printed(home: Path) -> None:
    (home / "a.py").write_text(_CODE)
    (home / "AGENTS.md").write_text("Use tabs.\n")
    (home / "docs").mkdir()
    (home / "docs/style.md").write_text("one\ntwo\nthree\n")
    words = ("-m", "as in #docs/style.md:3 and #gone.py", "--context", "docs/style.md:1-2")
    done = midstream(home, "prompt", "a.py", "--lines", "2-2", *words)
    assert done.returncode == 0
    head, listed = done.stdout.split("--- instructions, about")[0].split("--- the input holds\n")
    assert head.startswith("--- to the profile")
    assert [line.split(maxsplit=2) for line in listed.splitlines()] == [
        ["rules", "AGENTS.md:1-1", "about 3 tokens"],
        ["around", "a.py:1-3", "about 18 tokens"],
        ["mention", "docs/style.md:1-2", "about 3 tokens"],
        ["mention", "docs/style.md:3-3", "about 2 tokens"],
        ["scope", "a.py:2-2", "about 2 tokens"],
    ]
    assert done.stderr == "midstream: `#gone.py` isn't sent: it doesn't exist.\n"
    assert 'The user points to "docs/style.md":\n```markdown\none\ntwo\n' in done.stdout


def test_it_says_what_is_wrong(home: Path) -> None:
    (home / "a.py").write_text(_CODE)
    (home / ".gitignore").write_text("a.py")
    for words, start in (
        (["--lines", "9"], "`a.py` has 3 lines"),
        (["--lines", "1", "--profile", "x"], "--profile: there is no profile `x`"),
        (["--lines", "1", "--context", "no.py"], "--context: there is no file `no.py`"),
        (["--lines", "1", "--context", "a.py:9-1"], "--context 9-1 ends before it begins"),
        (["--lines", "1"], "This file is never sent to a model"),
    ):
        done = midstream(home, "prompt", "a.py", "-m", "x", *words)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith(f"midstream: {start}")


def test_it_says_what_is_wrong_in_the_settings_and_goes_on(home: Path) -> None:
    (home / "a.py").write_text(_CODE)
    (home / ".midstream.toml").write_text('publihs = "line"\n')
    done = midstream(home, "prompt", "a.py", "-m", "x", "--lines", "1")
    assert done.returncode == 0
    assert "publihs" in done.stderr
    assert done.stderr.startswith("midstream: ")
    assert "--- input" in done.stdout


def test_what_is_ignored_is_so_for_the_command_line_too(home: Path) -> None:
    """By a rule above, without a repository, and by the name of a link to the file."""
    (home / "sub/deep").mkdir(parents=True)
    (home / ".gitignore").write_text("/sub/deep/a.py\nlink.py\n")
    (home / "sub/deep/a.py").write_text(_CODE)
    (home / "b.py").write_text(_CODE)
    (home / "link.py").symlink_to("b.py")
    for line, name in enumerate(("sub/deep/a.py", "link.py"), 1):
        done = midstream(home, "prompt", name, "-m", "x", "--lines", "1")
        assert (done.returncode, done.stdout) == (2, "")
        assert f".gitignore (line {line}) excludes it" in done.stderr
    assert midstream(home, "prompt", "b.py", "-m", "x", "--lines", "1").returncode == 0
