"""Columns that grow as a file is read: from values of Python to one column of one kind, as Parquet would hold it.

Decides what kind a column is whose file does not say (a cell of Excel has its own), and that a column of two kinds is
refused. Which columns are read, and what their values mean, is decided elsewhere.
"""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from comity.errors import SourceError

if TYPE_CHECKING:
    import pyarrow as pa

EXACT: Final = 2**53  # whole numbers below it are exact in a double
WIDEST: Final = 2**63  # whole numbers of a column are below it
_KINDS: Final = {
    bool: "true or false",
    int: "whole number",
    float: "number",
    str: "text",
    datetime.date: "date",
    datetime.datetime: "time",
    datetime.time: "time of day",
    datetime.timedelta: "duration",
}
_WIDER: Final = {frozenset({"whole number", "number"}): "number", frozenset({"date", "time"}): "time"}


def spelt(number: float) -> str:
    """A number as `adapters.tables` spells it: without a point where it is whole, else the shortest that reads back.

    >>> spelt(1.0), spelt(2.5), spelt(1e-7)
    ('1', '2.5', '1e-07')
    """
    return str(int(number)) if abs(number) < EXACT and number == int(number) else repr(float(number))


@dataclass(slots=True, kw_only=True)
class Growing:
    """One column that is being read.

    where: the source, for a refusal.
    marks: a text in a column of numbers is a mark for no answer (a, b, ... of Stata and SAS) and is read as ".a"; the
        column's numbers are then spelt as text, too.
    single: the numbers are written with half the digits of a double (float of Stata).
    """

    name: str
    where: str
    marks: bool = False
    single: bool = False
    kind: str = ""  # "" until there is a value
    parts: list[Any] = field(default_factory=list)

    def add(self, values: Sequence[Any], *, row: int) -> None:
        """The next values; row: how the file counts the first of them, for a refusal.

        Raises:
            SourceError: a value of another kind than those before.
        """
        import pyarrow as pa

        values = [None if value == "" or value != value else value for value in values]  # NaN is no number
        if self.marks and any(isinstance(value, str) for value in values):
            self._mark()
        if self.marks and self.kind == "text":
            values = [self._marked(value) for value in values]
        if datetime.datetime in map(type, values) and all(_is_midnight(value) for value in values):
            values = [None if value is None else value.date() for value in values]
        for kind in sorted({type(value) for value in values} - {type(None)}, key=str):
            self._widen(kind, values, row)
        if self.kind == "number" or any(type(value) is int and not -WIDEST <= value < WIDEST for value in values):
            self.kind = "number"
            values = [None if value is None else float(value) for value in values]
        self.parts.append(pa.array(values, self._type()))

    def closed(self) -> "pa.ChunkedArray":
        """The whole column; one without a value is text."""
        import pyarrow as pa

        kind = self._type() if self.kind else pa.string()
        return pa.chunked_array([part.cast(kind, safe=False) for part in self.parts], kind)

    @property
    def size(self) -> int:
        """Bytes held."""
        return sum(part.nbytes for part in self.parts)

    def _type(self) -> "pa.DataType":
        """The type of what was read so far."""
        import pyarrow as pa

        types = {"text": pa.string(), "whole number": pa.int64(), "true or false": pa.bool_(), "date": pa.date32()}
        types |= {"number": pa.float32() if self.single else pa.float64(), "time": pa.timestamp("us")}
        types |= {"time of day": pa.time64("us"), "duration": pa.duration("us"), "": pa.null()}
        return types[self.kind]

    def _widen(self, kind: type, values: Sequence[Any], row: int) -> None:
        found = _KINDS.get(kind, kind.__name__)
        if self.kind in ("", found):
            self.kind = found
            return
        wider = _WIDER.get(frozenset({found, self.kind}))
        if wider is None:
            at = row + next(i for i, value in enumerate(values) if type(value) is kind)
            raise SourceError(
                "values of two kinds in one column",
                where=f"{self.where}: {self.name}",
                found=f"{found} in row {at}, {self.kind} elsewhere",
                wanted="one kind in a column",
                way_out="write the whole column as text, or as numbers",
            )
        self.kind = wider

    def _mark(self) -> None:
        """From numbers to text, since the column holds marks."""
        import pyarrow as pa

        if self.kind != "text":
            old = (part.to_pylist() for part in self.parts)
            self.parts = [pa.array([self._marked(value) for value in values], pa.string()) for values in old]
            self.kind = "text"

    def _marked(self, value: Any) -> str | None:
        if value is None:
            return None
        if isinstance(value, str):
            return "." + value
        return _single(value) if self.single else spelt(value)


def _single(number: float) -> str:
    """A number of half the digits, as the engine spells it."""
    import numpy as np

    return spelt(number) if number == int(number) else str(np.float32(number))


def _is_midnight(value: Any) -> bool:
    """Whether a moment only names a day; so it is with what Excel shows as a date."""
    return value is None or (isinstance(value, datetime.datetime) and value.time() == datetime.time())
