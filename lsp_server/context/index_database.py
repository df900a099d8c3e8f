"""The index on disk: which files declare and which call a name, and what each file says.

One SQLite file for each set of workspace folders, in the user's cache folder. It holds names and
lines and no code, and nothing in it is trusted: an answer is a file to look at, never text to send.
A database that cannot be read, or is of another version, is thrown away.
"""

import contextlib
import hashlib
import os
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lsp_server.context.index_names import IndexedFile

__all__ = ["FileState", "IndexReader", "IndexWriter", "Place", "database_name"]

_VERSION = 3
"""Goes up with every change of the tables or of what is read from a file."""
MOST_DATABASE_BYTES = 256 * 2**20
"""10,000 files take 21 MB (measured), so only files with far more names than people write come
near."""
_PAGE = 4096
_WAIT_S = 2.0
"""Seconds to wait for another server that writes to the same file."""
_READ_WAIT_S = 0.02
_MOST_ROWS = 400
"""Places of one name that are looked at."""
_TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT);
CREATE TABLE files (id INTEGER PRIMARY KEY, path TEXT UNIQUE NOT NULL, size INTEGER NOT NULL,
  mtime_ns INTEGER NOT NULL, family TEXT NOT NULL, package TEXT NOT NULL);
CREATE INDEX files_package ON files (package);
CREATE TABLE names (id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL);
CREATE TABLE symbols (name INTEGER NOT NULL, file INTEGER NOT NULL, kind TEXT NOT NULL,
  container TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL);
CREATE INDEX symbols_name ON symbols (name);
CREATE INDEX symbols_file ON symbols (file);
CREATE TABLE calls (name INTEGER NOT NULL, file INTEGER NOT NULL, PRIMARY KEY (name, file))
  WITHOUT ROWID;
