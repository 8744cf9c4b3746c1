"""Tables with margins, and several of them as one problem: what is one cell is one, and every parent is a sum."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import FormatError
from comity.model.protection import Rules
from comity.stages.protect import tables
from comity.stages.protect.problem import UNBOUNDED
from comity.stages.protect.tables import HIDDEN, OPEN, SHOWN, Table, Variable

# Eight municipalities in three counties and in three groups of size.
PEOPLE = {"A": 20, "B": 15, "K": 3, "N": 7, "E": 30, "F": 12, "G": 25, "H": 40}
COUNTY = {"A": "C1", "B": "C1", "K": "C1", "N": "C2", "E": "C2", "F": "C2", "G": "C3", "H": "C3"}
SIZE = {"A": "BIG", "B": "MID", "K": "SMALL", "N": "SMALL", "E": "BIG", "F": "MID", "G": "BIG", "H": "BIG"}


def municipalities(groups: dict[str, str], people: dict[str, int] = PEOPLE) -> Table:
    count = np.array(list(people.values()))
    return tables.extended([("PLACE", list(people))], count, count, counts=True, parents={"PLACE": groups})


def marked(table: Table, **status: int) -> Table:
    """A table of which some cells, by their codes joined, are published."""
    marks = table.status.copy()
    for name, mark in status.items():
        marks[[table.key(at) for at in range(table.cells)].index(tuple(name.split("__")))] = mark
    return Table(
        variables=table.variables,
        values=table.values,
        number=table.number,
        largest=table.largest,
        status=marks,
        counts=table.counts,
    )


def relations(linked: tables.Linked, table: Table) -> set[frozenset[tuple[str, int]]]:
    """Relations of a problem of one table, by its cells' codes."""
    name = {int(whole): table.name(at) for at, whole in reversed(list(enumerate(linked.places[0])))}
    rows = linked.problem.relations.toarray()
    return {frozenset((name[int(at)], int(row[at])) for at in np.flatnonzero(row)) for row in rows}


def test_groups_stand_before_the_finest_codes_and_those_in_their_order() -> None:
    parents = {"a2": "A", "b1": "B", "a1": "A", "A": "AB", "B": "AB"}
    found = tables.variable("X", ["a2", "b1", "c", "a1"], parents)
    assert ("_T", "AB", "A", "B", "a2", "b1", "c", "a1") == found.codes
    assert (-1, 0, 1, 1, 2, 3, 0, 2) == found.parents


def test_a_code_that_is_a_group_too_is_a_part_of_it() -> None:
    """Of some people only the country is known: they are in none of its regions."""
    found = tables.variable("AREA", ["AT", "AT1", "AT2"], {"AT1": "AT", "AT2": "AT"})
    assert ("_T", "AT:_T", "AT", "AT1", "AT2") == found.codes
    assert (-1, 0, 1, 1, 1) == found.parents


@pytest.mark.parametrize(
    ("codes", "parents"),
    [(["a", "a"], {}), ([], {}), (["_T", "a"], {}), (["a"], {"a": "b", "b": "a"}), (["a"], {"a": "a"})],
)
def test_what_is_no_hierarchy_is_refused(codes: list[str], parents: dict[str, str]) -> None:
    with pytest.raises(FormatError, match="X"):
        tables.variable("X", codes, parents)


def test_every_parent_is_the_sum_of_its_children() -> None:
    count = np.array([1, 2, 3, 4])
    table = tables.extended([("SEX", "FM"), ("AGE", "YO")], count, count, counts=True)
    linked = tables.link([table], Rules())
    codes = {"SEX": ["_T", "F", "M"], "AGE": ["_T", "Y", "O"]}
    expected = {
        frozenset({(f"SEX={sex} AGE=_T", -1), (f"SEX={sex} AGE=Y", 1), (f"SEX={sex} AGE=O", 1)}) for sex in codes["SEX"]
    } | {
        frozenset({(f"SEX=_T AGE={age}", -1), (f"SEX=F AGE={age}", 1), (f"SEX=M AGE={age}", 1)}) for age in codes["AGE"]
    }
    assert expected == relations(linked, table)
    assert 10 == linked.problem.values[0]


@given(values=st.lists(st.integers(0, 9), min_size=12, max_size=12), grouped=st.booleans())
def test_all_relations_hold_of_any_table(values: list[int], grouped: bool) -> None:
    """And a hidden value is reckoned from its row wherever there is one: no relation is missing."""
    count = np.array(values)
    parents = {"R": {"r1": "A", "r2": "A"}} if grouped else {}
    table = tables.extended(
        [("R", ["r1", "r2", "r3"]), ("S", "FM"), ("T", "xy")], count, count, counts=True, parents=parents
    )
    linked = tables.link([table], Rules(threshold=3))
    problem = linked.problem
    assert not (problem.relations @ problem.values).any()
    assert table.values.tolist() == problem.values[linked.places[0]].tolist()
    free = problem.cells - np.linalg.matrix_rank(problem.relations.toarray()) if problem.relations.shape[0] else 0
    if count.all():
        assert len(values) == free


