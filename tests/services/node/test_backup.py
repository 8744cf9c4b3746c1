"""A backup is whole and of one moment; what is restored is exactly that, marked, or nothing."""

import shutil
import sqlite3
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from comity import canon
from comity.adapters.journal import Journal
from comity.adapters.ledger import Ledger, Line
from comity.adapters.vault import Question, Vault
from comity.errors import FormatError, NotVerified, StateVersion, UsageError
from comity.model.policy import Budget
from comity.services.node import approval, backup, bounding, officers, restored, setup
from comity.services.node.backup import MANIFEST
from comity.stages.protect.budget import Charged

QUESTION = Question(study=canon.digest(b"study"), period="2020")
POLICY, BINDING = canon.digest(b"policy"), canon.digest(b"binding")
APPROVED = approval.Approval(
    study=QUESTION.study, period="2020", policy=POLICY, binding=BINDING, answer="approved", time=1, officer="ada"
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "office"
    setup.init(home, id="m1", area="001")
    for book in (Journal(home / "journal.db"), Ledger(home / "ledger.db")):
        book.close()
    vault = Vault(home / "seal.db")
    vault.keep(QUESTION, {"1/root": b"a secret that acts once"})
    vault.close()
    officers.add(home, "ada", "a secret of ada alone")
    approval.give(home, APPROVED)
    for folder in ("extracts", "vintages"):
        (home / folder).mkdir()
    (home / "vintages" / "kept").write_bytes(b"kept")
    (home / "extracts" / "record").write_bytes(b"record")
    (home / "cache.db").write_bytes(b"may be deleted")
    return home


def contents(folder: Path) -> dict[str, bytes]:
    found = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return {name: data for name, data in found.items() if not name.endswith((".db", "-wal", "-shm", "lock"))}


def test_what_is_restored_is_what_was_there_and_is_marked(home: Path, tmp_path: Path) -> None:
    backup.backup(home, tmp_path / "copy")
    backup.restore(tmp_path / "copy", tmp_path / "again", now=77)
    again = contents(tmp_path / "again")
    assert {restored.FILE} == again.keys() - contents(home).keys()
    assert contents(home) == {name: data for name, data in again.items() if name != restored.FILE}
    found = restored.marked(tmp_path / "again")
    assert found is not None
    assert 77 == found.restored


@pytest.mark.parametrize("counted", [False, True])
def test_a_restored_node_bounds_knows_and_waits_as_before(home: Path, tmp_path: Path, counted: bool) -> None:
    """Counted before the backup or only afterwards: the same salt, the same officers, the same answers of theirs."""
    before = bounding.salt(home, QUESTION) if counted else b""
    backup.backup(home, tmp_path / "copy")
    again = tmp_path / "again"
    backup.restore(tmp_path / "copy", again, now=1)
    assert (before or bounding.salt(home, QUESTION)) == bounding.salt(again, QUESTION)
    officers.check(again, "ada", "a secret of ada alone")
    assert (APPROVED,) == approval.answers(again, QUESTION.study, "2020", POLICY, BINDING, named=True)
    assert b"kept" == (again / "vintages" / "kept").read_bytes()


@pytest.mark.parametrize("name", ["policy.toml", "keys"])
def test_a_link_in_the_folder_is_no_backup(home: Path, tmp_path: Path, name: str) -> None:
    """A copy without what it points to could not be restored."""
    (home / name).rename(tmp_path / "elsewhere")
    (home / name).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match=f"links in the folder.*{name}"):
        backup.backup(home, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


def test_secrets_of_open_exchanges_are_in_no_backup(home: Path, tmp_path: Path) -> None:
    """They are outside by name, and their bytes are in no file."""
    backup.backup(home, tmp_path / "copy")
    files = [path for path in (tmp_path / "copy").rglob("*") if path.is_file()]
    assert {"seal.db", "cache.db", "lock"}.isdisjoint(path.name for path in files)
    assert not any(b"a secret that acts once" in path.read_bytes() for path in files)


def test_only_the_offices_own_user_reads_a_backup(home: Path, tmp_path: Path) -> None:
    backup.backup(home, tmp_path / "copy")
    everything = [tmp_path / "copy", *(tmp_path / "copy").rglob("*")]
    assert [] == [path for path in everything if path.stat().st_mode & 0o077]


def test_a_copy_made_while_the_node_writes_is_of_one_moment(home: Path, tmp_path: Path) -> None:
    """Whatever the copy's journal says was paid for, the copy's ledger was charged with."""
    stop = threading.Event()

    def work() -> None:
        journal, ledger = Journal(home / "journal.db"), Ledger(home / "ledger.db")
        number = 0
        while not stop.is_set():
            number += 1
            charged = Charged(key=str(number), source="s", time=1, epsilon="0.001", delta="0")
            line = Line(charged=charged, study=QUESTION.study, period="2020")
            ledger.charge(line, Budget(epsilon="1000", delta="1"))
            journal.record("body", str(number).encode(), now=1)
        journal.close()
        ledger.close()

    worker = threading.Thread(target=work)
    worker.start()
    try:
        for number in range(5):
            copy = tmp_path / f"copy{number}"
            backup.backup(home, copy)
            journal, ledger = Journal(copy / "journal.db"), Ledger(copy / "ledger.db")
            said = {(journal.body(entry.number) or b"").decode() for entry in journal.entries()}
            assert said <= {line.charged.key for line in ledger.lines()}
            journal.close()
            ledger.close()
            assert [("ok",)] == sqlite3.connect(copy / "ledger.db").execute("PRAGMA integrity_check").fetchall()
    finally:
        stop.set()
        worker.join()


def test_nothing_is_restored_over_a_folder_that_is_there(home: Path, tmp_path: Path) -> None:
    backup.backup(home, tmp_path / "copy")
    before = contents(home)
    with pytest.raises(UsageError, match="is there already"):
        backup.restore(tmp_path / "copy", home, now=1)
    with pytest.raises(UsageError, match="is there already"):
        backup.backup(home, tmp_path / "copy")
    assert before == contents(home)


def changed(copy: Path) -> None:
    (copy / "policy.toml").write_bytes(b"allow everything")


def missing(copy: Path) -> None:
    (copy / "ledger.db").unlink()


def added(copy: Path) -> None:
    (copy / "seal.db").write_bytes(b"")


def linked(copy: Path) -> None:
    (copy / "policy.toml").unlink()
    (copy / "policy.toml").symlink_to("/dev/null")


@pytest.mark.parametrize("break_", [changed, missing, added, linked])
def test_a_backup_that_is_not_as_it_was_made_restores_nothing(home: Path, tmp_path: Path, break_) -> None:  # type: ignore[no-untyped-def]
    copy = tmp_path / "copy"
    backup.backup(home, copy)
    break_(copy)
    with pytest.raises(NotVerified, match="not as it was made"):
        backup.restore(copy, tmp_path / "again", now=1)
    assert not (tmp_path / "again").exists()


def test_a_manifest_that_is_broken_newer_or_leads_outside_restores_nothing(home: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    backup.backup(home, copy)
    sound = (copy / MANIFEST).read_bytes()
    for text, error in (
        (sound[:-3], FormatError),
        (sound.replace(b"comity-backup/1", b"comity-backup/2"), StateVersion),
        (sound.replace(b'"state":1', b'"state":2'), StateVersion),
        (sound.replace(b'"policy.toml"', b'"../x.toml"'), FormatError),
        (b"", StateVersion),
    ):
        (copy / MANIFEST).write_bytes(text)
        with pytest.raises(error):
            backup.restore(copy, tmp_path / "again", now=1)
    shutil.rmtree(copy)
    with pytest.raises(FormatError, match="no backup"):
        backup.restore(copy, tmp_path / "again", now=1)
    assert not (tmp_path / "again").exists()


@pytest.mark.parametrize("name", ["seal.db", "restored.json", "cache.db", "tiles/1"])
def test_what_no_backup_holds_is_not_restored(name: str, home: Path, tmp_path: Path) -> None:
    """A backup that somebody completed by hand, with the secrets of exchanges that are still open."""
    copy = tmp_path / "copy"
    backup.backup(home, copy)
    (copy / name).parent.mkdir(exist_ok=True)
    (copy / name).write_bytes(b"a secret that acts once")
    manifest = canon.decode((copy / MANIFEST).read_bytes(), backup.Manifest, where="BACKUP")
    more = {**manifest.files, name: backup._kept(copy / name)}
    (copy / MANIFEST).write_bytes(canon.encode(replace(manifest, files=more)))
    with pytest.raises(FormatError, match="a file that no backup holds"):
        backup.restore(copy, tmp_path / "again", now=77)
    assert not (tmp_path / "again").exists()
