"""Differencing over two releases of one member: each is safe alone; one less the other is a person, or a small cell.

Every table is protected together with all that were decided on before. A cell of both is one cell; of tables that do
not agree on it the difference is a cell of its own.
"""

from dataclasses import replace

import numpy as np

from comity.model.cube import STATUS
from comity.model.protection import Rules
from comity.stages.protect import attacker, primary, sdc, tables, together
from comity.stages.protect.problem import UNBOUNDED
from comity.stages.protect.released import Kept
from comity.stages.protect.tables import HIDDEN, SHOWN
from tests.attacks.test_sum_minus_own import table

RULES = Rules(threshold=10)
THRESHOLD = Rules(threshold=5)
Q = STATUS.index("Q")

FIRST = table([3, 20, 21], "D")
SECOND = table([[3, 0], [20, 0], [11, 10]], "D", "E")  # the same people
TOTAL = 44


def rows(earlier: tuple[Kept, ...]) -> list[int | None]:
    """What the second table tells of each code of D: the sum of its cells, None if one of them is not shown."""
    shown = sdc.protected(SECOND, RULES, measures={}, earlier=earlier).cube
    values, hidden = shown.values.reshape(3, 2), (shown.status == Q).reshape(3, 2)
    return [None if gone.any() else int(row.sum()) for row, gone in zip(values, hidden, strict=True)]


def first() -> tuple[list[int | None], tuple[Kept, ...]]:
    found = sdc.protected(FIRST, RULES, measures={})
    hidden = (found.cube.status == Q).tolist()
    return [None if gone else int(n) for n, gone in zip(found.cube.values, hidden, strict=True)], found.kept


def reckoned(one: list[int | None], other: list[int | None]) -> int | None:
    """The small cell: the total less the two others, whichever table tells them; None if neither tells one of them."""
    told = [a if a is not None else b for a, b in zip(one, other, strict=True)]
    return None if told[1] is None or told[2] is None else TOTAL - told[1] - told[2]


def test_two_tables_that_hide_other_neighbours_give_the_small_cell_away() -> None:
    """The weakened build: a second table that knows nothing of the first."""
    one, _ = first()
    assert reckoned(one, one) is None
    assert reckoned(rows(()), rows(())) is None
    assert 3 == reckoned(one, rows(()))


def test_a_table_that_knows_the_first_hides_the_same_neighbour() -> None:
    one, kept = first()
    assert reckoned(one, rows(kept)) is None


def test_a_second_count_with_one_person_more_does_not_tell_where_she_stands() -> None:
    """The same table by later data, or of all who answered one question less: 30 became 31."""
    before = sdc.protected(table([30, 40, 50], "D"), RULES, measures={})
    later = table([31, 40, 50], "D")
    blind = sdc.protected(later, RULES, measures={}).cube
    assert [1, 0, 0] == (blind.values - before.cube.values).tolist()
    after = sdc.protected(later, RULES, measures={}, earlier=before.kept)
    assert Q == after.cube.status[0]
    assert after.kept[0].hidden[0]  # the new total tells of her as well: no later table may lean on it


def test_what_did_not_change_is_the_same_in_later_data() -> None:
    """D1 is 1 of the 20 in G, and G is blank. Later data count more in H; G by itself is no few, and is still 20.

    The weakened build takes it that nobody knows G for unchanged: then more than 20 might have been there before.
    """
    parents = {"AREA": {"D1": "G", "D2": "G", "D3": "H", "D4": "H"}}
    people = np.array([1, 19, 20, 30])
    before = tables.extended([("AREA", list(parents["AREA"]))], people, people, counts=True, parents=parents)
    hidden = np.isin([before.key(at)[0] for at in range(before.cells)], ["D1", "G", "D3", "H"])
    asked = primary.needs(before, THRESHOLD)
    kept = Kept(
        what="persons",
        table=replace(before, status=np.where(hidden, HIDDEN, SHOWN).astype(np.uint8)),
        published=np.where(hidden, 0, before.values),
        primary=asked.primary,
        upper=asked.upper,
        lower=asked.lower,
        alone=asked.alone,
    )
    later = np.array([20, 58])
    found = together.join(tables.extended([("AREA", ["G", "H"])], later, later, counts=True), THRESHOLD, [kept])
    assert found.apart
    weakened = replace(found.problem, ceiling=np.where(found.problem.ceiling == 0, UNBOUNDED, found.problem.ceiling))
    assert () == attacker.breaches(weakened, weakened.shut)
    assert 1 == len(attacker.breaches(found.problem, found.problem.shut))
