"""The law over engines: whatever the plan and the rows, an engine counts what is reckoned person by person."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from comity.adapters.tables import lots
from comity.adapters.tables.counting import NationalTables
from comity.stages.compute import Counts
from tests.builders import people, recoding
from tests.builders.people import Asked
from tests.builders.reckoning import reckoned

TABLES = NationalTables(threads=1)


def shown(counts: Counts) -> dict[str, object]:
    """Counts as they compare."""
    found = {name: getattr(counts, name) for name in ("rows", "missing", "outside", "unmapped")}
    arrays = {"values": counts.values, "contributors": counts.contributors, "largest": counts.largest}
    if counts.margins is not None:
        arrays |= {"number in margins": counts.margins.number, "largest in margins": counts.margins.largest}
    return {**found, **{name: None if one is None else one.tolist() for name, one in arrays.items()}}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("people")


@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(asked=people.asked())
def test_duckdb_counts_what_is_reckoned_person_by_person(place: Path, asked: Asked) -> None:
    path = place / "people.parquet"
    pq.write_table(asked.rows, path)
    expected = shown(reckoned(asked))
    assert expected == shown(TABLES.count(people.of(asked.plan, path, "parquet")))


@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(asked=recoding.asked())
def test_a_value_that_stands_for_a_number_is_that_number(place: Path, asked: Asked) -> None:
    """Exactly, whatever the value is itself and whatever the column's type."""
    path = place / "people.parquet"
    pq.write_table(asked.rows, path)
    assert shown(reckoned(asked)) == shown(TABLES.count(people.of(asked.plan, path, "parquet")))


@settings(max_examples=10, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(asked=people.asked(), many=st.integers(2, 4))
def test_lots_add_up_to_what_is_reckoned_person_by_person(place: Path, asked: Asked, many: int) -> None:
    path = place / "people.parquet"
    pq.write_table(asked.rows, path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lots, "number", lambda *_, **__: many)
        found = TABLES.count(people.of(asked.plan, path, "parquet"))
    assert shown(reckoned(asked)) == shown(found)


@pytest.mark.long
@pytest.mark.parametrize("part", range(20))
def test_duckdb_counts_what_is_reckoned_of_two_thousand_plans(place: Path, part: int) -> None:
    """100 plans in each part, by a seed of its own."""
    path = place / "people.parquet"

    @seed(part)
    @settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
    @given(asked=people.asked(most=200))
    def holds(asked: Asked) -> None:
        pq.write_table(asked.rows, path)
        expected = shown(reckoned(asked))
        assert expected == shown(TABLES.count(people.of(asked.plan, path, "parquet")))

    holds()
