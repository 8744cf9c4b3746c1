"""A power cut, made of a kill: what was not synced is dropped, kept or torn, as a file system may do it.

A kill alone loses nothing that was written. So the victim tells, into a file, what it made durable (`Recorder`): the
bytes of a file at each fsync, the names of a folder at each fsync of it, and each write and sync of SQLite. After its
death `lose` makes of its folder one of the states that the disk could have been in: whatever was synced stands; of all
else, by chance, each name is the old or the new one, each file whole, old, empty, cut short or with a hole of zeros,
and each write of SQLite done, not done, or half done. (POSIX promises no more; a rename is one step, as everywhere.)
"""

import os
import pickle
import random
import resource
import shutil
import stat
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tests.kill import sqlite_writes

SYNC: Final = 0.001  # seconds that a sync takes: a kill often comes before its end
SECTOR: Final = 512  # bytes that a disk writes whole, or not
DATABASE: Final = (".db", ".db-wal", ".db-journal")
MEMORY: Final = ".db-shm"  # SQLite's own shared memory: made anew when it is gone

Names = dict[str, int]  # name in a folder -> inode


class Recorder:
    """In the victim: tells what became durable below a folder. `syncs` False is a program that never syncs."""

    def __init__(self, home: Path, out: Path, *, syncs: bool = True) -> None:
        self._home, self._lock = home.resolve(), threading.Lock()
        self._out = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self._pinned: list[int] = []  # an inode that we told of must not become another file's
        self._linked: set[Path] = set()  # journals whose name was synced
        self._syncs, self._turn = syncs, 0
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        os.fsync = self._fsync
        sqlite_writes.watch(self._sqlite)

    def _tell(self, *event: Any) -> None:
        data = pickle.dumps(event)
        with self._lock:
            os.write(self._out, len(data).to_bytes(8, "big") + data)

    def _fsync(self, handle: Any) -> None:
        if not self._syncs:
            return
        number = handle if isinstance(handle, int) else handle.fileno()
        path = Path(os.readlink(f"/proc/self/fd/{number}"))
        if not path.is_relative_to(self._home):
            return
        found = os.fstat(number)
        if stat.S_ISDIR(found.st_mode):
            event: tuple[Any, ...] = self._listed(path)
        else:
            self._pinned.append(os.dup(number))
            event = ("file", found.st_ino, Path(f"/proc/self/fd/{number}").read_bytes())
        time.sleep(SYNC)
        self._tell(*event)

    def _sqlite(self, what: str, path: Path, at: int, data: bytes) -> None:
        if not path.is_relative_to(self._home):
            return
        if what != "sync":
            self._tell(what, path, at, data)
        elif self._syncs:
            time.sleep(SYNC)
            self._tell("sync", path)
            if path not in self._linked:  # os_unix.c: the first sync of a journal syncs its folder
                self._linked.add(path)
                self._tell(*self._listed(path.parent))

    def _listed(self, folder: Path) -> tuple[Any, ...]:
        """Names that a sync of a folder makes durable, with their turn: of two syncs at once either may end first."""
        with self._lock:
            self._turn += 1
            return "folder", folder, names(folder), self._turn


@dataclass
class Before:
    """The folder as it was when the victim started, all of it on the disk: by hard links, so that inodes stay."""

    home: Path
    links: Path
    databases: dict[Path, bytes] = field(default_factory=dict)

    @classmethod
    def of(cls, home: Path, links: Path) -> "Before":
        made = cls(home, links)
        shutil.rmtree(links, ignore_errors=True)
        for folder, _, files in os.walk(home):
            place = links / Path(folder).relative_to(home)
            place.mkdir(parents=True)
            for name in files:
                path = Path(folder, name)
                if name.endswith((*DATABASE, MEMORY)):
                    made.databases[path] = path.read_bytes()
                else:
                    os.link(path, place / name)
        return made


def lose(before: Before, told: Path, chance: random.Random) -> int:
    """Make of the folder what a power cut may have left of it; how many things were not as the victim left them."""
    folders: dict[Path, Names] = {}
    turns: dict[Path, int] = {}
    synced: dict[int, bytes] = {}
    writes: dict[Path, list[tuple[Any, ...]]] = {}
    for event in events(told):
        match event:
            case ("folder", path, listed, turn):
                if turn > turns.get(path, 0):
                    folders[path], turns[path] = listed, turn
            case ("file", inode, data):
                synced[inode] = data
            case (_, path, *_):
                writes.setdefault(path, []).append(event)
    lost = _Lost(before, folders, synced, chance)
    lost.folder(before.home)
    for path, done in writes.items():
        if path.exists():
            lost.changed += database(path, before.databases.get(path, b""), done, chance)
    for path in before.home.rglob(f"*{MEMORY}"):
        path.unlink()
    return lost.changed


