"""Averaging: who is answered often enough takes the mean, and the noise is gone (Asghar and Kaafar, PoPETs 2020).

Guards: the same study in the same period has one answer, whoever asks again and however often; another study, a further
attempt, a rewording are releases of their own, and each is charged before it is drawn, until the budget is spent.
"""

from fractions import Fraction

import numpy as np

from comity.errors import BudgetSpent
from comity.model.law import Exposure, Law
from comity.model.policy import Budget
from comity.stages.protect import budget, noise, pricing
from comity.stages.protect.budget import Charged
from tests.builders.seal import Stream, World

LAW = Law("skellam", Fraction(36))
TRUTH = 1234
COST = pricing.of_release([Exposure(LAW, 1, 1)], "0.00000001")
BUDGET = Budget(epsilon="6", delta="0.000001")


def asked(times: int, text: str) -> np.ndarray:
    """One cell, so many answers, noise of its own in each."""
    return TRUTH + noise.draw(LAW, times, Stream(text))


def release(name: str) -> Charged:
    return Charged.of(COST, key=name, source="survey", unit="person", time=1_800_000_000)


def test_without_a_budget_the_mean_is_the_truth() -> None:
    """A node that draws anew for everybody who asks: two thousand answers, and every attacker has the figure."""
    assert [TRUTH] * 20 == [round(float(asked(2000, f"attacker {i}").mean())) for i in range(20)]


def test_the_same_study_has_the_same_answer_however_often_a_node_is_asked() -> None:
    """From the first vector on it is turned a hundred times, before and after the sum, and starts anew every time."""
    world = World(5)
    world.run(until=lambda: bool(world.state.exchanges) and "m2" in world.facts.answers)
    office, sent = world.office("m2"), world.vectors("m2")
    charged = dict(office.ledger)
    assert 1 == len(sent) == len(charged)
    for turn in range(50):
        office.dice = Stream(f"other dice {turn}")
        office.restart()
        world.act(office)
    world.run()
    opened, exchanges = world.sum(), len(world.state.exchanges)
    world.now += 1000
    for turn in range(50):
        office.dice = Stream(f"later dice {turn}")
        world.turn()
    assert (sent, charged) == (world.vectors("m2"), office.ledger)
    assert (opened, exchanges) == (world.sum(), len(world.state.exchanges))


def test_a_release_under_a_key_that_was_charged_costs_nothing_and_another_one_does() -> None:
    one = budget.charge((), release("study A 2025 1"), BUDGET)
    assert one == budget.charge(one, release("study A 2025 1"), BUDGET)
    for further in ("study A 2025 2", "study A 2026 1", "study A reworded 2025 1"):
        assert 2 == len(budget.charge(one, release(further), BUDGET))


def borne() -> int:
    """How many different studies the ledger lets pass, one after the other."""
    charges: tuple[Charged, ...] = ()
    while True:
        try:
            charges = budget.charge(charges, release(f"study {len(charges)}"), BUDGET)
        except BudgetSpent:
            return len(charges)


def test_the_budget_ends_the_averaging_before_it_tells_the_truth() -> None:
    """Another study each time, until the ledger refuses: the noise left in the mean still hides a person."""
    times = borne()
    assert 10 < times < 100
    together = noise.composed((Exposure(LAW, 1, times),), BUDGET.delta)
    assert together is not None
    assert together <= 6
    means = [float(asked(times, f"answers {i}").mean()) for i in range(500)]
    assert np.std(means) > 0.9
    assert sum(round(mean) == TRUTH for mean in means) < 250  # a guess that is wrong more often than right
