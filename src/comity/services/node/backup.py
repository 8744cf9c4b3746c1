"""A copy of an office's folder that is whole and of one moment, made while the node runs; and the way back from it.

Decides what is in it: everything that the node needs but the secrets of open exchanges (`seal.db`: a restored one could
act twice), what may be deleted anyway (`cache.db`, `tiles/`), and the lock. Databases are copied first, each as one
moment has it, the journal before the others: whatever the journal says was charged and remembered before. A manifest
names every file by its digest, and is written last. It is not encrypted here: keys lie in it, and whoever keeps it uses
the office's own means. What a restored node may do, and when, is `restored`'s.
"""

import hashlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final

from comity import canon
from comity.adapters import clock, database, durable
from comity.adapters.folder import PRIVATE_FILE, PRIVATE_FOLDER, VERSION, Folder
from comity.canon import Digest
from comity.errors import FormatError, NotVerified, StateVersion, UsageError
from comity.services import config
from comity.services.node import bounding, restored

MAGIC: Final = "comity-backup/1"
MANIFEST: Final = "BACKUP"
BOOKS: Final = ("witness.db", "journal.db", "ledger.db", "released.db")  # in this order
LEFT_OUT: Final = ("seal.db", "cache.db", "lock", "tiles", restored.FILE)
BESIDE: Final = ("-wal", "-shm", "-journal", ".part")
TRIES: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A file of a backup."""

    digest: Digest
    size: int  # bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup is of, and every file in it by its path.

    time: POSIX seconds when it was begun. state: version of the state folder. software: Comity's own version.
    """

    backup: str  # MAGIC
    member: str
    charter: str
    time: int
    state: int
    software: str
    files: dict[str, Kept]


def backup(home: Path, out: Path) -> Manifest:
    """Copy a node's folder into a new one; whole or not at all.

    Raises:
        UsageError: there is something under this name already, a link in the folder, or it changed faster than it was
            copied.
        DiskFull: nothing of it is left.
    """
    Folder.open(home, "node")
    settings = config.node(home, pinned=False)
    _refuse_links(home)
    bounding.secret(home)
    now = clock.now()
    with durable.folder(out) as place:
        place.chmod(PRIVATE_FOLDER)
        for name in BOOKS:
            if (home / name).exists():
                database.copy(home / name, place / name)
        _copied(home, place)
        files = {path.relative_to(place).as_posix(): _kept(path) for path in sorted(_files(place))}
        manifest = Manifest(
            backup=MAGIC,
            member=settings.id,
            charter=settings.charter,
            time=now,
            state=VERSION,
            software=version("comity"),
            files=files,
        )
        durable.write(place / MANIFEST, canon.encode(manifest), mode=PRIVATE_FILE)
    return manifest


def restore(backup: Path, home: Path, *, now: int) -> Manifest:
    """Make a node's folder out of a backup, marked as restored; whole or not at all.

    Raises:
        UsageError: there is a folder already: two nodes of one office must not run.
        FormatError: no manifest that this version reads.
        StateVersion: a newer Comity made it.
        NotVerified: a file is missing, changed, or none that the manifest names.
    """
    durable.refuse_used(home)
    manifest = read(backup)
    with durable.folder(home) as place:
        place.chmod(PRIVATE_FOLDER)
        for name in manifest.files:
            _copy(backup / name, place / name)
        _same(place, manifest)
        restored.mark(place, restored.Mark(taken=manifest.time, restored=now))
    return manifest


