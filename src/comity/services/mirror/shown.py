"""What a source shows: the tiles under one checkpoint's root, none of them believed before it is shown to lie there.

Decides which bytes are the log's, given the root. Who signed the checkpoint, and what was copied before, is judged by
`services.mirror.log`. Of the tiles it holds one a level, so a log of any length is read in the same memory.
"""

from collections.abc import Callable

from comity.errors import FormatError, NotVerified
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.merkle import Node, leaf_hash, root
from comity.tlog.spelling import HASH, b64
from comity.tlog.tile import HEIGHT, WIDTH, Edge, Tile, decode_bundle, node_reader

Fetch = Callable[[Tile], bytes]


class Shown:
    """One view of a log; made only if the tiles of its right edge make the checkpoint's root."""

    def __init__(self, checkpoint: Checkpoint, fetch: Fetch, *, where: str) -> None:
        """Read the right edge; NotVerified if it is another tree's.

        Args:
            fetch: gives the bytes of a tile or bundle.
            where: the address that names of files are put behind.
        """
        self.checkpoint, self._fetch, self._where = checkpoint, fetch, where
        self._held: dict[int, tuple[Tile, bytes]] = {}  # level -> the full tile read last: reading goes from the left
        self._edge = self._right_edge()

    @property
    def size(self) -> int:
        """Leaves of the view."""
        return self.checkpoint.size

    @property
    def node(self) -> Node:
        """Hashes of the view's tree, for roots and proofs."""
        return node_reader(self.size, self.tile)

    def entries(self, bundle: Tile) -> tuple[bytes, ...]:
        """Entries of a bundle; NotVerified, with file and place, if one is not the leaf that the tree holds."""
        where = f"{self._where}/{bundle}"
        try:
            found = decode_bundle(self._fetch(bundle), bundle.width)
        except FormatError as e:
            raise NotVerified("not a bundle of the log", where=where, found=e.found, wanted=e.wanted) from None
        hashes = self.tile(Tile(0, bundle.index, bundle.width))
        for at, entry in enumerate(found):
            if leaf_hash(entry) != hashes[at * HASH : (at + 1) * HASH]:
                raise NotVerified(
                    "an entry is not the leaf that the log's tree holds",
                    where=f"{where}, leaf {bundle.index * WIDTH + at}",
                    found=b64(leaf_hash(entry)),
                    wanted=b64(hashes[at * HASH : (at + 1) * HASH]),
                    way_out="ask another mirror, or the hub itself",
                )
        return found

    def tile(self, tile: Tile) -> bytes:
        """A tile of hashes at the width that it has in this view; NotVerified if its parent does not hold it."""
        if not tile.full:
            return self._edge.rows[tile.level]
        held = self._held.get(tile.level)
        if held is None or held[0] != tile:
            data = self._sound(tile)
            made = root([data[i : i + HASH] for i in range(0, len(data), HASH)])
            if made != (wanted := self._hash(tile.level + 1, tile.index)):
                raise NotVerified(
                    "a tile is not the one that the checkpoint's root holds",
                    where=f"{self._where}/{tile}",
                    found=b64(made),
                    wanted=b64(wanted),
                    way_out="ask another mirror, or the hub itself",
                )
            self._held[tile.level] = held = tile, data
        return held[1]

    def _hash(self, level: int, index: int) -> bytes:
        """One hash of a row of tiles."""
        number = index // WIDTH
        width = min(WIDTH, (self.size >> HEIGHT * level) - number * WIDTH)
        at = index % WIDTH * HASH
        return self.tile(Tile(level, number, width))[at : at + HASH]

    def _right_edge(self) -> Edge:
        rows, level = [], 0
        while count := self.size >> HEIGHT * level:
            width = count % WIDTH
            rows.append(self._sound(Tile(level, count // WIDTH, width)) if width else b"")
            level += 1
        edge = Edge(self.size, tuple(rows))
        if edge.root() != self.checkpoint.root:
            raise NotVerified(
                "the tiles do not make the checkpoint's root",
                where=f"{self._where}, checkpoint {self.size} of {self.checkpoint.origin}",
                found=b64(edge.root()),
                wanted=b64(self.checkpoint.root),
                way_out="ask again later: a source may be about to change; then ask another mirror",
            )
        return edge

    def _sound(self, tile: Tile) -> bytes:
        data = self._fetch(tile)
        if len(data) != tile.width * HASH:
            found, wanted = f"{len(data)} bytes", str(tile.width * HASH)
            raise NotVerified(
                "a tile is not as long as its width", where=f"{self._where}/{tile}", found=found, wanted=wanted
            )
        return data
