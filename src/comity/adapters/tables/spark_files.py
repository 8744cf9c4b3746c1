"""Files behind a table of a Spark catalog: those that Spark will read, each with what tells that it was written again.

A metastore may name any place. So it is one folder of this machine, with plain names and plain files in it: no pattern
that Spark would read as many places, no link to another one, no device, no pipe. What the files hold is not looked at.
"""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from comity.adapters.tables.parquet_folder import PATTERNS
from comity.errors import SourceError

Stamp = tuple[int, ...]  # of a file: size, times of content and of the entry, number on disk

_LOCAL: Final = (None, "file")


def behind(uri: Any, *, where: str) -> Iterator[tuple[str, Stamp]]:
    """Files of a place.

    Args:
        uri: Java's, or None for nowhere.

    Raises:
        SourceError: it is on another machine, cannot be read, or holds what is no file of data.
    """
    if uri is None or uri.getScheme() not in _LOCAL or uri.getAuthority() or not uri.getPath():
        raise SourceError(
            "rows that lie on another machine's storage",
            where=where,
            found="nowhere" if uri is None else f"{uri.getScheme()}:",
            wanted="files that this machine sees (file:)",
            way_out="mount the storage, or export the table to a folder of Parquet files",
        )
    root = Path(uri.getPath())
    if found := sorted({mark for mark in str(root) if mark in PATTERNS}):
        raise SourceError("a place with a pattern in its name", where=where, found=" ".join(found), wanted="one folder")
    try:
        for path in _within(root, where):
            facts = path.lstat()
            if not stat.S_ISREG(facts.st_mode):
                raise _odd(path, where)
            yield str(path), (facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns, facts.st_ino)
    except OSError as e:
        raise SourceError(
            "files behind the table cannot be read",
            where=where,
            found=f"{Path(e.filename or root).name}: {e.strerror}",
            wanted="the folders that the metastore names, readable by this node",
        ) from None


def _within(root: Path, where: str) -> Iterator[Path]:
    """All that is below a folder and is no folder: also what is aside, which some of Spark's readers read."""
    for folder, folders, names in os.walk(root, onerror=_raise):
        if links := [name for name in folders if Path(folder, name).is_symlink()]:
            raise _odd(Path(folder, links[0]), where)
        yield from (Path(folder, name) for name in names)


def _odd(path: Path, where: str) -> SourceError:
    return SourceError(
        "not a file behind the table",
        where=where,
        found=path.name,
        wanted="plain files in plain folders: no link, device or pipe",
        way_out="copy what it points to into the folder",
    )


def _raise(error: OSError) -> None:
    raise error
