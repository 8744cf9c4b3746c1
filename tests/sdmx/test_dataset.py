"""A dataset holds what its columns say, and its Parquet file holds the same."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import FormatError
from comity.sdmx import dataset
from comity.sdmx.dataset import Columns, DataSet

COLUMNS = Columns(dimensions=("SEX", "TIME_PERIOD"), measures=("OBS_VALUE",), attributes=("OBS_STATUS",))


def made(*values: str | None) -> DataSet:
    rows = [{"SEX": "F", "TIME_PERIOD": str(2000 + i), "OBS_VALUE": value} for i, value in enumerate(values)]
    return dataset.of(rows, COLUMNS, kind="datastructure", structure="COMITY:T(1.0.0)")


def test_a_component_that_no_column_holds_is_refused() -> None:
    with pytest.raises(FormatError, match="AGE"):
        dataset.of([{"AGE": "1"}], COLUMNS, kind="dataflow", structure="A:B(1.0)")


def test_an_empty_text_is_not_a_value() -> None:
    """Absent has one spelling."""
    with pytest.raises(FormatError, match="OBS_VALUE"):
        made("")


@pytest.mark.parametrize("structure", ["", "A", "A:", ":B", "A:B(1", "A:B (1.0)", "A:B(1.0)\n"])
def test_a_structure_is_named_in_full(structure: str) -> None:
    with pytest.raises(FormatError):
        dataset.of([], COLUMNS, kind="dataflow", structure=structure)


@pytest.mark.parametrize("names", [("A", "A"), ("A B",), ("1",), ("",)])
def test_components_are_named_once_and_as_sdmx_names_them(names: tuple[str, ...]) -> None:
    with pytest.raises(FormatError):
        Columns(dimensions=names, measures=(), attributes=())


@given(st.lists(st.none() | st.decimals(-(10**12), 10**12, places=3).map(lambda x: f"{x + 0:f}")))
def test_parquet_holds_the_same_observations(values: list[str | None]) -> None:
    before = made(*values)
    after = dataset.read_parquet(dataset.parquet(before))
    assert (before.kind, before.structure, before.action, before.columns) == (
        after.kind,
        after.structure,
        after.action,
        after.columns,
    )
    assert before.rows == after.rows


def test_parquet_measures_are_exact_numbers_to_others() -> None:
    """Not text, not binary fractions."""
    table = pq.read_table(pa.BufferReader(dataset.parquet(made("0.1", "60920", None))))
    assert pa.decimal128(38, 1) == table.schema.field("OBS_VALUE").type
    assert pa.string() == table.schema.field("SEX").type


def test_equal_datasets_give_equal_parquet() -> None:
    assert dataset.parquet(made("1", None, "2.5")) == dataset.parquet(made("1", None, "2.5"))


def test_a_measure_that_is_no_number_is_refused() -> None:
    with pytest.raises(FormatError, match="1e5"):
        dataset.parquet(made("1e5"))


@pytest.mark.parametrize("data", [b"", b"PAR1", b"PAR1" * 20])
def test_broken_parquet_is_refused(data: bytes) -> None:
    with pytest.raises(FormatError):
        dataset.read_parquet(data)


def test_truncated_parquet_is_refused() -> None:
    with pytest.raises(FormatError):
        dataset.read_parquet(dataset.parquet(made("1"))[:-9])
