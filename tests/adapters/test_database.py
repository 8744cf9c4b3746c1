"""A database goes forward only, is durable when it says so, and forgets what it was told to forget."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from comity.adapters.database import Database
from comity.errors import StateVersion, UsageError

ONE = "CREATE TABLE t (x BLOB NOT NULL)"
TWO = "ALTER TABLE t ADD COLUMN y INTEGER"


def test_it_is_durable_as_promised(tmp_path: Path) -> None:
    database = Database(tmp_path / "t.db", [ONE])
    assert [("wal",)] == database.read("PRAGMA journal_mode")
    assert [(2,)] == database.read("PRAGMA synchronous")  # 2: FULL (sqlite.org/pragma.html)


def test_a_later_version_keeps_what_is_there(tmp_path: Path) -> None:
    first = Database(tmp_path / "t.db", [ONE])
    with first.write() as transaction:
        transaction.execute("INSERT INTO t VALUES (7)")
    first.close()
    assert [(7, None)] == Database(tmp_path / "t.db", [ONE, TWO]).read("SELECT x, y FROM t")


def test_a_newer_file_refuses_to_open(tmp_path: Path) -> None:
    Database(tmp_path / "t.db", [ONE, TWO]).close()
    with pytest.raises(StateVersion, match=r"newer Comity.*version 2.*wanted version 1"):
        Database(tmp_path / "t.db", [ONE])


def test_another_file_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "t.db").write_bytes(b"a letter, longer than the header of a database" * 10)
    with pytest.raises(UsageError, match="no database"):
        Database(tmp_path / "t.db", [ONE])


def test_a_block_that_raises_writes_nothing(tmp_path: Path) -> None:
    database = Database(tmp_path / "t.db", [ONE])
    with pytest.raises(sqlite3.IntegrityError), database.write() as transaction:
        transaction.executemany("INSERT INTO t VALUES (?)", [(1,), (None,)])
    assert [] == database.read("SELECT * FROM t")


def test_a_killed_process_leaves_what_it_committed(tmp_path: Path) -> None:
    code = "import os, signal, sys; from pathlib import Path; from comity.adapters.database import Database\n"
    code += f"d = Database(Path(sys.argv[1]), [{ONE!r}])\n"
    code += "with d.write() as t: t.execute('INSERT INTO t VALUES (1)')\n"
    code += "with d.write() as t: t.execute('INSERT INTO t VALUES (2)'); os.kill(os.getpid(), signal.SIGKILL)"
    assert -9 == subprocess.run([sys.executable, "-c", code, tmp_path / "t.db"], check=False).returncode
    assert [(1,)] == Database(tmp_path / "t.db", [ONE]).read("SELECT * FROM t")


def test_what_is_forgotten_stands_in_no_file(tmp_path: Path) -> None:
    database = Database(tmp_path / "t.db", [ONE], secret=True)
    secret = b"a secret of thirty-two bytes ..."
    with database.write() as transaction:
        transaction.execute("INSERT INTO t VALUES (?)", (secret,))
    assert any(secret in file.read_bytes() for file in tmp_path.iterdir())
    with database.write() as transaction:
        transaction.execute("DELETE FROM t")
    database.forget()
    assert [] == [file for file in tmp_path.iterdir() if secret in file.read_bytes()]


def test_two_who_open_a_new_file_at_once_migrate_it_once(tmp_path: Path) -> None:
    """A running node and a command of its officer may meet in a file that neither has seen."""
    from concurrent.futures import ThreadPoolExecutor

    def opened(place: int) -> int:
        database = Database(tmp_path / f"{place // 4}.db", ("CREATE TABLE a (x INTEGER)", "CREATE TABLE b (x INTEGER)"))
        (version,) = database.read("PRAGMA user_version")[0]
        database.close()
        return int(version)

    with ThreadPoolExecutor(8) as pool:
        assert [2] * 80 == list(pool.map(opened, range(80)))
