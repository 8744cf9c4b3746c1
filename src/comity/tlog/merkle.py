"""The tree: leaf and node hashes, roots, and proofs that a leaf is in, or that a tree only grew.

RFC 6962, 2.1, with the checks of RFC 9162, 2.1.3.2 and 2.1.4.2. Decides nothing about who signed a root. A check is
strict and answers False to whatever does not hold, lengths and sizes included; only asking for a proof that cannot
exist is an error.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from comity.errors import FormatError

LEAF, NODE = b"\x00", b"\x01"  # RFC 6962, 2.1: a leaf can never be read as a node
EMPTY = sha256(b"").digest()

Node = Callable[[int, int], bytes]  # (level, index) -> root of the 2^level leaves from index * 2^level


def leaf_hash(data: bytes) -> bytes:
    """Hash of one entry, 32 bytes."""
    return sha256(LEAF + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of two hashes, 32 bytes."""
    return sha256(NODE + left + right).digest()


def root(hashes: Sequence[bytes]) -> bytes:
    """Root over leaf hashes; EMPTY for none. An odd hash at the end of a row rises unchanged, as MTH splits."""
    if not hashes:
        return EMPTY
    row = list(hashes)
    while len(row) > 1:
        odd = row[-1:] if len(row) % 2 else []
        row = [sha256(NODE + a + b).digest() for a, b in zip(row[::2], row[1::2], strict=False)] + odd
    return row[0]


@dataclass(frozen=True, slots=True)
class Range:
    """The first `size` leaves, as the roots of their complete subtrees, largest first (a compact range from 0).

    Enough to go on from: a reader of every leaf recomputes each root at about one hash a leaf, in log(size) memory.
    """

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def append(self, leaf: bytes) -> "Range":
        """The range with one more leaf hash."""
        return self.extend((leaf,))

    def extend(self, leaves: Iterable[bytes]) -> "Range":
        """The range with more leaf hashes, in order."""
        size, peaks = self.size, list(self.peaks)
        for leaf in leaves:
            carry, full = leaf, size
            while full & 1:
                carry = sha256(NODE + peaks.pop() + carry).digest()
                full >>= 1
            peaks.append(carry)
            size += 1
        return Range(size, tuple(peaks))

    def root(self) -> bytes:
        """Root over all leaves so far."""
        return _fold(self.peaks) if self.peaks else EMPTY


def span(start: int, stop: int, node: Node) -> bytes:
    """Root over leaves start to stop, made of complete subtrees only; `start` must be aligned as MTH splits it."""
    if start == stop:
        return EMPTY
    parts = []
    while start < stop:
        level = min(_trailing(start), (stop - start).bit_length() - 1)
        parts.append(node(level, start >> level))
        start += 1 << level
    return _fold(parts)


def prove_inclusion(index: int, size: int, node: Node) -> tuple[bytes, ...]:
    """Audit path of a leaf, from its sibling to the root's child (RFC 6962, 2.1.1); FormatError if there is no leaf."""
    if not 0 <= index < size:
        raise FormatError("no such leaf", where="inclusion proof", found=str(index), wanted=f"0 to {size - 1}")
    path, start, stop = [], 0, size
    while stop - start > 1:
        middle = start + _split(stop - start)
        if index < middle:
            path.append(span(middle, stop, node))
            stop = middle
        else:
            path.append(span(start, middle, node))
            start = middle
    return tuple(reversed(path))


def prove_consistency(old: int, new: int, node: Node) -> tuple[bytes, ...]:
    """Proof that the tree of `new` leaves begins with that of `old` (RFC 6962, 2.1.2); empty if the sizes are equal."""
    if not 0 < old <= new:
        raise FormatError("no such proof", where="consistency proof", found=str(old), wanted=f"1 to {new}")
    path, start, stop = [], 0, new
    while old < stop:
        middle = start + _split(stop - start)
        if old <= middle:
            path.append(span(middle, stop, node))
            stop = middle
        else:
            path.append(span(start, middle, node))
            start = middle
    # A prefix that is itself one complete subtree from 0 is the old root, which the verifier has.
    return tuple(reversed([*path, span(start, stop, node)] if start else path))


