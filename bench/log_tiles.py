"""Entries into leaf hashes, tiles and a root, in memory, beside the bare SHA-256 calls that this takes, and a peer."""

import tempfile
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from bench.row import Row
from comity.tlog.tile import Edge, Tile, hash_entries

BATCH = 4096  # entries that a writer takes at a time
MEMORY = Path("/dev/shm")  # files that never reach a disk: the peer writes its tiles, it does not hand them over
RUNS = 5


def run() -> list[Row]:
    """Rows for entries of 200 and of 1,000 bytes."""
    return [measure(300_000, length) for length in (200, 1000)]


def measure(count: int, length: int) -> Row:
    """The best of some runs of each, in turns: a machine that is busy for a while slows all alike."""
    entries = [i.to_bytes(8, "big") + bytes(length - 8) for i in range(count)]
    works = {"ours": tiles, "bound": bare, "peer": peer}
    best = dict.fromkeys(works, float("inf"))
    if tiles(entries) != peer(entries):
        raise SystemExit("bench log.tiles: two roots of one log")
    for _ in range(RUNS):
        for name, work in works.items():
            best[name] = min(best[name], seconds(work, entries))
    note = (
        f"entries of {length} bytes; bound: one SHA-256 call a leaf and one a node, nothing else; "
        "the peer puts bundles and tiles into files in memory, in one commit"
    )
    return {
        "bench": "log.tiles",
        "n": count,
        "ours_s": best["ours"],
        "bound_s": best["bound"],
        "ratio": best["ours"] / best["bound"],
        "per_s": count / best["ours"],
        "peer": "tlog-scales",
        "peer_s": best["peer"],
        "note": note,
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


def peer(entries: list[bytes]) -> bytes:
    """The same log by tlog-scales."""
    from tlog_scales.writer import TilesWriter

    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        writer = TilesWriter.create(Path(folder) / "log", "example.org/log")
        for entry in entries:
            writer.add_leaf(entry)
        writer.commit([], gc=False)
        return bytes(writer.reader.calculate_root_hash())
