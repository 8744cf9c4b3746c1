"""Vectors of c2sp.org/tlog-tiles: what a log consists of, how bundles are read, how tiles are called."""

from collections.abc import Iterator
from hashlib import sha256

import tree
from keys import ENTRIES, LEAVES, Case, b64


def logs() -> Iterator[Case]:
    """What a log of `size` entries consists of that one of `since` has not: paths, lengths, digests; and its root."""
    for size, since in (
        (0, 0),
        (1, 0),
        (2, 1),
        (255, 2),
        (256, 255),
        (257, 256),
        (700, 257),
        (65_536, 65_280),
        (70_000, 69_888),
    ):
        before = {*tree.bundles(ENTRIES[:since]), *tree.tiles(LEAVES[:since])}
        files = tree.bundles(ENTRIES[:size]) | tree.tiles(LEAVES[:size])
        told = [
            {"path": p, "length": len(data), "sha256": sha256(data).hexdigest()}
            for p, data in files.items()
            if p not in before
        ]
        yield {"size": size, "since": since, "root": b64(tree.root(LEAVES[:size])), "files": told}


def some_bundles() -> Iterator[Case]:
    """Octets, how many entries they must hold, and the entries, or null."""

    def case(why: str, width: int, data: bytes, *entries: bytes) -> Case:
        return {"why": why, "width": width, "bytes": b64(data), "entries": [*map(b64, entries)] or None}

    yield case("one entry", 1, b"\0\x01a", b"a")
    yield case("an entry of no bytes", 2, b"\0\0\0\x01a", b"", b"a")
    yield case("an entry too few", 2, b"\0\x01a")
    yield case("an entry too many", 1, b"\0\x01a\0\x01b")
    yield case("a byte too many", 1, b"\0\x01a\0")
    yield case("a torn entry", 1, b"\0\x02a")
    yield case("a torn length", 2, b"\0\x01a\0")
    yield case("nothing", 1, b"")


def paths() -> Iterator[Case]:
    """A path, and level (or `entries`), index and width, or null."""
    good = {
        "tile/0/000": (0, 0, 256),
        "tile/0/000.p/1": (0, 0, 1),
        "tile/63/001.p/255": (63, 1, 255),
        "tile/1/x001/x234/067": (1, 1_234_067, 256),
        "tile/1/x001/x234/067.p/8": (1, 1_234_067, 8),
        "tile/entries/x001/000": ("entries", 1000, 256),
        "tile/entries/000.p/16": ("entries", 0, 16),
    }
    for path, (level, index, width) in good.items():
        yield {"path": path, "tile": {"level": level, "index": index, "width": width}}
    bad = """
        tile/0 tile/0/0 tile/0/0000 tile/00/000 tile/64/000 tile/-1/000 tile/x/000 tile/0/000/ /tile/0/000 tiles/0/000
        tile/0/000.p tile/0/000.p/0 tile/0/000.p/256 tile/0/000.p/01 tile/0/x001/000.p/+1 tile/0/x000/001
        tile/0/x001/x000 tile/0/001/000 tile/0/001/x000 tile/entries tile/Entries/000 tile/0/\u0660\u0660\u0660
    """
    for path in bad.split():
        yield {"path": path, "tile": None}
