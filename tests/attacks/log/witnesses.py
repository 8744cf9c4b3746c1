"""What a log asks of a witness by `add-checkpoint` (c2sp.org/tlog-witness), and must not get."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from comity.adapters.growth import Growth
from comity.keys import Ed25519Signer
from comity.services.witness import Witness
from comity.tlog import merkle
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.note import Note, Vkey, sign
from comity.tlog.witness import Accept, Answer, Known, Memory, Request
from tests.attacks.book import Guard, Stopped, always, attack
from tests.attacks.log.views import overwriting

ORIGIN = "example.org/log"
LEAVES = [merkle.leaf_hash(bytes([i])) for i in range(12)]
FALSE = [merkle.leaf_hash(b"another"), *LEAVES[1:]]
LOG, OWN = Ed25519Signer(b"\x01" * 32), Ed25519Signer(b"\x02" * 32)
NOW = 1_700_000_000


def unproven(original: Any) -> Callable[..., Answer]:
    """A witness that takes any larger size for growth."""
    return lambda memory, checkpoint, proof: Accept(Memory(checkpoint.size, checkpoint.root))


GROWTH = Guard("tlog.witness._growth", "growth is proven from the root that was cosigned last", unproven)
MEMORY = Guard("adapters.growth.Growth.advance", "the memory on disk takes no second root of one size", overwriting)


def a_witness(place: Path) -> Witness:
    """A witness of its own, with its memory on disk."""
    logs = {ORIGIN: Known.by(Vkey(ORIGIN, LOG.public))}
    return Witness(logs, "example.org/witness", [OWN], Growth(place / "witness.db"), place, lambda: NOW)


def head(leaves: Sequence[bytes], size: int, origin: str = ORIGIN, signer: Ed25519Signer = LOG) -> Note:
    """A signed checkpoint of leaf hashes."""
    text = str(Checkpoint(origin, size, merkle.root(leaves[:size])))
    return Note(text, (sign(text, origin, signer),))


def asked(own: Witness, old: int, note: Note, leaves: Sequence[bytes] = LEAVES) -> str:
    """The cosignature, or Stopped by the standard's status."""
    size = int(note.text.split("\n")[1])
    proof = merkle.consistency(old, size, leaves) if 0 < old < size else ()
    answer = own.add(str(Request(old, tuple(proof), note)).encode())
    if answer.status_code != 200:
        raise Stopped(str(answer.status_code))
    return f"a cosignature of {size} leaves"


@attack(
    "a witness is asked for a second root of one size",
    GROWTH,
    MEMORY,
    says="The log wants one witness under two roots of one size, to show a quorum to two readers.",
    by="409",
)
def second_root(place: Path) -> str:
    own = a_witness(place)
    asked(own, 0, head(LEAVES, 9))
    return asked(own, 9, head(FALSE, 9))


@attack(
    "a witness is asked for growth out of another past",
    GROWTH,
    says="The log rewrites a leaf that the witness has cosigned, and grows.",
    by="422",
)
def other_past(place: Path) -> str:
    own = a_witness(place)
    asked(own, 0, head(LEAVES, 9))
    return asked(own, 9, head(FALSE, 12), FALSE)


def from_nothing(original: Callable[..., Answer]) -> Callable[..., Answer]:
    """A witness that lets the log say where growth begins."""

    def decide(memory: Memory, old: int, *rest: Any) -> Answer:
        return original(Memory() if old == 0 else memory, old, *rest)

    return decide


@attack(
    "size zero: a fork as growth from nothing",
    Guard("tlog.witness.decide", "growth begins at the size that the witness remembers", from_nothing),
    says="The log says `old 0` to a witness that has cosigned it before: nothing has to be proven from an empty log.",
    by="409",
)
def old_zero(place: Path) -> str:
    own = a_witness(place)
    asked(own, 0, head(LEAVES, 9))
    return asked(own, 0, head(FALSE, 12))


@attack(
    "size zero: an empty log with a root",
    Guard("tlog.checkpoint.Checkpoint.__post_init__", "an empty log has one root, that of no leaves", always(None)),
    GROWTH,
    MEMORY,
    says="The log asks for a cosignature of no leaves under a root of its choice.",
    by="422",
    alone={"tlog.witness._growth": "409", "adapters.growth.Growth.advance": "409"},
)
def empty_root(place: Path) -> str:
    text = f"{ORIGIN}\n0\n{'A' * 43}=\n"
    return asked(a_witness(place), 0, Note(text, (sign(text, ORIGIN, LOG),)))


@attack(
    "a checkpoint that the log did not sign",
    Guard("tlog.cosignature.signed_by_one", "the log's key must have signed what is cosigned", always(True)),
    Guard(
        "tlog.witness.own",
        "the log's own line is kept with what is cosigned, as evidence",
        lambda original: lambda note, log: note,
    ),
    says="A stranger asks a witness to cosign another log under the name of this one.",
    by="403",
    alone={"tlog.witness.own": "format.bad"},
)
def stranger(place: Path) -> str:
    return asked(a_witness(place), 0, head(FALSE, 9, signer=OWN))
