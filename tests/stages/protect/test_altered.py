"""Own tables without blanks: rounded or changed by keys, the same whoever asks; nothing where that is too little."""

import numpy as np
import pytest

from comity.errors import ConfigError
from comity.model.cube import STATUS, Cube
from comity.model.protection import Rules, Way
from comity.stages.protect import sdc
from comity.stages.protect.altered import Chance
from comity.stages.protect.released import Kept
from comity.stages.protect.sdc import Measured, Protected
from tests.attacks.test_sum_minus_own import table

COUNTS = {"n": Measured(what="n", counts=True, part=0)}
CHANCE = Chance(secret=bytes(range(32)), about=(("source", "survey"), ("norm", "N"), ("period", "2020")))
BY_BOTH, BY_D = table([[20, 30, 2], [40, 4, 3]], "D", "E"), table([52, 47], "D")
WAYS: list[Way] = ["rounding", "cell-key"]


def protected(
    cube: Cube, way: Way, *, earlier: tuple[Kept, ...] = (), chance: Chance | None = CHANCE, base: int = 3
) -> Protected:
    rules = Rules(threshold=10, way=way, base=base)  # type: ignore[arg-type]
    return sdc.protected(cube, rules, measures=COUNTS, earlier=earlier, chance=chance)


@pytest.mark.parametrize("base", [3, 5])
def test_every_cell_is_a_multiple_beside_it_and_nothing_else_tells_the_value(base: int) -> None:
    found = protected(BY_BOTH, "rounding", base=base)
    assert {0} == {int(value) % base for value in found.cube.values}
    assert base > np.abs(found.cube.values - BY_BOTH.values).max()
    assert found.cube.values.tolist() == found.cube.contributors.tolist()
    # a value that is r above a multiple has variance r (base - r); the largest is told of all
    assert {max(r * (base - r) for r in range(base))} == set(found.cube.noise.tolist())
    assert {STATUS.index("A")} == set(found.cube.status.tolist())


def test_keys_change_no_cell_beyond_the_bound_and_leave_zeros() -> None:
    cube = table([[20, 0, 2], [40, 4, 3]], "D", "E")
    found = protected(cube, "cell-key")
    assert 0 < np.abs(found.cube.values - cube.values).max() <= 5
    assert 0 == found.cube.values[1]
    assert found.cube.values.tolist() == found.cube.contributors.tolist()
    assert {2.0} == set(found.cube.noise.tolist())


@pytest.mark.parametrize("way", WAYS)
def test_asking_again_averages_nothing_and_another_office_has_other_changes(way: Way) -> None:
    once, twice = protected(BY_BOTH, way), protected(BY_BOTH, way)
    assert once.cube.values.tolist() == twice.cube.values.tolist()
    others = [Chance(secret=bytes([n] * 32), about=CHANCE.about) for n in range(8)]
    assert 1 < len({tuple(protected(BY_BOTH, way, chance=one).cube.values.tolist()) for one in others})


def test_a_table_of_the_same_people_is_rounded_as_the_first_was() -> None:
    first = protected(BY_BOTH, "rounding")
    second = protected(BY_D, "rounding", earlier=first.kept)
    assert first.cube.values.reshape(2, 3).sum(axis=1).tolist() == second.cube.values.tolist()


def test_rounded_tables_that_do_not_agree_are_not_shown() -> None:
    first = protected(BY_BOTH, "rounding")
    second = protected(table([52, 48], "D"), "rounding", earlier=first.kept)
    assert ("contradiction", [0, 0]) == (second.whole, second.cube.values.tolist())


def test_the_same_cell_is_changed_alike_in_every_table_and_one_person_more_otherwise() -> None:
    first = protected(BY_BOTH, "cell-key")
    margins = first.kept[0].published[[4, 8]]  # D0 and D1 of all E
    assert margins.tolist() == protected(BY_D, "cell-key", earlier=first.kept).cube.values.tolist()
    more = [protected(table([52, 47 + n], "D"), "cell-key").cube.values[1] - 47 - n for n in range(12)]
    assert 2 < len(set(more))


@pytest.mark.parametrize("way", WAYS)
def test_sums_are_not_protected_so(way: Way) -> None:
    sums = {"n": Measured(what="income", counts=False, part=0)}
    found = sdc.protected(BY_BOTH, Rules(threshold=10, way=way), measures=sums, chance=CHANCE)
    assert ("sums", {STATUS.index("Q")}) == (found.whole, set(found.cube.status.tolist()))


@pytest.mark.parametrize("way", [*WAYS, "noise"])
def test_without_a_secret_or_by_a_way_that_is_not_here_nothing_is_made(way: Way) -> None:
    with pytest.raises(ConfigError):
        protected(BY_BOTH, way, chance=None)
