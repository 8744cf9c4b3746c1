"""Tiles and entry bundles (c2sp.org/tlog-tiles): the log as static files of 256 hashes, or 256 entries, each.

Decides which tiles a size has, where they lie, and what bytes they hold; reads hashes for proofs out of them. Where the
bytes come from is an argument; whether they are true is shown by the proof that is made of them.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Self

from comity.errors import FormatError
from comity.tlog.merkle import EMPTY, LEAF, NODE, Node, node_hash, root
from comity.tlog.spelling import HASH, LARGEST, decimal

WIDTH = 256  # hashes, or entries, of a full tile
HEIGHT = 8  # 2^8 = WIDTH: levels of the tree between two levels of tiles
ENTRIES = -1  # level of an entry bundle
LARGEST_ENTRY = 2**16 - 1  # bytes; a bundle's lengths are uint16
LARGEST_BUNDLE = WIDTH * (2 + LARGEST_ENTRY)  # bytes


@dataclass(frozen=True, slots=True, order=True)
class Tile:
    """The first `width` hashes of tile `index` at `level`; at level ENTRIES, entries."""

    level: int
    index: int
    width: int = WIDTH

    def __post_init__(self) -> None:
        if not (ENTRIES <= self.level < 64 and 0 <= self.index <= LARGEST and 0 < self.width <= WIDTH):
            found = f"level {self.level}, index {self.index}, width {self.width}"
            raise FormatError("no such tile", where="tile", found=found, wanted="level 0 to 63, width 1 to 256")

    @property
    def full(self) -> bool:
        """Whether it holds 256 and so never grows."""
        return self.width == WIDTH

    @property
    def stop(self) -> int:
        """Size of the smallest log that has this tile at this width."""
        return self.index * WIDTH + self.width << HEIGHT * max(self.level, 0)

    @classmethod
    def parse(cls, path: str) -> Self:
        """Read a path; refuse every other spelling."""
        try:
            _tile, level, *index = path.split("/")
            width = WIDTH
            if len(index) > 1 and index[-2].endswith(".p"):
                width = decimal(index.pop(), where="tile path")
                index[-1] = index[-1].removesuffix(".p")
            number = int("".join(part.removeprefix("x") for part in index))
            tile = cls(ENTRIES if level == "entries" else decimal(level, where="tile path"), number, width)
        except ValueError:
            tile = None
        if tile is None or str(tile) != path:
            raise FormatError("not a tile's path", where="tile path", found=repr(path), wanted="tile/<L>/<N>[.p/<W>]")
        return tile

    def __str__(self) -> str:
        """Path under the log's prefix, as `tile/1/x001/067.p/12`."""
        digits = f"{self.index:03d}"
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        parts = [digits[i : i + 3] for i in range(0, len(digits), 3)]
        number = "/".join([*(f"x{part}" for part in parts[:-1]), parts[-1]])
        level = "entries" if self.level == ENTRIES else str(self.level)
        return f"tile/{level}/{number}" + ("" if self.full else f".p/{self.width}")


def hash_tiles(size: int, since: int = 0) -> tuple[Tile, ...]:
    """Tiles of hashes of a log of `size` leaves that one of `since` leaves does not have, in the order to write."""
    found: list[Tile] = []
    level = 0
    while size >> HEIGHT * level:
        found += _row(level, size >> HEIGHT * level, since >> HEIGHT * level)
        level += 1
    return tuple(found)


def bundles(size: int, since: int = 0) -> Iterator[Tile]:
    """Entry bundles of a log of `size` leaves that one of `since` leaves does not have.

    One at a time: whoever signs checkpoints may sign any size, and the first bundle that is missing shows it.
    """
    return _row(ENTRIES, size, since)


def encode_bundle(entries: Iterable[bytes]) -> bytes:
    """Entries behind big-endian uint16 lengths; FormatError for one that is too long."""
    parts = []
    for entry in entries:
        if len(entry) > LARGEST_ENTRY:
            found, wanted = f"{len(entry)} bytes", f"at most {LARGEST_ENTRY}"
            raise FormatError("an entry is too long for a bundle", where="entry bundle", found=found, wanted=wanted)
        parts += [len(entry).to_bytes(2, "big"), entry]
    return b"".join(parts)


def decode_bundle(data: bytes, width: int) -> tuple[bytes, ...]:
    """The `width` entries of a bundle; FormatError for fewer, more, or a torn end."""
    entries: list[bytes] = []
    at = 0
    while at < len(data) and len(entries) < width:
        stop = at + 2 + int.from_bytes(data[at : at + 2], "big")
        entries.append(data[at + 2 : stop])
        at = stop
    if len(entries) != width or at != len(data):
        found = f"{len(entries)} entries in {len(data)} bytes"
        raise FormatError("not an entry bundle of its width", where="entry bundle", found=found, wanted=str(width))
    return tuple(entries)


