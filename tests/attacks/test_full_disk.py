"""A node on a full disk: it says one line, nothing leaves that is not in its journal, nothing is left half-written, and
it goes on once there is room.

The disk is full for the kernel: no file may grow (RLIMIT_FSIZE), so each write ends in EFBIG, as with ENOSPC.
"""

import resource
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from comity import canon
from comity.acts.consent import ConsentGiven
from comity.adapters.client import Client
from comity.adapters.journal import Journal
from comity.errors import DiskFull
from comity.services.node import backup
from tests.services.node.test_node import Scene, scene  # noqa: F401


@contextmanager
def full_disk() -> Iterator[None]:
    """No file of this process grows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def left_half(home: Path) -> list[str]:
    """Files that were begun and not ended, and databases that are damaged."""
    parts = [str(path) for path in home.rglob("*.part")]
    checks = {path: sqlite3.connect(path).execute("PRAGMA integrity_check").fetchall() for path in home.glob("*.db")}
    return parts + [str(path) for path, found in checks.items() if found != [("ok",)]]


def test_nothing_is_said_that_is_not_on_disk_and_it_goes_on_once_there_is_room(scene: Scene) -> None:  # noqa: F811
    node = scene.node()
    scene.hub.ask()
    with full_disk():
        for _ in range(3):
            node.round()
    assert ([], []) == (scene.hub.statements, scene.hub.lines)
    assert 1 == len(set(scene.lines))
    assert "no room to write" in scene.lines[0]
    assert [] == left_half(scene.home)
    node.round()
    node.office.close()
    assert [ConsentGiven] == scene.said
    journal = Journal(scene.home / "journal.db")
    assert all(journal.knows(canon.digest(leaf)) for leaf in scene.hub.statements)
    journal.close()


def test_a_node_that_said_it_anyway_is_seen_at_the_hub(
    scene: Scene,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Weakened: a client that does not ask the journal, and a journal that takes a failure lightly."""
    scene.rounds(0)
    monkeypatch.setattr(Client, "_leaving", lambda self, request: None)
    monkeypatch.setattr(Journal, "say", lambda self, key, leaf, now: leaf)
    node = scene.node()
    node.office.follower.poll()
    node.worker.step()  # secrets are kept while there is room
    node.office.close()
    assert [ConsentGiven] == scene.said
    journal = Journal(scene.home / "journal.db")
    assert not any(journal.knows(canon.digest(leaf)) for leaf in scene.hub.statements)
    journal.close()


def test_no_room_for_a_backup_leaves_nothing_of_it(scene: Scene, tmp_path: Path) -> None:  # noqa: F811
    scene.rounds(2)
    with full_disk(), pytest.raises(DiskFull):
        backup.backup(scene.home, tmp_path / "copy")
    assert [] == [path for path in tmp_path.rglob("*copy*") if path.is_file()]
    assert not (tmp_path / "copy").exists()
