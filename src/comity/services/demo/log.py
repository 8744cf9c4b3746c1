"""A log of any length, made at once: made-up entries, their tiles, a checkpoint under three witnesses, and a policy.

For whoever wants to see how a reader behaves on a long log. The keys follow from their names, so everyone has them:
nothing under them means anything. Written in a stream; the checkpoint comes last, so a log that was not finished has
none.
"""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Final

from comity.adapters import durable
from comity.errors import UsageError
from comity.keys import Ed25519Signer
from comity.model.job import Tell
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.cosignature import cosign
from comity.tlog.note import COSIGNATURE, Note, sign, vkey
from comity.tlog.quorum import Log, Policy, charter_quorum
from comity.tlog.tile import WIDTH, Edge, Tile, bundles, encode_bundle, hash_entries

ORIGIN: Final = "demo.example/long-log"
WITNESSES: Final = ("one", "two", "three")
TIME: Final = 1_767_225_600  # POSIX seconds of every cosignature: 2026-01-01
PADDING: Final = b"." * 180  # an entry is about 200 bytes
WHAT: Final = "making a log"


def make(out: Path, leaves: int, *, tell: Tell) -> Checkpoint:
    """A log of so many entries in a new folder, and `policy` beside it; its head."""
    if leaves < 1:
        raise UsageError("a log has one leaf at least", where="--leaves", found=str(leaves))
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError(
            "is there already", where=str(out), wanted="a new folder", way_out="name another, or remove it"
        )
    edge = Edge()
    for bundle in bundles(leaves):
        tell(edge.size, leaves, WHAT)
        entries = list(_entries(bundle))
        _write(out, bundle, encode_bundle(entries))
        edge, full = edge.extend(hash_entries(entries))
        for tile, data in full:
            _write(out, tile, data)
    for tile, data in edge.partial():
        _write(out, tile, data)
    tell(leaves, leaves, WHAT)
    head = Checkpoint(ORIGIN, leaves, edge.root())
    (out / "policy").write_text(str(policy()))
    durable.write(out / "checkpoint", str(_signed(head)).encode())
    return head


def policy() -> Policy:
    """What a reader of such a log trusts."""
    named = [vkey(f"{ORIGIN}/{name}", _key(name).public, COSIGNATURE) for name in WITNESSES]
    return Policy((Log(vkey(ORIGIN, _key("log").public)),), charter_quorum(named, "two-of-three"))


def _signed(head: Checkpoint) -> Note:
    text = str(head)
    lines = [cosign(text, f"{ORIGIN}/{name}", TIME, _key(name)) for name in WITNESSES]
    return Note(text, (sign(text, ORIGIN, _key("log")), *lines))


def _key(name: str) -> Ed25519Signer:
    return Ed25519Signer(sha256(f"{ORIGIN} {name}".encode()).digest())


def _entries(bundle: Tile) -> Iterator[bytes]:
    for index in range(bundle.index * WIDTH, bundle.index * WIDTH + bundle.width):
        yield b"entry %d %b" % (index, PADDING)


def _write(out: Path, tile: Tile, data: bytes) -> None:
    path = out / str(tile)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