def events(told: Path) -> Iterator[tuple[Any, ...]]:
    """What the victim told, but for a last half event."""
    data, at = told.read_bytes() if told.exists() else b"", 0
    while len(data) - at >= 8:
        length = int.from_bytes(data[at : at + 8], "big")
        if at + 8 + length > len(data):
            return
        yield pickle.loads(data[at + 8 : at + 8 + length])  # noqa: S301 - our own child wrote it
        at += 8 + length


def names(folder: Path) -> Names:
    """Names in a folder and their inodes, as they are now."""
    found: Names = {}
    with os.scandir(folder) as entries:
        for entry in entries:
            found[entry.name] = entry.inode()
    return found


class _Lost:
    """Names and files of a folder, one state of many."""

    def __init__(
        self, before: Before, folders: dict[Path, Names], synced: dict[int, bytes], chance: random.Random
    ) -> None:
        self._before, self._folders, self._synced, self._chance = before, folders, synced, chance
        self._old: dict[int, Path] = {}
        for path in before.links.rglob("*"):
            if path.is_file():
                self._old[path.stat().st_ino] = path
        self.changed = 0

    def folder(self, folder: Path) -> None:
        now, durable = names(folder), self._durable(folder)
        for name in sorted({*now, *durable}):
            path = folder / name
            if name.endswith(MEMORY):
                continue
            here, there = now.get(name), durable.get(name)
            keep = here if here == there or self._chance.random() < 0.5 else there
            self.changed += keep != here
            if keep is None and here is None:
                continue
            if keep is None:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
            elif path.is_dir():
                self.folder(path)
            elif name.endswith(DATABASE):
                continue
            elif here is None and (was := self._link(path)).is_dir():
                shutil.copytree(was, path)
            else:
                self._file(path, keep, is_here=keep == here)

    def _durable(self, folder: Path) -> Names:
        """Names that a power cut leaves: as last synced, else as before the victim started; of a new folder, none."""
        if folder in self._folders:
            return self._folders[folder]
        was = self._link(folder)
        if not was.is_dir():
            return {}
        found = names(was)
        for name in found:
            if (was / name).is_dir() and (folder / name).is_dir():
                found[name] = (folder / name).stat().st_ino  # links of folders are folders of their own
        databases = (path for path in self._before.databases if path.parent == folder and path.exists())
        return found | {path.name: path.stat().st_ino for path in databases}

    def _link(self, path: Path) -> Path:
        return self._before.links / path.relative_to(self._before.home)

    def _file(self, path: Path, inode: int, *, is_here: bool) -> None:
        """The bytes of a file: as synced, or one of the things that may have become of them."""
        old = self._old[inode].read_bytes() if inode in self._old else b""
        durable = self._synced.get(inode, old)
        now = path.read_bytes() if is_here else durable
        if durable == now and is_here:
            return
        kept = now if durable == now else self._torn(durable, now)
        self.changed += kept != now
        path.unlink(missing_ok=True)
        path.write_bytes(kept)

    def _torn(self, durable: bytes, now: bytes) -> bytes:
        cut = self._chance.randrange(len(now) + 1)
        hole = min(len(now), cut + SECTOR)
        return self._chance.choice([durable, now, now[:cut], now[:cut] + bytes(hole - cut) + now[hole:]])


def database(path: Path, before: bytes, done: list[tuple[Any, ...]], chance: random.Random) -> int:
    """A file of SQLite: all writes up to its last sync, and by chance those after it; how many of these were lost."""
    last = max((i for i, (what, *_) in enumerate(done) if what == "sync"), default=-1)
    image, lost = bytearray(before), 0
    fate = chance.choice(["none", "some", "most"])
    for i, (what, _, *rest) in enumerate(done):
        if what == "sync":
            continue
        at, data = rest
        if i > last:
            kept = {"none": 0.0, "some": 0.5, "most": 0.9}[fate]
            if chance.random() > kept:
                lost += 1
                if chance.random() < 0.5:
                    continue
                data = data[: chance.randrange(len(data) // SECTOR + 1) * SECTOR] if what == "write" else data
                if what == "truncate" or not data:
                    continue
        if what == "truncate":
            del image[at:]
        else:
            image.extend(bytes(max(0, at - len(image))))
            image[at : at + len(data)] = data
    path.write_bytes(image)
    return lost
