"""The vault holds a question's secrets between two steps, and no file holds them after they were dropped."""

import shutil
import sqlite3
from pathlib import Path

import pytest

from comity.adapters import database
from comity.adapters.vault import Question, Vault
from comity.canon import digest
from comity.errors import UsageError

FIRST = Question(study=digest(b"study"), period="w5")
SECOND = Question(study=digest(b"study"), period="w6")


def test_a_question_remembers_its_own(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "seal.db")
    vault.keep(FIRST, {"root": b"1", "self": b"2"})
    vault.keep(SECOND, {"root": b"3"})
    vault.close()
    vault = Vault(tmp_path / "seal.db")
    assert {"root": b"1", "self": b"2"} == vault.memory(FIRST)
    assert (FIRST, SECOND) == vault.questions()


def test_put_and_drop_are_one_step(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "seal.db")
    vault.keep(FIRST, {"root": b"1", "self": b"2"})
    vault.keep(FIRST, {"vector": b"3"}, ("root", "self"))
    assert {"vector": b"3"} == vault.memory(FIRST)
    vault.keep(FIRST, {}, ("vector",))
    assert () == vault.questions()


def test_a_dropped_secret_stands_in_no_file(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "seal.db")
    secret = b"a secret of thirty-two bytes ..."
    vault.keep(FIRST, {"root": secret})
    assert any(secret in file.read_bytes() for file in tmp_path.iterdir())
    vault.keep(FIRST, {}, ("root",))
    assert [] == [file.name for file in tmp_path.iterdir() if secret in file.read_bytes()]


def test_what_a_killed_process_had_dropped_is_gone_when_the_vault_is_opened_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between the transaction and the wiping: the write-ahead log still holds the page."""
    secret, disk = b"a secret of thirty-two bytes ...", tmp_path / "disk"
    (tmp_path / "home").mkdir()
    vault = Vault(tmp_path / "home" / "seal.db")
    vault.keep(FIRST, {"root": secret})
    with monkeypatch.context() as killed:
        killed.setattr(database.Database, "forget", lambda self: None)
        vault.keep(FIRST, {}, ("root",))
        shutil.copytree(tmp_path / "home", disk)
    assert any(secret in file.read_bytes() for file in disk.iterdir())
    again = Vault(disk / "seal.db")
    assert [] == [file.name for file in disk.iterdir() if secret in file.read_bytes()]
    assert () == again.questions()


def test_while_another_process_keeps_a_secret_readable_nothing_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader's snapshot keeps the old pages in the write-ahead log: that is said, and not called forgotten."""
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.1)
    vault = Vault(tmp_path / "seal.db")
    secret = b"a secret of thirty-two bytes ..."
    vault.keep(FIRST, {"root": secret})
    reader = sqlite3.connect(tmp_path / "seal.db", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM memory").fetchall()
    with pytest.raises(UsageError, match="not gone yet"):
        vault.keep(FIRST, {}, ("root",))
    with pytest.raises(UsageError, match="not gone yet"):
        vault.memory(FIRST)
    reader.close()
    assert {} == vault.memory(FIRST)
    assert [] == [file.name for file in tmp_path.iterdir() if secret in file.read_bytes()]