CREATE INDEX calls_file ON calls (file);
CREATE TABLE facts (file INTEGER PRIMARY KEY, said BLOB NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class FileState:
    """What tells that a file has not changed."""

    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where the index knows a declaration."""

    name: str
    path: str
    kind: str
    container: str
    first: int
    last: int


def database_name(roots: Sequence[str]) -> str:
    """The file name of the index of these folders, whose order does not matter."""
    whole = "\0".join(sorted(set(roots))).encode("utf-8", "surrogatepass")
    return hashlib.sha256(whole).hexdigest()[:32] + ".sqlite"


class IndexWriter:
    """Writes the index. All methods but the constructor may raise `sqlite3.Error`."""

    def __init__(self, path: str) -> None:
        """Open the database, or begin a new one. Raises `OSError` or `sqlite3.Error`."""
        self._path = path
        try:
            self._database = self._open()
        except (sqlite3.Error, OSError):
            remove_database(path)
            self._database = self._open()

    def _open(self) -> sqlite3.Connection:
        # The file exists before SQLite sees it, so that nobody else can ever read it.
        flags = os.O_CREAT | os.O_RDWR | getattr(os, "O_NOFOLLOW", 0)
        os.close(os.open(self._path, flags, 0o600))
        database = sqlite3.connect(self._path, timeout=_WAIT_S, isolation_level=None)
        try:
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA synchronous = OFF")
            database.execute(f"PRAGMA max_page_count = {MOST_DATABASE_BYTES // _PAGE}")
            (version,) = database.execute("PRAGMA user_version").fetchone()
            if version == 0:
                database.executescript(
                    f"BEGIN IMMEDIATE; {_TABLES} PRAGMA user_version = {_VERSION};"
                )
                database.execute("COMMIT")
            elif version != _VERSION:
                raise sqlite3.DatabaseError("another version")
            database.execute("SELECT count(*) FROM meta").fetchone()
        except BaseException:
            database.close()
            raise
        return database

    def close(self) -> None:
        """Close the database."""
        with contextlib.suppress(sqlite3.Error):
            self._database.close()

    def meta(self, key: str) -> str:
        """A remembered text; "" if there is none."""
        found = self._database.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return found[0] if found is not None else ""

    def remember(self, key: str, value: str) -> None:
        """Remember a text."""
        self._database.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def files(self) -> Mapping[str, FileState]:
        """All files in the index."""
        rows = self._database.execute("SELECT path, size, mtime_ns FROM files")
        return {path: FileState(size, mtime_ns) for path, size, mtime_ns in rows}

    def remove_unread(self) -> None:
        """Forget the files of which nothing is kept."""
        self._database.execute("DELETE FROM files WHERE family = ''")

    def remove(self, paths: Iterable[str]) -> None:
        """Forget files."""
        self._database.execute("BEGIN IMMEDIATE")
        try:
            for path in paths:
                self._remove(path)
        except BaseException:
            self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")

    def put(self, files: Iterable[tuple[str, FileState, IndexedFile]]) -> None:
        """Put files in place of what is known of them, all or none."""
        self._database.execute("BEGIN IMMEDIATE")
        try:
            for path, state, file in files:
                self._remove(path)
                self._put(path, state, file)
        except BaseException:
            with contextlib.suppress(sqlite3.Error):
                self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")

    def _remove(self, path: str) -> None:
        found = self._database.execute("SELECT id FROM files WHERE path = ?", (path,)).fetchone()
        if found is not None:
            self._database.execute("DELETE FROM symbols WHERE file = ?", found)
            self._database.execute("DELETE FROM calls WHERE file = ?", found)
            self._database.execute("DELETE FROM facts WHERE file = ?", found)
            self._database.execute("DELETE FROM files WHERE id = ?", found)

    def _put(self, path: str, state: FileState, file: IndexedFile) -> None:
        cursor = self._database.execute(
            "INSERT INTO files (path, size, mtime_ns, family, package) VALUES (?, ?, ?, ?, ?)",
            (path, state.size, state.mtime_ns, file.family, file.package),
        )
        number = cursor.lastrowid
        names = {one.name for one in file.symbols} | file.called
        self._database.executemany(
            "INSERT OR IGNORE INTO names (name) VALUES (?)", [(name,) for name in sorted(names)]
        )
        self._database.executemany(
            "INSERT INTO symbols SELECT id, ?, ?, ?, ?, ? FROM names WHERE name = ?",
            [(number, s.kind, s.container, s.first, s.last, s.name) for s in file.symbols],
        )
        self._database.executemany(
            "INSERT OR IGNORE INTO calls SELECT id, ? FROM names WHERE name = ?",
            [(number, name) for name in sorted(file.called)],
        )
        if file.facts:
            self._database.execute("INSERT INTO facts VALUES (?, ?)", (number, file.facts))


def remove_database(path: str) -> None:
    """Delete a database with its side files."""
    for each in (path, f"{path}-wal", f"{path}-shm", f"{path}-journal"):
        with contextlib.suppress(OSError):
            os.remove(each)


class IndexReader:
    """Asks the index, which another process may be writing. Never raises; knows nothing then."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._database: sqlite3.Connection | None = None
        self._opened: tuple[int, int] | None = None

    def close(self) -> None:
        """Close the database; the next question opens it again."""
        if self._database is not None:
            with contextlib.suppress(sqlite3.Error):
                self._database.close()
        self._database = self._opened = None

    def declared(
        self, names: Sequence[str], family: str, packages: Sequence[str] = ()
    ) -> list[Place]:
        """Where names are declared in files of a language family; with packages, only in those."""
        if not names:
            return []
        marks = ",".join("?" * len(names))
        limits = f" AND f.package IN ({','.join('?' * len(packages))})" if packages else ""
        limits += " AND f.family = ?" if family else ""
        rows = self._ask(
            "SELECT n.name, f.path, s.kind, s.container, s.first, s.last FROM names n"
            " JOIN symbols s ON s.name = n.id JOIN files f ON f.id = s.file"
            f" WHERE n.name IN ({marks}){limits} LIMIT {_MOST_ROWS}",
            (*names, *packages, *((family,) if family else ())),
        )
        return [Place(*row) for row in rows]

    def callers(self, name: str, family: str) -> list[str]:
        """The files of a language family that call a name."""
        rows = self._ask(
            "SELECT f.path FROM names n JOIN calls c ON c.name = n.id JOIN files f ON f.id = c.file"
            f" WHERE n.name = ? AND f.family = ? LIMIT {_MOST_ROWS}",
            (name, family),
        )
        return [row[0] for row in rows]

    def facts(self, path: str, state: FileState) -> bytes:
        """What a file declares and imports, if it is in this state; empty if that is not known."""
        rows = self._ask(
            "SELECT t.said FROM files f JOIN facts t ON t.file = f.id"
            " WHERE f.path = ? AND f.size = ? AND f.mtime_ns = ?",
            (path, state.size, state.mtime_ns),
        )
        return next((row[0] for row in rows if isinstance(row[0], bytes)), b"")

    def count(self) -> int:
        """How many files the index holds."""
        return next((row[0] for row in self._ask("SELECT count(*) FROM files", ())), 0)

    def _ask(self, question: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
        try:
            database = self._connected()
            return [] if database is None else database.execute(question, values).fetchall()
        except (sqlite3.Error, OSError, UnicodeError):  # A name may hold half a surrogate pair.
            self.close()
            return []

    def _connected(self) -> sqlite3.Connection | None:
        """The database as it is on the disk now; None where there is none."""
        try:
            status = os.stat(self._path)
        except (OSError, ValueError):
            self.close()
            return None
        if self._opened != (status.st_dev, status.st_ino):
            self.close()
            self._database = sqlite3.connect(
                f"{Path(self._path).as_uri()}?mode=ro",
                uri=True,
                timeout=_READ_WAIT_S,
                check_same_thread=False,
            )
            self._opened = status.st_dev, status.st_ino
        return self._database
