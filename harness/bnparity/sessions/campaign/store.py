"""The state directory of a campaign: one SQLite file, and one lock file.

The file has SQLite's default rollback journal: at rest it is one file, a writer that is killed
leaves a journal which the next one to open it rolls back, and one short transaction for each block
leaves nothing to be won by a write-ahead log. It holds text and numbers alone, JSON at most:
nothing in it is ever run.
"""

import fcntl
import json
import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, NoReturn

from bnparity.backends import UsageError
from bnparity.sessions.campaign.source import with_run

#: What is drawn from a seed belongs to the schema: blocks of two spaces do not add up.
SCHEMA, FILE, LOCKS = "bnparity-campaign/2", "campaign.sqlite", "campaign.locks"

#: Seconds to wait for another process's transaction.
_PATIENCE = 60.0

#: What SQLite says of a file that is broken, or another program's.
_BROKEN = (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
#: What helps against what is wrong beside the file: it is whole.
_REMEDIES = MappingProxyType(
    {
        sqlite3.SQLITE_FULL: "make room, and say the same command again: nothing in it is lost",
        sqlite3.SQLITE_BUSY: "another process holds it: wait for that one, and say it again",
    }
)
_REMEDY = "see that its folder can be written, and say the same command again"

_SCHEMA = """
CREATE TABLE conditions (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE owners (last INTEGER NOT NULL);
INSERT INTO owners VALUES (0);
CREATE TABLE backends (name TEXT PRIMARY KEY, facts TEXT NOT NULL, seconds REAL NOT NULL DEFAULT 0,
    frontier INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE TABLE blocks (backend TEXT, block INTEGER, owner INTEGER NOT NULL, claimed REAL NOT NULL,
    done INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (backend, block)) WITHOUT ROWID;
CREATE TABLE counts (backend TEXT, what TEXT, key TEXT, n INTEGER NOT NULL,
    PRIMARY KEY (backend, what, key)) WITHOUT ROWID;
CREATE TABLE figures (backend TEXT, place TEXT, figures TEXT NOT NULL,
    PRIMARY KEY (backend, place)) WITHOUT ROWID;
CREATE TABLE samples (backend TEXT, what TEXT, key TEXT, place REAL, digest TEXT,
    payload TEXT NOT NULL, PRIMARY KEY (backend, what, key, place, digest)) WITHOUT ROWID;
CREATE TABLE shrunk (backend TEXT, suspicion TEXT, block INTEGER NOT NULL, payload TEXT NOT NULL,
    PRIMARY KEY (backend, suspicion)) WITHOUT ROWID;
"""


class Locks:
    """The lock file of a state directory: who is at work on a campaign, and who has died.

    Each process that claims blocks has a number, and holds a lock on the byte of that number. The
    system releases it when the process ends, however it ends; nothing is guessed from ids of
    processes, which are used again, or from clocks.

    A process sees its own locks as free, and loses all of them when it closes the file: it may
    have one such object that owns a number.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    @cached_property
    def _file(self) -> int:
        return os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)

    def become(self, number: int) -> None:
        """Hold the lock of `number` until this process ends or calls `leave`."""
        fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, number)

    def lives(self, number: int) -> bool:
        """Return whether another process holds the lock of `number`."""
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, number)
        except OSError:
            return True
        fcntl.lockf(self._file, fcntl.LOCK_UN, 1, number)
        return False

    def leave(self) -> None:
        """Release every lock of this process."""
        if "_file" in vars(self):
            os.close(vars(self).pop("_file"))


class Store:
    """An open state directory; `stored` opens one.

    The connection to its SQLite file makes no transactions of its own.
    """

    def __init__(self, folder: Path, connection: sqlite3.Connection) -> None:
        self.folder = folder
        self.locks = Locks(folder / LOCKS)
        self._connection = connection

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Give the connection for changes: all of them are made, or none."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield self._connection
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Return the rows that a query finds."""
        return self._connection.execute(query, values).fetchall()

    def conditions(self) -> dict[str, Any]:
        """Return the conditions under which the campaign was begun; nothing if it was not."""
        rows = self.rows("SELECT name, value FROM conditions")
        return {name: self.loaded(value) for name, value in rows}

    def note(self, backend: str, facts: Mapping[str, Any]) -> None:
        """Note what is known of a backend that the state has nothing of, inside a transaction."""
        row = (backend, json.dumps(facts))
        self._connection.execute("INSERT INTO backends (name, facts) VALUES (?, ?)", row)

    def note_run(self, backend: str, run: Mapping[str, str]) -> None:
        """Note the files that were run for a backend; a `UsageError` if they are another's."""
        if not run:
            return  # what is installed has a version
        facts = self.facts(backend)
        source = with_run(facts["source"], run)
        if source != facts["source"]:
            row = (json.dumps({**facts, "source": source}), backend)
            self._connection.execute("UPDATE backends SET facts = ? WHERE name = ?", row)

    def is_at_work(self) -> bool:
        """Return whether another process draws blocks for this state."""
        ((last,),) = self.rows("SELECT last FROM owners")
        try:
            return any(map(self.locks.lives, range(1, last + 1)))
        finally:
            self.locks.leave()

    def facts(self, backend: str) -> Any:
        """Return what is known of a backend; None if the state has nothing of it."""
        rows = self.rows("SELECT facts FROM backends WHERE name = ?", backend)
        facts = self.loaded(rows[0][0]) if rows else None
        if not isinstance(facts, dict | None):
            raise unusable(self.folder, ValueError(f"what it knows of {backend} is no record"))
        return facts

    def loaded(self, text: str) -> Any:
        """Return what a text in the state says as JSON."""
        with self.reading():
            return json.loads(text)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Turn what goes wrong with what no campaign writes into a `UsageError`."""
        try:
            yield
        except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
            raise unusable(self.folder, error) from error

    def refuse(self, why: str) -> NoReturn:
        """Raise the `UsageError` that the state is another campaign's."""
        raise UsageError(
            f"{str(self.folder)!r} holds another campaign: {why}, or give another --state"
        )


@contextmanager
def stored(folder: Path, *, make: bool = False) -> Iterator[Store]:
    """Open the state in `folder`, and turn what SQLite says is wrong into a `UsageError`.

    If there is none, one is made if `make` says so.
    """
    file = folder / FILE
    try:
        if make:
            _make_folder(folder)
        elif not file.is_file():
            raise UsageError(f"there is no campaign in {str(folder)!r}: name the --state of one")
        with closing(_connected(file)) as connection:
            connection.execute("PRAGMA trusted_schema = OFF")  # somebody else may have made it
            if make:
                _make_tables(connection)
            if not _tables(connection) >= {"conditions", "backends", "blocks", "counts"}:
                raise unusable(folder, ValueError(f"it is not of the schema {SCHEMA}"))
            yield Store(folder, connection)
    except sqlite3.Error as error:
        raise unusable(folder, error) from error


def _connected(file: Path) -> sqlite3.Connection:
    # Absolute: what begins with "file:" would be read as an address.
    return sqlite3.connect(file.absolute(), timeout=_PATIENCE, isolation_level=None)


def _make_folder(folder: Path) -> None:
    """Make the folder of a state, ignored by git; leave one that is there as it is."""
    if folder.is_dir():
        return
    try:
        folder.mkdir(parents=True)
        (folder / ".gitignore").write_text("*\n")
    except OSError as error:
        raise UsageError(
            f"--state {str(folder)!r} cannot be made a state ({error.strerror}): give a path in a "
            f"folder of yours"
        ) from error


def unusable(folder: Path, error: Exception) -> UsageError:
    """Return what is said of a state that cannot be read or written.

    To remove it helps where it is broken; a full disk or a lock has nothing to do with it.
    """
    why = " ".join(str(error).split()) or type(error).__name__
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)
    broken = code & 0xFF in _BROKEN
    remedy = "remove it, or give another --state" if broken else _REMEDIES.get(code & 0xFF, _REMEDY)
    return UsageError(f"the state in {str(folder)!r} cannot be used ({why}): {remedy}")


def _make_tables(connection: sqlite3.Connection) -> None:
    """Make the tables in a file that has none; of two processes that try, one does."""
    connection.execute("BEGIN IMMEDIATE")
    if not _tables(connection):
        for statement in _SCHEMA.split(";"):
            connection.execute(statement)
    connection.execute("COMMIT")


def _tables(connection: sqlite3.Connection) -> set[str]:
    kinds = connection.execute("SELECT name, type FROM sqlite_master").fetchall()
    if {kind for _, kind in kinds} - {"table", "index"}:
        raise sqlite3.DatabaseError("it holds views or triggers, which no campaign makes")
    return {name for name, _ in kinds}
