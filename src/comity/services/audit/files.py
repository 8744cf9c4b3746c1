"""Where the public files of a log are read from: a folder, or an address. Says nothing about what they hold."""

from pathlib import Path
from typing import Protocol

from comity.adapters.client import LARGEST, Client
from comity.errors import NotVerified, UsageError
from comity.tlog.tile import LARGEST_BUNDLE


class Files(Protocol):
    """A log's public files by their path (c2sp.org/tlog-tiles)."""

    def read(self, path: str, /) -> bytes | None:
        """The file's bytes, or None if there is none."""
        ...

    def place(self, path: str, /) -> str:
        """How a message names the file."""
        ...


class InFolder:
    """Files below a folder: a mirror's or hub's `public`, or that folder's parent."""

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise UsageError("no such folder", where=str(folder), wanted="a folder with a log's public files")
        public = folder / "public"
        self._root = public if not (folder / "checkpoint").is_file() and public.is_dir() else folder

    def read(self, path: str, /) -> bytes | None:
        """The file's bytes, or None if there is none."""
        file = self._root / path
        if not file.is_file():
            return None
        if (size := file.stat().st_size) > _most(path):
            found, wanted = f"{size} bytes", f"{_most(path)} at most"
            raise NotVerified("no file of a log is as large", where=str(file), found=found, wanted=wanted)
        return file.read_bytes()

    def place(self, path: str, /) -> str:
        """The file's own path."""
        return str(self._root / path)


class AtAddress:
    """Files of a hub or mirror, over HTTP."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def read(self, path: str, /) -> bytes | None:
        """The file's bytes, or None if there is none."""
        return self._client.moving(path) if path == "checkpoint" else self._client.file(path, most=_most(path))

    def place(self, path: str, /) -> str:
        """The file's address."""
        return f"{self._client.address}/{path}"


def _most(path: str) -> int:
    """Bytes of a file that are read at once: whoever serves it does not decide how much memory it takes."""
    return LARGEST_BUNDLE if path.startswith("tile/") else LARGEST
