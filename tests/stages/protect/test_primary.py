"""Sensitive cells and their protection levels: the handbook's worked examples, and what each rule asks.

Examples: Hundepool et al., Handbook on Statistical Disclosure Control, chapter 4 (github.com/sdcTools/HandbookSDC):
example 1 (x1 = 50,000 and x2 = 49,000 of 100,000), 2 (52,000 and 50,000 of 110,000) and 4 (300, 20, 10 of 330).
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import ConfigError, FormatError
from comity.model.protection import Dominance, Rules
from comity.stages.protect import primary, tables
from comity.stages.protect.tables import Table, Variable


def magnitude(value: int, *parts: int, number: int = 10) -> Table:
    """A table of one cell."""
    return Table(
        variables=(Variable(id="BRANCH", codes=("MINING",), parents=(-1,)),),
        values=np.array([value]),
        number=np.array([number]),
        largest=np.array(parts, np.int64).reshape(len(parts), 1),
        status=np.zeros(1, np.uint8),
        counts=False,
    )


def counted(*values: int) -> Table:
    """A table of counts, and their total first."""
    count = np.array(values)
    return tables.extended([("AGE", [f"A{at}" for at in range(len(values))])], count, count, counts=True)


def levels(table: Table, rules: Rules) -> list[tuple[int, int]]:
    """(lower, upper) of each primary."""
    found = primary.needs(table, rules)
    return [(int(found.lower[at]), int(found.upper[at])) for at in np.flatnonzero(found.primary)]


def test_the_second_largest_finds_the_first_though_it_does_not_dominate() -> None:
    """Example 1: safe by (1,90), and known to 2 per cent; upper level 10 % of 50,000 less the 1,000 of the others."""
    table = magnitude(100_000, 50_000, 49_000)
    assert [] == levels(table, Rules(dominance=(Dominance(n=1, k=90),)))
    assert [(4_000, 4_000)] == levels(table, Rules(p=10))


def test_a_cell_that_dominance_protects_too_much_is_safe_by_p() -> None:
    """Example 2: overestimated by 15.4 per cent, and unsafe by (2,90): 100/90 x 102,000 - 110,000, rounded up."""
    table = magnitude(110_000, 52_000, 50_000)
    assert [] == levels(table, Rules(p=10))
    assert [] == levels(table, Rules(p=15))
    assert [(320, 320)] == levels(table, Rules(p=16))
    assert [(3_334, 3_334)] == levels(table, Rules(dominance=(Dominance(n=2, k=90),)))


def test_one_contributor_makes_up_most_of_a_cell() -> None:
    """Example 4: a cell of 330 must seem to be 352.94 or more, so that nobody finds x1 = 300 by (1,85)."""
    assert [(23, 23)] == levels(magnitude(330, 300, 20, 10), Rules(dominance=(Dominance(n=1, k=85),)))


def test_exactly_p_per_cent_is_not_closer_than_p_per_cent() -> None:
    assert [] == levels(magnitude(210, 100, 100), Rules(p=10))
    assert [(1, 1)] == levels(magnitude(209, 100, 100), Rules(p=10))


def test_a_cell_needs_the_widest_that_any_rule_asks() -> None:
    table = magnitude(330, 300, 20, number=2)
    rules = Rules(threshold=3, p=10, dominance=(Dominance(n=1, k=85),), width=50)
    assert [(165, 165)] == levels(table, rules)
    assert {"threshold", "p", "dominance"} == set(primary.needs(table, rules).rules)


def test_a_count_may_seem_as_large_as_one_that_is_shown() -> None:
    """1 and 2 may be anything from 1 to the threshold: empty cells are shown, so a blank is none. 5 is shown."""
    assert [(0, 4), (1, 3)] == levels(counted(1, 2, 0, 5, 10), Rules(threshold=5))


def test_a_count_may_seem_empty_where_empty_cells_are_blank_too() -> None:
    assert [(1, 4), (2, 3)] == levels(counted(1, 2, 5, 10), Rules(threshold=5, zeros=True))


def test_empty_cells_are_sensitive_where_the_office_says_so() -> None:
    assert [(0, 5), (1, 4)] == levels(counted(0, 1, 10), Rules(threshold=5, zeros=True))


def test_persons_none_of_whom_contributes_are_no_empty_cell() -> None:
    table = magnitude(0, 0, 0, number=2)
    assert [(0, 1)] == levels(table, Rules(threshold=3))
    assert [(0, 1)] == levels(table, Rules(sensitive=({"BRANCH": "*"},)))


def test_a_value_without_a_contributor_is_sensitive() -> None:
    """Whoever gave it is not known: that is not nobody."""
    assert [(5, 5)] == levels(magnitude(50, number=0), Rules(threshold=2))


def test_an_own_list_names_cells_by_some_of_their_codes() -> None:
    """A dimension that is left out is any code, the total too; one that the table lacks stands at its top."""
    number = np.array([100, 200, 300, 400])
    table = tables.extended([("SEX", "FM"), ("AGE", ["Y", "O"])], number, number, counts=True)
    found = {
        name: [table.name(int(at)) for at in np.flatnonzero(primary.needs(table, Rules(sensitive=(entry,))).primary)]
        for name, entry in (
            ("some", {"SEX": "F"}),
            ("one", {"SEX": "F", "AGE": "O"}),
            ("lacking", {"SEX": "F", "AGE": "O", "REGION": "_T"}),
            ("other", {"SEX": "F", "AGE": "O", "REGION": "NORTH"}),
        )
    }
    one = ["SEX=F AGE=O"]
    assert {"some": ["SEX=F AGE=_T", "SEX=F AGE=Y", *one], "one": one, "lacking": one, "other": []} == found


def test_an_entry_that_names_no_cell_is_told() -> None:
    rules = Rules(sensitive=({"AGE": "A1"}, {"AGE": "A9"}, {"SEX": "F"}))
    assert ({"AGE": "A9"}, {"SEX": "F"}) == primary.unmatched((counted(5, 5),), rules)


def test_who_stands_alone_in_a_cell_is_known() -> None:
    assert [False, True, False] == primary.needs(counted(1, 9), Rules()).alone.tolist()


def test_concentration_is_not_asked_of_counts() -> None:
    assert [] == levels(counted(50, 60), Rules(p=10, dominance=(Dominance(n=2, k=50),)))


def test_a_rule_without_the_parts_it_looks_at_is_refused() -> None:
    """Nobody knows the second largest: the cell might be safe, and is not said to be."""
    for rules in (Rules(p=10), Rules(dominance=(Dominance(n=2, k=90),))):
        with pytest.raises(ConfigError, match="largest contributors") as refused:
            primary.needs(magnitude(330, 300), rules)
        assert "1 largest parts" == refused.value.found


@pytest.mark.parametrize("value", [-1, 2**53 + 1])
def test_a_value_that_no_rule_can_judge_is_refused(value: int) -> None:
    with pytest.raises(FormatError, match="BRANCH=MINING") as refused:
        primary.needs(magnitude(value, 0, 0), Rules(threshold=3))
    assert str(value) not in str(refused.value)


@given(parts=st.lists(st.integers(0, 10**12), min_size=2, max_size=6), p=st.integers(1, 100))
def test_p_finds_just_the_cells_in_which_the_second_comes_too_close(parts: list[int], p: int) -> None:
    """By the rule's own words, in fractions: X - x2 overestimates x1 by less than p per cent."""
    first, second, *rest = sorted(parts, reverse=True)
    table = magnitude(sum(parts), first, second)
    unsafe = 100 * (sum(parts) - second - first) < p * first
    assert unsafe == bool(levels(table, Rules(p=p)))
    if unsafe:
        low, high = levels(table, Rules(p=p))[0]
        assert 100 * (sum(rest) + high) >= p * first > 100 * (sum(rest) + high - 1)
        assert min(high, sum(parts)) == low


@given(parts=st.lists(st.integers(0, 10**12), min_size=3, max_size=6), n=st.integers(1, 3), k=st.integers(1, 99))
def test_dominance_finds_just_the_cells_of_which_n_make_up_more_than_k(parts: list[int], n: int, k: int) -> None:
    ordered = sorted(parts, reverse=True)
    most, value = sum(ordered[:n]), sum(parts)
    found = levels(magnitude(value, *ordered[:3]), Rules(dominance=(Dominance(n=n, k=k),)))
    assert (100 * most > k * value) == bool(found)
    if found:
        assert 100 * most <= k * (value + found[0][1])
