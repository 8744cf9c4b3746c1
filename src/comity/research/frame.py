"""Figures as a table: value, unit, sampling error, noise and status, in Arrow and pandas, with whose word they are.

Decides how figures are read out of a release's record or Parquet file, and how a reader picks among them. Numbers stay
the exact decimals that were published; `pandas()` gives the nearest floats. Computes no figure of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, Literal

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from comity.errors import FormatError, UsageError
from comity.model import area as areas
from comity.model.norm import Norm
from comity.model.release import Release
from comity.model.structure import Layout
from comity.pages import tables, words
from comity.research import columns, show
from comity.research.plot import Plot, draw
from comity.research.record import Standing
from comity.stages.publish import folder, release

if TYPE_CHECKING:
    import pandas as pd

Through = Literal["record", "parquet"]
SHOWN: Final = 20  # rows of a frame in a notebook
ERRORS: Final = "SAMPLING_ERROR and NOISE_ERROR are standard errors in the unit of the value, independent of each other"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Frame:
    """Observations of one structure, a row each.

    Columns: REF_AREA (M49; _X: those who took part together), the study's dimensions, MEASURE, TIME_PERIOD, OBS_VALUE
    (null where the status forbids one), UNIT in words, SAMPLING_ERROR and NOISE_ERROR (standard errors, in the value's
    unit), OBS_STATUS (SDMX CL_OBS_STATUS), RELEASE (leaf that published it).

    axes: dimensions of the study. names: of the codes of a column. sources: files that it was read from.
    labels: what must stand beside every figure, such as that all people are made up.
    """

    table: pa.Table
    axes: tuple[str, ...]
    names: Mapping[str, Mapping[str, str]]
    title: str
    labels: tuple[str, ...]
    notes: tuple[str, ...]
    sources: tuple[str, ...]
    standing: Standing

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def arrow(self) -> pa.Table:
        """An Arrow table: codes as dictionaries, numbers as exact decimals; labels, log and charter in its metadata."""
        return self.table.replace_schema_metadata(self._metadata())

    def pandas(self, *, names: bool = False) -> "pd.DataFrame":
        """A pandas table: codes as categories, numbers as the nearest 64-bit floats.

        Args:
            names: codes as the norm words them, areas as M49 does.
        """
        table = columns.floats(self.table).to_pandas()
        table.attrs |= self._metadata()
        if names:
            for column in self.names:
                table[column] = table[column].astype(object).map(lambda code, column=column: self.name(column, code))
        return table

    def name(self, column: str, code: str) -> str:
        """A code in words; the code itself where nothing names it."""
        return self.names.get(column, {}).get(code) or code

    def where(self, **codes: str | Sequence[str]) -> "Frame":
        """The rows with these codes, such as `where(REF_AREA="012", MEASURE=["n", "share"])`.

        Raises:
            UsageError: no such column, or no row has the code.
        """
        table = self.table
        for column, wanted in codes.items():
            known = self.codes(column)
            chosen = [wanted] if isinstance(wanted, str) else list(wanted)
            if strange := [code for code in chosen if code not in known]:
                raise UsageError(
                    "no row has this code",
                    where=f"where({column}=...)",
                    found=", ".join(map(str, strange)),
                    wanted=", ".join(known[:40]),
                )
            table = table.filter(pc.is_in(table[column].cast(pa.string()), value_set=pa.array(chosen, pa.string())))
        return replace(self, table=table)

    def codes(self, column: str) -> list[str]:
        """Codes that occur in a column, in the order of the norm's list, then of the rows."""
        if column not in self.table.column_names or column in (*columns.NUMBERS, columns.RELEASE):
            coded = [name for name in self.table.column_names if name not in (*columns.NUMBERS, columns.RELEASE)]
            raise UsageError("no such column of codes", where="frame", found=column, wanted=", ".join(coded))
        found = [code for code in pc.unique(self.table[column].cast(pa.string())).to_pylist() if code is not None]
        listed = [code for code in self.names.get(column, {}) if code in set(found)]
        return list(dict.fromkeys([*listed, *found]))

    def plot(self, *, measure: str = "", x: str = "", by: str = "") -> Plot:
        """The figures with their uncertainty: see `plot.draw`.

        Args:
            measure: which one; by itself shares, else the first.
            x: column along the axis; by itself the period if there are several, else the first that varies.
            by: column of small charts; by itself the other column that varies.
        """
        return draw(self, measure=measure, x=x, by=by)

    def __repr__(self) -> str:
        head = show.lines(f"{self.title}: {len(self)} observations", *self.labels)
        return f"{head}\n{show.columns(*self._head())}\n{self.standing}"

    def _repr_html_(self) -> str:
        more = [show.note(f"{SHOWN} of {len(self):,} rows; .arrow() and .pandas() hold all")] * (len(self) > SHOWN)
        labels = [show.title(label) for label in self.labels]
        notes = [show.note(line) for line in (ERRORS, *self.notes)]
        read = show.note(f"read from {', '.join(self.sources[:4])}{' and others' * (len(self.sources) > 4)}")
        body = show.table(*self._head())
        return show.whole(show.title(self.title), *labels, body, *more, *notes, read, show.note(self.standing))

    def _metadata(self) -> dict[str, str]:
        told = {"comity.labels": "; ".join(self.labels), "comity.sources": "; ".join(self.sources)}
        return {**self.standing.metadata, **told}

    def _head(self) -> tuple[list[str], list[list[object]]]:
        """The first rows, codes with their names and statuses in words."""
        names = self.table.column_names
        rows = self.table.slice(0, SHOWN).to_pylist()
        return names, [[self._cell(name, row[name]) for name in names] for row in islice(rows, SHOWN)]

    def _cell(self, column: str, value: Any) -> object:
        if value is None:
            return ""
        if column == folder.STATUS:
            return f"{value} {status(value)}".strip()
        if isinstance(value, Decimal):
            return f"{value.normalize():f}"
        said = self.name(column, value) if column in self.names else value
        return value if said == value else f"{value} {said}"


