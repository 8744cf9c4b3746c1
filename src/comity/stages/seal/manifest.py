"""The manifest of a member's shares: what it sent to whom, box by box, and a commitment to what is inside.

A member logs the digest of its manifest before any box leaves, so a box that does not fit blames its sender. Boxes are
named by their plain SHA-256, as every body at the hub is; their place in the manifest and the `info` they were sealed
with say the rest. Shares and seeds are committed to by labelled hashes (`derivations.commitment`).
"""

import re
from dataclasses import dataclass
from typing import Final

from comity import canon
from comity.acts.refs import Ref
from comity.canon import Digest
from comity.errors import SealBroken
from comity.stages.seal.spelling import Spelling

_DIGEST: Final = re.compile("sha256:[0-9a-f]{64}")  # as `canon.hex_of`; a manifest holds hundreds


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What the sender u made for one member v. Hashes are 32 bytes.

    share_box: None where v is u. seed_box, pair_seed: only where v > u.
    """

    member: str
    share_box: Digest | None
    seed_box: Digest | None
    root_share: bytes
    self_share: bytes
    pair_seed: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """One line for each member of the roster, in order of ids, the sender itself included."""

    exchange: Ref
    sender: str
    lines: tuple[Line, ...]

    def boxes(self) -> tuple[Digest, ...]:
        """Every box, in order."""
        return tuple(box for line in self.lines for box in (line.share_box, line.seed_box) if box is not None)


_SPELLING: Final = Spelling(Manifest)


def encode(manifest: Manifest) -> bytes:
    """Canonical JSON."""
    return _SPELLING.encode(manifest)


def named(data: bytes) -> tuple[Digest, ...]:
    """The boxes that a manifest names, for who takes them in; FormatError for other bytes."""
    manifest = canon.decode(data, Manifest, where="manifest")
    for box in manifest.boxes():
        canon.hex_of(box, where="manifest")
    return manifest.boxes()


def read(data: bytes, *, exchange: Ref, sender: str, members: tuple[str, ...]) -> Manifest:
    """A sender's manifest in an exchange with this roster (sorted ids); SealBroken for anything else."""
    where = f"manifest of {sender}"
    manifest = _fits(_SPELLING.decode(data, where=where), exchange, sender, members, where)
    if not all(_whole(line, sender) for line in manifest.lines):
        raise SealBroken("a line is not whole", where=where)
    return manifest


def known(data: bytes, *, exchange: Ref, sender: str, members: tuple[str, ...]) -> Manifest:
    """A manifest that `read` has read before, known again by its digest: its lines are not judged a second time."""
    where = f"manifest of {sender}"
    return _fits(_SPELLING.form(data, where=where), exchange, sender, members, where)


def line_of(member: str, data: bytes, *, exchange: Ref, sender: str, members: tuple[str, ...]) -> Line:
    """One member's line of a sender's manifest; SealBroken if the manifest is another's, or this line is not whole.

    For who reads every manifest for one line each: the other lines are their members' to check.
    """
    where = f"manifest of {sender}"
    manifest = _fits(_SPELLING.form(data, where=where), exchange, sender, members, where)
    line = manifest.lines[members.index(member)]
    if not _whole(line, sender):
        raise SealBroken("a line is not whole", where=f"{where}, line of {member}")
    return line


def _fits(manifest: Manifest, exchange: Ref, sender: str, members: tuple[str, ...], where: str) -> Manifest:
    """The manifest, if this sender made it for this exchange, with a line for each of the roster."""
    if (manifest.exchange, manifest.sender) != (exchange, sender):
        raise SealBroken("made for another exchange", where=where, found=f"{manifest.exchange} {manifest.sender}")
    if tuple([line.member for line in manifest.lines]) != members:
        raise SealBroken("does not list the roster", where=where, found=f"{len(manifest.lines)} lines")
    return manifest


def _whole(line: Line, sender: str) -> bool:
    """Whether a line holds what the order of sender and member asks, and nothing else."""
    if len(line.root_share) != 32 or len(line.self_share) != 32:
        return False
    later, share_box, seed_box, seed = line.member > sender, line.share_box, line.seed_box, line.pair_seed
    return (
        (share_box is None) == (line.member == sender)
        and (share_box is None or _DIGEST.fullmatch(share_box) is not None)
        and (seed_box is not None) == (seed is not None) == later
        and (seed_box is None or _DIGEST.fullmatch(seed_box) is not None)
        and (seed is None or len(seed) == 32)
    )
