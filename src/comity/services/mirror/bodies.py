"""Bodies that leaves name, each by its digest, and releases as folders: what of them is here, and what is still wanted.

Decides which bodies are asked for. Those of an exchange's steps are public only if the view of its sum names them, so
they are asked for by the view, never by their statements. What is wanted lies in `wanted.json`, a cache: without it
every leaf of the copy is read again.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from comity import canon
from comity.acts import statement
from comity.acts.exchange import Answer, ExchangeClosed, Shares, Unmask
from comity.acts.release import ReleasePublished
from comity.adapters import durable
from comity.adapters.blobs import Blobs
from comity.adapters.client import Client
from comity.adapters.folder import PRIVATE_FILE
from comity.canon import Digest
from comity.errors import FormatError, NotVerified
from comity.model.job import Silent, Tell
from comity.model.release import Release
from comity.services.mirror.disk import PUBLIC_FILE
from comity.stages.publish import folder
from comity.stages.seal.view import View

WANTED: Final = "wanted.json"
EAGER: Final = 10  # rounds in which a body is asked for each time
RARELY: Final = 30  # later it is asked for in every such round: it may never come

Record = ReleasePublished | ExchangeClosed


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What was wanted when so many leaves had been read."""

    size: int
    missing: tuple[Digest, ...]
    records: tuple[int, ...]  # leaves whose bodies name further ones, not all of them here


class Bodies:
    """The bodies of one copy."""

    def __init__(self, home: Path, public: Path, client: Client, *, tell: Tell | None = None) -> None:
        self._path, self._public, self._client = home / WANTED, public, client
        self._tell = tell or Silent()
        self._blobs = Blobs(public / "blobs", mode=PUBLIC_FILE)
        self._cached = self._read()
        self._noted = 0
        self._missing: dict[Digest, int] = {}  # how often each was asked for
        self._records: dict[int, Record] = {}
        if self._cached is not None:
            self._missing = dict.fromkeys(self._cached.missing, 0)

    @property
    def missing(self) -> int:
        """Bodies that are named and not here."""
        return len(self._missing)

    def note(self, start: int, leaves: tuple[bytes, ...]) -> None:
        """Leaves that are in the copy now; those that were noted in an earlier life are only counted."""
        for index, leaf in enumerate(leaves, start):
            cached = self._cached is not None and index < self._cached.size
            if not cached or (self._cached is not None and index in self._cached.records):
                self._note(index, leaf, quiet=cached)
        self._noted = start + len(leaves)

    def begin_again(self) -> None:
        """Forget what the cache said: it is of another copy than the leaves."""
        self._cached, self._missing, self._records = None, {}, {}

    @property
    def ahead(self) -> bool:
        """Whether the cache has read leaves that are not in the copy."""
        return self._cached is not None and self._cached.size > self._noted

    def fetch(self) -> None:
        """Bodies that are public by now; those that they name in turn; releases whose files are all here.

        Raises:
            NotVerified: a body is not what its name says.
            Unreachable: the source does not answer.
        """
        asked = [name for name in self._missing if self._due(name)]
        while asked:
            for done, name in enumerate(asked):
                if self._fetch(name):
                    del self._missing[name]
                if len(asked) > 1:
                    self._tell(done + 1, len(asked), "bodies")
            asked = [name for name in self._named() if name not in self._missing and not self._blobs.has(name)]
            self._missing |= dict.fromkeys(asked, 0)
        for index, record in list(self._records.items()):
            if self._complete(record):
                del self._records[index]

    def save(self) -> None:
        """Keep what is wanted, for the next start."""
        wanted = Wanted(size=self._noted, missing=tuple(sorted(self._missing)), records=tuple(sorted(self._records)))
        if wanted != self._cached:
            durable.write(self._path, canon.encode(wanted), mode=PRIVATE_FILE)
            self._cached = wanted

    def _note(self, index: int, leaf: bytes, *, quiet: bool) -> None:
        body = body_of(leaf)
        if body is None:
            return
        if isinstance(body, ReleasePublished | ExchangeClosed):
            self._records[index] = body
        if quiet or isinstance(body, Shares | Unmask) or (isinstance(body, Answer) and body.exchange is not None):
            return
        for blob in statement.blobs(body):
            if not self._blobs.has(blob.digest):
                self._missing.setdefault(blob.digest, 0)

    def _due(self, name: Digest) -> bool:
        """Whether a body is asked for in this round."""
        self._missing[name] += 1
        tries = self._missing[name]
        return tries <= EAGER or tries % RARELY == 0

    def _fetch(self, name: Digest) -> bool:
        """Whether a body is here now."""
        if self._blobs.has(name):
            return True
        body = self._client.blob(name)
        if body is None:
            return False
        if (found := canon.digest(body)) != name:
            raise NotVerified(
                "a body is not what its name says",
                where=f"{self._client.address}/blobs/sha256/{canon.hex_of(name)[:2]}/{canon.hex_of(name)}",
                found=found,
                wanted=name,
                way_out="ask another mirror, or the hub itself",
            )
        self._blobs.put(body, digest=name)
        return True

    def _named(self) -> Iterator[Digest]:
        """Bodies that the bodies of records name: files of a release, the view of a sum."""
        for record in self._records.values():
            if isinstance(record, ReleasePublished):
                if (release := self._release(record)) is not None:
                    yield from (file.digest for file in release.files)
            else:
                yield from self._viewed(record)

    def _complete(self, record: Record) -> bool:
        """Whether nothing of a record is wanted any more; a release's folder is written then, its record last."""
        if isinstance(record, ExchangeClosed):
            return record.view is None or (
                self._blobs.has(record.view.digest) and not any(name in self._missing for name in self._viewed(record))
            )
        if not self._blobs.has(record.release.digest):
            return False
        release = self._release(record)
        if release is None:
            return True  # whoever publishes may have named anything
        if not all(self._blobs.has(file.digest) for file in release.files):
            return False
        place = self._public / "releases" / canon.hex_of(record.release.digest)
        if not (place / folder.RELEASE).is_file():
            for file in release.files:
                durable.write(place / file.path, self._blobs.get(file.digest) or b"", mode=PUBLIC_FILE)
            durable.write(place / folder.RELEASE, self._blobs.get(record.release.digest) or b"", mode=PUBLIC_FILE)
        return True

    def _viewed(self, record: ExchangeClosed) -> tuple[Digest, ...]:
        """What a view names; a hub's false view is copied like all else, for it is evidence."""
        seen = None if record.view is None else self._blobs.get(record.view.digest)
        with suppress(FormatError):
            return () if seen is None else tuple(canon.decode(seen, View, where="view").named())
        return ()

    def _release(self, record: ReleasePublished) -> Release | None:
        """The record that a leaf names, if it is here and one."""
        data = self._blobs.get(record.release.digest)
        with suppress(FormatError):
            return None if data is None else canon.decode(data, Release, where=folder.RELEASE)
        return None

    def _read(self) -> Wanted | None:
        """The cache; None for none, or for one that is not whole."""
        with suppress(OSError, FormatError):
            return canon.decode(self._path.read_bytes(), Wanted, where=WANTED)
        return None


def body_of(leaf: bytes) -> statement.Body | None:
    """What a leaf says; None for one that nobody can read."""
    try:
        return statement.read(leaf).act.body
    except FormatError:
        return None
