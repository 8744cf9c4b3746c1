"""An office changes its keys by command: the log takes the new key, and only then it signs."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from comity.acts.key import Purpose
from comity.adapters.keyring import NEXT, OLD, Keyring
from comity.errors import NotAdmitted, Unreachable
from comity.services.node import floor, keys, office
from tests.builders.offices import Offices


@pytest.fixture(scope="module")
def offices(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Offices]:
    """A hub and four nodes that run, and m4's office, whose node does not."""
    with Offices(tmp_path_factory.mktemp("keys"), members=4) as offices:
        offices.start("m1", "m2", "m3", together=True)
        with pytest.raises(NotAdmitted, match="has not joined"):
            keys.register(offices.home("m4"), "witness", patience=0)
        offices.accede()
        yield offices


@pytest.mark.parametrize("purpose", ["witness-ml-dsa", "box", "witness", "sign", "officer"])
def test_a_new_key_serves_once_the_log_has_it(offices: Offices, purpose: Purpose) -> None:
    """The officer's twice in a row: its second change is signed by the new officer key."""
    home = offices.home("m4")
    had = Keyring(home).has(purpose)
    before = Keyring(home).public_of(purpose) if had else ""
    for _ in range(2 if purpose == "officer" else 1):
        done = keys.register(home, purpose)
        assert done.key == Keyring(home).public_of(purpose) != before
        before = done.key
        state = offices.until(lambda state, at=done.index: state.size > at)
        assert done.key == state.actors["m4"].key(purpose)
    assert had == Keyring(home).has(purpose + OLD)
    assert not Keyring(home).has(purpose + NEXT)


def test_a_command_that_was_killed_on_the_way_goes_on_with_the_same_key(
    offices: Offices, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the log has it, and between the log and the folder: one key, one leaf."""
    home, said = offices.home("m4"), []
    old = Keyring(home).signer("witness").public
    promote = Keyring.promote
    with monkeypatch.context() as patch:
        patch.setattr(Keyring, "promote", lambda keyring, purpose: said.append(purpose))
        first = keys.register(home, "witness")
    assert old == Keyring(home).signer("witness").public
    again = keys.register(home, "witness")
    assert (first.key, first.index) == (again.key, again.index)
    assert (["witness"], promote) == (said, Keyring.promote)
    assert again.key == Keyring(home).signer("witness").public


def test_an_office_that_cannot_reach_the_hub_keeps_its_old_key(offices: Offices, tmp_path: Path) -> None:
    home = tmp_path / "m4"
    shutil.copytree(offices.home("m4"), home)
    text = (home / "comity.toml").read_text()
    (home / "comity.toml").write_text(text.replace(offices.address, "http://127.0.0.1:9"))
    before = Keyring(home).signer("sign").public
    with pytest.raises(Unreachable):
        keys.register(home, "sign")
    assert before == Keyring(home).signer("sign").public


def test_a_revoked_key_counts_no_more(offices: Offices) -> None:
    home = offices.home("m4")
    with pytest.raises(NotAdmitted):
        keys.revoke(offices.home("m3"), "witness-ml-dsa")
    done = keys.revoke(home, "witness-ml-dsa")
    state = offices.until(lambda state: state.size > done.index)
    assert ("witness-ml-dsa",) == state.actors["m4"].revoked
    with office.Office.open(home, runs=False) as own:
        floor.until(own, lambda state: state.size > done.index, 10)
        assert own.second() is None