def test_relations_of_zeros_that_everybody_knows_are_left_out() -> None:
    count = np.array([0, 0, 3, 4])
    table = tables.extended([("SEX", "FM"), ("AGE", "YO")], count, count, counts=True)
    none = frozenset({("SEX=F AGE=_T", -1), ("SEX=F AGE=Y", 1), ("SEX=F AGE=O", 1)})
    assert none not in relations(tables.link([table], Rules()), table)
    assert none in relations(tables.link([table], Rules(threshold=3, zeros=True)), table)


def test_a_parent_of_one_child_is_that_child() -> None:
    count = np.array([5, 7])
    table = tables.extended([("SEX", "FM"), ("AREA", ["a"])], count, count, counts=True)
    linked = tables.link([table], Rules(threshold=6))
    assert 3 == linked.problem.cells
    assert [0, 0, 1, 1, 2, 2] == linked.places[0].tolist()
    assert 1 == linked.problem.relations.shape[0]
    assert [False, True, False] == linked.problem.primary.tolist()


def test_cells_of_two_tables_with_the_same_codes_are_one() -> None:
    """Municipalities by county and by size: the total and the eight are one, the groups are each table's own."""
    linked = tables.link([municipalities(COUNTY), municipalities(SIZE)], Rules(threshold=5))
    ours, theirs = linked.places
    assert [0, *range(4, 12)] == sorted(set(ours.tolist()) & set(theirs.tolist()))
    assert (15, 8) == (linked.problem.cells, linked.problem.relations.shape[0])


def test_a_variable_that_a_table_lacks_stands_at_its_top() -> None:
    """The four corner cells of SEX x AGE are also cells of SEX x AGE x AREA."""
    small, large = (
        tables.extended(axes, count, count, counts=True)
        for axes, count in (
            ([("SEX", "FM")], np.array([3, 7])),
            ([("AREA", "ab"), ("SEX", "FM")], np.array([1, 3, 2, 4])),
        )
    )
    linked = tables.link([large, small], Rules())
    assert linked.places[0].reshape(3, 3)[0].tolist() == linked.places[1].tolist()
    assert 9 == linked.problem.cells


def test_a_table_of_one_region_is_a_part_of_the_table_of_all() -> None:
    """Its only code of AREA is no total: it is that code of the other table."""
    whole = tables.extended(
        [("AREA", "ab"), ("SEX", "FM")], np.array([1, 3, 2, 4]), np.array([1, 3, 2, 4]), counts=True
    )
    part = tables.of_cells(
        (Variable(id="AREA", codes=("b",), parents=(-1,)), tables.variable("SEX", "FM")),
        np.array([2, 4]),
        np.array([2, 4]),
        counts=True,
    )
    linked = tables.link([whole, part], Rules())
    assert linked.places[0].reshape(3, 3)[2].tolist() == linked.places[1].tolist()


def test_two_names_for_one_total_are_refused() -> None:
    count = np.array([3, 7])
    other = tables.of_cells((tables.variable("SEX", "FM", top="ALL"),), count, count, counts=True)
    with pytest.raises(FormatError, match="several totals"):
        tables.link([other, tables.extended([("SEX", "FM")], count, count, counts=True)], Rules())


def test_a_group_that_is_another_one_elsewhere_is_refused() -> None:
    """X is A alone, and B alone: then A and B are one cell, and together twice that cell."""
    count = np.array([5, 5, 5])
    codes = ["A", "B", "C"]
    ways = ({"A": "X"}, {"B": "X"}, {"A": "Y", "B": "Y"})
    every = [tables.extended([("P", codes)], count, count, counts=True, parents={"P": way}) for way in ways]
    with pytest.raises(FormatError, match="twice in one sum"):
        tables.link(every, Rules())


def test_tables_that_contradict_each_other_are_refused_by_the_cell_alone() -> None:
    other = municipalities(SIZE, PEOPLE | {"E": 1234, "A": 987})
    with pytest.raises(FormatError, match="contradict each other") as refused:
        tables.link([municipalities(COUNTY), other], Rules())
    assert "PLACE=_T, table 2" == refused.value.where
    assert not any(number in str(refused.value) for number in ("1234", "987", "152"))


