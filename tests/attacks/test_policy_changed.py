"""A policy that changed between two tables of the same people: what was rounded is not shown as it is afterwards, and
what one policy would show is hidden where the policy of today hides it. Nobody outside need do more than wait.
"""

import pytest

from comity.model.cube import STATUS
from comity.model.protection import Rules
from comity.stages.protect import sdc
from comity.stages.protect.altered import Chance
from comity.stages.protect.sdc import Measured, Protected
from tests.attacks.test_sum_minus_own import table

Q = STATUS.index("Q")
N = {"n": Measured(what="n", counts=True, part=0)}
CHANCE = Chance(secret=bytes(32), about=(("norm", "N"),))
ROUNDED, PLAIN = Rules(threshold=10, way="rounding"), Rules(threshold=10)


def shown(found: Protected) -> list[int | None]:
    """What a reader sees of each cell; None where it is blank."""
    return [None if hidden else int(n) for n, hidden in zip(found.cube.values, found.cube.status == Q, strict=True)]


@pytest.mark.parametrize("same_question", [True, False])
def test_a_table_that_was_rounded_is_not_shown_as_it_is_under_another_policy(same_question: bool) -> None:
    """A second attempt of the same question was given what was decided on before: nothing hidden, so all of it."""
    counts = table([3, 20, 21, 1, 40], "D")
    before = sdc.protected(counts, ROUNDED, measures=N, chance=CHANCE)
    assert all(n is not None and n % 3 == 0 for n in shown(before))
    kept = {"own": before.kept} if same_question else {"earlier": before.kept}
    after = sdc.protected(counts, PLAIN, measures=N, **kept)
    assert [None] * 5 == shown(after)
    assert "way" == after.whole


def test_a_stricter_policy_hides_what_an_attempt_before_it_would_have_shown() -> None:
    """The attempt may have failed, so that nobody saw its table; the consent to the next one names the new policy."""
    counts = table([5, 20, 21, 1, 40], "D")
    before = sdc.protected(counts, Rules(threshold=3), measures=N)
    assert 20 == shown(before)[1]
    after = sdc.protected(counts, Rules(threshold=21), measures=N, own=before.kept)
    assert None is shown(after)[0] is shown(after)[1]


def test_a_weaker_policy_shows_no_more_of_the_same_question() -> None:
    """What was hidden stays so: two patterns of one table would tell each other's blanks."""
    counts = table([5, 20, 21, 1, 40], "D")
    before = sdc.protected(counts, Rules(threshold=21), measures=N)
    after = sdc.protected(counts, Rules(threshold=2), measures=N, own=before.kept)
    assert shown(before) == shown(after)


def test_other_tables_of_changes_do_not_change_a_published_cell_anew() -> None:
    """By each new bound or variance the same key makes another change, and two changes of one count are two views."""
    counts = table([3, 20, 21, 1, 40], "D")
    before = sdc.protected(
        counts, Rules(threshold=10, way="cell-key", bound=5, variance="3"), measures=N, chance=CHANCE
    )
    for bound, variance in ((2, "1"), (5, "4"), (4, "2.5")):
        rules = Rules(threshold=10, way="cell-key", bound=bound, variance=variance)
        after = sdc.protected(counts, rules, measures=N, chance=CHANCE, earlier=before.kept)
        assert shown(after) in (shown(before), [None] * 5)


def test_a_blank_of_before_is_no_figure() -> None:
    counts = table([3, 20, 21, 1, 40], "D")
    rules = Rules(threshold=10, way="cell-key")
    blank = sdc.protected(counts, rules, measures=N, chance=CHANCE, lost="forgotten")
    alone = sdc.protected(counts, rules, measures=N, chance=CHANCE)
    assert shown(alone) == shown(sdc.protected(counts, rules, measures=N, chance=CHANCE, earlier=blank.kept))
