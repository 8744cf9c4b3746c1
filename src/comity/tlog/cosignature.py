"""A witness's statement that it saw a checkpoint grow, with the time (c2sp.org/tlog-cosignature, Ed25519, 0x04).

Decides how the statement is signed and read. Whether a witness may make it is decided in `witness`, whether it counts
in `quorum`.
"""

from comity.errors import FormatError
from comity.keys import Signer, Verifier
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.note import COSIGNATURE, SignatureLine, Vkey
from comity.tlog.spelling import LARGEST

LENGTH = 8 + 64  # big-endian u64 of POSIX seconds, then the Ed25519 signature


def cosign(checkpoint_text: str, name: str, time: int, signer: Signer) -> SignatureLine:
    """Cosignature line of a checkpoint at a time in POSIX seconds. Sign only what `witness.decide` accepted."""
    Checkpoint.parse(checkpoint_text)
    if not 0 <= time <= LARGEST:
        raise FormatError("not a time", where="cosignature", found=str(time), wanted="POSIX seconds")
    signature = time.to_bytes(8, "big") + signer.sign(_message(time, checkpoint_text))
    return SignatureLine(name, Vkey(name, signer.public, COSIGNATURE).id, signature)


def time_of(line: SignatureLine, vkey: Vkey, text: str) -> int | None:
    """POSIX seconds at which this witness cosigned the text, or None if the line is not its valid cosignature."""
    if vkey.algorithm != COSIGNATURE or not line.names(vkey) or len(line.signature) != LENGTH:
        return None
    time = int.from_bytes(line.signature[:8], "big")
    if time > LARGEST or not Verifier(vkey.key).verifies(line.signature[8:], _message(time, text)):
        return None
    return time


def _message(time: int, text: str) -> bytes:
    """What is signed: header, time, the note's text. No checkpoint reads like it: its second line is a number."""
    return f"cosignature/v1\ntime {time}\n{text}".encode()
