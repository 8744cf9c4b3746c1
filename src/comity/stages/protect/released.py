"""What a member decided on of its own tables: true values and what was shown of them, with all margins. Stays at home.

The memory that every later table of the same people is protected together with, and its bytes, `comity-released/1`:
one line of canonical JSON, then the arrays, little-endian. True values of small cells stand in it, and no person's.
Where it is kept is `adapters.released`; what is done with it is `sdc`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Final

import numpy as np
from numpy.typing import NDArray

from comity import canon
from comity.canon import Digest
from comity.errors import FormatError
from comity.model.protection import Way
from comity.stages.protect.tables import HIDDEN, Table, Variable

MAGIC: Final = "comity-released/1"

_ARRAYS: Final = (
    ("values", "<i8"),
    ("number", "<i8"),
    ("published", "<i8"),
    ("upper", "<i8"),
    ("lower", "<i8"),
)
_MASKS: Final = ("status", "primary", "alone")  # u1, of values 0 to 2, 0 and 1, 0 and 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Kept:
    """One measure of a table that was decided on, and what its rules asked then; arrays of the table's cells.

    what: which number it is; tables of one number may be linked.
    table: true values, with status SHOWN (as they are), HIDDEN or OPEN (shown, but not as they are), and no largest
        parts: these are never kept.
    published: what was shown of each cell; 0 where nothing was.
    primary, upper, lower, alone: as `primary.Needs`.
    """

    what: str
    table: Table
    published: NDArray[np.int64]
    primary: NDArray[np.bool_]
    upper: NDArray[np.int64]
    lower: NDArray[np.int64]
    alone: NDArray[np.bool_]

    @property
    def hidden(self) -> NDArray[np.bool_]:
        """Cells that are not shown, and margins that no reader is taken to know."""
        return np.asarray(self.table.status == HIDDEN)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Released:
    """A table of one question, for the member's own release, for a joint sum without noise, or for both.

    source, norm, value: of whom and when: the source's id, the norm's id, and the period as the norm's variable has
        it. Tables that agree in norm and period are of the same people.
    way: in which it was protected.
    kept: one for each measure that adds up, and one for the persons.
    """

    study: Digest
    period: str
    source: str
    norm: str
    value: str
    way: Way
    kept: tuple[Kept, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    what: str
    counts: bool
    variables: tuple[Variable, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Header:
    """First line of the bytes."""

    released: str  # MAGIC
    study: Digest
    period: str
    source: str
    norm: str
    value: str
    way: Way
    tables: tuple[_Table, ...]


def encode(released: Released) -> bytes:
    """The bytes."""
    header = _Header(
        released=MAGIC,
        study=released.study,
        period=released.period,
        source=released.source,
        norm=released.norm,
        value=released.value,
        way=released.way,
        tables=tuple(
            _Table(what=kept.what, counts=kept.table.counts, variables=kept.table.variables) for kept in released.kept
        ),
    )
    parts = [part for kept in released.kept for part in _arrays(kept)]
    return canon.encode(header) + b"\n" + b"".join(parts)


def decode(blob: bytes, *, where: str = "released") -> Released:
    """Read what `encode` writes; FormatError for every other bytes."""
    line, mark, body = blob.partition(b"\n")
    if not mark:
        raise FormatError("no header line", where=where, wanted=MAGIC)
    header = canon.decode(line, _Header, where=where)
    sizes = [prod(len(variable.codes) for variable in table.variables) for table in header.tables]
    if header.released != MAGIC or len(body) != sum(sizes) * (8 * len(_ARRAYS) + len(_MASKS)):
        raise FormatError("not a table that was decided on, or cut short", where=where, found=header.released[:40])
    kept, at = [], 0
    for table, cells in zip(header.tables, sizes, strict=True):
        found, at = _read(body, at, cells)
        kept.append(_kept(table, found))
    return Released(
        study=header.study,
        period=header.period,
        source=header.source,
        norm=header.norm,
        value=header.value,
        way=header.way,
        kept=tuple(kept),
    )


def _arrays(kept: Kept) -> Sequence[bytes]:
    held = {
        "values": kept.table.values,
        "number": kept.table.number,
        "published": kept.published,
        "upper": kept.upper,
        "lower": kept.lower,
    }
    masks = {"status": kept.table.status, "primary": kept.primary, "alone": kept.alone}
    whole = [np.ascontiguousarray(held[name], kind).tobytes() for name, kind in _ARRAYS]
    return [*whole, *(np.ascontiguousarray(masks[name], "u1").tobytes() for name in _MASKS)]


def _read(body: bytes, at: int, cells: int) -> tuple[dict[str, NDArray[np.int64]], int]:
    """One table's arrays, and where the next one's begin."""
    found = {}
    for name, kind in (*_ARRAYS, *((mask, "u1") for mask in _MASKS)):
        size = cells * np.dtype(kind).itemsize
        found[name] = np.frombuffer(body[at : at + size], kind).astype(np.int64)
        at += size
    return found, at


def _kept(table: _Table, found: dict[str, NDArray[np.int64]]) -> Kept:
    return Kept(
        what=table.what,
        table=Table(
            variables=table.variables,
            values=found["values"],
            number=found["number"],
            largest=np.zeros((0, len(found["values"])), np.int64),
            status=found["status"].astype(np.uint8),
            counts=table.counts,
        ),
        published=found["published"],
        primary=found["primary"] != 0,
        upper=found["upper"],
        lower=found["lower"],
        alone=found["alone"] != 0,
    )
