"""Totals of a design on DuckDB, against variances reckoned person by person and against published ones."""

from dataclasses import replace
from fractions import Fraction
from itertools import groupby
from math import floor, sqrt
from types import SimpleNamespace
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.adapters.tables import bounded, design, lots
from comity.adapters.tables.bound import CELL, UNIT
from comity.adapters.tables.duck import Duck
from comity.errors import SourceError
from comity.methods.card import Moment
from comity.model.source import Design, Source, Stage
from comity.model.structure import Axis, Layout, Measure
from comity.stages import variance
from comity.stages.collect import Condition, Reading
from comity.stages.compute import Plan
from comity.stages.variance import Drawn
from tests.builders import designed, samples

TERMS = tuple(Measure(id=id, name=id, decimals=0, bound=bound) for id, bound in (("w", 2**40), ("wy", 2**62)))
VARIANCES = tuple(Measure(id=id, name=id, decimals=6, bound=2**62) for id in ("vw", "c", "vy"))
MOMENTS = tuple(Moment(id=id, of=of) for id, of in (("vw", ("w", "w")), ("c", ("wy", "w")), ("vy", ("wy", "wy"))))
LAYOUT = Layout(dimensions=(Axis(id="D", codes=("in", "out")),), measures=(*TERMS, *VARIANCES))
METHOD: Any = SimpleNamespace(card=SimpleNamespace(needs=SimpleNamespace(moments=MOMENTS)))
ID = Reading(variable="PERSON", column="id", codes={}, missing=(), list=(), blank=())

# The example of R's survey, data(fpc), after Stata's manual of survey data: stratum, unit, weight, population, value
FPC = (
    (1, 1, 3, 15, "2.8"), (1, 2, 3, 15, "4.1"), (1, 3, 3, 15, "6.8"), (1, 4, 3, 15, "6.8"), (1, 5, 3, 15, "9.2"),
    (2, 1, 4, 12, "3.7"), (2, 2, 4, 12, "6.6"), (2, 3, 4, 12, "4.2"),
)  # fmt: skip


def plan(given: Design, **changes: Any) -> Plan:
    found = Plan(
        source=Source(id="home", path="", format="parquet", unique=True),
        layout=LAYOUT,
        method=METHOD,
        parameters={},
        unit=ID,
        time=ID,
        periods=(),
        readings=(),
        design=given,
    )
    return replace(found, **changes)


def totals(
    rows: dict[str, list[Any]], parts: dict[str, list[Any]], given: Design, many: int = 1, *, unique: bool = False
) -> Drawn:
    """Of rows of a survey, and of parts: "id", "cell" and a column for each term; in so many lots of strata."""
    connection = ibis.duckdb.connect()
    whole = connection.create_table("survey", pa.table(rows))
    part = connection.create_table("part", pa.table(parts))
    named = part.select(**{UNIT: part.id, CELL: part.cell, "w": part.w, "wy": part.wy})
    asked = plan(given)
    design.placed(whole, ID, given, Duck(), unique=unique, where="home")
    told = []
    for place in range(many):
        lot = lots.lot(whole, given.strata, place, many)
        own = named.semi_join(lot, named[UNIT] == lot.id)
        told.append(design.part(lot, own, asked, unique=unique, most=len(parts["id"]), again=lambda _: named))
    found = design.totals(told, asked)
    assert isinstance(found, Drawn)
    return found


def published(*, domain: bool, population: bool) -> dict[variance.Pair, Fraction]:
    """Covariances of the example, of all or of those above 4; wy in tenths."""
    rows = {name: [row[i] for row in FPC] for i, name in enumerate(("h", "psu", "w", "N"))}
    rows["id"] = [f"{row[0]}-{row[1]}" for row in FPC]
    y = [int(str(row[4]).replace(".", "")) for row in FPC]
    parts = {"id": rows["id"], "w": rows["w"], "wy": [w * v for w, v in zip(rows["w"], y, strict=True)]}
    parts["cell"] = [int(domain and v <= 40) for v in y]
    stage = Stage(cluster="psu", population="N" if population else "")
    found = totals(rows, parts, Design(strata="h", stages=(stage,))).covariances()
    return {pair: cells[0] for pair, cells in found.items()}


@pytest.mark.parametrize(("population", "error"), [(False, "0.7413"), (True, "0.6160")])
def test_a_mean_has_the_standard_error_that_r_publishes(*, population: bool, error: str) -> None:
    """tests/testoutput/fpc.Rout.save of R's survey; units are numbered anew in each stratum."""
    found = published(domain=False, population=population)
    weight = 27
    mean = Fraction(sum(int(w) * int(str(y).replace(".", "")) for _, _, w, _, y in FPC), 10 * weight)
    squared = found["wy", "wy"] / 100 - 2 * mean * found["w", "wy"] / 10 + mean**2 * found["w", "w"]
    assert ("5.4481", error) == (f"{float(mean):.4f}", f"{sqrt(squared) / weight:.4f}")


