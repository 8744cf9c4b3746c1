"""What left is on disk before it leaves, and what was said once is said again in the same bytes."""

from pathlib import Path

from comity.adapters.journal import Journal
from comity.canon import digest


def test_every_body_is_listed_and_can_be_read(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.db")
    journal.record("body", b"vector", now=5)
    journal.record("cosignature", b"line", now=6)
    journal.close()
    journal = Journal(tmp_path / "journal.db")
    assert [(5, "body", digest(b"vector"), 6), (6, "cosignature", digest(b"line"), 4)] == [
        (entry.time, entry.kind, entry.digest, entry.size) for entry in journal.entries()
    ]
    assert b"vector" == journal.body(1)


def test_the_same_body_is_listed_once(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.db")
    for now in (5, 6):
        journal.record("body", b"vector", now=now)
    assert [5] == [entry.time for entry in journal.entries()]


def test_a_statement_is_said_again_in_the_same_bytes(tmp_path: Path) -> None:
    """Signed twice with another head it would be two statements."""
    journal = Journal(tmp_path / "journal.db")
    assert b"first" == journal.say("vote 7", b"first", now=5)
    journal.close()
    journal = Journal(tmp_path / "journal.db")
    assert b"first" == journal.say("vote 7", b"second", now=6)
    assert b"first" == journal.said("vote 7")
    assert journal.said("vote 8") is None
    assert 1 == len(journal.entries())
