"""A log as anyone reads it: every leaf, the root they make, the log's signature, the quorum, and what follows from it.

Needs no key and no state folder; an office's own folder serves as well, and gives what its node has verified. Decides
under which charter a log is believed: the one that the reader pins, or, said aloud, the one that it begins with. Bodies
are what their digest says, or nothing. What a release proves offline is `stages.verify`.
"""

from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from comity import canon
from comity.adapters import clock
from comity.adapters.blobs import Blobs
from comity.adapters.client import Client
from comity.adapters.folder import Folder
from comity.adapters.journal import Journal
from comity.adapters.leaves import Leaves
from comity.adapters.public import PublicFiles
from comity.assembly import fold, witnesses
from comity.assembly.state import State
from comity.canon import Digest
from comity.errors import NotVerified, Unreachable
from comity.services import config
from comity.services.node.reader import Reader, parse
from comity.tlog.note import Note
from comity.tlog.quorum import Cosigned

SMALL: Final = 1 << 20  # bytes of a body that is kept until the reading is closed


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """A log up to one checkpoint under the quorum.

    pinned: whether the charter is the one that the reader named; if not, all of it is only consistent with itself.
    seen: the checkpoint, and when each witness cosigned it.
    """

    charter: Digest
    pinned: bool
    state: State
    leaves: tuple[bytes, ...]
    note: Note
    seen: Cosigned


@dataclass(slots=True)
class Reading:
    """A log, and the bodies that its leaves name; closed once. `stale`: why the log could not be read any further."""

    log: Log
    client: Client
    blobs: Blobs | None = None
    journal: Journal | None = None  # an office's own: what is asked of its hub stands in it
    stale: str = ""
    _bodies: dict[Digest, bytes] = field(default_factory=dict)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, e: BaseException | None, at: TracebackType | None) -> None:
        self.client.close()
        if self.journal is not None:
            self.journal.close()

    def has(self, name: Digest, /) -> bool:
        """Whether a body can be had."""
        with suppress(Unreachable):
            self.get(name)
            return True
        return False

    def get(self, name: Digest, /) -> bytes:
        """A body by digest.

        Raises:
            Unreachable: nobody serves it.
            NotVerified: what is served is something else.
        """
        body = self._bodies.get(name)
        if body is None and self.blobs is not None:
            body = self.blobs.get(name)
        if body is None:
            body = self._fetched(name)
        if body is None:
            where = f"{self.client.address}/{name}"
            raise Unreachable("the hub does not serve this body", where=where, way_out="ask again later, or a mirror")
        if len(body) <= SMALL:
            self._bodies[name] = body
        return body

    def _fetched(self, name: Digest) -> bytes | None:
        body = self.client.blob(name)
        if body is not None and canon.digest(body) != name:
            raise NotVerified(
                "the hub serves another body under this digest",
                where=self.client.address,
                found=canon.digest(body),
                wanted=name,
            )
        return body


def at_hub(address: str, charter: Digest | None) -> Reading:
    """Read a log anew from a hub or mirror.

    Raises:
        NotVerified, QuorumShort: the leaves do not make the checkpoint's root, it is not signed or cosigned, or the log
            begins with another charter than the one pinned.
        Unreachable: nothing answers, or nothing was published yet.
    """
    return _anew(Client(address), charter)


def in_folder(folder: Path, charter: Digest | None) -> Reading:
    """Read a log anew from its public files in a folder; UsageError if there are none, else as `at_hub`."""
    return _anew(PublicFiles(folder), charter)


def _anew(client: Client, charter: Digest | None) -> Reading:
    try:
        return Reading(log=_log(Reader(client, charter, None, keep=False), _newest(client), charter), client=client)
    except BaseException:
        client.close()
        raise


def at_home(home: Path) -> Reading:
    """What an office's node has read, and what is new since; the former alone where the hub does not answer."""
    Folder.open(home, "node")
    settings = config.node(home)
    journal = Journal(home / "journal.db")
    client = Client(settings.hub, egress=journal.at(clock.now))
    try:
        reader, followed = _cached(client, settings.charter, home / "cache.db")
        stale = ""
        try:
            note = _newest(client)
            reader.read(note)
        except Unreachable as e:
            if not followed:
                raise
            note, stale = Note.parse(followed), str(e)
        log = _log(reader, note, settings.charter)
        return Reading(log=log, client=client, blobs=Blobs(home / "blobs"), journal=journal, stale=stale)
    except BaseException:
        client.close()
        journal.close()
        raise


def _cached(client: Client, charter: Digest, path: Path) -> tuple[Reader, str]:
    """A reader that begins with the leaves in a node's cache, and the newest checkpoint that the node followed."""
    if not path.exists():
        return Reader(client, charter, None, keep=False), ""
    cache = Leaves(path)
    try:
        return Reader(client, charter, cache, keep=False), cache.followed()
    finally:
        cache.close()


def _newest(client: Client) -> Note:
    raw = client.moving("checkpoint")
    if raw is None:
        raise Unreachable(
            "no checkpoint was published yet",
            where=f"{client.address}/checkpoint",
            way_out="ask again when the charter's witnesses have cosigned one",
        )
    return parse(raw, where="checkpoint")


def _log(reader: Reader, note: Note, charter: Digest | None) -> Log:
    """Every leaf up to a checkpoint; the log's key and the quorum are those that its own acts left."""
    checkpoint = reader.read(note)
    leaves = tuple(reader.leaves(0, checkpoint.size))
    state = fold.replay(leaves)
    if state.charter_digest is None:
        codes = [reason.code for breach in state.breaches[:1] for reason in breach.reasons]
        raise NotVerified("the charter does not hold", where="leaf 0", found=", ".join(codes))
    return Log(
        charter=state.charter_digest,
        pinned=charter is not None,
        state=state,
        leaves=leaves,
        note=note,
        seen=witnesses.policy(state).check(note),
    )
