"""Tables of areas by region: cells, margins and what a sample covers."""

import pytest

from comity.errors import FormatError
from comity.model.regions import Region, by_zone, margins, whole, zones
from comity.model.structure import Axis, Layout, Measure

CLASSES = (Axis(id="FROM", codes=("A", "B")), Axis(id="TO", codes=("A", "B")))
LAYOUT = Layout(
    dimensions=(Axis(id="ZONE", codes=("Z0", "Z1")), *CLASSES),
    measures=tuple(Measure(id=id, name=id, decimals=0, bound=1) for id in ("area", "estimate", "variance", "points")),
)


def region(area: tuple[int, ...], points: tuple[int, ...]) -> Region:
    missed = tuple(0 if n else held for held, n in zip(area, points, strict=True))
    return Region(code="Z", area=area, estimate=area, variance=(0,) * len(area), points=points, missed=missed)


def test_a_vector_is_cut_as_a_layout_lies() -> None:
    """Measure-major, zones outermost; what has no points is missed."""
    first, second = zones(LAYOUT, range(32))
    assert ("Z0", (0, 1, 2, 3), (8, 9, 10, 11)) == (first.code, first.area, first.estimate)
    assert ("Z1", (4, 5, 6, 7), (20, 21, 22, 23), (28, 29, 30, 31)) == (
        second.code,
        second.area,
        second.variance,
        second.points,
    )
    unsampled = zones(LAYOUT, [*range(24), *[0, 3] * 4])
    assert [(0, 0, 2, 0), (4, 0, 6, 0)] == [zone.missed for zone in unsampled]


def test_all_zones_together_are_their_sum() -> None:
    found = whole(zones(LAYOUT, [*range(24), *[0, 3] * 4]))
    assert ("_T", (4, 6, 8, 10), (4, 0, 8, 0), (0, 6, 0, 6)) == (found.code, found.area, found.missed, found.points)


def test_margins_are_every_cell_and_every_total() -> None:
    assert {
        ("A", "A"): (0,),
        ("A", "B"): (1,),
        ("A", "_T"): (0, 1),
        ("B", "A"): (2,),
        ("B", "B"): (3,),
        ("B", "_T"): (2, 3),
        ("_T", "A"): (0, 2),
        ("_T", "B"): (1, 3),
        ("_T", "_T"): (0, 1, 2, 3),
    } == dict(margins(CLASSES))


def test_a_sample_covers_all_but_a_hundredth_of_the_area() -> None:
    assert region((99, 1), (2, 0)).covered((0, 1))
    assert not region((98, 2), (2, 0)).covered((0, 1))
    assert not region((0, 0), (0, 0)).covered((0, 1))
    assert not region((98, 2), (2, 0)).covered((1,))


def test_points_go_to_their_zone() -> None:
    assert {0: [(1, 2), (0, 0)], 1: [(3, 0)]} == by_zone(LAYOUT, [(1, 2), (7, 4), (0, 0)])
    with pytest.raises(FormatError, match="not a point of one zone"):
        by_zone(LAYOUT, [(3, 4)])
