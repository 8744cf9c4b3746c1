"""Entries into leaf hashes, tiles and a root, in memory, beside the bare SHA-256 calls that this takes."""

import time
from collections.abc import Callable
from hashlib import sha256

from bench.row import Row
from comity.tlog.tile import Edge, Tile, hash_entries

BATCH = 4096  # entries that a writer takes at a time


def run() -> list[Row]:
    """Rows for entries of 200 and of 1,000 bytes."""
    return [measure(300_000, length) for length in (200, 1000)]


def measure(count: int, length: int) -> Row:
    """The better of three runs on either side, in turns."""
    entries = [i.to_bytes(8, "big") + bytes(length - 8) for i in range(count)]
    ours, bound = min(seconds(tiles, entries) for _ in range(3)), min(seconds(bare, entries) for _ in range(3))
    return {
        "bench": "log.tiles",
        "n": count,
        "ours_s": ours,
        "bound_s": bound,
        "ratio": ours / bound,
        "per_s": count / ours,
        "peer": None,
        "peer_s": None,
        "note": f"entries of {length} bytes; bound: one SHA-256 call a leaf and one a node, nothing else",
    }


def seconds(work: Callable[[list[bytes]], object], entries: list[bytes]) -> float:
    """Wall time of one call."""
    start = time.perf_counter()
    work(entries)
    return time.perf_counter() - start


def tiles(entries: list[bytes]) -> bytes:
    """What the hub does between commit and disk."""
    edge, held = Edge(), list[tuple[Tile, bytes]]()
    for at in range(0, len(entries), BATCH):
        edge, full = edge.extend(hash_entries(entries[at : at + BATCH]))
        held += full
    held += edge.partial()
    return edge.root()


def bare(entries: list[bytes]) -> None:
    """As many calls on as many bytes."""
    for entry in entries:
        sha256(b"\x00" + entry).digest()
    node = bytes(65)
    for _ in range(len(entries) - 1):
        sha256(node).digest()
