"""The witness's duty of every node: to cosign a pending checkpoint that only grew, by what it remembers itself.

Decides to sign only a checkpoint whose every leaf was read, that begins with the leaves of the one signed last, and
never with an earlier time. Size and root are on disk before the cosignature leaves. The same checkpoint is signed
again with a newer time while the hub asks for it, at most once a second. A node that is none of the charter's
witnesses signs now and then only: no rule counts it, it is there so that more have seen the log. A node that registered
an ML-DSA-44 key signs by it as well, at the same time; that line goes first, for the other may end the hub's asking. A
checkpoint with extension lines, which no ML-DSA-44 cosignature can hold, gets the one line alone.
"""

from comity.adapters.client import Client
from comity.adapters.growth import Growth
from comity.adapters.journal import Journal
from comity.assembly.witnesses import awaited, key_name
from comity.errors import NotVerified
from comity.keys import Signer
from comity.services.node.follow import Follower
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.cosignature import able, cosign
from comity.tlog.witness import Memory

AGAIN = 1  # seconds between two cosignatures of one checkpoint
BESIDE = 10  # seconds between two cosignatures that no rule counts


def answer(
    follower: Follower,
    growth: Growth,
    journal: Journal,
    client: Client,
    signer: Signer,
    member: str,
    now: int,
    *,
    second: Signer | None = None,
) -> bool:
    """Cosign what is pending, if anything is and it may be; True if the hub took the cosignature.

    Args:
        signer: of the key that the rules count.
        now: POSIX seconds.
        second: of the member's ML-DSA-44 key. Its lines are long and the hub keeps them while it asks for the same
            checkpoint, so that is signed again only as often as one that no rule counts.

    Raises:
        NotVerified: the pending checkpoint does not grow out of what this node signed before.
        ClockOff: this clock went back behind the last cosignature.
        Unreachable: the hub does not answer.
    """
    note = follower.pending()
    if note is None:
        return False
    checkpoint = Checkpoint.of(note)
    last = growth.last(checkpoint.origin)
    counts = follower.state.charter is not None and awaited(follower.state, member)
    pause = BESIDE if not counts else AGAIN if checkpoint.size == last.memory.size else 0
    if 0 <= now - last.time < pause:
        return False
    _refuse_other(follower, checkpoint, last.memory)
    name = key_name(checkpoint.origin, member)
    skip = checkpoint.size == last.memory.size and now // BESIDE == last.time // BESIDE
    signers = able(note.text, name, [signer] if second is None or skip else [second, signer])
    growth.advance(checkpoint.origin, last.memory, Memory(checkpoint.size, checkpoint.root), time=now)
    lines = [str(cosign(note.text, name, now, one)) for one in signers]
    journal.record("cosignature", *(line.encode() for line in lines), now=now)
    return [client.cosign(line) for line in lines][-1]


def _refuse_other(follower: Follower, checkpoint: Checkpoint, memory: Memory) -> None:
    """NotVerified unless the checkpoint's leaves begin with those that were signed last."""
    if memory.size > checkpoint.size or follower.reader.root(memory.size) != memory.root:
        raise NotVerified(
            "the pending checkpoint does not grow out of the one cosigned last",
            where=f"checkpoint.pending of {checkpoint.origin}",
            found=f"{checkpoint.size} leaves",
            wanted=f"the same first {memory.size} leaves",
            way_out="not cosigned; ask the other witnesses what they saw",
        )
