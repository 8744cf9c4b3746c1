"""The state folder of a node or hub: its layout, version, lock and permissions, and files that are whole or absent.

Decides how bytes reach the disk so that a crash leaves the old file or the new one, never a part; what the files say
is the affair of whoever writes them. Folders are 0700, files 0600: only the service's own user reads them.
"""

import errno
import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from comity.errors import ConfigError, DiskFull, Locked, StateVersion

Kind = Literal["node", "hub", "witness", "mirror"]

VERSION: Final = 1
PRIVATE_FOLDER: Final = 0o700
PRIVATE_FILE: Final = 0o600
PUBLIC_FILE: Final = 0o644
FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})  # no room: disk, quota, or the process's own limit


@dataclass(frozen=True, slots=True)
class Folder:
    """A state folder that this version may work on."""

    path: Path
    kind: Kind

    @classmethod
    def create(cls, path: Path, kind: Kind) -> "Folder":
        """A new folder; ConfigError if something is there already, for nothing is ever overwritten."""
        if path.exists() and (not path.is_dir() or any(path.iterdir())):
            raise ConfigError(
                "the state folder is not empty",
                where=str(path),
                wanted="a folder that does not exist yet",
                way_out="name another folder, or remove this one if nothing in it is needed",
            )
        for folder in (path, path / "keys", path / "blobs"):
            folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
            folder.chmod(PRIVATE_FOLDER)
        write(path / "VERSION", f"comity-state/{VERSION} {kind}\n".encode())
        return cls(path, kind)

    @classmethod
    def open(cls, path: Path, kind: Kind) -> "Folder":
        """A folder written by this version; ConfigError for no or another kind of folder, StateVersion for a version
        that is older or newer."""
        try:
            text = (path / "VERSION").read_text()
        except OSError:
            raise ConfigError(
                f"no {kind} lives in this folder",
                where=str(path),
                wanted="a folder with a file VERSION",
                way_out=f"comity {kind} init",
            ) from None
        head, _, found = text.removesuffix("\n").partition(" ")
        number = head.removeprefix("comity-state/")
        if number != str(VERSION):
            newer = number.isdecimal() and int(number) > VERSION
            raise StateVersion(
                f"the state folder was written by {'a newer' if newer else 'another'} Comity",
                where=str(path / "VERSION"),
                found=head,
                wanted=f"comity-state/{VERSION}",
                way_out="run the version that wrote it, or a newer one; nothing was changed",
            )
        if found != kind:
            raise ConfigError(
                "a folder of another service", where=str(path / "VERSION"), found=found, wanted=kind
            )
        return cls(path, kind)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Work on the folder alone; Locked if another process does. The lock dies with its process."""
        descriptor = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE_FILE)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                holder = os.pread(descriptor, 20, 0).decode(errors="replace").strip() or "unknown"
                raise Locked(
                    "another process works on this folder",
                    where=str(self.path),
                    found=f"process {holder}",
                    way_out="stop that process, or use its console",
                ) from None
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
            yield
        finally:
            os.close(descriptor)

    def exposed(self) -> tuple[Path, ...]:
        """Secrets that others than their owner may read: the folder, keys, and the exchange's secrets."""
        secret = [self.path, self.path / "keys", *(self.path / "keys").glob("*"), *self.path.glob("*.db*")]
        return tuple(path for path in secret if path.exists() and path.stat().st_mode & 0o077)


def write(path: Path, data: bytes, *, mode: int = PRIVATE_FILE) -> None:
    """Put a whole file in place, durably; DiskFull if there is no room, and then the old file stands as it was.

    A temporary file beside it is written and synced, then renamed, then the folder is synced: rename is the one step
    that a crash cannot halve.
    """
    try:
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(descriptor, "wb") as file:
                os.fchmod(file.fileno(), mode)
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, path)
        except BaseException:
            with suppress(OSError):
                os.unlink(name)
            raise
        sync(path.parent)
    except OSError as e:
        raise full(e, path) from None


def sync(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def full(error: OSError, path: Path) -> Exception:
    """DiskFull for an error that says there is no room, or the error itself."""
    if error.errno not in FULL:
        return error
    return DiskFull(
        "no room to write the file",
        where=str(path),
        found=error.strerror or "",
        way_out="make room, then run the same command again; nothing half-written was left",
    )
