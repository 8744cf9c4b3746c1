"""The power cut itself: what was synced always stands, what was not is lost now and then, or torn."""

import random
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kill.power import Before, events, lose

# Writes files and rows, synced and not, then dies. The first sync of a journal of SQLite syncs its folder too.
VICTIM = """
import os, signal, sqlite3, sys
from pathlib import Path
from comity.adapters import durable
from tests.kill.power import Recorder
home = Path(sys.argv[1])
Recorder(home, Path(sys.argv[2]))
durable.write(home / "new" / "synced", b"synced" * 300)
durable.write(home / "replaced", b"after" * 300)
rows = sqlite3.connect(home / "rows.db", isolation_level=None)
rows.execute("PRAGMA synchronous=FULL")
rows.execute("INSERT INTO row VALUES ('synced')")
rows.execute("PRAGMA synchronous=OFF")
rows.execute("INSERT INTO row VALUES ('loose')")
(home / "loose").write_bytes(b"loose" * 300)
(home / ".part").write_bytes(b"renamed" * 300)
(home / ".part").replace(home / "renamed")
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(scope="module")
def dead(tmp_path_factory: pytest.TempPathFactory, root: Path) -> tuple[Before, Path, Path]:
    """What was before, what the victim told, and the folder as it left it."""
    folder = tmp_path_factory.mktemp("power")
    home = folder / "home"
    home.mkdir()
    (home / "replaced").write_bytes(b"before" * 300)
    rows = sqlite3.connect(home / "rows.db", isolation_level=None)
    rows.execute("PRAGMA journal_mode=WAL")
    rows.execute("CREATE TABLE row (text TEXT)")
    rows.close()
    before = Before.of(home, folder / "links")
    subprocess.run([sys.executable, "-c", VICTIM, str(home), str(folder / "told")], cwd=root, check=False)
    shutil.copytree(home, folder / "left", copy_function=shutil.copy2)
    return before, folder / "told", folder / "left"


def after(dead: tuple[Before, Path, Path], seed: int) -> tuple[dict[str, bytes], list[str]]:
    """Files and rows after one power cut."""
    before, told, _ = dead
    home = before.home.with_name(f"home-{seed}")
    shutil.copytree(before.home, home, copy_function=link)
    moved = Before(before.home, before.links, dict(before.databases))
    kept = before.home.with_name("kept")
    before.home.rename(kept)
    home.rename(before.home)
    try:
        lose(moved, told, random.Random(seed))
        files = {str(p.relative_to(before.home)): p.read_bytes() for p in before.home.rglob("*") if p.is_file()}
        rows = sqlite3.connect(before.home / "rows.db")
        found = [text for (text,) in rows.execute("SELECT text FROM row ORDER BY rowid")]
        assert [("ok",)] == rows.execute("PRAGMA integrity_check").fetchall()
        rows.close()
    finally:
        shutil.rmtree(before.home)
        kept.rename(before.home)
    return files, found


def link(source: str, target: str) -> str:
    """The same inode, which the victim told of; a database is copied, for it is written in its place."""
    if ".db" in source:
        shutil.copyfile(source, target)
    else:
        Path(target).hardlink_to(source)
    return target


def test_what_was_synced_stands_and_what_was_not_is_lost_or_torn(dead: tuple[Before, Path, Path]) -> None:
    states = [after(dead, seed) for seed in range(60)]
    for files, rows in states:
        assert b"synced" * 300 == files["new/synced"]
        assert b"after" * 300 == files["replaced"]
        assert "synced" == rows[0]
    for name in ("loose", "renamed"):
        whole = name.encode() * 300
        found = {files.get(name) for files, _ in states}
        assert {None, whole, b""} <= found
        assert any(torn not in (None, whole, b"") for torn in found)
    assert {1, 2} == {len(rows) for _, rows in states}


def test_a_victim_that_told_nothing_of_its_databases_shows_nothing(dead: tuple[Before, Path, Path]) -> None:
    """A Python with a SQLite of its own would make every loop pass: here it is seen that ours is watched."""
    told = [event[0] for event in events(dead[1])]
    assert {"file", "folder", "write", "sync"} <= set(told)
