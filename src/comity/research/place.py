"""Where public files lie: at a hub or mirror over HTTP, in its public folder, or in the folder of one release.

Decides which of the three an address is, and where each keeps the log's files and the bodies that leaves name. All
three hold the same bytes under the same digests, so all that is above gives the same answers. Believes nothing: a body
that is not what its digest says is refused here, the log is judged in `record`.
"""

from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Final, Protocol

from comity import canon
from comity.adapters.blobs import Blobs
from comity.adapters.client import Client
from comity.canon import Digest
from comity.errors import ComityError, NotVerified, Unreachable, UsageError
from comity.research import slim
from comity.stages.publish import folder
from comity.tlog.tile import Tile

LARGEST: Final = 2**31  # bytes of one file
_WANTED: Final = "http(s)://, a public folder (checkpoint, tile/), or the folder of a release (release.json, log/)"


class Place(Protocol):
    """Public files, read only."""

    @property
    def address(self) -> str:
        """Where it is, as the reader named it."""
        ...

    @property
    def about(self) -> Digest | None:
        """Digest of the one release that this place is of; None for a place of all releases."""
        ...

    def checkpoint(self) -> bytes | None:
        """The newest checkpoint."""
        ...

    def tile(self, tile: Tile) -> bytes | None:
        """A bundle of leaves."""
        ...

    def body(self, digest: Digest) -> bytes | None:
        """A body that a leaf names, checked against its digest; None if it is not here."""
        ...

    def close(self) -> None:
        """Let go of what is open."""
        ...


class Served:
    """A hub or mirror over HTTP."""

    about: Digest | None = None

    def __init__(self, address: str) -> None:
        self._client = Client(address)
        self.address = self._client.address

    def checkpoint(self) -> bytes | None:
        """The newest checkpoint."""
        return self._client.moving("checkpoint")

    def tile(self, tile: Tile) -> bytes | None:
        """A bundle of leaves."""
        return self._client.file(str(tile))

    def body(self, digest: Digest) -> bytes | None:
        """A body by digest."""
        data = self._client.blob(digest)
        return data if data is None else _named(data, digest, self.address)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


class Public:
    """The public folder of a hub or mirror."""

    about: Digest | None = None

    def __init__(self, path: Path) -> None:
        self._path, self.address = path, str(path)
        self._blobs = Blobs(path / "blobs")

    def checkpoint(self) -> bytes | None:
        """The newest checkpoint."""
        return _read(self._path / "checkpoint")

    def tile(self, tile: Tile) -> bytes | None:
        """A bundle of leaves."""
        return _read(self._path / str(tile))

    def body(self, digest: Digest) -> bytes | None:
        """A body by digest."""
        return self._blobs.get(digest)

    def close(self) -> None:
        """Nothing is open."""


class OneRelease:
    """The folder of one release: its own files by path, the log under `log/`, other bodies by digest."""

    def __init__(self, path: Path) -> None:
        self._path, self.address = path, str(path)
        self.files: Mapping[str, bytes] = Files(path)

    @cached_property
    def about(self) -> Digest | None:
        """Digest of the `release.json` that lies here."""
        return canon.digest(self.files[folder.RELEASE])

    def checkpoint(self) -> bytes | None:
        """The checkpoint that the release was proved under."""
        return self.files.get(folder.CHECKPOINT)

    def tile(self, tile: Tile) -> bytes | None:
        """A bundle of leaves."""
        return self.files.get(folder.entries(tile))

    def body(self, digest: Digest) -> bytes | None:
        """A body by digest."""
        for path in (folder.blob(digest), folder.view(digest), self._own.get(digest, "")):
            if path and path in self.files:
                return _named(self.files[path], digest, f"{self.address}/{path}")
        return None

    def close(self) -> None:
        """Nothing is open."""

    @cached_property
    def _own(self) -> Mapping[Digest, str]:
        """The release's own files, as its record names them; a folder without a readable record has none."""
        record = self.files[folder.RELEASE]
        own = {canon.digest(record): folder.RELEASE}
        try:
            return own | {file.digest: file.path for file in slim.read(record).files}
        except ComityError:
            return own


class Files(Mapping[str, bytes]):
    """The files of a folder, read when asked for. Links are not followed: a release holds its own files."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @cached_property
    def _paths(self) -> Mapping[str, Path]:
        found = (path for path in sorted(self._root.rglob("*")) if path.is_symlink() or not path.is_dir())
        return {path.relative_to(self._root).as_posix(): path for path in found}

    def __getitem__(self, path: str) -> bytes:
        file = self._paths[path]
        if file.is_symlink() or not file.is_file():
            raise NotVerified("not a file of the folder's own", where=str(file), found="a link or a device")
        return _read(file) or b""

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)


def of(named: str | Path) -> Place:
    """The place that an address or path names.

    Raises:
        UsageError: no such folder, or nothing that this reads lies in it.
        Unreachable: not an address.
    """
    if isinstance(named, str) and "://" in named:
        if not named.startswith(("http://", "https://")):
            raise UsageError("not an address", where="connect", found=named, wanted=_WANTED)
        return Served(named)
    path = Path(named).expanduser()
    if not path.is_dir():
        raise UsageError(
            "no such folder", where="connect", found=str(path), wanted=_WANTED, way_out="make demo makes build/demo"
        )
    for public in (path, path / "public"):
        if (public / "checkpoint").is_file():
            return Public(public)
    if (path / folder.RELEASE).is_file() and (path / folder.CHECKPOINT).is_file():
        return OneRelease(path)
    if (path / folder.RELEASE).is_file():
        way_out = "connect to the folder above releases/, or fetch the release with its log: comity release fetch"
        raise UsageError("a release without its log", where="connect", found=str(path), wanted=_WANTED, way_out=way_out)
    raise UsageError("nothing to read in this folder", where="connect", found=str(path), wanted=_WANTED)


def _named(data: bytes, digest: Digest, where: str) -> bytes:
    if (found := canon.digest(data)) != digest:
        raise NotVerified(
            "not what its digest says", where=where, found=found, wanted=digest, way_out="ask another mirror"
        )
    return data


def _read(path: Path) -> bytes | None:
    """A file, or None; Unreachable if it is there and cannot be read."""
    try:
        if (size := path.stat().st_size) > LARGEST:
            raise NotVerified("file too large", where=str(path), found=f"{size} bytes", wanted=f"{LARGEST} at most")
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as e:
        raise Unreachable("file cannot be read", where=str(path), found=str(e.strerror)) from None
