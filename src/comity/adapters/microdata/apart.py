"""A file read in a process of its own: a reader that a file crashes, or leads astray, is one line and no dead node.

Excel, SPSS, Stata and SAS are read by libraries that were not written for files made to harm; one of them is native
code, which a damaged file can crash. The process has little memory and time, may write no file and leaves no dump of
what it held. It answers in JSON and Arrow, which carry values and nothing to run.
"""

import json
import os
import resource
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from comity.adapters.microdata import labelled, limits, workbook
from comity.adapters.microdata.labelled import Labels
from comity.errors import SourceError

if TYPE_CHECKING:
    import pyarrow as pa

COMMAND: Final = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[2]); "
    "from comity.adapters.microdata.apart import serve; serve(int(sys.argv[1]))"
)
MEMORY: Final = 3 * limits.HELD  # bytes: the columns, once more as they are joined, and the libraries
SECONDS: Final = 3_600  # of the processor
SHOWN: Final = ("what", "where", "found", "wanted", "way_out")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is to be read: the columns by name, all of them (None), or none, for what the file says of them alone."""

    path: str
    form: str
    table: str
    where: str
    names: tuple[str, ...] | None


def described(path: Path, form: str, table: str, *, where: str) -> tuple[Labels, ...]:
    """The columns of a file, in order, with their labels; no row is read.

    Raises:
        SourceError: the file is broken, or its columns cannot be told apart.
    """
    return _asked(Asked(path=str(path), form=form, table=table, where=where, names=()))[0]


def read(
    path: Path, form: str, table: str, names: Sequence[str] | None, *, where: str
) -> tuple[tuple[str, ...], "pa.Table"]:
    """Names of all columns of a file, and those columns that were asked for and are there. None: all of them.

    Raises:
        SourceError: also for a value that cannot be read in a column that was asked for.
    """
    asked = None if names is None else tuple(names)
    labels, rows = _asked(Asked(path=str(path), form=form, table=table, where=where, names=asked))
    return tuple(one.name for one in labels), rows


def serve(descriptor: int) -> None:
    """The whole life of the process: one question, one answer."""
    _bind()
    asked = Asked(**json.loads(sys.stdin.buffer.read()))
    with os.fdopen(descriptor, "wb") as out:
        try:
            with limits.reading(asked.form, where=asked.where):
                labels, rows = _read(asked)
        except SourceError as e:
            out.write(json.dumps({name: getattr(e, name) for name in SHOWN}).encode() + b"\n")
        except MemoryError:
            out.write(b'{"what": ""}\n')
        else:
            _write(labels, rows, out)


def _asked(asked: Asked) -> tuple[tuple[Labels, ...], "pa.Table"]:
    """Ask a process of its own, and believe nothing of its answer but values."""
    ours, theirs = os.pipe()
    with os.fdopen(ours, "rb") as answer:
        try:
            process = subprocess.Popen(
                [sys.executable, "-c", COMMAND, str(theirs), json.dumps(sys.path)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(theirs,),
            )
        finally:
            os.close(theirs)
        with process:
            try:
                assert process.stdin is not None
                process.stdin.write(json.dumps(asdict(asked)).encode())
                process.stdin.close()
                said = json.loads(answer.readline() or b"null")
                if said and "labels" in said:
                    return tuple(_labels(one) for one in said["labels"]), _table(answer, said["rows"], asked)
            except (BrokenPipeError, ValueError):
                said = None
            finally:
                process.kill()
    if said and said["what"]:
        raise SourceError(**said)
    raise SourceError(
        f"not readable as {asked.form}",
        where=asked.where,
        found="a file that takes too much memory to read" if said else "a file that its reader does not survive",
        wanted=f"a whole {asked.form} file",
        way_out="write the file again, or as Parquet",
    )


def _table(answer: IO[bytes], rows: bool, asked: Asked) -> "pa.Table":
    import pyarrow as pa

    if not rows:
        return pa.table({})
    with limits.reading(asked.form, where=asked.where):
        found = pa.ipc.open_stream(answer).read_all()
        found.validate(full=True)
    return found


def _labels(said: dict[str, Any]) -> Labels:
    return Labels(**{**said, "missing": tuple((low, high) for low, high in said["missing"])})


def _read(asked: Asked) -> tuple[tuple[Labels, ...], "pa.Table | None"]:
    path = Path(asked.path)
    if asked.form == workbook.FORM:
        labels = tuple(Labels(name=name) for name in workbook.header(path, asked.table, where=asked.where))
    else:
        labels = labelled.described(path, asked.form, where=asked.where)
    known = [one.name for one in labels]
    names = known if asked.names is None else [name for name in asked.names if name in known]
    if not names:
        return labels, None
    if asked.form == workbook.FORM:
        return labels, workbook.read(path, asked.table, names, where=asked.where)
    return labels, labelled.read(path, asked.form, names, where=asked.where)


def _write(labels: Sequence[Labels], rows: "pa.Table | None", out: IO[bytes]) -> None:
    import pyarrow as pa

    head = {"labels": [asdict(one) for one in labels], "rows": rows is not None}
    out.write(json.dumps(head).encode() + b"\n")
    if rows is not None:
        with pa.ipc.new_stream(out, rows.schema) as stream:
            stream.write_table(rows)


def _bind() -> None:
    """Bounds of this process, none of which it can raise again."""
    for what, bound in (
        (resource.RLIMIT_CORE, 0),  # a dump would hold microdata
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
    ):
        _, hard = resource.getrlimit(what)
        least = bound if hard == resource.RLIM_INFINITY else min(bound, hard)
        resource.setrlimit(what, (least, least))
