"""Files of every kind: cut short, put into another order, or with one bit turned; what is read is true, or refused.

A damaged file may be read where it says the same as before: signature lines in another order, a comment in a policy.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, TypeVar, cast

from comity.adapters.client import Client
from comity.errors import ComityError, FormatError, NotVerified
from comity.keys import Ed25519Signer, public_text
from comity.services.node import twin
from comity.tlog import beside, merkle, receipt, sigsum
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.evidence import Evidence
from comity.tlog.follow import Followed, advance
from comity.tlog.merkle import leaf_hash, prove_inclusion
from comity.tlog.note import MOST_SIGNATURES, Note, SignatureLine, Vkey, sign
from comity.tlog.proof import Proof
from comity.tlog.quorum import Cosigned, Log, Policy
from comity.tlog.receipt import Dropped, Receipt
from comity.tlog.spelling import HASH, unb64
from comity.tlog.tile import Edge, Tile, decode_bundle, encode_bundle, hash_entries, node_reader
from tests.attacks.book import Guard, Stopped, always, attack
from tests.attacks.log.quorums import LOG, ORIGIN, cosigned, note, policy
from tests.attacks.log.views import EVERY_LEAF

T = TypeVar("T")

SAME: Final = "nothing false is read"
MOST: Final = 250  # places of a file at which it is damaged
LEAVES: Final = [b"leaf %d" % number for number in range(300)]
HASHES: Final = hash_entries(LEAVES)
TEXT: Final = str(Checkpoint(ORIGIN, 300, merkle.root(HASHES)))
HEAD: Final = note(TEXT, *(cosigned(TEXT, number) for number in (1, 2, 3)))

SIGNATURE = Guard("keys.Verifier.verifies", "a signature is that of the key, over these very bytes", always(True))
PATH = Guard("tlog.merkle.verify_inclusion", "the path leads from the leaf to the checkpoint's root", always(True))


def damaged(data: bytes, part: int | None = None) -> Iterator[bytes]:
    """The file cut short, with a bit turned, with two neighbours changed. `part`: bytes of one; None for lines."""
    step = max(1, len(data) // MOST)
    yield from (data[:stop] for stop in range(0, len(data), step))
    for at in range(0, len(data), step):
        yield data[:at] + bytes([data[at] ^ 1 << sha256(b"%d" % at).digest()[0] % 8]) + data[at + 1 :]
    parts = data.splitlines(keepends=True) if part is None else [data[i : i + part] for i in range(0, len(data), part)]
    for at in range(len(parts) - 1):
        yield b"".join([*parts[:at], parts[at + 1], parts[at], *parts[at + 2 :]])
    yield data + data
    yield data + b"\n"


def tried(data: bytes, read: Callable[[bytes], T], part: int | None = None) -> str:
    """Read the file damaged in every way; what was read instead of the truth, or Stopped."""
    truth = read(data)
    for bad in damaged(data, part):
        if bad == data:
            continue
        try:
            found = read(bad)
        except ComityError:
            continue
        if found != truth:
            return f"read as true: {found!r:.120}"
    raise Stopped(SAME)


@attack(
    "damaged checkpoint",
    SIGNATURE,
    says="Somebody between host and reader changes a checkpoint.",
    by=SAME,
)
def checkpoint(place: Path) -> str:
    return tried(str(HEAD).encode(), lambda data: policy().check(Note.parse(data)))


def served(tile: Tile, data: bytes) -> Callable[[Tile], bytes]:
    """Tiles of the log, one of them damaged."""
    edge, full = Edge().extend(HASHES)
    tiles = {**dict(full), **dict(edge.partial()), tile: data}
    return tiles.__getitem__


@attack(
    "damaged tile",
    PATH,
    says="Somebody changes a tile, so that a proof made out of it shows another leaf.",
    by=SAME,
)
def tile(place: Path) -> str:
    first = Tile(0, 0)

    def read(data: bytes) -> tuple[bytes, ...]:
        node = node_reader(300, served(first, data))
        path = prove_inclusion(7, 300, node)
        Proof(7, path, HEAD).verify(LEAVES[7], policy())
        return path

    return tried(b"".join(HASHES[:256]), read, HASH)


@attack(
    "damaged bundle",
    EVERY_LEAF,
    says="Somebody changes a bundle of leaves, cuts it, or changes their order.",
    by=SAME,
)
def bundle(place: Path) -> str:
    part = LEAVES[:9]
    head = Checkpoint(ORIGIN, 9, merkle.root(HASHES[:9]))

    def read(data: bytes) -> tuple[bytes, ...]:
        leaves = decode_bundle(data, 9)
        advance(Followed(), head, leaves)
        return leaves

    return tried(encode_bundle(part), read, 2 + len(LEAVES[0]))


@attack(
    "damaged side file",
    SIGNATURE,
    says="Somebody changes the cosignatures that stand beside a checkpoint.",
    by=SAME,
)
def side_file(place: Path) -> str:
    lines = [cosigned(TEXT, number) for number in (1, 2, 3)]

    def read(data: bytes) -> Cosigned:
        wanted = policy()
        return wanted.check(beside.joined(note(TEXT), beside.parse(data), wanted.quorum))

    return tried(beside.text(lines).encode(), read)


def all_lines(original: Any) -> Callable[..., Note]:
    """A note with whatever stands beside it."""
    return lambda note, lines, quorum: Note(note.text, (*note.signatures, *lines))


@attack(
    "side file full of strangers",
    Guard("tlog.beside.joined", "of a side file only the lines of keys that count are read", all_lines),
    says="Somebody fills a side file with lines of his own keys, so that no reader can count the members' lines there.",
    by="the quorum counts",
)
def strangers(place: Path) -> str:
    own = [SignatureLine(f"stranger{number}", bytes(4), bytes(72)) for number in range(MOST_SIGNATURES)]
    lines = beside.parse(beside.text([*own, *(cosigned(TEXT, number) for number in (1, 2, 3))]))
    wanted = policy()
    try:
        wanted.check(beside.joined(note(TEXT), lines, wanted.quorum))
    except FormatError:
        return "a cosigned checkpoint that nobody can read"
    raise Stopped("the quorum counts")


@attack(
    "damaged proof",
    PATH,
    says="Somebody changes the file that shows that a leaf is in the log.",
    by=SAME,
)
def proof(place: Path) -> str:
    path = merkle.inclusion(7, 300, HASHES)

    def read(data: bytes) -> tuple[int, tuple[bytes, ...], Checkpoint]:
        found = Proof.parse(data)
        return found.index, found.path, found.verify(LEAVES[7], policy()).checkpoint

    return tried(str(Proof(7, path, HEAD)).encode(), read)


def any_id(original: Any) -> Any:
    """A verifier key whose id is not compared with the key."""

    def parse(cls: type[Vkey], text: str) -> Vkey:
        name, _, material = text.replace("+", " ", 1).replace("+", " ", 1).partition(" ")
        raw = unb64(material.partition(" ")[2], where="vkey", length=33)
        return cls(name, public_text(raw[1:]), raw[0])

    return classmethod(parse)


@attack(
    "forged proof",
    SIGNATURE,
    says="Somebody shows a leaf of his own under a root of his own, beneath the true signatures of another checkpoint.",
    by="verify.failed",
)
def forged(place: Path) -> str:
    entry = b"never in the log"
    hashes = [leaf_hash(entry), *HASHES[1:]]
    text = str(Checkpoint(ORIGIN, 300, merkle.root(hashes)))
    Proof(0, merkle.inclusion(0, 300, hashes), Note(text, HEAD.signatures)).verify(entry, policy())
    return "a leaf that is in no log"


@attack(
    "damaged policy",
    Guard("tlog.note.Vkey.parse", "a key in a policy stands beside the digest of itself", any_id),
    says="Somebody changes a key in the policy that a reader trusts.",
    by=SAME,
)
def policy_file(place: Path) -> str:
    def read(data: bytes) -> set[str]:
        found = Policy.parse(data)
        return {str(log.vkey.key) for log in found.logs} | {str(one.vkey.key) for one in found.quorum.witnesses}

    return tried(str(policy()).encode(), lambda data: _whole(read(data)))


def _whole(keys: set[str]) -> set[str]:
    """Keys of a policy that names as many as the true one: a reader sees that one is missing."""
    if len(keys) < 5:
        raise NotVerified("a key is missing", where="policy")
    return keys


FALSE: Final = merkle.root([leaf_hash(b"other"), *HASHES[1:]])


@attack(
    "damaged evidence",
    SIGNATURE,
    says="Somebody changes evidence of a split view, so that it accuses the host of something else.",
    by=SAME,
)
def evidence(place: Path) -> str:
    other = note(str(Checkpoint(ORIGIN, 300, FALSE)))

    def read(data: bytes) -> tuple[str, str]:
        found = Evidence.parse(data)
        found.verify(Vkey(ORIGIN, LOG.public))
        return found.older.text, found.newer.text

    return tried(str(Evidence(note(TEXT), other)).encode(), lambda data: tuple(sorted(read(data))))


@attack(
    "damaged receipt",
    SIGNATURE,
    says="Somebody changes the receipt that a sender keeps, so that the host seems to have promised another leaf.",
    by=SAME,
)
def receipt_file(place: Path) -> str:
    promised = Receipt(ORIGIN, 7, (HASHES[7],)).signed(LOG)
    return tried(str(promised).encode(), lambda data: receipt.check(Note.parse(data), Vkey(ORIGIN, LOG.public)))


@attack(
    "damaged evidence of a dropped leaf",
    SIGNATURE,
    says="Somebody changes evidence that the host broke its promise, so that it accuses the host of another one.",
    by=SAME,
)
def dropped(place: Path) -> str:
    promised = Receipt(ORIGIN, 7, (leaf_hash(b"acknowledged"),)).signed(LOG)
    whole = receipt.convict(promised, HEAD, 7, lambda level, at: merkle.root(HASHES[at << level : (at + 1) << level]))

    def read(data: bytes) -> tuple[str, str, int, bytes]:
        found = Dropped.parse(data)
        found.verify(Vkey(ORIGIN, LOG.public))
        return found.receipt.text, found.checkpoint.text, found.index, found.leaf

    return tried(str(whole).encode(), read)


@attack(
    "evidence against a host that kept its promise",
    PATH,
    says="Somebody joins a true receipt, a true checkpoint and a leaf that stands nowhere, to convict an honest host.",
    by="verify.failed",
)
def slander(place: Path) -> str:
    promised = Receipt(ORIGIN, 7, (HASHES[7],)).signed(LOG)
    path = merkle.inclusion(7, 300, HASHES)
    Dropped.parse(str(Dropped(promised, HEAD, 7, leaf_hash(b"slander"), path))).verify(Vkey(ORIGIN, LOG.public))
    return "an honest host is convicted"


SUBMITTER: Final = Ed25519Signer(b"submitter".ljust(32))
TWINS: Final = [sha256(b"release %d" % number).digest() for number in range(9)]
LEAVES_OF_TWIN: Final = [bytes(sigsum.Leaf.of(digest, SUBMITTER)) for digest in TWINS]
TWIN: Final = Policy((Log(sigsum.log_vkey(LOG.public)),), policy().quorum)


def head_of_twin() -> Note:
    """The twin's cosigned checkpoint."""
    origin, hashes = TWIN.logs[0].vkey.name, hash_entries(LEAVES_OF_TWIN)
    text = str(Checkpoint(origin, len(hashes), merkle.root(hashes)))
    return Note(text, (sign(text, origin, LOG), *(cosigned(text, number) for number in (1, 2, 3))))


