"""The hub's pages of the assembly: written when the published head has moved, and only those that say something else.

Decides when pages are made, by a thread of their own: the log never waits for them, however long it is, and they never
wait for the log, for they show the published head while newer leaves wait for cosignatures. Pages are derived: what is
lost is made again, nothing depends on it, and what fails here is one line. They are made from public files alone, as
anyone makes them.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Final

from comity.adapters import durable
from comity.adapters.blobs import Blobs
from comity.canon import Digest
from comity.errors import ComityError, NotVerified
from comity.services.hub.sequence import Sequencer
from comity.stages.publish.assembly import Edition

REST: Final = 0.25  # seconds between two looks for a new head
LONGEST: Final = 60.0  # seconds until what failed is tried again: REST doubled with each failure, up to this
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


class Stopped(Exception):
    """The hub stops, so what is half made is not made any further."""


class Pages:
    """Pages under one public folder. For one thread; of the sequencer it asks what needs none of its locks."""

    def __init__(self, sequencer: Sequencer, public: Path, *, stop: threading.Event | None = None) -> None:
        self._sequencer, self._public, self._stop = sequencer, public, stop or threading.Event()
        self._blobs = Blobs(public / "blobs")
        self._edition = Edition()
        self._bodies = Public(self._blobs)
        self._size = 0  # of the head that all pages were made from
        self._round: Iterator[tuple[str, bytes]] | None = None

    def run(self, log: Callable[[str], None]) -> None:
        """Make pages until told to stop; what stays wrong is one line, once.

        Between two batches it rests as long as the last one took: half of the interpreter's time is left to the log.
        """
        said, rest, pause = "", REST, REST
        while not self._stop.wait(rest):
            began = time.monotonic()
            try:
                if self.once():
                    said, pause = "", REST
            except Stopped:
                return
            except ComityError as e:
                pause, said = min(2 * pause, LONGEST), _tell(f"pages: {e.code}: {e}", said, log)
            except Exception as e:  # the hub goes on, and pages are tried again
                pause = min(2 * pause, LONGEST)
                said = _tell(f"pages: our bug, please report: {type(e).__name__}: {e}", said, log)
            rest = time.monotonic() - began if self._round else pause

    def once(self) -> bool:
        """Write the next few pages, if any are to be written; whether all are of the published head now.

        Raises:
            ComityError: a page could not be made or written; with the next call all are made anew.
        """
        self._round = self._round or self._next()
        if self._round is None:
            return False
        try:
            made = list(islice(self._round, BATCH))
            files = {self._public / path: data for path, data in made}
            durable.write_all({path: data for path, data in files.items() if not _same(path, data)})
        except BaseException:
            self._round, self._edition, self._size = None, Edition(), 0
            raise
        if len(made) == BATCH:
            return False
        self._round = None
        return True

    def _next(self) -> Iterator[tuple[str, bytes]] | None:
        """A round over all pages, if the published head is another one, or a body has come; else nothing."""
        state = self._sequencer.covered
        if state is None:
            return None
        came = any(self._blobs.has(name) for name in list(self._bodies.missing)[-WATCHED:])
        if state.size == self._size and not came:
            return None
        self._size, self._bodies = state.size, Public(self._blobs)
        return self._edition.changed(state, self._leaf, self._bodies)

    def _leaf(self, index: int) -> bytes:
        """A leaf; Stopped if the hub stops: a first edition reads all of them."""
        if self._stop.is_set():
            raise Stopped
        return self._sequencer.leaf(index)


@contextmanager
def made(sequencer: Sequencer, public: Path, log: Callable[[str], None]) -> Iterator[None]:
    """While the block runs, a thread makes the pages; at its end that thread has ended, too."""
    stop = threading.Event()
    thread = threading.Thread(target=Pages(sequencer, public, stop=stop).run, args=(log,), name="pages")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _tell(line: str, said: str, log: Callable[[str], None]) -> str:
    if line != said:
        log(line)
    return line


def _same(path: Path, data: bytes) -> bool:
    return path.is_file() and path.read_bytes() == data
