"""Joint sum minus own figure: who knows all other parts of a sum without noise takes them away, and has one member's.

What is left of it is the member's own protected table: the cells that this would hide are not in the sum, and those
that go with them are not either, whatever the member published before.
"""

import numpy as np
import pytest

from comity.model import cube as cubes
from comity.model.cube import Cube
from comity.model.protection import Rules
from comity.model.structure import Axis, Layout, Measure
from comity.stages.protect import sdc
from comity.stages.protect.released import Kept
from tests.builders.seal import World, layout, study_of

RULES = Rules(threshold=10)
OWN = [0, 3, 50, 60, 40, 70]  # three persons in the second cell


def table(number: list[list[int]] | list[int], *dimensions: str) -> Cube:
    cells = np.array(number, "<i8")
    axes = [
        Axis(id=id, codes=tuple(f"{id}{at}" for at in range(n))) for id, n in zip(dimensions, cells.shape, strict=True)
    ]
    measures = (Measure(id="n", name="n", decimals=0, bound=1),)
    return cubes.plain(Layout(dimensions=tuple(axes), measures=measures), cells.ravel(), cells.ravel())


def withheld(cube: Cube, earlier: tuple[Kept, ...] = ()) -> list[int]:
    """What a member keeps out of a sum without noise."""
    return sdc.protected(cube, RULES, measures={}, earlier=earlier).withheld.tolist()


def left(kept_out: list[int]) -> tuple[list[int], list[int]]:
    """A sum of five, less what four colluding members put in: the fifth's values, and what it kept out."""
    world = World(5, study=study_of(noise=False))
    for id, office in world.offices.items():
        office.withheld = np.array(kept_out if id == "m1" else [0] * 6, "<i8")
    world.office("m1").values = np.array(OWN, "<i8")
    world.run()
    found = np.array(world.sum())
    others = np.array(world.noise_free("m2", "m3", "m4", "m5"))
    return (found[:6] - others).tolist(), found[6:].tolist()


def test_without_a_rule_of_its_own_the_members_small_cell_is_what_is_left() -> None:
    assert 3 == left([0] * 6)[0][1]


def test_what_the_own_table_hides_is_not_left_and_neither_is_what_gives_it_away() -> None:
    """One cell alone kept out would be the member's total, which is known, less the others."""
    own = cubes.plain(layout(6), np.array(OWN, "<i8"), np.array(OWN, "<i8"))
    assert [0, 1, 0, 0, 1, 0] == withheld(own)
    values, kept_out = left(withheld(own))
    assert [0, 0, 50, 60, 0, 70] == values
    assert [0, 1, 0, 0, 1, 0] == kept_out


# The own figure is by D, and was shown whole; the sum is by D and E. What the sum has of a row is known of the member,
# once the others are taken away: a row's total, less what the sum has, is what was kept out of the row.

BY_D, BY_BOTH = table([33, 70], "D"), table([[3, 30], [30, 40]], "D", "E")


def test_one_cell_kept_out_of_a_row_is_its_published_total_less_the_others() -> None:
    """The weakened build: a sum that looks at its own cells alone, and hides what is small."""
    before = sdc.protected(BY_D, RULES, measures={})
    assert [0, 0] == before.withheld.tolist()  # 33 and 70 are published
    small_alone = np.array([[1, 0], [0, 0]])
    shown = np.where(small_alone == 1, 0, BY_BOTH.values.reshape(2, 2))
    assert 3 == 33 - shown[0].sum()


@pytest.mark.parametrize("remembers", [True, False])
def test_every_row_and_every_column_keeps_two_cells_out_or_none(remembers: bool) -> None:
    """Also of a member that published nothing before: readers are taken to know totals from elsewhere."""
    before = sdc.protected(BY_D, RULES, measures={})
    kept_out = np.array(withheld(BY_BOTH, before.kept if remembers else ())).reshape(2, 2)
    assert kept_out[0, 0]
    assert {2, 0} >= {*kept_out.sum(axis=0).tolist(), *kept_out.sum(axis=1).tolist()}
