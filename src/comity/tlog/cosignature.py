"""A witness's statement that it saw a checkpoint grow, with the time (c2sp.org/tlog-cosignature).

Two kinds: Ed25519 (0x04) signs the note's text; ML-DSA-44 (0x06) signs a struct with the cosigner's name, the origin,
the size and the root. The struct has no place for extension lines, so a checkpoint that has some gets no such
cosignature and under none is read: lines that nobody signed would look signed. Decides how the statement is signed and
read. Whether a witness may make it is decided in `witness`, whether it counts in `quorum`.
"""

from collections.abc import Iterable, Sequence

from comity import keys
from comity.errors import FormatError
from comity.keys import PublicKey, Signer, Verifier
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.note import COSIGNATURE, ED25519, MLDSA_COSIGNATURE, Note, SignatureLine, Vkey
from comity.tlog.spelling import LARGEST

# Bytes of a line's signature: big-endian u64 of POSIX seconds, then the signature of the algorithm.
LENGTHS = {COSIGNATURE: 8 + 64, MLDSA_COSIGNATURE: 8 + 2420}
LABEL = b"subtree/v1\n\0"  # of the struct that ML-DSA-44 signs; no other message begins so
LONGEST_NAME = 255  # bytes of a cosigner's name, and of an origin, in the struct


def vkey_of(name: str, public: PublicKey) -> Vkey:
    """A witness's verifier key: 0x04 or 0x06, by the algorithm of the key."""
    kind = MLDSA_COSIGNATURE if keys.algorithm_of(public) == keys.ML_DSA_44 else COSIGNATURE
    return Vkey(name, public, kind)


def cosign(checkpoint_text: str, name: str, time: int, signer: Signer) -> SignatureLine:
    """Cosignature line of a checkpoint at a time in POSIX seconds: 0x04 or 0x06, by the signer's key.

    Sign only what `witness.decide` accepted.
    """
    if not 0 <= time <= LARGEST:
        raise FormatError("not a time", where="cosignature", found=str(time), wanted="POSIX seconds")
    vkey = vkey_of(name, signer.public)
    signature = time.to_bytes(8, "big") + signer.sign(message(checkpoint_text, vkey, time))
    return SignatureLine(name, vkey.id, signature)


def able(checkpoint_text: str, name: str, signers: Iterable[Signer]) -> tuple[Signer, ...]:
    """Those of a witness's signers that can cosign the text at all; asked before anything is remembered of it.

    ML-DSA-44 cannot where there are extension lines, or a name is too long for its struct.
    """
    return tuple(signer for signer in signers if _can(checkpoint_text, vkey_of(name, signer.public)))


def time_of(line: SignatureLine, vkey: Vkey, text: str) -> int | None:
    """POSIX seconds at which this witness cosigned the text, or None if the line is not its valid cosignature.

    At time 0 an ML-DSA-44 cosigner does not say that it knew no larger log, only that this one agrees with all it knew.
    """
    if not line.names(vkey) or len(line.signature) != LENGTHS.get(vkey.algorithm):
        return None
    time = int.from_bytes(line.signature[:8], "big")
    if time > LARGEST:
        return None
    try:
        signed = message(text, vkey, time)
    except FormatError:  # no checkpoint, or a name or lines that the struct cannot hold: nothing that can be cosigned
        return None
    return time if Verifier(vkey.key).verifies(line.signature[8:], signed) else None


def signed_by(note: Note, vkey: Vkey) -> bool:
    """Whether this key, of whatever kind, signed the note: each line that names it must verify, and there must be one.

    A log may sign by a cosignature instead of a plain signature (tlog-checkpoint, Signatures).
    """
    if vkey.algorithm == ED25519:
        return note.signed_by(vkey)
    mine = [line for line in note.signatures if line.names(vkey)]
    return bool(mine) and all(time_of(line, vkey, note.text) is not None for line in mine)


def signed_by_one(note: Note, vkeys: Sequence[Vkey]) -> bool:
    """Whether one of a log's keys, at least, signed the note, and no line that names another of them is false.

    A known key's line that does not hold spoils the whole note, whatever stands beside it (signed-note, Verifying).
    """
    named = [vkey for vkey in vkeys if any(line.names(vkey) for line in note.signatures)]
    return bool(named) and all(signed_by(note, vkey) for vkey in named)


def message(text: str, vkey: Vkey, time: int) -> bytes:
    """What a cosigner signs; FormatError if there is no such message."""
    checkpoint = Checkpoint.parse(text)
    if vkey.algorithm == COSIGNATURE:
        # No checkpoint reads like it: its second line is a number.
        return f"cosignature/v1\ntime {time}\n{text}".encode()
    if checkpoint.extensions:
        raise FormatError("ML-DSA-44 signs no extension lines", where="cosignature", found=checkpoint.extensions[0])
    start, stop = 0, checkpoint.size  # a checkpoint is the subtree of all leaves
    return b"".join(
        [
            LABEL,
            _short(vkey.name, "cosigner's name"),
            time.to_bytes(8, "big"),
            _short(checkpoint.origin, "origin"),
            start.to_bytes(8, "big"),
            stop.to_bytes(8, "big"),
            checkpoint.root,
        ]
    )


def _can(text: str, vkey: Vkey) -> bool:
    """Whether there is a message that this key would sign."""
    try:
        message(text, vkey, 0)
    except FormatError:
        return False
    return True


def _short(text: str, what: str) -> bytes:
    """A text behind its length in one byte."""
    data = text.encode()
    if not 0 < len(data) <= LONGEST_NAME:
        found, wanted = f"{len(data)} bytes", f"1 to {LONGEST_NAME}"
        raise FormatError(f"too long for a cosigned {what}", where="cosignature", found=found, wanted=wanted)
    return bytes([len(data)]) + data