def read(backup: Path) -> Manifest:
    """The manifest of a backup, once every file was found to be what it says."""
    where = str(backup / MANIFEST)
    try:
        data = (backup / MANIFEST).read_bytes()
    except OSError as e:
        raise FormatError(
            "no backup of a node", where=str(backup), found=e.strerror or "", wanted=f"a folder with a file {MANIFEST}"
        ) from None
    if (found := _magic(data)) != MAGIC:
        raise StateVersion(
            "a backup that another Comity made",
            where=where,
            found=found or "no version",
            wanted=MAGIC,
            way_out="run the version that made it, or a newer one; nothing was changed",
        )
    manifest = canon.decode(data, Manifest, where=where)
    if manifest.state != VERSION:
        raise StateVersion(
            "a backup of a state folder of another version",
            where=where,
            found=f"comity-state/{manifest.state}",
            wanted=f"comity-state/{VERSION}",
            way_out="run the version that made it; nothing was changed",
        )
    for name in manifest.files:
        if name.startswith("/") or ".." in Path(name).parts:
            raise FormatError("a path that leads out of the backup", where=where, found=name)
        if {*Path(name).parts[:1]} & {*LEFT_OUT}:
            raise FormatError(
                "a file that no backup holds",
                where=where,
                found=name,
                wanted="no secrets of open exchanges: a restored node could act twice with them",
                way_out="take a backup that `comity node backup` made",
            )
    _same(backup, manifest)
    return manifest


def _magic(data: bytes) -> str:
    """How a manifest names its own version; "" if it does not."""
    head = b'{"backup":"'
    return data[len(head) :].partition(b'"')[0].decode(errors="replace")[:40] if data.startswith(head) else ""


def _same(folder: Path, manifest: Manifest) -> None:
    """NotVerified unless the folder holds exactly these files, with these bytes."""
    found = {path.relative_to(folder).as_posix() for path in _files(folder)} - {MANIFEST}
    changed = [name for name, kept in manifest.files.items() if name not in found or _kept(folder / name) != kept]
    if wrong := sorted([*changed, *(found - manifest.files.keys())]):
        raise NotVerified(
            "the backup is not as it was made",
            where=str(folder),
            found=", ".join(wrong[:4]) + (f" and {len(wrong) - 4} more" if len(wrong) > 4 else ""),
            wanted="every file as the manifest names it, and no other",
            way_out="take another backup; nothing was restored",
        )


def _copied(home: Path, place: Path) -> None:
    """All but the books; again where a file was replaced while it was copied (a key that changes, a policy)."""
    for _ in range(TRIES):
        before = _stamps(home)
        try:
            for name in before:
                _copy(home / name, place / name)
        except FileNotFoundError:
            continue
        after = _stamps(home)
        if all(after.get(name) == stamp for name, stamp in before.items()):
            return
    raise UsageError(
        "the folder changes faster than it can be copied", where=str(home), way_out="give the command again"
    )


def _stamps(home: Path) -> dict[str, tuple[int, int]]:
    """Files that are copied as they are, and by what a change is seen."""
    found = {}
    for path in sorted(_files(home)):
        name = path.relative_to(home)
        if name.parts[0] not in (*LEFT_OUT, *BOOKS) and not name.name.endswith(BESIDE):
            told = path.stat()
            found[name.as_posix()] = (told.st_ino, told.st_mtime_ns)
    return found


def _refuse_links(home: Path) -> None:
    """What a link points to is not in the folder, and a copy without it would be none."""
    inside = (path for path in home.rglob("*") if path.relative_to(home).parts[0] not in LEFT_OUT)
    if links := sorted(path.relative_to(home).as_posix() for path in inside if path.is_symlink()):
        raise UsageError(
            "links in the folder are not copied",
            where=str(home),
            found=", ".join(links[:4]),
            wanted="files and folders that lie in it",
            way_out="put in their place what they point to",
        )


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def _copy(path: Path, into: Path) -> None:
    """One file, synced, for its owner alone."""
    into.parent.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    with (
        durable.named(into),
        path.open("rb") as source,
        open(into, "wb", opener=lambda name, flags: os.open(name, flags, PRIVATE_FILE)) as target,
    ):
        shutil.copyfileobj(source, target)
        target.flush()
        os.fsync(target.fileno())


def _kept(path: Path) -> Kept:
    with path.open("rb") as file:
        name = hashlib.file_digest(file, "sha256").hexdigest()
    return Kept(digest=Digest(f"sha256:{name}"), size=path.stat().st_size)
