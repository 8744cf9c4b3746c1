"""Values of columns of whole numbers, found by how a binding spells them, whatever a column can hold."""

import ibis
import pyarrow as pa
import pytest

from comity.adapters.tables import spelling
from comity.stages.collect import Reading

ODD = ("18446744073709551616", "-9223372036854775809", "--5", "-0", "007", "٣", "1e3", "9" * 5000, "")
COLUMNS = [
    pa.array([2**64 - 1, 2**63, 5, 0, None], pa.uint64()),
    pa.array([-(2**63), 2**63 - 1, -5, 0, None], pa.int64()),
    pa.array([-128, 127, 5, None], pa.int8()),
]


def table(column: pa.Array) -> ibis.Table:
    return ibis.duckdb.connect().create_table("rows", pa.table({"a": column}))


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: str(column.type))
def test_each_value_is_found_by_its_spelling_and_others_find_nothing(column: pa.Array) -> None:
    """A text that the column cannot hold is no error: another column of the office's may hold it."""
    rows, values = table(column), column.to_pylist()
    for value in values[:-1]:
        found = rows.filter(spelling.is_one_of(rows.a, (*ODD, str(value))))
        assert [value] == found.to_pyarrow()["a"].to_pylist()
    assert 0 == rows.filter(spelling.is_one_of(rows.a, ODD)).count().to_pyarrow().as_py()


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: str(column.type))
def test_each_value_has_the_code_that_it_is_listed_with(column: pa.Array) -> None:
    rows, values = table(column), column.to_pylist()[:-1]
    listed = [f"C{i}" for i in range(len(values))]
    codes = dict(zip(map(str, values), listed, strict=True)) | dict.fromkeys(ODD[:-1], "C0")
    reading = Reading(variable="V", column="a", codes=codes, missing=(), list=tuple(listed), blank=())
    found = spelling.listed(rows, reading, listed, code="code", place="place").to_pyarrow().to_pylist()
    expected = [{"a": value, "code": f"C{i}", "place": i} for i, value in enumerate(values)]
    assert expected == sorted(found, key=lambda row: row["place"])
    read = rows.select(rows.a, code=spelling.read(rows.a, reading)).to_pyarrow().to_pylist()
    assert dict(zip(values, listed, strict=True)) == {row["a"]: row["code"] for row in read if row["a"] is not None}
    assert [spelling.MISSING] == [row["code"] for row in read if row["a"] is None]
