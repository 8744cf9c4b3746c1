"""Anyone's own pages of the assembly: made from a log and its public bodies, as its hub makes them, byte for byte.

A body that an office's node holds and nobody serves is no part of them. What cannot be asked for ends the work: a page
says that a text is not at hand only where its source says so.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from comity import canon
from comity.adapters import durable
from comity.adapters.client import Client
from comity.adapters.folder import refuse_state
from comity.canon import Digest
from comity.errors import NotVerified
from comity.services.reading import Reading
from comity.stages.publish.assembly import Edition

BATCH: Final = 256  # files that are written together


@dataclass(frozen=True, slots=True)
class Written:
    """How many pages there are, and how many of them were not there already."""

    pages: int
    written: int


class Served:
    """Bodies as a source serves them to everyone (`pages.assembly.texts.Bodies`); each is asked for once."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._held: dict[Digest, bytes | None] = {}

    def has(self, name: Digest, /) -> bool:
        """Whether it is served; NotVerified if another body is, Unreachable if nobody answers."""
        if name not in self._held:
            body = self._client.blob(name)
            if body is not None and (found := canon.digest(body)) != name:
                where = f"{self._client.address}/{name}"
                raise NotVerified("another body under this digest", where=where, found=found, way_out="ask a mirror")
            self._held[name] = body
        return self._held[name] is not None

    def get(self, name: Digest, /) -> bytes:
        """The body; NotVerified if it is not served."""
        body = self._held[name] if self.has(name) else None
        if body is None:
            raise NotVerified("a body is not served", where=name)
        return body


def write(reading: Reading, out: Path) -> Written:
    """Make all pages of a log below a folder; those that are there with the same bytes are left alone.

    Raises:
        ConfigError: a service keeps its state in the folder.
    """
    refuse_state(out)
    log, pages, written = reading.log, 0, 0
    batch: dict[Path, bytes] = {}
    for path, data in Edition().changed(log.state, log.leaves.__getitem__, Served(reading.client)):
        pages += 1
        file = out / path
        if not file.is_file() or file.read_bytes() != data:
            batch[file] = data
        if len(batch) == BATCH:
            durable.write_all(batch)
            written, batch = written + len(batch), {}
    durable.write_all(batch)
    return Written(pages, written + len(batch))