def test_a_table_that_does_not_add_up_is_refused_by_the_cell_alone() -> None:
    table = municipalities(COUNTY)
    table.values[1] += 1
    with pytest.raises(FormatError, match=r"PLACE=(_T|C1): a table that does not add up"):
        tables.link([table], Rules())


def test_a_primary_of_one_table_is_one_of_all() -> None:
    """K of 3 is sensitive wherever it stands, though only one table is asked."""
    linked = tables.link([municipalities(COUNTY), municipalities(SIZE)], Rules(threshold=5))
    table = municipalities(SIZE)
    sensitive = [table.name(at) for at, whole in enumerate(linked.places[1]) if linked.problem.primary[whole]]
    assert ["PLACE=K"] == sensitive


def test_what_is_published_is_hidden_no_more_and_what_is_hidden_costs_nothing() -> None:
    table = marked(municipalities(COUNTY), A=SHOWN, B=HIDDEN)
    problem = tables.link([table, marked(municipalities(SIZE), B=OPEN)], Rules(threshold=5)).problem
    place = {table.name(at): at for at in range(table.cells)}
    assert [False, False, True] == problem.open[[place["PLACE=A"], place["PLACE=B"], place["PLACE=E"]]].tolist()
    assert [False, True, False] == problem.hidden[[place["PLACE=A"], place["PLACE=B"], place["PLACE=E"]]].tolist()


def test_what_one_table_shows_no_other_hides() -> None:
    table = municipalities(COUNTY)
    linked = tables.link([marked(table, B=HIDDEN), marked(table, B=SHOWN)], Rules(threshold=5))
    assert not linked.problem.hidden.any()


def test_a_sensitive_cell_that_is_published_is_known_to_everybody() -> None:
    """No pattern helps it: floor and ceiling are its value, so that it is called unprotectable, never safe."""
    linked = tables.link([marked(municipalities(COUNTY), K=SHOWN)], Rules(threshold=5))
    (cell,) = np.flatnonzero(linked.problem.primary)
    assert (3, 3) == (linked.problem.floor[cell], linked.problem.ceiling[cell])
    others = np.delete(linked.problem.ceiling, cell)
    assert {UNBOUNDED} == set(others.tolist())


def test_a_blank_count_is_known_to_be_no_zero_unless_zeros_are_blank() -> None:
    """A sum may be 0 of somebody; so may a count where zeros are hidden as well."""
    table = municipalities(COUNTY)
    linked = tables.link([table], Rules(threshold=5))
    least = {table.name(at): int(linked.problem.floor[whole]) for at, whole in enumerate(linked.places[0])}
    groups = {"PLACE=_T": 8, "PLACE=C1": 3, "PLACE=C2": 3, "PLACE=C3": 2}
    assert groups | {f"PLACE={place}": 1 for place in PEOPLE} == least
    assert {0} == set(tables.link([table], Rules(threshold=5, zeros=True)).problem.floor.tolist())
    sums = tables.extended([("SEX", "FM")], np.array([50, 70]), np.array([9, 2]), counts=False)
    assert {0} == set(tables.link([sums], Rules(threshold=5)).problem.floor.tolist())


def test_what_one_table_says_of_a_cell_counts_for_the_sums_of_another() -> None:
    """Ages show that three are in a and three in b at least, so six are in both, though sexes show two and two."""
    sexes, ages = (
        tables.extended([("AREA", "ab"), axis], count, count, counts=True)
        for axis, count in (
            (("SEX", "FM"), np.array([6, 6, 6, 6])),
            (("AGE", "ymo"), np.array([4, 4, 4, 4, 4, 4])),
        )
    )
    linked = tables.link([sexes, ages], Rules(threshold=5))
    assert [6, 3, 3] == linked.problem.floor[linked.places[0].reshape(3, 3)[:, 0]].tolist()


def test_zeros_go_with_nothing() -> None:
    """A true zero is shown as it is: to hide it protects nobody downwards, and tells that there is something."""
    table = municipalities(COUNTY, PEOPLE | {"A": 0})
    problem = tables.link([table], Rules(threshold=5)).problem
    assert not problem.open[table.values == 0].any()
    assert problem.open[(table.values > 5)].all()


def test_the_finest_cells_are_found_again() -> None:
    count = np.arange(1, 7)
    axes = [("R", ["r1", "r2", "r3"]), ("S", ["F", "M"])]
    table = tables.extended(axes, count, count, counts=True, parents={"R": {"r1": "A", "r3": "A"}})
    assert count.tolist() == table.values[tables.finest(table)].tolist()
    assert list(product(*(codes for _, codes in axes))) == [table.key(int(at)) for at in tables.finest(table)]