def of(
    table: pa.Table,
    *,
    index: int,
    norm: Norm,
    axes: tuple[str, ...],
    title: str,
    labels: tuple[str, ...],
    notes: tuple[str, ...],
    source: str,
    standing: Standing,
) -> Frame:
    """A frame of one release's observations."""
    lists = {dimension.id: norm.structure.codelist(dimension.codelist) for dimension in norm.structure.dimensions}
    names: dict[str, Mapping[str, str]] = {axis: {code.id: code.name for code in lists[axis].codes} for axis in axes}
    held = columns.of(table, index=index, unit=lambda measure: unit(measure, norm), where=source)
    if folder.AREA not in names:
        names[folder.AREA] = {code: area(code) for code in columns.listed(held[folder.AREA])}
    return Frame(
        table=held,
        axes=axes,
        names=names,
        title=title,
        labels=labels,
        notes=notes,
        sources=(source,),
        standing=standing,
    )


def joined(frames: Sequence[Frame]) -> Frame:
    """Several as one; UsageError if they have other columns."""
    first = frames[0]
    for other in frames[1:]:
        if other.table.column_names != first.table.column_names:
            raise UsageError(
                "releases of different shape do not make one table",
                where="frame",
                found=f"{', '.join(other.table.column_names)} ({other.title})",
                wanted=f"{', '.join(first.table.column_names)} ({first.title})",
                way_out="name one study",
            )
    names = {column: {k: v for frame in frames for k, v in frame.names[column].items()} for column in first.names}
    return replace(
        first,
        table=columns.joined([frame.table for frame in frames]),
        names=names,
        labels=tuple(dict.fromkeys(label for frame in frames for label in frame.labels)),
        notes=tuple(dict.fromkeys(note for frame in frames for note in frame.notes)),
        sources=tuple(source for frame in frames for source in frame.sources),
    )


def from_record(record: Release, norm: Norm, m49: str) -> pa.Table:
    """Observations of a record's figures, as text."""
    return release.observations(record, norm, m49).table


def from_parquet(data: bytes, layout: Layout, *, where: str) -> pa.Table:
    """Observations of a release's Parquet file; FormatError if it is none, or of other columns than the layout."""
    axes = [axis.id for axis in layout.dimensions]
    before = [] if folder.AREA in axes else [folder.AREA]
    texts = [*before, *axes, folder.MEASURE, folder.PERIOD, folder.STATUS, folder.SAMPLING, folder.NOISE]
    wanted = [*texts[:-3], folder.VALUE, *texts[-3:]]
    try:
        table = pq.read_table(pa.BufferReader(data), read_dictionary=texts)
    except (pa.ArrowException, OSError) as e:
        raise FormatError(str(e), where=f"{where}: {folder.PARQUET}", wanted="a Parquet file") from None
    kinds = [field.type for field in table.schema]
    right = table.column_names == wanted and all(
        pa.types.is_decimal(kind) if name == folder.VALUE else pa.types.is_dictionary(kind)
        for name, kind in zip(wanted, kinds, strict=True)
    )
    if not right:
        raise FormatError(
            "not the observations of this release",
            where=f"{where}: {folder.PARQUET}",
            found=", ".join(f"{field.name} {field.type}" for field in table.schema),
            wanted=", ".join(wanted),
        )
    return table


def unit(measure: str, norm: Norm) -> str:
    """The unit of a measure in words: the norm's name of it, or the catalogue's; its id where neither has one."""
    try:
        return tables.measure_name(measure, norm)
    except FormatError:
        return measure


def area(code: str) -> str:
    """A code of REF_AREA in words."""
    try:
        return "all who took part" if code == folder.NO_AREA else areas.name(code)
    except FormatError:
        return code


def status(code: str) -> str:
    """A status in words; nothing for one that the catalogue does not word."""
    try:
        return words.say(f"status.{code}")
    except FormatError:
        return ""
