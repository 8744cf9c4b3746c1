"""Tables of sdcTable and SSBtools with the patterns published with them: ours are those, or cost no more.

sdcTable 0.32 (tests/testthat), SSBtools (GaussSuppressionFromData tests); see the README beside the data.
"""

import csv
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from comity.model.protection import Rules
from comity.stages.protect import attacker, exact, tables
from comity.stages.protect.problem import Problem
from comity.stages.protect.suppression.choose import choose
from comity.stages.protect.tables import Linked, Table, Variable

Key = tuple[str, ...]


@pytest.fixture(scope="module")
def tables_of(corpus: Path) -> Path:
    return corpus / "methods" / "disclosure"


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def counted(axes: dict[str, Variable], found: Iterable[tuple[Key, float]]) -> Table:
    """A table with margins of counts by key."""
    every = np.zeros([len(one.codes) for one in axes.values()], np.int64)
    for key, number in found:
        every[tuple(axis.codes.index(code) for axis, code in zip(axes.values(), key, strict=True))] += int(number)
    finest = every.ravel()[tables.places(tuple(axes.values()))]
    return tables.of_cells(tuple(axes.values()), finest, finest, counts=True)


def names(table: Table, cells: Iterable[int]) -> set[Key]:
    return {table.key(int(cell)) for cell in cells}


def suppressed(linked: Linked, table: Table, pattern: NDArray[np.bool_]) -> set[Key]:
    return names(table, np.flatnonzero(pattern[linked.places[0]]))


def microdata1(folder: Path) -> Table:
    people = rows(folder / "sdctable_microdata1.csv")
    axes = {name: tables.variable(name, sorted({one[name] for one in people})) for name in ("region", "gender")}
    return counted(axes, (((one["region"], one["gender"]), 1) for one in people))


def test_microdata1_has_the_pattern_of_sdctable(tables_of: Path) -> None:
    """(A, female) is 2; three others go with it in OPT, HITAS, HYPERCUBE and SIMPLEHEURISTIC alike."""
    table = microdata1(tables_of)
    linked = tables.link([table], Rules(threshold=3, coalition=0))
    published = {("A", "male"), ("A", "female"), ("C", "male"), ("C", "female")}
    assert {("A", "female")} == names(table, np.flatnonzero(linked.needs[0].primary))
    assert published == suppressed(linked, table, choose(linked.problem).suppressed)
    found = exact.optimum(linked.problem)
    assert found.optimal
    assert published == suppressed(linked, table, found.suppressed)


MUNICIPALITIES = {"A": 2, "B": 2, "I": 8, "J": 8, "K": 3, "L": 3, "M": 3, "N": 7}
COUNTIES = dict.fromkeys("ABIJ", "county-1") | dict.fromkeys("KLMN", "county-2")
SIZES = dict.fromkeys("ABIJKN", "small") | dict.fromkeys("LM", "big")


def municipal(groups: dict[str, str]) -> Table:
    count = np.array(list(MUNICIPALITIES.values()))
    return tables.extended([("region", list(MUNICIPALITIES))], count, count, counts=True, parents={"region": groups})


def test_eight_municipalities_are_safe_in_each_table_and_leak_in_both() -> None:
    """A, B, K, L, M are sensitive; small less county-1 is K + N, so that K is 10 - 7; one more cell, N, heals it."""
    both = [municipal(COUNTIES), municipal(SIZES)]
    rules = Rules(threshold=4, coalition=0)
    for table in both:
        alone = tables.link([table], rules).problem
        assert set("ABKLM") == {key for (key,) in names(table, np.flatnonzero(alone.primary))}
        assert 0 == len(exactly(alone, alone.primary))
    linked = tables.link(both, rules)
    leaked = exactly(linked.problem, linked.problem.primary)
    assert {("K",)} == names(both[0], np.flatnonzero(np.isin(linked.places[0], leaked)))
    primary = linked.problem.primary
    enough = replace(linked.problem, upper=primary.astype(np.int64), lower=np.zeros(len(primary), np.int64))
    pattern = exact.optimum(enough)  # that no cell is told exactly, which is what was asked there
    assert set("ABKLMN") == {key for (key,) in suppressed(linked, both[0], pattern.suppressed)}
    assert 0 == len(exactly(linked.problem, pattern.suppressed))


