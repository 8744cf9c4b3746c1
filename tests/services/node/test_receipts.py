"""What the log promised is on disk before a statement counts as said; a promise that it broke convicts it."""

from pathlib import Path

import pytest

from comity.acts.motion import Vote
from comity.adapters.client import Acknowledged, Client
from comity.adapters.journal import Journal, Promise
from comity.assembly.fold import RECENT
from comity.errors import NotVerified
from comity.services.node import receipts, say
from comity.services.node.say import Spoken
from comity.tlog.merkle import leaf_hash
from comity.tlog.note import Note, Vkey
from comity.tlog.receipt import Dropped, Receipt
from tests.builders.assembly import Assembly, signer
from tests.services.node.hub import Hub
from tests.services.node.test_node import Scene, scene

__all__ = ["scene"]  # a fixture of the tests beside this


def vote(hub: Hub, home: Path) -> Spoken:
    """m1 votes on a new motion, by a journal in the folder."""
    assembly = hub.assembly
    body = Vote(motion=assembly.motion("norm", b"{}"), choice="yes")
    journal, client = Journal(home / "journal.db"), Client(hub.address)
    try:
        return say.say(body, "m1", assembly.state, assembly.signers["m1", "sign"], journal, client, 5)
    finally:
        journal.close()
        client.close()


def kept(home: Path) -> list[tuple[int, bytes]]:
    journal = Journal(home / "journal.db")
    promises = [(promise.index, promise.leaf) for _, promise in journal.promises()]
    journal.close()
    return promises


def test_the_receipt_is_kept(tmp_path: Path) -> None:
    with Hub(Assembly(3)) as hub:
        said = vote(hub, tmp_path)
        assert [(hub.assembly.state.size - 1, leaf_hash(said.leaf))] == kept(tmp_path)


def none(hub: Hub, index: int, leaf: bytes) -> str:
    return ""


def by_another_key(hub: Hub, index: int, leaf: bytes) -> str:
    return str(Receipt(hub.assembly.charter.origin, index, (leaf_hash(leaf),)).signed(signer("m2", "sign")))


def for_another_leaf(hub: Hub, index: int, leaf: bytes) -> str:
    return Hub.receipt(hub, index, leaf + b" ")


def for_another_place(hub: Hub, index: int, leaf: bytes) -> str:
    return Hub.receipt(hub, index + 1, leaf)


def of_another_log(hub: Hub, index: int, leaf: bytes) -> str:
    log = hub.assembly.signers["hub", "log"]
    return str(Receipt("log.example/other", index, (leaf_hash(leaf),)).signed(log))


@pytest.mark.parametrize("false", [none, by_another_key, for_another_leaf, for_another_place, of_another_log])
def test_what_is_acknowledged_without_a_true_receipt_was_not_said(tmp_path: Path, false: object) -> None:
    """Nothing is kept; what was signed is posted again."""
    with Hub(Assembly(3)) as hub:
        hub.receipt = lambda index, leaf: false(hub, index, leaf)  # type: ignore[method-assign, operator]
        with pytest.raises(NotVerified, match="receipt"):
            vote(hub, tmp_path)
        assert [] == kept(tmp_path)


@pytest.mark.parametrize("ahead", [-1, RECENT + 1, 2**62])
def test_a_promise_of_a_place_where_no_such_leaf_can_stand_is_none(tmp_path: Path, ahead: int) -> None:
    """Before its own head, or so far behind that its head is no recent one: nobody could ever see it broken."""
    with Hub(Assembly(3)) as hub:
        leaf = hub.assembly.leaf("m1", Vote(motion=hub.assembly.motion("norm", b"{}"), choice="yes"))
        index, journal = hub.assembly.state.size + ahead, Journal(tmp_path / "journal.db")
        ack = Acknowledged(index=index, leaf=leaf_hash(leaf).hex(), receipt=Hub.receipt(hub, index, leaf))
        with pytest.raises(NotVerified, match="takes no statement"):
            receipts.keep(ack, leaf, hub.assembly.state, journal)
        assert [] == list(journal.promises())
        journal.close()


def test_a_hub_that_says_it_has_a_statement_already_gives_a_receipt_or_the_leaf(tmp_path: Path) -> None:
    """A word of the hub's is no place in the log."""
    with Hub(Assembly(3)) as hub, Client(hub.address) as client:
        assembly, journal = hub.assembly, Journal(tmp_path / "journal.db")
        body, key = Vote(motion=assembly.motion("norm", b"{}"), choice="yes"), assembly.signers["m1", "sign"]
        before = assembly.state
        said = say.say(body, "m1", before, key, journal, client, 5)
        with pytest.raises(NotVerified, match="no receipt"):
            say.say(body, "m1", before, key, journal, client, 6)
        assert said == say.say(body, "m1", assembly.state, key, journal, client, 7)
        journal.close()


def test_a_promise_is_kept_once_however_often_it_is_made(tmp_path: Path) -> None:
    """A log that changes its mind makes two."""
    journal = Journal(tmp_path / "journal.db")
    for index, note in ((7, "one"), (7, "two"), (8, "three")):
        journal.promise(Promise(index=index, leaf=bytes(32), note=note))
    assert [(1, 7, "one"), (2, 8, "three")] == [(n, p.index, p.note) for n, p in journal.promises()]
    assert [(2, 8)] == [(n, p.index) for n, p in journal.promises(1)]
    journal.close()


def test_a_hub_that_drops_what_it_acknowledged_is_convicted_and_the_node_says_nothing_more(scene: Scene) -> None:
    """Also after a restart. The evidence needs the log's key alone."""
    assembly = scene.hub.assembly
    before, leaves = assembly.state, list(assembly.leaves)
    scene.rounds(1)
    assert before.size + 1 == assembly.state.size
    assembly.state, assembly.leaves = before, leaves
    assembly.tick()
    scene.hub.publish(assembly.time)
    scene.rounds(2)
    log = Vkey(assembly.charter.origin, assembly.signers["hub", "log"].public)
    (file,) = (scene.home / "evidence").iterdir()
    assert "dropped.evidence" == file.name
    Dropped.parse(file.read_bytes()).verify(log)
    said = len(scene.hub.statements)
    scene.hub.ask()
    scene.rounds(2)
    assert (said, []) == (len(scene.hub.statements), scene.hub.lines)
    assert "promised a leaf" in scene.lines[-1]


def test_a_hub_that_keeps_its_promise_leaves_no_evidence(scene: Scene) -> None:
    assembly = scene.hub.assembly
    scene.rounds(1)
    assembly.tick()
    scene.hub.publish(assembly.time)
    scene.rounds(2)
    journal = Journal(scene.home / "journal.db")
    promises = [promise for _, promise in journal.promises()]
    journal.close()
    assert len(scene.hub.statements) == len(promises) > 0
    for promise in promises:
        assert leaf_hash(assembly.leaves[promise.index]) == Receipt.of(Note.parse(promise.note)).at(promise.index)
    assert not (scene.home / "evidence").exists()
