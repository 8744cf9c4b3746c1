"""A reference sample held against the map: whose class is what, in which zone, and which points tell nothing."""

from pathlib import Path

import numpy as np
import pytest

from comity.errors import SourceError
from comity.geo.grid import Grid
from comity.stages import points
from tests.builders import producer
from tests.stages.test_tiles import NORM, STUDY, data, plan

__all__ = ["data"]
HEAD = "x,y,COVER_FROM,COVER_TO\n"


def read(text: str) -> tuple[points.Point, ...]:
    return points.points((HEAD + text).encode(), STUDY, NORM, where="sample.csv")


def test_a_point_is_a_pair_of_what_the_map_says_and_what_was_found(data: Path) -> None:
    """In the west: trees that stayed, on the map and in the field; trees of the map that were built up by 2021."""
    sample = read("6.1,0.995,TREE,TREE\n6.2,0.995,TREE,BUILT\n6.7,0.97,BUILT,BUILT\n")
    grid = Grid.of(plan(data).grid)
    cells = points.places(grid, sample, where="sample.csv")
    assert [(5, 100), (5, 200), (30, 700)] == [(row, round(column, -1)) for row, column in cells]
    values = [np.array([10, 10, 50], "u1"), np.array([10, 10, 50], "u1")]
    assert [(0, 0), (0, 1), (7, 7)] == points.pairs(plan(data), sample, values)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("6.1,0.995,,BUILT\n", 10),  # the reference has no answer
        ("6.1,0.995,TREE,BUILT\n", 0),  # the map has no class
        ("6.1,-3.0,TREE,BUILT\n", 10),  # in no zone
    ],
)
def test_a_point_without_a_class_or_a_zone_tells_nothing(data: Path, text: str, value: int) -> None:
    values = [np.array([value], "u1")] * 2
    assert [] == points.pairs(plan(data), read(text), values)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("6.1,0.995,TREE,GRASS\n", "line 2: COVER_TO: a code outside the list; found GRASS; wanted TREE, BUILT"),
        ("east,0.995,TREE,TREE\n", "not a reference sample"),
        ("6.1\n", "not a reference sample"),
    ],
)
def test_a_sample_that_cannot_be_read_is_refused(text: str, told: str) -> None:
    with pytest.raises(SourceError, match=told):
        read(text)


def test_a_sample_without_a_column_is_refused_by_its_name() -> None:
    with pytest.raises(SourceError, match="no column y, COVER_TO"):
        points.points(b"x,COVER_FROM\n", STUDY, NORM, where="sample.csv")


def test_a_point_beside_the_grid_is_refused(data: Path) -> None:
    with pytest.raises(SourceError, match=r"not on the grid.*own CRS"):
        points.places(Grid.of(plan(data).grid), read("610000,99500,TREE,TREE\n"), where="sample.csv")


def test_the_builders_sample_lies_in_both_zones(data: Path) -> None:
    """Twenty points each: what the producer's story is told by."""
    text = (data / "sample-2021.csv").read_text()
    xs = [float(line.split(",")[0]) for line in text.splitlines()[1:]]
    assert (20, 20) == (sum(x < producer.BORDER for x in xs), sum(x > producer.BORDER for x in xs))
