"""Kill -9 of the hub: no acknowledged statement is lost, and what is published is a prefix of what follows."""

import random
import threading
import time
from pathlib import Path

import pytest

from comity import canon
from comity.acts.consent import PolicyPublished
from comity.acts.refs import Blob, Head
from comity.acts.statement import Act, sign
from comity.adapters.client import Client
from comity.adapters.keyring import Keyring
from comity.adapters.log import LogStore
from comity.errors import ComityError
from comity.services.node import floor
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.merkle import Range, leaf_hash
from comity.tlog.note import Note
from tests.builders.offices import Offices


@pytest.mark.timeout(300)
@pytest.mark.parametrize("kills", [3, pytest.param(25, marks=[pytest.mark.long, pytest.mark.timeout(900)])])
def test_kill_9_of_the_hub_loses_no_acknowledged_statement(tmp_path: Path, kills: int) -> None:
    """An office says one thing after another while the hub is killed at any moment and started again."""
    acknowledged: dict[int, bytes] = {}
    heads: list[Checkpoint] = []
    chance = random.Random(kills)  # when to kill; nothing of the hub's
    with Offices(tmp_path, members=4) as offices:
        floor.accede(offices.home("m1"))
        for turn in range(kills):
            offices.start(together=True)
            stop = threading.Event()
            speaker = threading.Thread(target=_speak, args=(offices, turn, stop, acknowledged))
            speaker.start()
            time.sleep(1 + chance.random())
            offices.kill("hub")
            stop.set()
            speaker.join()
            offices.kill("m1")
            heads += _published(offices)
            offices.start_hub()
        assert len(acknowledged) > kills
        with LogStore.open(tmp_path / "hub" / "log.db") as store:
            assert acknowledged == {index: store.leaf(index) for index in acknowledged}
            for head in heads:
                made = Range().extend(map(leaf_hash, store.leaves(0, head.size)))
                assert made.root() == head.root


def _speak(offices: Offices, turn: int, stop: threading.Event, acknowledged: dict[int, bytes]) -> None:
    """One statement after another until told to stop; what was acknowledged is remembered."""
    signer = Keyring(offices.home("m1")).signer("sign")
    head = Head(size=0, root=canon.digest(b""))
    with Client(offices.address) as client:
        number = 0
        while not stop.is_set():
            text = f"policy {turn} {number}".encode()
            body = PolicyPublished(policy=Blob(digest=canon.digest(text), size=len(text)))
            leaf = sign(Act(actor="m1", origin=offices.charter.origin, head=head, body=body), signer)
            try:
                acknowledged[client.state(leaf).index] = leaf
            except ComityError:
                continue
            number += 1


def _published(offices: Offices) -> list[Checkpoint]:
    path = offices.folder / "hub" / "public" / "checkpoint"
    return [Checkpoint.of(Note.parse(path.read_bytes()))] if path.is_file() else []
