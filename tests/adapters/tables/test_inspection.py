"""What a check tells of universe, persons, weights and strata, against rows counted by hand."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from comity.adapters.tables import lots
from comity.adapters.tables.counting import NationalTables
from comity.errors import SourceError
from comity.model.inspection import Inspection, Weights
from comity.model.norm import Variable
from comity.model.source import Binding, Design, Filter, Map, Replicates, Stage
from tests import sample
from tests.builders import microdata

PEOPLE = {
    "uid": ["1", "1", "2", "3", "", "5", "6", "7"],
    "wave": ["6", "6", "6", "6", "6", "6", "6", "1"],
    "kind": ["a", "a", "a", "a", "a", "b", "a", "a"],
    "pw": ["1", "2", "0", "-1", "4", "9", "n/a", "100"],
    "str": ["x", "x", "x", "y", "y", "z", "u", "u"],
    "psu": ["1", "1", "2", "3", "3", "4", "5", "6"],
    "N": ["9", "9", "9", "9", "9", "1", "9", "9"],
}
EVERYBODY = Design(strata="str", stages=(Stage(cluster="psu", population="N"),))


def inspected(folder: Path, form: str = "csv", **changes: Any) -> Inspection:
    (path,) = microdata.write(folder, PEOPLE, formats=(form,))
    return NationalTables().inspected(microdata.source(path), sample.norm(), bound(**changes))


def bound(**changes: Any) -> Binding:
    """Maps of the unit and of the wave, of which 6 is known; the rest is not looked at here."""
    maps = (
        Map(variable="PERSON", column="uid"),
        Map(variable="WAVE", column="wave", codes={"6": "6"}),
    )
    return Binding(**{"id": "home", "version": "1", "norm": sample.norm().name, "maps": maps, **changes})


@pytest.fixture(params=[1, 7], ids=["one lot", "seven lots"])
def laid(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows are inspected in so many lots, however few they are."""
    monkeypatch.setattr(lots, "number", lambda *_, **__: request.param)


@pytest.mark.usefixtures("laid")
@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_a_source_is_told_as_it_was_counted_by_hand(tmp_path: Path, form: str) -> None:
    """Wave 6 alone is known; kind b is outside the universe. Person 1 stands in two rows and has 3 of the 3 that the
    weights of named persons add up to; the stratum y has one cluster, and so has u; z was drawn with certainty."""
    universe = (Filter(column="kind", values=("a",)),)
    found = inspected(tmp_path, form, universe=universe, weight="pw", design=EVERYBODY)
    weights = Weights(missing=1, negative=1, zero=1, sum=7.0, least=0.0, most=4.0, share=1.0)
    told = Inspection(beside=1, nameless=1, several=1, weights=weights, unbound=("Q1", "Q2"))
    assert told == replace(found, refused="")
    assert "2 strata with a single unit of the sample have no sampling variance" in found.refused


def test_without_weight_or_design_nothing_is_said_of_them(tmp_path: Path) -> None:
    found = inspected(tmp_path)
    assert (None, "", 1) == (found.weights, found.refused, found.several)


@pytest.mark.usefixtures("laid")
def test_persons_are_the_units_where_no_cluster_was_drawn(tmp_path: Path) -> None:
    """x has the persons 1 and 2; y one person (and a row without one), z one, u one in wave 6."""
    assert "3 strata with a single unit" in inspected(tmp_path, design=Design(strata="str")).refused


@pytest.mark.usefixtures("laid")
def test_a_stratum_with_several_populations_is_told_before_a_count_refuses_it(tmp_path: Path) -> None:
    """x has clusters out of 9 and out of 8; u has 9 and 8 too, but in two waves, of which one is known."""
    (path,) = microdata.write(tmp_path, {**PEOPLE, "N": ["9", "9", "8", "9", "9", "1", "9", "8"]}, formats=("csv",))

    def refused(design: Design) -> str:
        return NationalTables().inspected(microdata.source(path), sample.norm(), bound(design=design)).refused

    assert "N: a stage of sampling has several populations in one group; found 8 and 9" in refused(EVERYBODY)
    assert "found 1 and 9" in refused(replace(EVERYBODY, strata=""))
    assert "several populations" not in refused(Design(strata="str", stages=(Stage(cluster="psu"),)))


@pytest.mark.usefixtures("laid")
def test_periods_have_samples_of_their_own(tmp_path: Path) -> None:
    """Two waves of the same persons in the same stratum, drawn anew out of other numbers of clusters; and then one
    wave with a single cluster."""
    rows = {"uid": ["1", "2", "1", "2"], "wave": ["6", "6", "5", "5"], "kind": ["a"] * 4, "str": ["x"] * 4}
    both = (Map(variable="PERSON", column="uid"), Map(variable="WAVE", column="wave", codes={"6": "6", "5": "5"}))

    def refused(**columns: list[str]) -> str:
        (path,) = microdata.write(tmp_path, {**rows, **columns}, formats=("csv",))
        given = bound(design=EVERYBODY, maps=both)
        return NationalTables().inspected(microdata.source(path), sample.norm(), given).refused

    assert "" == refused(psu=["1", "2", "3", "2"], N=["9", "9", "7", "7"])
    assert "1 strata with a single unit" in refused(psu=["1", "2", "1", "1"], N=["9", "9", "7", "7"])


