"""A folder of Parquet files as one table: which files it is, that they are alike, and the digest of them all.

Folders within it may be partitions ("year=2026"). Names that begin with "_" or "." are no data, as Spark and its
kindred write them. A link is refused: what is counted lies in the folder. Counts nothing.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from comity import canon
from comity.adapters.microdata import formats, limits
from comity.canon import Digest
from comity.errors import SourceError
from comity.model.source import Source

if TYPE_CHECKING:
    import pyarrow.parquet as pq

PATTERNS: Final = "*?[]{}\\"  # Spark would read these as a pattern of many files

Kinds = dict[str, tuple[str, str]]  # column -> physical and logical type in the file


@dataclass(frozen=True, slots=True, kw_only=True)
class ParquetFolder:
    """Data files as they were listed, in the order of their names; one file is its own folder.

    files: each with its name within the folder, and what tells that it was written again: size, times of content and of
        the entry, which nobody sets back, number on disk.
    """

    root: Path
    files: tuple[tuple[str, int, int, int, int], ...]

    @classmethod
    def listed(cls, source: Source) -> Self:
        """What the folder holds now.

        Raises:
            SourceError: it cannot be read, holds no data, a link, or a name that Spark would take for a pattern.
        """
        root = Path(source.path).absolute()
        try:
            files = tuple(sorted(_stated(root, path, source.id) for path in _data(root, source.id)))
        except OSError as e:
            raise _unreadable(e, root, source.id) from None
        if not files:
            raise SourceError("no file of data", where=source.id, found=root.name, wanted="Parquet files in the folder")
        return cls(root=root, files=files)

    @property
    def paths(self) -> tuple[Path, ...]:
        return tuple(self.root / name if name else self.root for name, *_ in self.files)

    def vintage(self, *, where: str) -> Digest:
        """SHA-256 of the one file; of a folder, of the names and digests of its files. SourceError if one is gone."""
        digests = []
        try:
            for path in self.paths:
                with path.open("rb") as file:
                    digests.append("sha256:" + file_digest(file, "sha256").hexdigest())
        except OSError as e:
            raise _unreadable(e, self.root, where) from None
        if self.root.is_file():
            return Digest(digests[0])
        named = [[name, digest] for (name, *_), digest in zip(self.files, digests, strict=True)]
        return canon.digest(canon.encode(named))

    def alike(self, *, where: str) -> None:
        """Refuse files that are no Parquet, that differ in their columns, or that hold no row together.

        An engine takes the columns of one file for those of all: what another one lacks would be no answer.
        """
        rows, first, known = 0, "", Kinds()
        for (name, *_), path in zip(self.files, self.paths, strict=True):
            footer = _footer(path, where=where)
            rows += footer.num_rows
            kinds = _kinds(footer)
            if not first:
                first, known = name or path.name, kinds
                limits.headed(list(kinds), where=where)
            elif odd := sorted({column for column, _ in kinds.items() ^ known.items()}):
                raise SourceError(
                    "files of one folder that differ in their columns",
                    where=where,
                    found=f"{limits.listed(odd)} in {name} and in {first}",
                    wanted="the same columns of the same types in each file",
                    way_out="write the folder again as one table",
                )
        if not rows:
            raise SourceError("no rows", where=where, found="a header alone", wanted="at least one row")


def _data(root: Path, where: str) -> Iterator[Path]:
    """Files of data below a folder, or the one file."""
    if root.is_file():
        yield root
        return
    for folder, folders, names in os.walk(root, onerror=_raise):
        folders[:] = [name for name in folders if not _aside(name)]
        names = [name for name in names if not _aside(name)]
        if links := [name for name in (*folders, *names) if Path(folder, name).is_symlink()]:
            raise SourceError(
                "a link in the folder",
                where=where,
                found=limits.listed(sorted(links)),
                wanted="files that lie in the folder itself",
                way_out="copy what it points to, or name that folder as the source",
            )
        yield from (Path(folder, name) for name in names)


def _unreadable(error: OSError, root: Path, where: str) -> SourceError:
    return SourceError(
        "cannot be opened",
        where=where,
        found=f"{Path(error.filename or root).name}: {error.strerror}",
        wanted="a folder of Parquet files that this node may read",
        way_out="correct the path of the source, or the permissions",
    )


def _aside(name: str) -> bool:
    return name.startswith(".") or (name.startswith("_") and "=" not in name)


def _raise(error: OSError) -> None:
    raise error


def _stated(root: Path, path: Path, where: str) -> tuple[str, int, int, int, int]:
    if found := sorted({mark for mark in str(path) if mark in PATTERNS}):
        raise SourceError("a file name with a pattern in it", where=where, found=" ".join(found), wanted="plain names")
    facts = path.stat()
    name = "" if path == root else path.relative_to(root).as_posix()
    return name, facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns, facts.st_ino


def _footer(path: Path, *, where: str) -> "pq.FileMetaData":
    import pyarrow as pa
    import pyarrow.parquet as pq

    formats.begins(path, "parquet", where=f"{where}: {path.name}")
    try:
        return pq.read_metadata(path)
    except (pa.ArrowException, OSError):
        raise SourceError(
            "not a whole parquet file", where=f"{where}: {path.name}", way_out="write the file again"
        ) from None


def _kinds(footer: "pq.FileMetaData") -> Kinds:
    """Of each column at the top; a column of columns by its leaves."""
    columns = (footer.schema.column(at) for at in range(footer.num_columns))
    return {column.path: (column.physical_type, str(column.logical_type)) for column in columns}