@attack(
    "damaged Sigsum proof",
    SIGNATURE,
    says="Somebody changes the proof by which Sigsum's programs find a release in the twin log.",
    by=SAME,
)
def sigsum_proof(place: Path) -> str:
    path = merkle.inclusion(4, 9, hash_entries(LEAVES_OF_TWIN))
    made = sigsum.Proof.of(sigsum.Leaf.parse(LEAVES_OF_TWIN[4]), 4, path, head_of_twin(), TWIN)

    def read(data: bytes) -> tuple[Cosigned, int]:
        found = sigsum.Proof.parse(data)
        return found.verify(TWINS[4], SUBMITTER.public, TWIN), found.index

    return tried(str(made).encode(), read)


@dataclass(frozen=True, slots=True)
class Serves:
    """A host that serves one file, whatever is asked for."""

    data: bytes
    address: str = "https://hub.example"

    def file(self, path: str) -> bytes:
        return self.data


@attack(
    "damaged bundle of the twin",
    EVERY_LEAF,
    says="Somebody changes the twin's leaves, cuts them, or changes their order, before a witness reads them.",
    by=SAME,
)
def twin_bundle(place: Path) -> str:
    head, part = head_of_twin(), 2 + sigsum.LENGTH
    return tried(encode_bundle(LEAVES_OF_TWIN), lambda data: twin.read(cast(Client, Serves(data)), head), part)
