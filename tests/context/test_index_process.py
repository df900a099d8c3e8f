"""The process that keeps the index: it works beside the server and never outlives it."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lsp_server.context.index_child import IndexChild
from lsp_server.context.index_database import IndexReader
from lsp_server.context.index_process import order_in
from lsp_server.context.lookup import ContextLookup
from lsp_server.context.workspace_index import WorkspaceIndex
from tests.context.worlds import build, looked_up
from tests.support.processes import running


def wait_for(what: Callable[[], object]) -> None:
    """Wait until something is so; the test fails after a long time."""
    end = time.monotonic() + 60
    while not what():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.02)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[WorkspaceIndex]:
    root = tmp_path / "work"
    root.mkdir()
    for number in range(30):
        (root / f"m{number}.py").write_text(f"def name{number}():\n    pass\n")
    made = WorkspaceIndex([str(root)], tmp_path / "cache")
    yield made
    made.close()


def test_it_builds_and_ends_with_the_index(index: WorkspaceIndex, tmp_path: Path) -> None:
    assert index.declared(["name7"], "python") == []
    index.check(now=True)
    pid = index.pid
    assert pid is not None and pid != os.getpid()
    wait_for(lambda: not index.is_working)
    assert index.progress is None
    assert [place.path for place in index.declared(["name7"], "python")] == [
        str(tmp_path / "work" / "m7.py")
    ]
    assert os.getpriority(os.PRIO_PROCESS, pid) == 19
    index.close()
    assert not running(pid)


def test_nobody_else_can_read_it(index: WorkspaceIndex, tmp_path: Path) -> None:
    index.check(now=True)
    wait_for(lambda: not index.is_working)
    assert (tmp_path / "cache").stat().st_mode & 0o777 == 0o700
    for path in (tmp_path / "cache").iterdir():
        assert path.stat().st_mode & 0o777 == 0o600, path.name


def test_a_change_is_seen_at_the_next_check(index: WorkspaceIndex, tmp_path: Path) -> None:
    index.check(now=True)
    wait_for(lambda: not index.is_working)
    (tmp_path / "work" / "new.py").write_text("def brand_new(): pass\n")
    index.check()  # Too early after the first one: nothing happens.
    assert not index.is_working
    index.check(now=True)
    wait_for(lambda: index.declared(["brand_new"], "python"))


def test_a_deleted_cache_is_built_again(index: WorkspaceIndex) -> None:
    index.check(now=True)
    wait_for(lambda: not index.is_working)
    folder = Path(index.database).parent
    for path in folder.iterdir():
        path.unlink()
    assert index.declared(["name1"], "python") == []
    index.check(now=True)
    wait_for(lambda: index.declared(["name1"], "python"))


def test_a_process_that_dies_is_started_again_but_not_for_ever(index: WorkspaceIndex) -> None:
    pids = []
    for _ in range(3):
        index.check(now=True)
        pid = index.pid
        assert pid is not None
        pids.append(pid)
        os.kill(pid, 9)
        wait_for(lambda: index.pid is None)
        assert index.progress is None
    assert len(set(pids)) == 3
    index.check(now=True)
    assert index.pid is None and not index.is_working


def test_it_ends_when_the_server_is_killed(tmp_path: Path) -> None:
    code = (
        "import sys, time\n"
        "from lsp_server.context.workspace_index import WorkspaceIndex\n"
        "from pathlib import Path\n"
        "index = WorkspaceIndex([sys.argv[1]], Path(sys.argv[2]))\n"
        "index.check(now=True)\n"
        "print(index.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    server = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path), str(tmp_path / "cache")],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    pid = int(server.stdout.readline())
    assert running(pid)
    server.kill()
    server.communicate()
    wait_for(lambda: not running(pid))


def test_no_file_of_the_project_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, index: WorkspaceIndex
) -> None:
    for name in ("json.py", "sqlite3.py", "tree_sitter.py", "sitecustomize.py"):
        (tmp_path / "work" / name).write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setenv("PYTHONPATH", ".")
    index.check(now=True)
    wait_for(lambda: not index.is_working)
    assert index.count() == 34
    assert not (tmp_path / "ran").exists()


def test_a_line_that_is_no_order_is_skipped() -> None:
    good = {"database": "d", "roots": ["r"], "patterns": [], "trusted": True, "near": ""}
    found = order_in(json.dumps(good))
    assert found is not None and found.roots == ("r",)
    for line in ("", "no", "[]", "{}", json.dumps({**good, "roots": 1})):
        assert order_in(line) is None


def test_a_cache_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    index = WorkspaceIndex([str(tmp_path)], tmp_path / "file" / "cache")
    folder = Path(index.database).parent
    (tmp_path / "a.py").write_text("def here(): pass\n")
    assert index.check_here(lambda: False)
    assert index.declared(["here"], "python")
    index.close()
    assert not folder.exists()


def test_an_old_index_goes(tmp_path: Path) -> None:
    old = WorkspaceIndex([str(tmp_path / "old")], tmp_path / "cache")
    (tmp_path / "old").mkdir()
    assert old.check_here(lambda: False)
    old.close()
    for path in (tmp_path / "cache").iterdir():
        os.utime(path, (0, 0))
    WorkspaceIndex([str(tmp_path)], tmp_path / "cache").close()
    assert not Path(old.database).exists()


def test_a_lookup_does_not_wait_for_the_index(tmp_path: Path) -> None:
    root = tmp_path / "work"
    world = build(
        root,
        {
            "a.py": "from b import known\n««\ndef f():\n    known()\n    x.only_one_place()\n»»\n",
            "b.py": "def known(): pass\n",
            "deep/er/c.py": "class C:\n    def only_one_place(self): pass\n",
        },
    )
    lookup = ContextLookup(tmp_path / "cache")
    lookup.start((root,))
    assert [piece.path for piece in looked_up(lookup, world.query())][:1] == ["b.py"]
    index = lookup.index
    assert index is not None
    wait_for(lambda: not index.is_working)
    assert {piece.path for piece in looked_up(lookup, world.query())} == {"b.py", "deep/er/c.py"}
    pid = index.pid
    lookup.close()
    assert pid is not None and not running(pid)
    assert looked_up(lookup, world.query()), "without an index too"


def test_what_the_process_says_wrongly_is_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/echo")
    child = IndexChild()
    order = order_in(
        json.dumps({"database": "d", "roots": [], "patterns": [], "trusted": True, "near": ""})
    )
    assert order is not None
    child.ask(order, now=True)
    wait_for(lambda: child.pid is None)
    assert child.progress is None
    child.close()
    monkeypatch.setattr(sys, "executable", "/no/such/program")
    IndexChild().ask(order, now=True)


def test_the_reader_survives_a_writer(index: WorkspaceIndex, tmp_path: Path) -> None:
    reader = IndexReader(index.database)
    index.check(now=True)
    while index.is_working:
        reader.declared(["name1", "name2"], "python")
        reader.callers("name1", "python")
    wait_for(lambda: reader.declared(["name1"], "python"))
    reader.close()