def exactly(problem: Problem, pattern: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Sensitive cells that have one value left."""
    found = attacker.audit(problem, pattern)
    return np.flatnonzero(problem.primary & (found.low == found.high))


def z1(folder: Path) -> tuple[Table, list[Key]]:
    """And the keys in the order of its output: by region, totals first."""
    lines = rows(folder / "ssb_z1.csv")
    regions, inputs = sorted({one["region"] for one in lines}), sorted({one["hovedint"] for one in lines})
    axes = {"region": tables.variable("region", regions), "hovedint": tables.variable("hovedint", inputs)}
    table = counted(axes, (((one["region"], one["hovedint"]), float(one["ant"])) for one in lines))
    return table, [(region, one) for region in ("_T", *regions) for one in ("_T", *inputs)]


def test_z1_costs_no_more_than_the_published_pattern(tables_of: Path) -> None:
    """maxN 3: 1 to 3 are hidden; rows 12, 13, 22, 23, 42 and 43 of the output. They pass, and ours are no dearer."""
    table, order = z1(tables_of)
    published = {order[row - 1] for row in (12, 13, 22, 23, 42, 43)}
    linked = tables.link([table], Rules(threshold=4, coalition=0))
    assert {("B", "arbeid"), ("D", "arbeid"), ("H", "arbeid")} == names(table, np.flatnonzero(linked.needs[0].primary))
    theirs = np.zeros(linked.problem.cells, bool)
    theirs[linked.places[0][[at for at in range(table.cells) if table.key(at) in published]]] = True
    assert () == attacker.breaches(linked.problem, theirs)
    found = exact.optimum(linked.problem)
    assert found.optimal
    assert found.cost <= int(linked.problem.cost[theirs & ~linked.problem.primary].sum()) == 29
    assert found.cost == choose(linked.problem).cost


def two_hierarchies(folder: Path, name: str, axes: list[str]) -> Problem:
    """Regions in counties and in groups of municipalities, months in halves; 1 to 3 are sensitive."""
    lines = rows(folder / f"ssb_{name}.csv")

    def table(group: str) -> Table:
        groups = {"region": group} | ({"mnd": "mnd2"} if "mnd" in axes else {})
        parents = {axis: {one[axis]: f"{over} {one[over]}" for one in lines} for axis, over in groups.items()}
        found = {axis: tables.variable(axis, sorted({one[axis] for one in lines}), parents.get(axis)) for axis in axes}
        return counted(found, ((tuple(one[axis] for axis in axes), float(one["ant"])) for one in lines))

    return tables.link([table("fylke"), table("kostragr")], Rules(threshold=4, coalition=1)).problem


def test_z2_by_county_and_by_group_of_municipalities_is_one_problem(tables_of: Path) -> None:
    """No sensitive cell of either is told, and the cheapest pattern is known."""
    problem = two_hierarchies(tables_of, "z2", ["region", "hovedint"])
    pattern = choose(problem)
    assert problem.primary.any()
    assert ([], ()) == (pattern.unprotectable.tolist(), attacker.breaches(problem, pattern.suppressed))
    best = exact.optimum(problem, pattern)
    assert best.optimal
    assert best.cost <= pattern.cost <= 1.1 * best.cost


def test_z3_of_which_a_quarter_is_sensitive_can_be_hidden_and_not_by_those_cells_alone(tables_of: Path) -> None:
    """432 cells by region, input and month, and the margins of two hierarchies: 308 sensitive cells of 1,125."""
    problem = two_hierarchies(tables_of, "z3", ["region", "hovedint", "mnd"])
    assert (1125, 308) == (problem.cells, problem.primary.sum())
    assert () == attacker.breaches(problem, problem.primary | problem.open, first=True)
    found = attacker.audit(problem, problem.primary)
    assert 308 == len(attacker.failures(problem, found))
