"""A proof as Torchwood's `spicy-torchwood` 0.9 reads it: `FILE.spicy` beside the entry's own bytes, `FILE`.

It is c2sp.org/tlog-proof before that was a standard: index and path, a blank line, the checkpoint. That program asks
for the log's key alone and counts no witness: whoever wants the quorum checks the `tlog_proof` or the Sigsum twin.
"""

from comity.tlog.proof import Proof
from comity.tlog.spelling import b64

SUFFIX = ".spicy"


def text(proof: Proof) -> str:
    """The file beside the entry; what the proof proves is its own affair (`Proof.verify`)."""
    return "\n".join([f"index {proof.index}", *map(b64, proof.path), "", str(proof.note)])
