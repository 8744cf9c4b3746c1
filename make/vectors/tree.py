"""The tree of RFC 6962 and the files of tlog-tiles, from their definitions and hashlib alone: no code of Comity's.

Slow and short: everything is computed anew from the leaf hashes, as the definition says it.
"""

from collections.abc import Iterator, Sequence
from hashlib import sha256
from itertools import count, takewhile


def leaf(entry: bytes) -> bytes:
    """RFC 6962, 2.1: MTH({d(0)})."""
    return sha256(b"\0" + entry).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """RFC 6962, 2.1: MTH(D[n]), of leaf hashes."""
    if len(leaves) < 2:
        return leaves[0] if leaves else sha256().digest()
    k = _split(len(leaves))
    return sha256(b"\1" + root(leaves[:k]) + root(leaves[k:])).digest()


def path(m: int, leaves: Sequence[bytes]) -> tuple[bytes, ...]:
    """RFC 6962, 2.1.1: PATH(m, D[n])."""
    if len(leaves) == 1:
        return ()
    k = _split(len(leaves))
    if m < k:
        return (*path(m, leaves[:k]), root(leaves[k:]))
    return (*path(m - k, leaves[k:]), root(leaves[:k]))


def _split(n: int) -> int:
    """The largest power of two smaller than n."""
    return 1 << (n - 1).bit_length() - 1


def bundles(entries: Sequence[bytes]) -> dict[str, bytes]:
    """tlog-tiles, Log Entries: files of 256 entries by path, each entry behind its length as a big-endian uint16."""
    return {
        f"tile/entries/{at}": b"".join(len(entries[i]).to_bytes(2, "big") + entries[i] for i in places)
        for at, places in _rows(len(entries))
    }


def tiles(leaves: Sequence[bytes]) -> dict[str, bytes]:
    """tlog-tiles, Merkle Tree: files of 256 hashes by path; hash i of level L is the root of its 256^L leaves."""
    wide = ((level, 256**level) for level in count())
    return {
        f"tile/{level}/{at}": b"".join(root(leaves[i * width : (i + 1) * width]) for i in places)
        for level, width in takewhile(lambda row: row[1] <= len(leaves), wide)
        for at, places in _rows(len(leaves) // width)
    }


def _rows(number: int) -> Iterator[tuple[str, range]]:
    """So many things in files of 256: how the path of each file ends, and which things it holds."""
    for start in range(0, number, 256):
        stop = min(number, start + 256)
        *above, last = f"{start // 256:,}".zfill(3).split(",")
        digits = "/".join([*(f"x{part.zfill(3)}" for part in above), last])
        yield digits + (f".p/{stop - start}" if stop - start < 256 else ""), range(start, stop)
