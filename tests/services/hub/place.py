"""A hub's folder for tests of the sequencer: a real log, real files, and a log's key that remembers what it signed."""

import sqlite3
import threading
from pathlib import Path

from comity import canon
from comity.acts.consent import PolicyPublished
from comity.acts.refs import Blob
from comity.adapters.log import LogStore
from comity.adapters.static_log import StaticLog
from comity.keys import PublicKey, Signer
from comity.model.member import HUB
from comity.services.hub.sequence import Sequencer
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.cosignature import cosign
from comity.tlog.note import Note
from comity.tlog.receipt import RECEIPT
from tests.builders.assembly import START, Assembly, signer

ORIGIN = "example.org/assembly"


class Recorder:
    """The log's key, and every text that it signed; `hold` keeps the next head waiting."""

    def __init__(self, key: Signer) -> None:
        self._key, self.texts = key, list[str]()
        self.hold: threading.Event | None = None
        self.reached = threading.Event()

    @property
    def public(self) -> PublicKey:
        return self._key.public

    def sign(self, message: bytes) -> bytes:
        if self.hold is not None:
            hold, self.hold = self.hold, None
            self.reached.set()
            assert hold.wait(10)
        self.texts.append(message.decode())
        return self._key.sign(message)

    @property
    def heads(self) -> list[Checkpoint]:
        return [Checkpoint.parse(text) for text in self.texts if not text.startswith(RECEIPT)]


class Place:
    """A hub's folder: the log of an assembly of four, all witnesses, and its files."""

    def __init__(self, home: Path) -> None:
        self.home, self.public, self.assembly = home, home / "public", Assembly(4)
        self.log = Recorder(self.assembly.signers[HUB, "log"])
        self.opened: list[LogStore] = []
        with LogStore.create(home / "log.db") as store:
            store.append(self.assembly.leaves)

    def open(self, log: Signer | None = None) -> Sequencer:
        """The hub as it starts on this folder."""
        store = LogStore.open(self.home / "log.db")
        self.opened.append(store)
        self.static = StaticLog.open(self.public, store)
        sign = self.assembly.signers[HUB, "sign"]
        return Sequencer(store, self.static, sign=sign, log=log or self.log, now=lambda: START + 100)

    def stop(self) -> None:
        """The processes are gone."""
        while self.opened:
            self.opened.pop().close()

    def says(self, number: int, member: str = "m1") -> bytes:
        """A statement like no other."""
        text = b"policy %d" % number
        return self.assembly.leaf(member, PolicyPublished(policy=Blob(digest=canon.digest(text), size=len(text))))

    def changed(self, statement: str, *values: object) -> None:
        """The database as bad hardware, or somebody else, leaves it."""
        with sqlite3.connect(self.home / "log.db") as db:
            db.execute(statement, values)
        db.close()

    def files(self) -> set[str]:
        return {str(path.relative_to(self.public)) for path in self.public.rglob("*") if path.is_file()}


def line(place: Place, member: str, time: int = START + 100, *, purpose: str = "witness", text: str = "") -> str:
    """A member's cosignature of the pending checkpoint, or of a text."""
    text = text or Note.parse((place.public / "checkpoint.pending").read_bytes()).text
    return str(cosign(text, f"{ORIGIN}/{member}", time, signer(member, purpose)))
