"""Bodies that a hub holds privately while an exchange is open: boxes, manifests, vectors, lists. `seal.db`.

Decides how many small bodies are kept in one durable transaction and how they are forgotten; who may see which, and
when, is `services.hub.keeper`. Large ones are files (`adapters.blobs`), so that a database never grows by vectors.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from comity.adapters.blobs import Blobs
from comity.adapters.database import Database
from comity.canon import Digest, digest

LARGE: Final = 64 * 1024  # bytes; a body of this size or more is a file
MIGRATIONS: Final = ("CREATE TABLE body (digest TEXT PRIMARY KEY, data BLOB NOT NULL) WITHOUT ROWID",)


class Held:
    """Bodies by digest."""

    def __init__(self, home: Path, files: Blobs) -> None:
        self._database, self._files = Database(home / "seal.db", MIGRATIONS, secret=True), files

    def put(self, bodies: Iterable[bytes]) -> None:
        """Keep bodies; all small ones are on disk together when this returns."""
        listed = list(bodies)
        self._files.put_all(body for body in listed if len(body) >= LARGE)
        small = [(digest(body), body) for body in listed if len(body) < LARGE]
        with self._database.write() as transaction:
            transaction.executemany("INSERT OR IGNORE INTO body VALUES (?, ?)", small)

    def has(self, name: Digest) -> bool:
        """Whether the body is here, or is a file."""
        return bool(self._database.read("SELECT 1 FROM body WHERE digest = ?", (name,))) or self._files.has(name)

    def get(self, name: Digest) -> bytes | None:
        """The body, or None; a file that was changed is NotVerified."""
        rows = self._database.read("SELECT data FROM body WHERE digest = ?", (name,))
        return bytes(rows[0][0]) if rows else self._files.get(name)

    def drop(self, names: Iterable[Digest], *, but: frozenset[Digest]) -> None:
        """Forget bodies for good; files among `but` are public by now and stay."""
        listed = list(names)
        with self._database.write() as transaction:
            transaction.executemany("DELETE FROM body WHERE digest = ?", [(name,) for name in listed])
        self._database.forget()
        for name in listed:
            if name not in but:
                self._files.drop(name)

    def close(self) -> None:
        """Close the database."""
        self._database.close()
