"""The vault holds a question's secrets between two steps, and no file holds them after they were dropped."""

from pathlib import Path

from comity.adapters.vault import Question, Vault
from comity.canon import digest

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
