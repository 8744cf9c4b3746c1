"""A hostile host and those whom it meets: members that follow its log, witnesses that are asked to cosign.

The host holds every secret of the log (`builders.assembly`) and those of members that collude. Members and witnesses
are the real ones: follower, reader, memory on disk, client over a socket; `services.node.hub` serves what it is told.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from comity import canon
from comity.adapters.client import Client
from comity.adapters.growth import Growth
from comity.adapters.journal import Journal
from comity.adapters.leaves import Leaves
from comity.adapters.log import LogStore
from comity.adapters.static_log import StaticLog
from comity.assembly import witnesses
from comity.errors import ComityError
from comity.model.member import HUB
from comity.services.hub.sequence import Sequencer
from comity.services.node import cosign
from comity.services.node.follow import Follower
from comity.services.node.reader import parse
from comity.tlog import cosignature, note
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.merkle import leaf_hash, root
from comity.tlog.note import Note, SignatureLine, Vkey
from tests.builders.assembly import START, Assembly
from tests.services.node.hub import Hub


def text_of(assembly: Assembly, leaves: Sequence[bytes], *extensions: str) -> str:
    """What the log would say of these leaves, true or not."""
    head = root([leaf_hash(leaf) for leaf in leaves])
    return str(Checkpoint(assembly.charter.origin, len(leaves), head, extensions))


def signed(assembly: Assembly, text: str, *colluding: str, time: int = 0) -> Note:
    """A note by the log's own key, with cosignatures of witnesses that sign whatever they are asked to."""
    own = note.sign(text, assembly.charter.origin, assembly.signers["hub", "log"])
    return Note(text, (own, *(line(assembly, text, id, time or assembly.time) for id in colluding)))


def line(assembly: Assembly, text: str, id: str, time: int) -> SignatureLine:
    """A witness's cosignature of any text."""
    name = witnesses.key_name(assembly.charter.origin, id)
    return cosignature.cosign(text, name, time, assembly.signers[id, "witness"])


def log_key(assembly: Assembly) -> Vkey:
    """The log's verifier key."""
    return Vkey(assembly.charter.origin, assembly.signers["hub", "log"].public)


def follower(home: Path, hub: Hub) -> Follower:
    """A member's view of the log, with its cache on disk."""
    home.mkdir(parents=True, exist_ok=True)
    pinned = canon.digest(canon.encode(hub.assembly.charter))
    return Follower.open(home, Client(hub.address), pinned, Leaves(home / "cache.db"), keep=True)


def rewritten(leaves: Sequence[bytes]) -> list[bytes]:
    """The same log with another leaf among its past ones."""
    return [*leaves[:3], leaves[1], *leaves[4:]]


@dataclass
class Member:
    """A member's node as far as it follows and cosigns; what it cosigned is on its disk."""

    id: str
    home: Path
    hub: Hub

    def __post_init__(self) -> None:
        self.follower = follower(self.home, self.hub)
        self.growth, self.journal = Growth(self.home / "witness.db"), Journal(self.home / "journal.db")

    def cosigns(self, now: int) -> SignatureLine | None:
        """Its line for what is pending, if it gives one."""
        before = len(self.hub.lines)
        signer = self.hub.assembly.signers[self.id, "witness"]
        try:
            cosign.answer(self.follower, self.growth, self.journal, self.follower.client, signer, self.id, now)
        except ComityError:
            return None
        return self.hub.lines[-1] if len(self.hub.lines) > before else None

    def sees(self, hub: Hub) -> None:
        """From now on another face of the host answers it."""
        self.hub, client = hub, Client(hub.address)
        self.follower.client = self.follower.reader.client = client


def ask(hub: Hub, leaves: Sequence[bytes], text: str | None = None) -> Note:
    """Show these leaves, and ask for cosignatures of their checkpoint."""
    asked = signed(hub.assembly, text or text_of(hub.assembly, leaves))
    hub.tiles(list(leaves))
    hub.files["checkpoint.pending"] = str(asked).encode()
    return parse(str(asked).encode(), where="checkpoint.pending")


@contextmanager
def sequencer(place: Path, assembly: Assembly, now: int = START) -> Iterator[Sequencer]:
    """The hub's own writer over an assembly's leaves, on disk."""
    with LogStore.create(place / "log.db") as store:
        store.append(assembly.leaves)
        sign, log = (assembly.signers[HUB, purpose] for purpose in ("sign", "log"))
        yield Sequencer(store, StaticLog.open(place / "public", store), sign=sign, log=log, now=lambda: now)
