"""Files and folders that are whole or absent: written beside their place, synced, then renamed into it. Or lines, added
to a file.

Decides how bytes reach the disk and what a full disk is called; what the bytes are is the caller's affair.
Of two who write one file at once, the later one stands.
"""

import errno
import os
import shutil
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

from comity.errors import DiskFull, UsageError, WorldError

ABREAST = 16  # files that are synced at one time
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def write(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Put a file in its place, replacing what was there; DiskFull or WorldError leaves the old one untouched."""
    with named(path):
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        beside = waiting(path)
        _make_folder(path.parent)
        try:
            with open(beside, "wb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
                os.fchmod(file.fileno(), mode)
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
        except OSError:
            beside.unlink(missing_ok=True)
            raise
        sync_folder(path.parent)


def write_all(files: Mapping[Path, bytes], *, mode: int = 0o644) -> None:
    """`write` for many files, side by side: what waits for the disk waits once. After an error some are in place."""
    with ThreadPoolExecutor(ABREAST) as pool:
        for done in [pool.submit(write, path, data, mode=mode) for path, data in files.items()]:
            done.result()


@contextmanager
def folder(path: Path) -> Iterator[Path]:
    """A new folder, whole or not at all: the block fills the one that it is given, which then gets its name.

    Raises:
        UsageError: as `refuse_used`.
    """
    refuse_used(path)
    place = path.resolve()
    with named(path):
        _make_folder(place.parent)
        beside = Path(mkdtemp(prefix=f".{place.name}.", suffix=".part", dir=place.parent))
    try:
        filled = beside / place.name
        filled.mkdir()
        yield filled
        with named(path):
            filled.rename(place)  # an empty folder gives way, a full one never does
            sync_folder(place.parent)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def refuse_used(path: Path) -> None:
    """UsageError if a new folder cannot have this name: there is something already, or the command was given in it."""
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise UsageError(
            "is there already", where=str(path), wanted="a new folder", way_out="name another, or remove it"
        )
    if path.resolve() == Path.cwd():
        raise UsageError("the folder that you are in", where=str(path), wanted="a new one", way_out="name it")


def append(path: Path, line: bytes) -> None:
    """Add a line to a file; DiskFull or WorldError takes back what was written of it. A kill may leave it torn."""
    with named(path), open(path, "ab", buffering=0) as file:
        before = file.tell()
        try:
            if file.write(line) < len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(file.fileno())
        except OSError:
            file.truncate(before)
            raise


def remove(path: Path) -> None:
    """Take a file away, durably; nothing happens if there is none."""
    with named(path):
        if path.exists():
            path.unlink()
            sync_folder(path.parent)


def place(beside: Path, path: Path) -> None:
    """Give a whole file its name, durably."""
    with named(path):
        beside.replace(path)
        sync_folder(path.parent)


def waiting(path: Path) -> Path:
    """Where the bytes of a file stand until it is whole: a name of this writer's own, as a node and a command of its
    officer may write one file at once."""
    return path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.part")


def sync_folder(folder: Path) -> None:
    """Make names in a folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _make_folder(folder: Path) -> None:
    """A folder and its parents, each durable in the one above it."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)


@contextmanager
def named(path: Path) -> Iterator[None]:
    """OSError as one of ours."""
    try:
        yield
    except OSError as e:
        said = e.strerror or str(e)
        if e.errno in FULL:
            raise DiskFull(
                "no room to write the file; what was there stays",
                where=str(path),
                found=said,
                way_out="free some space",
            ) from e
        raise WorldError("the file could not be written; what was there stays", where=str(path), found=said) from e
