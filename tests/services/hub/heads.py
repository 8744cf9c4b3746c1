"""A sequencer on a real folder for tests of its heads: an assembly's log, whose members cosign when told to."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from comity.acts.key import KeyRegistered
from comity.acts.refs import Head
from comity.acts.statement import Act, Body, sign
from comity.adapters.log import LogStore
from comity.adapters.static_log import StaticLog
from comity.keys import MlDsa44Signer, Signer
from comity.model.member import HUB
from comity.services.hub.sequence import Sequencer
from comity.tlog import beside
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.cosignature import cosign
from comity.tlog.note import Note, SignatureLine, Vkey
from tests.builders.assembly import START, Assembly


def lattice(id: str) -> MlDsa44Signer:
    """A member's ML-DSA-44 key, the same in every run."""
    return MlDsa44Signer(sha256(f"{id} witness-ml-dsa".encode()).digest())


@dataclass
class Hub:
    """A hub's sequencer; opened again on the same folder, it is the hub after a restart."""

    home: Path
    assembly: Assembly
    outside: Sequence[Vkey] = ()
    now: int = START + 100
    waited: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self.home.mkdir(exist_ok=True)
        if not (self.home / "log.db").exists():
            with LogStore.create(self.home / "log.db") as store:
                store.append(self.assembly.leaves)
        self.store, signers = LogStore.open(self.home / "log.db"), self.assembly.signers
        self.sequencer = Sequencer(
            self.store,
            StaticLog.open(self.public, self.store),
            sign=signers[HUB, "sign"],
            log=signers[HUB, "log"],
            now=lambda: self.now,
            outside=self.outside,
        )

    @property
    def public(self) -> Path:
        return self.home / "public"

    @property
    def published(self) -> Note:
        return Note.parse((self.public / "checkpoint").read_bytes())

    @property
    def side(self) -> tuple[SignatureLine, ...]:
        """What stands beside the published checkpoint."""
        path = self.public / beside.path(Checkpoint.of(self.published).size)
        return beside.parse(path.read_bytes()) if path.exists() else ()

    def say(self, actor: str, body: Body, *, by: Signer | None = None) -> None:
        """A statement through the door's sequencer."""
        state, purpose = self.sequencer.state, "officer" if isinstance(body, KeyRegistered) else "sign"
        head = Head(size=state.size, root=state.roots[state.size])
        act = Act(actor=actor, origin=self.assembly.charter.origin, head=head, body=body)
        self.sequencer.accept(sign(act, by or self.assembly.signers[actor, purpose]))

    def ask(self) -> Note:
        """A new head that waits for cosignatures."""
        self.now += 10
        self.sequencer.ask()
        note = self.sequencer.newest
        assert note is not None
        return note

    def line(self, id: str, note: Note, *, by: Signer | None = None) -> str:
        """A member's cosignature, by its Ed25519 key unless another is given."""
        signer = by or self.assembly.signers[id, "witness"]
        return str(cosign(note.text, f"{self.assembly.charter.origin}/{id}", self.now, signer))

    def cosign(self, note: Note, *ids: str) -> list[bool]:
        """These members cosign, in order; whether each was taken."""
        return [self.sequencer.cosign(self.line(id, note)) for id in ids]
