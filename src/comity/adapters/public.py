"""Public files of a log in a folder, asked for as of a hub: a mirror's copy, or a hub's `public` on a disk.

Decides nothing that a reader believes: what the files hold is checked as if a stranger had served them.
"""

from pathlib import Path

from comity.adapters.client import LARGEST, Client
from comity.errors import Unreachable, UsageError


class PublicFiles(Client):
    """Files below a folder, or below `public` in it; nothing can be posted here, and nothing is sent anywhere."""

    def __init__(self, folder: Path) -> None:
        public = folder / "public"
        self._root = public if not (folder / "checkpoint").is_file() and public.is_dir() else folder
        if not (self._root / "checkpoint").is_file():
            raise UsageError(
                "no public files of a log",
                where=str(folder),
                wanted="a folder with a checkpoint and its tiles, as a hub or a mirror keeps it",
                way_out="comity mirror run URL DIR --once",
            )
        self.address, self.date = str(self._root), 0

    def close(self) -> None:
        """There is no connection."""

    def moving(self, path: str) -> bytes | None:
        """A file, or None if there is none."""
        return self.file(path)

    def file(self, path: str, *, since: int = 0, most: int = LARGEST) -> bytes | None:
        """A file's bytes from `since` on, or None if there is none; Unreachable if it has more than `most`."""
        file = self._root / path
        if not file.is_file():
            return None
        if (size := file.stat().st_size) > most:
            raise Unreachable("too large a file", where=str(file), found=f"{size} bytes", wanted=f"{most} at most")
        return file.read_bytes()[since:]
