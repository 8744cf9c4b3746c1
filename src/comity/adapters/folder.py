"""The state folder of a node or hub: its version, its lock and its permissions.

Decides which folder this version may work on, and that one process alone does; what lies in it is the affair of
whoever writes it. Folders are 0700, files 0600: only the service's own user reads them.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from comity.adapters import durable
from comity.errors import ConfigError, Locked, StateVersion

Kind = Literal["node", "hub", "witness", "mirror"]

VERSION: Final = 1
PRIVATE_FOLDER: Final = 0o700
PRIVATE_FILE: Final = 0o600


@dataclass(frozen=True, slots=True)
class Folder:
    """A state folder that this version may work on."""

    path: Path
    kind: Kind

    @classmethod
    def create(cls, path: Path, kind: Kind) -> "Folder":
        """A new folder; ConfigError if something is there already, for nothing is ever overwritten.

        A mirror has no key, and no place for one.
        """
        _refuse_used(path)
        for folder in (path, *([] if kind == "mirror" else [path / "keys"]), path / "blobs"):
            folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
            folder.chmod(PRIVATE_FOLDER)
        durable.write(path / "VERSION", f"comity-state/{VERSION} {kind}\n".encode(), mode=PRIVATE_FILE)
        return cls(path, kind)

    @classmethod
    @contextmanager
    def new(cls, path: Path, kind: Kind) -> Iterator["Folder"]:
        """`create`, and what the block puts into it; if the block fails, nothing of it is left."""
        _refuse_used(path)
        try:
            yield cls.create(path, kind)
        except BaseException:
            shutil.rmtree(path, ignore_errors=True)
            raise

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
            whose = "a newer" if newer else "an older" if number.isdecimal() else "another"
            raise StateVersion(
                f"the state folder was written by {whose} Comity",
                where=str(path / "VERSION"),
                found=head,
                wanted=f"comity-state/{VERSION}",
                way_out="run the version that wrote it, or a newer one; nothing was changed",
            )
        if found != kind:
            raise ConfigError("a folder of another service", where=str(path / "VERSION"), found=found, wanted=kind)
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


def refuse_state(path: Path) -> None:
    """ConfigError if a service keeps its state here: whoever is none writes nothing beside it."""
    if (path / "VERSION").exists():
        raise ConfigError(
            "a service keeps its state in this folder",
            where=str(path),
            wanted="a folder of its own",
            way_out="name another folder",
        )


def _refuse_used(path: Path) -> None:
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise ConfigError(
            "the state folder is not empty",
            where=str(path),
            wanted="a folder that does not exist yet",
            way_out="name another folder, or remove this one if nothing in it is needed",
        )
