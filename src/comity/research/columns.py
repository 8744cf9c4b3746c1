"""Figures as Arrow columns: codes as dictionaries, numbers as exact decimals, whatever file they were read from.

Decides the columns and their types, so that record and Parquet of one release give equal tables.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
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
    for place, field in enumerate(table.schema):
        if pa.types.is_decimal(field.type):
            chunks = [_nearest(chunk) for chunk in table[field.name].chunks]
            table = table.set_column(place, field.name, pa.chunked_array(chunks, pa.float64()))
    return table


def _nearest(column: Any) -> pa.Array:
    """Nearest floats of a decimal128 array (Arrow's own cast may be one step off).

    Digits below 2^53 over a power of ten up to 10^22 are both exact, so IEEE 754 rounds their quotient once. All else
    goes through text.
    """
    if column.null_count == len(column):  # none, or none that is a number
        return pa.nulls(len(column), pa.float64())
    words = np.frombuffer(column.buffers()[1], "<i8").reshape(-1, 2)[column.offset : column.offset + len(column)]
    digits, high = words[:, 0], words[:, 1]  # a null's are whatever they are: it stays masked
    blank = np.asarray(column.is_null())
    if column.type.scale > 22 or np.any((high != digits >> 63) & ~blank) or np.any((abs(digits) >= 2**53) & ~blank):
        return column.cast(pa.string()).cast(pa.float64())
    return pa.array(digits / 10.0**column.type.scale, mask=blank)


def _units(measures: pa.ChunkedArray, unit: Callable[[str], str]) -> pa.ChunkedArray:
    """The unit of each measure; two measures may share one."""
    chunks = []
    for chunk in measures.chunks:
        named = [unit(measure) for measure in chunk.dictionary.to_pylist()]
        distinct = list(dict.fromkeys(named))
        places = pa.array([distinct.index(name) for name in named], pa.int32())
        chunks.append(pa.DictionaryArray.from_arrays(places.take(chunk.indices), pa.array(distinct, pa.string())))
    return pa.chunked_array(chunks, CODE)
