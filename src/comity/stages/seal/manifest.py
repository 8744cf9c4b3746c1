"""The manifest of a member's shares: what it sent to whom, box by box, and a commitment to what is inside.

A member logs the digest of its manifest before any box leaves, so a box that does not fit blames its sender. Boxes are
named by their plain SHA-256, as every body at the hub is; their place in the manifest and the `info` they were sealed
with say the rest. Shares and seeds are committed to by labelled hashes (`derivations.commitment`).
"""

import re
from dataclasses import dataclass
from typing import Final

import msgspec

from comity import canon
from comity.acts.refs import Ref
from comity.canon import Digest
from comity.errors import SealBroken

# Ids, digests and base64 are plain ASCII, where msgspec's sorted output is RFC 8785 byte for byte, and 20 times faster.
_ENCODER: Final = msgspec.json.Encoder(order="sorted")
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


def encode(manifest: Manifest) -> bytes:
    """Canonical JSON."""
    return _ENCODER.encode(manifest)


def named(data: bytes) -> tuple[Digest, ...]:
    """The boxes that a manifest names, for who takes them in; FormatError for other bytes."""
    manifest = canon.decode(data, Manifest, where="manifest")
    for box in manifest.boxes():
        canon.hex_of(box, where="manifest")
    return manifest.boxes()


def read(data: bytes, *, exchange: Ref, sender: str, members: tuple[str, ...]) -> Manifest:
    """A sender's manifest in an exchange with this roster (sorted ids); SealBroken for anything else."""
    where = f"manifest of {sender}"
    try:
        manifest = msgspec.json.decode(data, type=Manifest, strict=True)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as e:
        raise SealBroken("not a manifest", where=where, found=str(e)) from None
    if (manifest.exchange, manifest.sender) != (exchange, sender):
        raise SealBroken("made for another exchange", where=where, found=f"{manifest.exchange} {manifest.sender}")
    if tuple(line.member for line in manifest.lines) != members:
        raise SealBroken("does not list the roster", where=where, found=f"{len(manifest.lines)} lines")
    if not all(_whole(line, sender) for line in manifest.lines) or encode(manifest) != data:
        raise SealBroken("a line is not whole, or not in its one spelling", where=where)
    return manifest


def _whole(line: Line, sender: str) -> bool:
    """Whether a line holds what the order of sender and member asks, and nothing else."""
    hashes = [line.root_share, line.self_share, *([line.pair_seed] if line.pair_seed is not None else [])]
    names = [box for box in (line.share_box, line.seed_box) if box is not None]
    later = line.member > sender
    return (
        all(len(hash_) == 32 for hash_ in hashes)
        and all(map(_DIGEST.fullmatch, names))
        and (line.share_box is None) == (line.member == sender)
        and (line.seed_box is not None) == later
        and (line.pair_seed is not None) == later
    )