def narrow(tile: Tile, wider: bytes, width: int = WIDTH) -> bytes:
    """The bytes of a partial tile out of a wider one, which may have taken its place."""
    if tile.level == ENTRIES:
        return encode_bundle(decode_bundle(wider, width)[: tile.width])
    return _sound(Tile(tile.level, tile.index, width), wider)[: tile.width * HASH]


def served(tile: Tile, get: Callable[[Tile], bytes | None]) -> bytes | None:
    """The bytes of a tile or bundle; a partial one is cut out of the full one where that has taken its place.

    None if `get` finds neither; FormatError if the full one is not as long as its width.
    """
    data = get(tile)
    if data is None and not tile.full and (whole := get(Tile(tile.level, tile.index))) is not None:
        return narrow(tile, whole)
    return data


def node_reader(size: int, read: Callable[[Tile], bytes]) -> Node:
    """Hashes of a log of `size` leaves out of its tiles; each tile is read once and must be as long as its width."""
    held: dict[Tile, bytes] = {}

    def node(level: int, index: int) -> bytes:
        row, height = divmod(level, HEIGHT)
        first = index << height
        number = first // WIDTH
        tile = Tile(row, number, min(WIDTH, (size >> HEIGHT * row) - number * WIDTH))
        if tile not in held:
            held[tile] = _sound(tile, read(tile))
        start = first % WIDTH * HASH
        return root(_cut(held[tile][start : start + (HASH << height)]))

    return node


@dataclass(frozen=True, slots=True)
class Edge:
    """The right edge of a tiled log: at each level the hashes of the tile that is not full yet.

    All that a writer must hold to go on: tiles come out of it as leaves go in, each hash computed once.
    """

    size: int = 0
    rows: tuple[bytes, ...] = ()

    def extend(self, leaves: Sequence[bytes]) -> tuple["Edge", tuple[tuple[Tile, bytes], ...]]:
        """The edge after more leaf hashes, and the tiles that became full on the way, lower levels first."""
        size, rows, made, level = self.size + len(leaves), list(self.rows), [], 0
        new = b"".join(leaves)
        while new:
            if level == len(rows):
                rows.append(b"")
            row = rows[level] + new
            first = ((size >> HEIGHT * level) - len(row) // HASH) // WIDTH
            whole = len(row) // (WIDTH * HASH) * WIDTH * HASH
            data = [row[i : i + WIDTH * HASH] for i in range(0, whole, WIDTH * HASH)]
            made += [(Tile(level, first + i), tile) for i, tile in enumerate(data)]
            rows[level] = row[whole:]
            new = b"".join(map(_crown, data))
            level += 1
        return Edge(size, tuple(rows)), tuple(made)

    def partial(self) -> tuple[tuple[Tile, bytes], ...]:
        """The tiles that are not full at this size."""
        return tuple(
            (Tile(level, (self.size >> HEIGHT * level) // WIDTH, len(row) // HASH), row)
            for level, row in enumerate(self.rows)
            if row
        )

    def root(self) -> bytes:
        """Root over all leaves so far."""
        made = b""
        for row in self.rows:
            for part in reversed(_complete(row)):
                made = node_hash(part, made) if made else part
        return made or EMPTY


def hash_entries(entries: Iterable[bytes]) -> list[bytes]:
    """Leaf hashes of entries, in order."""
    return [sha256(LEAF + entry).digest() for entry in entries]  # `leaf_hash`, without a call an entry


def _row(level: int, now: int, before: int) -> Iterator[Tile]:
    """Tiles of one level with `now` hashes, but those that it had with `before`."""
    for index in range(before // WIDTH, now // WIDTH):
        yield Tile(level, index)
    if now % WIDTH and now != before:
        yield Tile(level, now // WIDTH, now % WIDTH)


def _sound(tile: Tile, data: bytes) -> bytes:
    if len(data) != tile.width * HASH:
        found, wanted = f"{len(data)} bytes", f"{tile.width * HASH}"
        raise FormatError("a tile is not as long as its width", where=str(tile), found=found, wanted=wanted)
    return data


def _cut(row: bytes) -> list[bytes]:
    """The hashes of a tile."""
    return [row[i : i + HASH] for i in range(0, len(row), HASH)]


def _crown(tile: bytes) -> bytes:
    """Root of a full tile: `root` of its hashes, without taking them apart."""
    row = tile
    while len(row) > HASH:
        row = b"".join([sha256(NODE + row[i : i + 2 * HASH]).digest() for i in range(0, len(row), 2 * HASH)])
    return row


def _complete(row: bytes) -> list[bytes]:
    """Roots of the complete subtrees that the hashes of an unfinished tile make, the largest first."""
    hashes, found, at = _cut(row), [], 0
    for height in reversed(range(HEIGHT)):
        if len(hashes) - at >= 1 << height:
            found.append(root(hashes[at : at + (1 << height)]))
            at += 1 << height
    return found
