"""Cell keys reused over tables: what two tables that differ by one person, or many that do not, tell of the noise.

Three attacks: the difference of two tables is one person; the mean of many answers is the truth; and a cell that was
perturbed to something, or to nothing, tells whether there was anybody. Each succeeds on a build without its guard.
"""

import hashlib

import numpy as np
from numpy.typing import NDArray

from comity.model.protection import Rules
from comity.stages.protect import cell_key, sdc, sticky
from comity.stages.protect.altered import Chance
from comity.stages.protect.p_table import p_table
from comity.stages.protect.sdc import Measured
from tests.attacks.test_sum_minus_own import table
from tests.builders import counts

SECRET = bytes(range(32))
TABLE = p_table(5, "2")
NORTH, YOUNG = ("REF_AREA", "NORTH"), ("AGE", "Y_LT30")


def record_keys(count: int) -> NDArray[np.int64]:
    """As the method means them: 32 bits for each person, of a keyed hash; a cell's key is their sum."""
    persons = (hashlib.blake2b(str(at).encode(), key=SECRET, digest_size=4).digest() for at in range(count))
    return np.array([int.from_bytes(one, "big") for one in persons], np.int64)


def published(values: list[int], keys: list[int]) -> list[int]:
    return [int(one) for one in cell_key.perturbed(np.array(values), np.array(keys) % cell_key.KEYS, TABLE)]


def test_two_tables_that_differ_by_one_person_do_not_show_her() -> None:
    """A key of the cell's name alone would give both the same change: their difference would be exactly she."""
    keys = record_keys(400)
    shown, weak = [], []
    for at in range(200):
        with_her, without = keys[at : at + 30], keys[at : at + 29]
        a, b = published([30, 29], [int(with_her.sum()), int(without.sum())])
        shown.append(a - b)
        of_name = int.from_bytes(sticky.mac(SECRET, str(at))[:4], "big")
        a, b = published([30, 29], [of_name, of_name])
        weak.append(a - b)
    assert {1} == set(weak)
    assert len(set(shown)) >= 7
    assert shown.count(1) < 100


def test_a_named_key_changes_with_the_count_and_so_hides_the_difference_too() -> None:
    names = [[("CELL", str(at))] for at in range(200)]
    a, b = (
        cell_key.perturbed(np.full(200, n), cell_key.named(SECRET, names, np.full(200, n)), TABLE) for n in (30, 29)
    )
    assert len(set((a - b).tolist())) >= 7


def test_asking_for_the_same_cell_in_many_tables_averages_nothing() -> None:
    """As a margin of fifty tables it is the same persons, or the same name; fresh keys would give it away."""
    keys, n = record_keys(40), 40
    orders = [np.roll(keys, at).cumsum()[-1] for at in range(50)]
    same = published([n] * 50, [int(one) for one in orders])
    names = [[NORTH, YOUNG], [YOUNG, NORTH]] * 25
    named = cell_key.perturbed(np.full(50, n), cell_key.named(SECRET, names, np.full(50, n)), TABLE).tolist()
    fresh = [published([n], [int.from_bytes(sticky.mac(SECRET, str(at))[:4], "big")])[0] for at in range(2000)]
    assert 1 == len(set(same)) == len(set(named))
    assert n == round(float(np.mean(fresh)))
    assert len(set(fresh)) > 7


def test_two_names_of_the_same_persons_are_two_answers_and_sums_of_record_keys_are_one() -> None:
    """The price of keys from names: all of NORTH, and its young where no table says so. Persons' keys do not."""
    differ = 0
    for at in range(100):
        about = ("CELL", str(at))
        both = cell_key.named(SECRET, [[about, NORTH], [about, NORTH, YOUNG]], np.array([20, 20]))
        a, b = cell_key.perturbed(np.array([20, 20]), both, TABLE)
        differ += int(a != b)
    assert differ > 50
    total = int(record_keys(20).sum())
    assert 1 == len(set(published([20, 20], [total, total])))


def test_a_zero_does_not_say_that_nobody_is_there() -> None:
    """Were small counts never changed to 0, every published zero would be a true one, and every 1 somebody."""
    ones = published([1] * 400, record_keys(400).tolist())
    assert 0.4 < ones.count(0) / 400 < 0.64  # 0.52 of the table
    assert 6 >= max(ones)
    assert [0] * 400 == published([0] * 400, record_keys(400).tolist())


def test_margins_are_asked_before_a_perturbed_table_is_believed() -> None:
    """Bounds of a cell and of its total may meet in one value; without the attacker such a table would go out."""
    problem = counts.problem((3,), (2, 3, 4), threshold=4)
    worst = np.where(problem.values == 9, 4, problem.values + 5)
    assert np.flatnonzero(problem.primary).tolist() == cell_key.given_away(problem, worst, TABLE).tolist()
    harmless = np.where(problem.values == 9, 9, problem.values + 1)
    assert [] == cell_key.given_away(problem, harmless, TABLE).tolist()


def test_dimensions_in_which_the_persons_do_not_differ_give_no_further_answers() -> None:
    """Seventeen in D0, all of them with one code of whatever else is asked: twelve tables would be twelve changes.

    That the other code is empty there is shown, as zeros stay zeros: so the attacker knows which cells are the same.
    """
    rules, number = Rules(threshold=10, way="cell-key"), {"n": Measured(what="n", counts=True, part=0)}
    asked = [table([[17, 0], [20, 9], [30, 12]], "D", f"E{at}") for at in range(12)]
    found = [sdc.protected(one, rules, measures=number, chance=Chance(secret=SECRET, about=())) for one in asked]
    assert [0] * 12 == [int(one.cube.values[1]) for one in found]
    assert 1 == len({int(one.cube.values[0]) for one in found})
    weakened = [
        cell_key.perturbed(
            np.array([17]), cell_key.named(SECRET, [[("D", "D0"), (f"E{at}", "E0")]], np.array([17])), TABLE
        )
        for at in range(300)
    ]
    assert 17 == round(float(np.mean(weakened)))
