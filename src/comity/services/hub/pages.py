"""The hub's pages of the assembly: written when the published head has moved, and only those that say something else.

Decides when pages are made, and how many at a time: never so many that the log waits for them. Pages are derived: what
is lost is made again, and nothing depends on it. They are made from public files alone, as anyone makes them.
"""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from comity.adapters import durable
from comity.adapters.blobs import Blobs
from comity.canon import Digest
from comity.errors import NotVerified
from comity.services.hub.sequence import Sequencer
from comity.stages.publish.assembly import Edition

BATCH: Final = 32  # pages of one look
WATCHED: Final = 256  # bodies, the last that were missing, whose coming makes pages anew


class Public:
    """Public bodies (`pages.assembly.texts.Bodies`); remembers which were asked for and are not here."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs
        self.missing: dict[Digest, None] = {}

    def has(self, name: Digest, /) -> bool:
        """Whether the body is public here."""
        held = self._blobs.has(name)
        if not held:
            self.missing[name] = None
        return held

    def get(self, name: Digest, /) -> bytes:
        """The body; NotVerified if it is not here, or its file was changed."""
        data = self._blobs.get(name)
        if data is None:
            raise NotVerified("a body is not here", where=name)
        return data


class Pages:
    """Pages under one public folder."""

    def __init__(self, sequencer: Sequencer, public: Path) -> None:
        self._sequencer, self._public = sequencer, public
        self._blobs = Blobs(public / "blobs")
        self._edition = Edition()
        self._bodies = Public(self._blobs)
        self._size = 0  # of the head that all pages were made from
        self._round: Iterator[tuple[str, bytes]] | None = None

    def once(self) -> bool:
        """Write the next few pages, if any are to be written; whether all are of the published head now.

        Raises:
            ComityError: a page could not be made or written; with the next head all are made anew.
        """
        self._round = self._round or self._next()
        if self._round is None:
            return False
        try:
            made = list(islice(self._round, BATCH))
            files = {self._public / path: data for path, data in made}
            durable.write_all({path: data for path, data in files.items() if not _same(path, data)})
        except BaseException:
            self._round, self._edition = None, Edition()
            raise
        if len(made) == BATCH:
            return False
        self._round = None
        return True

    def _next(self) -> Iterator[tuple[str, bytes]] | None:
        """A round over all pages, if the published head is another one, or a body has come; else nothing.

        While leaves wait for cosignatures the state is ahead of what is public, and pages wait too.
        """
        state, published = self._sequencer.state, self._sequencer.published
        if published is None or published.size != state.size:
            return None
        came = any(self._blobs.has(name) for name in list(self._bodies.missing)[-WATCHED:])
        if state.size == self._size and not came:
            return None
        self._size, self._bodies = state.size, Public(self._blobs)
        return self._edition.changed(state, self._sequencer.leaf, self._bodies)


def _same(path: Path, data: bytes) -> bool:
    return path.is_file() and path.read_bytes() == data
