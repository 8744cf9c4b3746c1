"""The witness's duty for the twin log (`assembly.twin`): to cosign it when it holds the log's releases, and those only.

Decides to sign only leaves that this node has checked one by one against its own state, under a checkpoint that begins
with the one signed last. Size and root are on disk before the cosignature leaves. Only the charter's witnesses look. A
twin that forks is evidence as a forked log is: the same key signed both (`conflict`).
"""

from contextlib import suppress
from pathlib import Path

from comity.adapters import durable, evidence
from comity.adapters.client import Client
from comity.adapters.folder import PRIVATE_FILE
from comity.adapters.growth import Growth
from comity.adapters.journal import Journal
from comity.assembly import twin
from comity.assembly.state import State
from comity.assembly.witnesses import key_name
from comity.errors import ComityError, FormatError, NotVerified, Unreachable
from comity.keys import Signer
from comity.services.node import conflict
from comity.services.node.reader import parse
from comity.tlog import follow, sigsum
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.cosignature import cosign
from comity.tlog.evidence import convict
from comity.tlog.follow import Followed
from comity.tlog.merkle import Range, leaf_hash, nodes
from comity.tlog.note import Note, Vkey
from comity.tlog.tile import Tile, served
from comity.tlog.witness import Memory

SIGNED = "twin.checkpoint"  # of a node's folder: the one signed last, as the hub signed it
PENDING = f"{sigsum.CHECKPOINT}.pending"
AGAIN = 10  # seconds until a twin that this node has signed is looked at again: the hub may have lost its line


def waits(state: State, growth: Growth, member: str, asked: int, now: int) -> bool:
    """Whether there may be anything to cosign: a release that this node has not signed for, or it is time to look."""
    if state.charter is None or member not in state.charter.witnesses or not state.releases:
        return False
    signed = growth.last(twin.log(state).name).memory.size
    return signed < len(state.releases) or not 0 <= now - asked < AGAIN


def answer(
    home: Path,
    state: State,
    growth: Growth,
    journal: Journal,
    client: Client,
    signer: Signer,
    member: str,
    now: int,
) -> bool:
    """Cosign the pending twin, if there is one and this node has all its releases; True if the hub took it.

    Args:
        home: keeps the checkpoint signed last, and the evidence if another one contradicts it.

    Raises:
        NotVerified: the twin is not that of the log's releases, or does not grow out of the one signed last.
        ClockOff: this clock went back behind the last cosignature.
        Unreachable: the hub does not answer, or does not serve what it asks a cosignature for.
    """
    raw = client.moving(PENDING)
    if raw is None or state.charter is None:
        return False
    note = parse(raw, where=PENDING)
    checkpoint = Checkpoint.of(note)
    log = twin.log(state)
    if checkpoint.origin != log.name or not note.signed_by(log):
        raise NotVerified("the twin is not signed by the hub's log key", where=PENDING, wanted=str(log))
    last = growth.last(log.name)
    if checkpoint.size > len(state.releases) or (last.memory.size == checkpoint.size and last.time == now):
        return False  # this node has not read so far; or it has just signed
    leaves = read(client, note)
    _refuse_other(home, note, last.memory, leaves, log)
    twin.check(state, leaves[last.memory.size :], since=last.memory.size)
    durable.write(home / SIGNED, str(note).encode(), mode=PRIVATE_FILE)
    growth.advance(log.name, last.memory, Memory(checkpoint.size, checkpoint.root), time=now)
    line = str(cosign(note.text, key_name(state.charter.origin, member), now, signer))
    journal.record("cosignature", line.encode(), now=now)
    return client.cosign(line)


def read(client: Client, note: Note) -> tuple[bytes, ...]:
    """Every leaf of the twin under a checkpoint; NotVerified if what is served does not make its root."""
    checkpoint = Checkpoint.of(note)
    tiles = follow.needed(checkpoint.size, 0)
    try:
        leaves = follow.new_leaves(checkpoint.size, 0, ((tile, _bundle(client, tile)) for tile in tiles))
    except FormatError as e:
        raise NotVerified("the twin's files are not its leaves", where=checkpoint.origin, found=e.found) from None
    follow.advance(Followed(), checkpoint, leaves)
    return leaves


def _bundle(client: Client, tile: Tile) -> bytes:
    """A bundle; a partial one is cut out of the full one that replaced it."""
    data = served(tile, lambda one: client.file(f"{sigsum.FOLDER}/{one}"))
    if data is None:
        where = f"{client.address}/{sigsum.FOLDER}/{tile}"
        raise Unreachable("a part of the twin is missing", where=where, way_out="ask again later")
    return data


def _refuse_other(home: Path, note: Note, memory: Memory, leaves: tuple[bytes, ...], log: Vkey) -> None:
    """NotVerified unless the leaves begin with those under the checkpoint that was signed last."""
    size = Checkpoint.of(note).size
    before = Range().extend(map(leaf_hash, leaves[: memory.size]))
    if memory.size > size or before.root() != memory.root:
        _keep(home, note, leaves, log)
        raise NotVerified(
            "the twin does not grow out of the one cosigned last",
            where=PENDING,
            found=f"{size} leaves",
            wanted=f"the same first {memory.size} leaves",
            way_out="not cosigned; ask the other witnesses what they saw",
        )


def _keep(home: Path, note: Note, leaves: tuple[bytes, ...], log: Vkey) -> None:
    """Evidence out of the checkpoint signed last and this one, if together they are any."""
    with suppress(ComityError, FileNotFoundError):
        signed = Note.parse((home / SIGNED).read_bytes())
        proof = convict(signed, note, nodes([leaf_hash(leaf) for leaf in leaves]))
        proof.verify(log)
        evidence.put(home / conflict.FOLDER, evidence.SPLIT, str(proof).encode())
