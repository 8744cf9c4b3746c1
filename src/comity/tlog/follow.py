"""Reading a whole log: every leaf is hashed, and the root of a checkpoint must come out of them.

An inclusion proof shows one leaf and hides the others; a follower misses none. Decides whether leaves are all the
leaves of a checkpoint, and nothing about what they say.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from comity.errors import NotVerified
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.merkle import Range, leaf_hash
from comity.tlog.note import Note
from comity.tlog.quorum import Cosigned, Policy
from comity.tlog.spelling import b64
from comity.tlog.tile import HEIGHT, WIDTH, Tile, bundles, decode_bundle


@dataclass(frozen=True, slots=True)
class Followed:
    """What a follower keeps of the leaves that it has read; nothing at first."""

    range: Range = field(default_factory=Range)

    @property
    def size(self) -> int:
        """Leaves read so far."""
        return self.range.size


def advance(followed: Followed, checkpoint: Checkpoint, leaves: Sequence[bytes]) -> Followed:
    """Go on by exactly the leaves that the checkpoint adds; NotVerified if one is missing, other, or too many.

    Says nothing of who signed the checkpoint: a witness advances by a pending one, all others by `follow`.
    """
    where = f"checkpoint {checkpoint.size} of {checkpoint.origin}"
    if checkpoint.size < followed.size:
        found, wanted = f"{checkpoint.size} leaves", f"{followed.size} at least"
        raise NotVerified(
            "older than what was read", where=where, found=found, wanted=wanted, way_out="ask again later"
        )
    if followed.size + len(leaves) != checkpoint.size:
        found, wanted = f"{len(leaves)} new leaves", str(checkpoint.size - followed.size)
        raise NotVerified("leaves are left out or added", where=where, found=found, wanted=wanted)
    grown = followed.range.extend(leaf_hash(leaf) for leaf in leaves)
    if grown.root() != checkpoint.root:
        raise NotVerified(
            "the leaves do not make the checkpoint's root",
            where=where,
            found=b64(grown.root()),
            wanted=b64(checkpoint.root),
            way_out="keep both checkpoints and ask another mirror: one of the two views is false",
        )
    return Followed(grown)


def follow(followed: Followed, note: Note, policy: Policy, leaves: Sequence[bytes]) -> tuple[Followed, Cosigned]:
    """`advance`, by a checkpoint that is first shown to stand under the policy's quorum."""
    cosigned = policy.check(note)
    return advance(followed, cosigned.checkpoint, leaves), cosigned


def needed(size: int, since: int) -> Iterator[Tile]:
    """The bundles that hold leaves `since` to `size`; a partial one may also be fetched as the full one later."""
    return bundles(size, since)


def new_leaves(size: int, since: int, data: Iterable[tuple[Tile, bytes]]) -> tuple[bytes, ...]:
    """Leaves `since` to `size` out of the bundles that `needed` names, in order."""
    found: list[bytes] = []
    for bundle, raw in data:
        start = bundle.index << HEIGHT
        found += decode_bundle(raw, bundle.width)[max(since - start, 0) : min(size - start, WIDTH)]
    return tuple(found)
