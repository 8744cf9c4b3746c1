"""Lots: rows that memory does not hold at once are counted in parts, one after the other, and what these say is added.

All rows with one value of a column are in one lot, as if NULL were a value too: all rows of a person, or of a stratum.
By which hash is the engine's own affair, since sums are the same by any.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from comity.adapters.tables import order
from comity.adapters.tables.engine import Engine
from comity.adapters.tables.spelling import text

if TYPE_CHECKING:
    import ibis


@dataclass(frozen=True, slots=True)
class Size:
    """Bytes that a row takes, measured, where ids of persons are whole numbers, and texts of 64 characters."""

    numbers: int
    texts: int


GROUPED: Final = Size(100, 250)  # by persons, in the engine
BOUNDED: Final = Size(200, 500)  # by sorting, in this process
SUMMED: Final = Size(800, 800)  # bounded in the engine, where sums may be beyond int64
DRAWN: Final = Size(600, 1000)  # joined with a sample's design: twice what was measured, as strata differ in size


def bounding(sums: Mapping[str, int]) -> Size:
    """Of rows of which each person's are bounded.

    Args:
        sums: of each term that is summed, the largest size that its sum over all rows may have.
    """
    return BOUNDED if order.narrow(sums) else SUMMED


def number(room: int | None, needs: Sequence[tuple[int, Size]], *, texts: bool) -> int:
    """How many lots, of so many rows of each size.

    Args:
        room: `Engine.room`.
        texts: persons are named by texts and not by whole numbers.
    """
    bytes = sum(rows * (size.texts if texts else size.numbers) for rows, size in needs)
    return 1 if room is None else max(-(-bytes // room), 1)


def grouped(rows: "ibis.Table", column: str, by: Engine) -> int:
    """How many lots of rows that are grouped by persons, and that is all."""
    if by.room is None:
        return 1
    found = int(rows.count().to_pyarrow().as_py())
    return number(by.room, [(found, GROUPED)], texts=not rows[column].type().is_integer())


def lot(rows: "ibis.Table", column: str, place: int, lots: int) -> "ibis.Table":
    """The rows of one of the lots by a column."""
    if lots == 1:
        return rows
    value = rows[column]
    named = value if value.type().is_integer() else text(value)
    return rows.filter(_hash()(named).fill_null(0) % lots == place)  # nothing promises that NULL has a hash


@cache
def _hash() -> Any:
    """The engine's own hash of a value of any type, 64 bits without a sign. Ibis's word for it makes a number with a
    sign of them, by way of bits, which takes DuckDB ten times as long as the hash.
    """
    import ibis
    import ibis.expr.datatypes as dt

    @ibis.udf.scalar.builtin(name="hash")  # type: ignore[untyped-decorator]
    def hashed(value) -> dt.UInt64:  # type: ignore[no-untyped-def]
        ...

    return hashed