def test_rows_without_a_replicate_weight_are_told_before_a_count_refuses_them(tmp_path: Path) -> None:
    """Of the rows that have the weight itself, one has no number for it."""
    design = Design(replicates=Replicates(columns=("r1", "r2"), scale="1"))
    columns = {**PEOPLE, "r1": ["1"] * 8, "r2": ["1", "", *["1"] * 6]}
    (path,) = microdata.write(tmp_path, columns, formats=("csv",))
    found = NationalTables().inspected(microdata.source(path), sample.norm(), bound(weight="pw", design=design)).refused
    assert "r2: rows have no replicate weight; found 1 rows without one" in found


STAGES = (Stage(cluster="psu", population="N"), Stage(cluster="hh", population="M"), Stage(population="P"))
VILLAGES = {  # two strata of two clusters each, two households in each, two persons in each; all of wave 6, or of 1
    "uid": [f"{w}{i}" for w in "61" for i in range(16)],
    "wave": [w for w in "61" for _ in range(16)],
    "str": [s for _ in "61" for s in "xy" for _ in range(8)],
    "psu": [p for _ in "61" for _ in "xy" for p in "ab" for _ in range(4)],
    "hh": [h for _ in "61" for _ in "xyxy" for h in "12" for _ in range(2)],
    **{size: ["9"] * 32 for size in "NMP"},
}
REFUSED = {
    "a stratum that is not said": ("str", 3, "", "no place in its design; found 1 persons"),
    "a share": ("N", 2, "0.5", "several populations in one group; found 0.5 and 9"),
    "fewer than drawn": ("M", slice(0, 4), "1", "more units were drawn than"),
    "a person alone in a household": ("hh", 5, "3", r"2 clusters with a single unit"),
}


@pytest.mark.usefixtures("laid")
@pytest.mark.parametrize("what", REFUSED)
def test_what_a_count_would_refuse_a_sample_for_is_told_before(tmp_path: Path, what: str) -> None:
    """Of periods that the binding knows; row 5's household is then of one person, and so is that which it left."""
    column, at, value, says = REFUSED[what]
    design = Design(strata="str", stages=STAGES)

    def refused(rows: dict[str, list[str]]) -> str:
        (path,) = microdata.write(tmp_path, rows, formats=("csv",))
        return NationalTables().inspected(microdata.source(path), sample.norm(), bound(design=design)).refused

    def changed(first: int) -> dict[str, list[str]]:
        values = [*VILLAGES[column]]
        for row in range(32)[at] if isinstance(at, slice) else [at]:
            values[first + row] = value
        return {**VILLAGES, column: values}

    assert "" == refused(VILLAGES)
    assert "" == refused(changed(16))  # of wave 1, which is not known
    assert re.search(says, refused(changed(0)))


@pytest.mark.usefixtures("laid")
@pytest.mark.parametrize(("largest", "most"), [("1", 12), ("3", 10), ("6", 11)])
def test_the_share_of_the_largest_weight_is_of_all_persons(tmp_path: Path, largest: str, most: int) -> None:
    """Of wave 6: person 1 has 3 in two rows, 2, 5 and 6 have 2 each, and 3 has 1; and one of them 9 more than that."""
    pw = ["1", "2", "2", "1", "4", "2", "2", "100"]
    at = PEOPLE["uid"].index(largest)
    pw[at] = str(int(pw[at]) + 9)
    (path,) = microdata.write(tmp_path, {**PEOPLE, "pw": pw}, formats=("csv",))
    weights = NationalTables().inspected(microdata.source(path), sample.norm(), bound(weight="pw")).weights
    assert weights is not None
    assert most / 19 == weights.share  # sums of whole numbers, exact in float64


@pytest.mark.parametrize("form", ["csv", "parquet", "sav"])
def test_the_share_missing_of_a_number_is_told_too(tmp_path: Path, form: str) -> None:
    """Of wave 6, by hand: an empty value, 98 as the binding has it, NA as the norm has it. What is no number (n/a) is
    an answer that lies beyond; 10+ and 300 are answers. Row 8 is of another wave."""
    days = {**PEOPLE, "days": ["10+", "", "98", "NA", "300", "n/a", "7", ""]}
    (path,) = microdata.write(tmp_path, days, formats=(form,))
    variable = Variable(
        id="DAYS", concept="DAYS", universe="residents", unit="person", least="0", most="10", missing=("NA",)
    )
    norm = replace(sample.norm(), variables=(*sample.norm().variables, variable))
    reading = Map(variable="DAYS", column="days", codes={"10+": "10"}, missing=("98",))
    binding = replace(bound(), maps=(*bound().maps, reading))
    found = NationalTables().inspected(microdata.source(path), norm, binding)
    assert {"DAYS": 3} == found.unanswered


def test_a_column_of_the_design_that_is_not_there_is_named(tmp_path: Path) -> None:
    replicates = Replicates(columns=("pw", "pw2"), scale="1")
    with pytest.raises(SourceError, match=r"no column pw2.*a replicate weight"):
        inspected(tmp_path, design=Design(replicates=replicates))