def nodes(hashes: Sequence[bytes]) -> Node:
    """Roots of complete subtrees, computed from leaf hashes: for whoever holds them all."""
    return lambda level, index: root(hashes[index << level : (index + 1) << level])


def inclusion(index: int, size: int, hashes: Sequence[bytes]) -> tuple[bytes, ...]:
    """`prove_inclusion` from leaf hashes, at least `size` of them."""
    return prove_inclusion(index, size, nodes(_enough(hashes, size)))


def consistency(old: int, new: int, hashes: Sequence[bytes]) -> tuple[bytes, ...]:
    """`prove_consistency` from leaf hashes, at least `new` of them."""
    return prove_consistency(old, new, nodes(_enough(hashes, new)))


def verify_inclusion(leaf: bytes, index: int, size: int, root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the leaf hash stands at `index` of the tree of `size` leaves under `root` (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size or not _hashes(leaf, root, *proof):
        return False
    here, last, made = index, size - 1, leaf
    for step in proof:
        if last == 0:
            return False
        if here & 1 or here == last:
            made = node_hash(step, made)
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        else:
            made = node_hash(made, step)
        here, last = here >> 1, last >> 1
    return last == 0 and made == root


def verify_consistency(old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the tree of `new_size` leaves begins with that of `old_size` (RFC 9162, 2.1.4.2). Sizes start at 1."""
    if not 0 < old_size <= new_size:
        return False
    if old_size == new_size:
        return not proof and old_root == new_root
    if not _hashes(old_root, new_root, *proof):
        return False
    path = [old_root, *proof] if _whole(old_size) else list(proof)
    return _roots(old_size, new_size, path) == (old_root, new_root)


def prefix_root(old_size: int, new_size: int, new_root: bytes, proof: Sequence[bytes]) -> bytes | None:
    """The root of the first `old_size` leaves, as a consistency proof binds it to the new root; None if it binds none.

    None as well for a power of two: there the old root is itself the path's first hash, and no proof names it.
    """
    if not 0 < old_size < new_size or _whole(old_size) or not _hashes(new_root, *proof):
        return None
    found = _roots(old_size, new_size, proof)
    return found[0] if found is not None and found[1] == new_root else None


def _roots(old_size: int, new_size: int, path: Sequence[bytes]) -> tuple[bytes, bytes] | None:
    """Old root and new one that come out of a consistency path; None if it is not as long as these sizes have it."""
    if not path:
        return None
    here, last = old_size - 1, new_size - 1
    while here & 1:
        here, last = here >> 1, last >> 1
    old = new = path[0]
    for step in path[1:]:
        if last == 0:
            return None
        if here & 1 or here == last:
            old, new = node_hash(step, old), node_hash(step, new)
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        else:
            new = node_hash(new, step)
        here, last = here >> 1, last >> 1
    return (old, new) if last == 0 else None


def _whole(size: int) -> bool:
    """Whether a tree of this size is one complete subtree: a power of two."""
    return size & (size - 1) == 0


def _fold(parts: Sequence[bytes]) -> bytes:
    """One root of neighbouring complete subtrees, the largest first."""
    made = parts[-1]
    for part in reversed(parts[:-1]):
        made = node_hash(part, made)
    return made


def _split(count: int) -> int:
    """The largest power of two below `count` (RFC 6962, 2.1)."""
    return 1 << (count - 1).bit_length() - 1


def _trailing(start: int) -> int:
    """Level of the largest complete subtree that may begin at `start`."""
    return (start & -start).bit_length() - 1 if start else 63


def _enough(hashes: Sequence[bytes], size: int) -> Sequence[bytes]:
    """The leaf hashes, if they are those of a log of that size."""
    if len(hashes) < size:
        raise FormatError("too few leaf hashes", where="proof", found=str(len(hashes)), wanted=f"at least {size}")
    return hashes


def _hashes(*values: bytes) -> bool:
    """Whether all are as long as a SHA-256 hash."""
    return all(len(value) == 32 for value in values)