def test_a_domain_has_the_standard_error_that_r_publishes() -> None:
    """svytotal of those above 4: 123.9 (33.00409); the two below still count as drawn."""
    assert "33.00409" == f"{sqrt(published(domain=True, population=False)['wy', 'wy']) / 10:.5f}"


def drawn() -> st.SearchStrategy[tuple[list[samples.Drawn], Design]]:
    """A sample, and the design that names its columns."""
    return samples.drawn().map(lambda people: (people, named(people)))


def named(people: list[samples.Drawn]) -> Design:
    populations = people[0].populations
    clusters = [f"c{i}" for i in range(len(populations))]
    if all(
        len(list(one)) == 1 for _, one in groupby(sorted("/".join(p.place[: len(populations) + 1]) for p in people))
    ):
        clusters[-1] = ""  # the last stage drew persons
    return Design(
        strata="h",
        stages=tuple(
            Stage(cluster=cluster, population="" if populations[i] is None else f"N{i}")
            for i, cluster in enumerate(clusters)
        ),
    )


def tables(people: list[samples.Drawn]) -> tuple[dict[str, list[Any]], dict[str, list[Any]]]:
    ids = ["/".join(one.place) for one in people]
    rows: dict[str, list[Any]] = {"id": ids, "h": [one.place[0] for one in people]}
    for i in range(len(people[0].populations)):
        rows |= {f"c{i}": [one.place[i + 1] for one in people], f"N{i}": [one.populations[i] for one in people]}
    rows = {name: values for name, values in rows.items() if None not in values}
    parts: dict[str, list[Any]] = {"id": ids, "cell": [one.cell for one in people]}
    return rows, parts | {term: [one.terms[i] for one in people] for i, term in enumerate(("w", "wy"))}


@settings(max_examples=15, deadline=None)
@given(drawn(), st.randoms(use_true_random=False), st.integers(1, 3), st.booleans())
def test_covariances_are_those_reckoned_person_by_person_in_any_order_and_lots(
    sample: tuple[list[samples.Drawn], Design], random: Any, many: int, unique: bool
) -> None:
    """And whether or not it is known that each row is another person."""
    people, given_ = sample
    expected = {
        pair: [samples.covariance(people, cell, *(["w", "wy"].index(term) for term in pair)) for cell in (0, 1)]
        for pair in (("w", "w"), ("wy", "wy"), ("w", "wy"))
    }
    random.shuffle(people)
    found = totals(*tables(people), given_, many, unique=unique).covariances()
    assert expected == {pair: [cells.get(cell, 0) for cell in (0, 1)] for pair, cells in found.items()}


def survey(**changes: list[Any]) -> tuple[dict[str, list[Any]], dict[str, list[Any]]]:
    """Four persons in two strata, a column of populations, and others in place of these."""
    rows: dict[str, list[Any]] = {"id": [1, 2, 3, 4], "h": ["a", "a", "b", "b"], "c": [1, 2, 1, 2], "N": [9, 9, 8, 8]}
    rows |= changes
    ids = list(dict.fromkeys(rows["id"]))
    return rows, {"id": ids, "cell": [0] * len(ids), "w": [1] * len(ids), "wy": [7, 2, 5, 5][: len(ids)]}


ONE = Design(strata="h", stages=(Stage(cluster="c", population="N"),))


def test_what_all_persons_share_has_no_variance() -> None:
    found = totals(*survey(), ONE).covariances()
    assert (0, 0, Fraction(7, 9) * 25) == (found["w", "w"][0], found["w", "wy"][0], found["wy", "wy"][0])


def test_a_stratum_of_one_unit_is_refused_and_a_certain_one_is_not() -> None:
    rows, parts = survey(h=["a", "b", "c", "c"], N=[9, 9, 8, 8])
    with pytest.raises(SourceError, match=r"home: h: 2 strata with a single unit .* found one c each; .* population 1"):
        totals(rows, parts, ONE)
    found = totals({**rows, "N": [1, 1, 8, 8]}, parts, ONE)
    assert {0} == {v for cells in found.covariances().values() for v in cells.values()}


def test_a_cluster_of_which_one_person_was_drawn_is_refused() -> None:
    two = replace(ONE, stages=(Stage(cluster="c", population="N"), Stage(population="M")))
    with pytest.raises(SourceError, match=r"home: c: 4 clusters with a single unit .* found one privacy unit each"):
        totals(*survey(M=[5, 5, 5, 5]), two)


def test_a_sample_of_one_unit_is_refused() -> None:
    with pytest.raises(SourceError, match="home: privacy unit: a sample of a single unit has no sampling variance"):
        totals(*survey(id=[7], h=["a"], c=[1], N=[9]), Design())


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ([0.5, 0.5, 0.25, 0.25], "no whole number; wanted how many .*, not the share of them that was drawn"),
        ([1, 1, 8, 8], "more units were drawn than .* found 2 units of a population of 1; .* not the share"),
        (["many", "many", "8", "8"], "no whole number"),
        ([9, 7, 8, 8], "several populations in one group; found 7 and 9"),
        ([9, None, 8, 8], "persons of the sample have no place in its design; found 1 persons without a value"),
    ],
)
def test_a_population_that_cannot_be_is_refused(sizes: list[Any], message: str) -> None:
    with pytest.raises(SourceError, match=message):
        totals(*survey(N=sizes), ONE)


