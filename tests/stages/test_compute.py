"""From study, norm, binding and source to a plan, and from counts to a cube; a fake stands in for the tables."""

from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from comity.errors import ConfigError, FormatError, SourceError
from comity.methods import registry
from comity.model import cube as cubes
from comity.model.source import Coverage, Map, Source
from comity.stages import compute
from comity.stages.compute import Counts, Plan
from tests import sample
from tests.builders import numbers

NORM, STUDY, METHOD = sample.norm(), sample.study(), registry.load("table", "1")
SOURCE = Source(id="home", path="people.parquet", format="parquet", unique=True)


@dataclass
class Counted:
    """Tables that were counted already."""

    counts: Counts
    asked: list[Plan] = field(default_factory=list)

    def count(self, plan: Plan) -> Counts:
        self.asked.append(plan)
        return self.counts


def plan(period: str = "2010-2014", **changes: object) -> Plan:
    given = {"binding": sample.binding(), "source": SOURCE, **changes}
    return compute.plan(STUDY, NORM, given["binding"], period, source=given["source"], method=METHOD)  # type: ignore[arg-type]


def timed(codes: dict[str, str], missing: tuple[str, ...] = ()) -> object:
    """The binding with another map of the period."""
    read = sample.binding()
    time = Map(variable="WAVE", column="wave", codes=codes, missing=missing)
    return replace(read, maps=tuple(time if entry.variable == "WAVE" else entry for entry in read.maps))


def test_a_plan_reads_the_columns_of_the_studys_dimensions_in_its_order() -> None:
    made = plan()
    assert [("Q1", "q42"), ("Q2", "sex")] == [(reading.variable, reading.column) for reading in made.readings]
    assert ("uid", "wave", ("6",)) == (made.unit.column, made.time.column, made.periods)
    assert STUDY.layout == made.layout


def test_a_period_is_every_national_value_that_the_binding_maps_to_it() -> None:
    assert ("6", "06") == plan(binding=timed({"6": "6", "06": "6", "5": "5"})).periods


def test_a_period_that_the_binding_does_not_know_is_refused() -> None:
    with pytest.raises(SourceError, match="no national value is the period 2010-2014"):
        plan(binding=timed({"5": "5"}))
    with pytest.raises(SourceError, match="no national value is the period 2010-2014"):
        plan(binding=timed({}, missing=("6",)))


def test_a_period_that_the_study_does_not_have_is_refused() -> None:
    with pytest.raises(FormatError, match="no such period"):
        plan("2030")


def test_a_binding_of_another_norm_is_refused() -> None:
    with pytest.raises(ConfigError):
        plan(binding=replace(sample.binding(), norm="OTHER/1.0.0"))


def test_microdata_end_at_run() -> None:
    """What comes out is the counts, cell by cell, and the persons behind each; and how the rows were used."""
    values = np.arange(8, dtype="<i8")
    persons = np.arange(1, 9, dtype="<i8")
    counts = Counts(values=values, contributors=persons, rows=28, missing=3, outside=2, unmapped={"Q1": {"5": 2}})
    tables = Counted(counts)
    made = plan()
    cube, coverage = compute.table(made, tables.count(made))
    assert [made] == tables.asked
    assert (list(range(8)), list(range(1, 9))) == (cube.values.tolist(), cube.contributors.tolist())
    assert {0} == {*cube.status.tolist(), *cube.noise.tolist(), *cube.sampling.tolist()}
    assert Coverage(rows=33, counted=28, missing=3, outside=2, unmapped={"Q1": {"5": 2}}) == coverage


def test_values_are_clipped_to_the_studys_bound() -> None:
    cube = cubes.plain(STUDY.layout, np.array([0, 9, 10, 11, -11, 5, 2**40, 1], "<i8"), np.zeros(8, "<i4"))
    assert [0, 9, 10, 10, -10, 5, 10, 1] == compute.clipped(cube, 10).tolist()


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"y": "NOBODY"},
        {"y": "INCOME", "y_decimals": "abc"},
        {"y": "INCOME", "y_decimals": "-1"},
        {"y": "INCOME", "y_decimals": "999999999"},
        {"y": "INCOME", "weight_decimals": "\u0662"},
    ],
)
def test_parameters_that_name_no_number_are_one_line(parameters: dict[str, str]) -> None:
    of = numbers.norm({"SEX": "FM"}, {"n": 0, "w": 0, "wy": 0, "wyy": 0}, INCOME="0 100")
    asked = replace(numbers.study(of, "mean", y="INCOME"), parameters=parameters)
    maps = tuple(Map(variable=variable.id, column=variable.id) for variable in of.variables)
    binding = replace(sample.binding(), norm=f"{of.id}/{of.version}", maps=maps)
    with pytest.raises(FormatError) as told:
        compute.plan(asked, of, binding, "2010-2014", source=SOURCE, method=registry.load("mean", "1"))
    assert 1 == len(str(told.value).splitlines())
