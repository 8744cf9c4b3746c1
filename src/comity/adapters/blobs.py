"""Bodies beside the log, as files named by their digest: `blobs/sha256/ab/<64 hex>`.

A blob is whole or absent, and what is read is what its name says. What a blob means, and who may see it, is decided
by whoever asks for it.
"""

from collections.abc import Iterable
from pathlib import Path

from comity import canon
from comity.adapters import durable
from comity.adapters.folder import PRIVATE_FILE
from comity.canon import Digest
from comity.errors import FormatError, NotVerified


class Blobs:
    """Files by digest under one folder (`<home>/blobs`, or a public one with its own mode)."""

    def __init__(self, path: Path, *, mode: int = PRIVATE_FILE) -> None:
        self._path, self._mode = path, mode

    def path(self, digest: Digest) -> Path:
        """Where a blob of this digest lies, whether it is there or not."""
        name = canon.hex_of(digest)
        return self._path / "sha256" / name[:2] / name

    def has(self, digest: Digest) -> bool:
        """Whether the blob is here."""
        return self.path(digest).is_file()

    def put(self, data: bytes, *, digest: Digest | None = None) -> Digest:
        """Keep bytes, durably; FormatError if they are not what `digest` says. The same bytes twice are one file."""
        found = canon.digest(data)
        if digest is not None and digest != found:
            raise FormatError("the body is not what its digest says", where="blob", found=found, wanted=digest)
        path = self.path(found)
        if not path.is_file():
            durable.write(path, data, mode=self._mode)
        return found

    def put_all(self, bodies: Iterable[bytes]) -> None:
        """Keep many bodies, durably."""
        files = {self.path(canon.digest(body)): body for body in bodies}
        durable.write_all({path: body for path, body in files.items() if not path.is_file()}, mode=self._mode)

    def show(self, digest: Digest, public: "Blobs") -> None:
        """Give a blob a second name among public ones, durably: a name without its bytes, as a power cut leaves it,
        would never be made again. NotVerified if the file was changed; nothing happens if it is not here."""
        if not public.has(digest) and (data := self.get(digest)) is not None:
            durable.write(public.path(digest), data, mode=public._mode)

    def get(self, digest: Digest) -> bytes | None:
        """The blob, or None if it is not here; NotVerified if the file was changed."""
        try:
            data = self.path(digest).read_bytes()
        except FileNotFoundError:
            return None
        if canon.digest(data) != digest:
            raise NotVerified(
                "the blob is not what its name says",
                where=str(self.path(digest)),
                found=canon.digest(data),
                way_out="remove the file; it is fetched again",
            )
        return data

    def drop(self, digest: Digest) -> None:
        """Remove a blob, if it is here."""
        self.path(digest).unlink(missing_ok=True)
