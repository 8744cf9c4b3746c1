"""Figures as Arrow columns: codes as dictionaries, numbers as exact decimals, whatever file they were read from.

Decides the columns and their types, so that record and Parquet of one release give equal tables.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from comity.errors import FormatError
from comity.stages.publish import folder

UNIT, RELEASE = "UNIT", "RELEASE"
CODE: Final = pa.dictionary(pa.int32(), pa.string())
NUMBERS: Final = (folder.VALUE, folder.SAMPLING, folder.NOISE)
PRECISION: Final = 38  # digits that a decimal of Arrow holds


def of(table: pa.Table, *, index: int, unit: Callable[[str], str], where: str) -> pa.Table:
    """Columns of an observation table, in the order that a frame shows.

    Args:
        table: columns as `stages.publish` names them; text, or text as dictionaries, or decimals.
        index: leaf of the release.
        unit: of a measure, in words.
    """
    codes = [name for name in table.column_names if name not in NUMBERS and name != folder.STATUS]
    held = {name: coded(table[name]) for name in codes}
    held[folder.VALUE] = decimals(table[folder.VALUE], where=where)
    held[UNIT] = _units(held[folder.MEASURE], unit)
    held[folder.SAMPLING] = decimals(table[folder.SAMPLING], where=where)
    held[folder.NOISE] = decimals(table[folder.NOISE], where=where)
    held[folder.STATUS] = coded(table[folder.STATUS])
    held[RELEASE] = pa.repeat(pa.scalar(index, pa.int32()), table.num_rows)
    return pa.table(held)


def joined(tables: Sequence[pa.Table]) -> pa.Table:
    """Tables of the same columns as one: decimals with the most digits behind the point that one of them has."""
    if len(tables) == 1:
        return tables[0]
    scales = {name: max(table.schema.field(name).type.scale for table in tables) for name in NUMBERS}
    wide = [
        table.cast(
            pa.schema(
                pa.field(f.name, pa.decimal128(PRECISION, scales[f.name]) if f.name in scales else f.type)
                for f in table.schema
            )
        )
        for table in tables
    ]
    return pa.concat_tables(wide).unify_dictionaries().combine_chunks()


def coded(column: Any) -> pa.ChunkedArray:
    """Text as dictionaries, one for the whole column."""
    if not pa.types.is_dictionary(column.type):
        column = pc.dictionary_encode(column)
    column = column.unify_dictionaries() if isinstance(column, pa.ChunkedArray) else pa.chunked_array([column])
    return column if column.type == CODE else column.cast(CODE)


def listed(column: Any) -> list[str]:
    """Codes that a column of dictionaries knows."""
    return list(dict.fromkeys(code for chunk in column.chunks for code in chunk.dictionary.to_pylist()))


def decimals(column: Any, *, where: str) -> pa.ChunkedArray:
    """Numbers as decimals of one scale, the largest that occurs; FormatError for a text that is no number."""
    if pa.types.is_decimal(column.type):
        return column.cast(pa.decimal128(PRECISION, column.type.scale))
    column = coded(column)
    texts = column.chunk(0).dictionary if column.num_chunks else pa.array([], pa.string())
    point = pc.find_substring(texts, ".")
    behind = pc.if_else(pc.less(point, 0), 0, pc.subtract(pc.subtract(pc.utf8_length(texts), point), 1))
    kind = pa.decimal128(PRECISION, pc.max(behind).as_py() or 0)
    try:
        numbers = texts.cast(kind)
    except pa.ArrowException as e:
        raise FormatError(str(e), where=where, wanted="numbers as text") from None
    return pa.chunked_array([numbers.take(chunk.indices) for chunk in column.chunks], kind)


def floats(table: pa.Table) -> pa.Table:
    """The same with decimals as 64-bit floats, the nearest to each."""
    fields = [pa.field(f.name, pa.float64()) if pa.types.is_decimal(f.type) else f for f in table.schema]
    return table.cast(pa.schema(fields, metadata=table.schema.metadata))


def _units(measures: pa.ChunkedArray, unit: Callable[[str], str]) -> pa.ChunkedArray:
    """The unit of each measure; two measures may share one."""
    chunks = []
    for chunk in measures.chunks:
        named = [unit(measure) for measure in chunk.dictionary.to_pylist()]
        distinct = list(dict.fromkeys(named))
        places = pa.array([distinct.index(name) for name in named], pa.int32())
        chunks.append(pa.DictionaryArray.from_arrays(places.take(chunk.indices), pa.array(distinct, pa.string())))
    return pa.chunked_array(chunks, CODE)