def test_a_population_may_be_written_as_a_floating_number_or_its_text() -> None:
    texts, floats = survey(N=["9.0", "9.0", "8", "8"]), survey(N=[9.0, 9.0, 8.0, 8.0])
    assert totals(*texts, ONE).covariances() == totals(*floats, ONE).covariances()


@pytest.mark.parametrize("many", [1, 7])
def test_persons_without_a_stratum_are_refused(many: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Looked for in one lot of persons, or in seven."""
    monkeypatch.setattr(lots, "number", lambda *_, **__: many)
    with pytest.raises(
        SourceError, match="home: h: persons of the sample have no place in its design; found 2 persons"
    ):
        totals(*survey(h=["a", "a", None, ""]), ONE)


@pytest.mark.parametrize("many", [1, 7])
def test_a_person_in_two_places_is_refused_and_one_with_two_rows_in_one_is_not(
    many: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In two clusters, and in two strata."""
    monkeypatch.setattr(lots, "number", lambda *_, **__: many)
    for ids, further in (([1, 1, 3, 4], 1), ([1, 2, 1, 2], 2)):
        with pytest.raises(
            SourceError, match=f"home: h, c, N: persons stand in two places .* found {further} further places"
        ):
            totals(*survey(id=ids), ONE)
    rows, parts = survey()
    more = {name: [values[0], *values] for name, values in rows.items()}
    assert totals(rows, parts, ONE).covariances() == totals(more, parts, ONE).covariances()


def test_whoever_has_no_id_was_not_drawn() -> None:
    rows, parts = survey()
    more = {"id": [None, *rows["id"]], **{name: [rows[name][0], *rows[name]] for name in ("h", "c", "N")}}
    assert totals(rows, parts, ONE).covariances() == totals(more, parts, ONE).covariances()


def test_contributions_whose_squares_have_more_digits_than_an_engine_are_refused() -> None:
    rows, parts = survey()
    largest = 2**61 - 1
    whole = totals(rows, {**parts, "wy": [largest, -largest, largest, 0]}, ONE)
    assert (
        7 * 9 * Fraction(2 * largest, 1) ** 2 / 81 + 6 * 8 * Fraction(largest) ** 2 / 64
        == whole.covariances()["wy", "wy"][0]
    )
    one, _ = survey(h=["a"] * 4, c=[1, 2, 3, 4], N=[9] * 4)
    for frame, wy, many in (
        (rows, [2 * largest, -2 * largest, largest, 0], 1),
        (rows, [largest, largest, largest, -2 * largest], 3),
        (one, [2 * largest] * 4, 1),  # whose sum is more than the engine could square
    ):
        with pytest.raises(SourceError, match="home: wy: the sum of what all persons add is too large"):
            totals(frame, {**parts, "wy": wy}, ONE, many)


def test_a_moment_beyond_64_bits_is_refused_by_its_name() -> None:
    """And by its first cell, whichever an engine told first."""
    rows, parts = survey()
    found = totals(rows, {**parts, "cell": [1, 0, 0, 0], "wy": [2**33, 2**33, 0, 0]}, ONE)
    for spreads in (found.spreads, found.spreads[::-1]):
        with pytest.raises(
            SourceError, match=r"vy, cell 0: a sampling variance is too large .* wanted fewer than 6 decimals"
        ):
            variance.moments(LAYOUT, MOMENTS, np.zeros(LAYOUT.length, "<i8"), replace(found, spreads=spreads))
    whole = replace(LAYOUT, measures=tuple(replace(one, decimals=0) for one in LAYOUT.measures))
    with pytest.raises(SourceError, match=r"vy, cell 0: .* wanted fewer decimals of wy; "):
        variance.moments(whole, MOMENTS, np.zeros(whole.length, "<i8"), found)


def test_whoever_is_outside_the_universe_was_drawn_all_the_same() -> None:
    """Variance of the weights of those in village v, over all persons of both villages; with replacement."""
    rows = designed.rows()
    table = pa.table({column: [row[i] for row in rows] for i, column in enumerate(designed.COLUMNS)})
    source = Source(id="home", path="", format="parquet", unique=False)
    asked = replace(designed.plan(source, Design()), touched=3)
    village = Condition(column="village", values=("v",), without=(), least=None, below=None)
    made = ibis.duckdb.connect().create_table("survey", table)
    found = bounded.counted(made, replace(asked, universe=(village,)), Duck(), unique=False).totals
    assert found is not None
    weights: dict[str, int] = dict.fromkeys([row[0] for row in rows], 0)
    for row in rows:
        if row[2] == "a" and row[7] == "v":
            weights[row[0]] += floor(row[4] * 1000 + 0.5)
    n, total = len(weights), sum(weights.values())
    expected = Fraction(n, n - 1) * (sum(w * w for w in weights.values()) - Fraction(total**2, n))
    assert expected == found.covariances()["w", "w"][0]
