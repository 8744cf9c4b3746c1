"""The threshold rule: every small cell hidden, never one alone, and nothing else changes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import ConfigError
from comity.model import cube as cubes
from comity.model.cube import STATUS, Cube
from comity.model.structure import Axis, Layout, Measure
from comity.stages.protect import sdc

A, Q = STATUS.index("A"), STATUS.index("Q")
TABLES = st.lists(st.one_of(st.integers(0, 12), st.integers(0, 10**6)), min_size=2, max_size=24)


def cube(cells: list[int], *more: list[int]) -> Cube:
    """A table of one dimension; each further list is a further measure, of the same persons."""
    codes = tuple(f"C{i}" for i in range(len(cells)))
    measures = tuple(Measure(id=f"m{i}", name="", decimals=0, bound=1) for i in range(1 + len(more)))
    layout = Layout(dimensions=(Axis(id="D", codes=codes),), measures=measures)
    values = np.array([*cells, *(value for measure in more for value in measure)], "<i8")
    return cubes.plain(layout, values, np.array(cells * (1 + len(more)), "<i4"))


def hidden(cells: list[int], threshold: int) -> list[int]:
    """Places of the suppressed cells."""
    return np.flatnonzero(sdc.suppress(cube(cells), threshold).status == Q).tolist()


@given(cells=TABLES, threshold=st.integers(1, 20))
def test_every_small_cell_is_hidden_and_never_one_alone(cells: list[int], threshold: int) -> None:
    found = hidden(cells, threshold)
    small = [place for place, persons in enumerate(cells) if 0 < persons < threshold]
    assert set(small) <= set(found)
    assert 1 != len(found)


@given(cells=TABLES, threshold=st.integers(1, 20))
def test_nothing_else_changes(cells: list[int], threshold: int) -> None:
    """Without a lone small cell exactly the small ones; with one, exactly one more, or the whole table."""
    found = hidden(cells, threshold)
    small = [place for place, persons in enumerate(cells) if 0 < persons < threshold]
    shown = sdc.suppress(cube(cells), threshold)
    assert [cells[i] for i in range(len(cells)) if i not in found] == shown.values[shown.status == A].tolist()
    if len(small) != 1:
        assert small == found
    elif any(persons >= threshold for persons in cells):
        assert 2 == len(found)
        (other,) = set(found) - set(small)
        assert min(persons for persons in cells if persons >= threshold) == cells[other]
    else:
        assert list(range(len(cells))) == found


@given(cells=TABLES, threshold=st.integers(1, 20))
def test_the_blob_holds_nothing_of_a_hidden_cell(cells: list[int], threshold: int) -> None:
    """Two tables that differ in hidden cells alone, and in nothing the rule looks at, are the same bytes."""
    found = hidden(cells, threshold)
    blob = cubes.encode(sdc.suppress(cube(cells), threshold))
    back = cubes.decode(blob)
    for name in ("values", "contributors", "sampling", "noise"):
        assert [0] * len(found) == getattr(back, name)[found].tolist()
    bigger = [
        persons + 1 if place in found and persons + 1 < threshold else persons for place, persons in enumerate(cells)
    ]
    if found == hidden(bigger, threshold):
        assert blob == cubes.encode(sdc.suppress(cube(bigger), threshold))


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        ([50, 3, 20, 40], [1, 2]),
        ([50, 3, 20, 20], [1, 2]),  # the first of equals
        ([50, 3, 4, 20], [1, 2]),
        ([50, 10, 20], []),  # at the threshold is not below it
        ([50, 0, 0, 20], []),  # true zeros are shown
        ([50, 0, 3, 0], [0, 2]),
        ([0, 3, 0, 0], [0, 1, 2, 3]),  # all persons stand in one small cell: zeros would tell in which
        ([0, 0], []),
        ([3], [0]),
    ],
)
def test_tables_by_hand(cells: list[int], found: list[int]) -> None:
    assert found == hidden(cells, 10)


def test_a_cell_is_hidden_in_all_its_measures() -> None:
    shown = sdc.suppress(cube([50, 3, 20], [500, 30, 200]), 10)
    assert [50, 0, 0, 500, 0, 0] == shown.values.tolist()
    assert [A, Q, Q, A, Q, Q] == shown.status.tolist()


def test_a_threshold_below_one_is_refused() -> None:
    with pytest.raises(ConfigError):
        sdc.suppress(cube([1, 2]), 0)


def test_the_norm_may_ask_more_than_the_policy_and_the_policy_more_than_the_norm() -> None:
    assert (10, 10) == (sdc.threshold(policy=5, norm=10), sdc.threshold(policy=10, norm=5))


@given(cells=TABLES, threshold=st.integers(1, 20))
def test_a_sum_without_noise_has_not_what_the_own_table_hides(cells: list[int], threshold: int) -> None:
    found = sdc.withheld(cube(cells, cells), threshold)
    assert [int(place in hidden(cells, threshold)) for place in range(len(cells))] == found.tolist()
