"""A hub's log with releases, and the twin of it, without process or socket; opened again, it is that hub restarted."""

from pathlib import Path

from comity.acts.release import ReleasePublished
from comity.adapters.log import LogStore
from comity.adapters.static_log import StaticLog
from comity.assembly import witnesses
from comity.canon import Digest
from comity.model.member import HUB
from comity.services.hub.sequence import Sequencer
from comity.services.hub.twin import Twin
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.cosignature import cosign
from comity.tlog.note import Note, Vkey
from comity.tlog.tile import ENTRIES, Tile, decode_bundle
from tests.builders.assembly import FIGURES, START, Assembly


class TwinHub:
    """Sequencer and twin of an assembly, which goes on saying things."""

    def __init__(self, home: Path, assembly: Assembly, *, outside: tuple[Vkey, ...] = ()) -> None:
        home.mkdir(exist_ok=True)
        self.home, self.public, self.assembly, self.now = home, home / "public", assembly, START
        path = home / "log.db"
        self.store = LogStore.open(path) if path.exists() else LogStore.create(path)
        log, sign = assembly.signers[HUB, "log"], assembly.signers[HUB, "sign"]
        self.store.append(assembly.leaves[self.store.size :])
        static = StaticLog.open(self.public, self.store)
        self.sequencer = Sequencer(self.store, static, sign=sign, log=log, now=lambda: self.now, outside=outside)
        self.twin = Twin.open(home, self.public, self.sequencer, sign=sign, log=log, now=lambda: self.now)

    def close(self) -> None:
        self.twin.close()
        self.store.close()

    def again(self) -> "TwinHub":
        """The hub after a restart."""
        self.close()
        return TwinHub(self.home, self.assembly)

    def take(self) -> None:
        """The hub takes what the assembly has said since, and its witnesses cosign the log."""
        for leaf in self.assembly.leaves[self.sequencer.state.size :]:
            self.sequencer.accept(leaf)
        self.now += 10
        self.sequencer.ask()
        asked = Note.parse((self.public / "checkpoint.pending").read_bytes())
        for id in self.assembly.charter.witnesses:
            self.sequencer.cosign(self.line(asked, id))
        assert self.sequencer.published == Checkpoint.of(asked)

    def line(self, asked: Note, id: str) -> str:
        """A witness's cosignature."""
        name = witnesses.key_name(self.assembly.charter.origin, id)
        return str(cosign(asked.text, name, self.now, self.assembly.signers[id, "witness"]))

    def pending(self) -> Note | None:
        """What the twin asks cosignatures for."""
        path = self.public / "sigsum" / "checkpoint.pending"
        return Note.parse(path.read_bytes()) if path.exists() else None

    def published(self) -> Note | None:
        """What the twin has published."""
        path = self.public / "sigsum" / "checkpoint"
        return Note.parse(path.read_bytes()) if path.exists() else None

    def leaves(self, size: int) -> tuple[bytes, ...]:
        """The twin's entries, as they are published."""
        return decode_bundle((self.public / "sigsum" / str(Tile(ENTRIES, 0, size))).read_bytes(), size)

    def cosign(self, *ids: str) -> None:
        """These witnesses, or all, cosign the pending twin without looking."""
        asked = self.pending()
        assert asked is not None
        for id in ids or self.assembly.charter.witnesses:
            self.twin.cosign(self.line(asked, id))


def released(assembly: Assembly, study: Digest, period: str, member: str = "m1") -> bytes:
    """A member publishes its national table of a period; the record that it names."""
    record = f"release.json of {member}, {period}".encode()
    answer = assembly.national(assembly.consent(member, study, period=period, national=True))
    said = ReleasePublished(
        release=assembly.body(record), figures=FIGURES, inputs=(answer.index,), replaces=None, reason=None
    )
    assembly.say(member, said)
    return record
