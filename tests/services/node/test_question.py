"""What an answer is charged with: the study's noise, and that of the office's own table where its policy adds some."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from comity import canon
from comity.adapters.vault import Question
from comity.model.policy import Budget, National, Policy
from comity.services.node import question as questions
from comity.services.node.question import Asked
from comity.stages.protect import budget
from tests import sample


def asked(*, noise: bool) -> Asked:
    study = sample.study() if noise else replace(sample.study(), noise=None)
    question = Question(study=study.digest, period="2010-2014")
    return Asked(question=question, study=study, norm=sample.norm(), entry=None, binding=sample.binding())


def policy(epsilon: str, *, way: str = "noise", publish: bool = True) -> Policy:
    """Of an own table with discrete Laplace noise of scale 1: epsilon 1 for one count in one cell, at any delta."""
    law = "discrete-laplace 1" if way == "noise" else ""
    own = National(publish=publish, threshold=5, way=way, noise=law)  # type: ignore[arg-type]
    return sample.policy(national=own, budget=Budget(epsilon=epsilon, delta="0.0000001"))


def test_the_noise_of_an_own_table_has_its_price() -> None:
    price = questions.table_cost(policy("9"), asked(noise=True))
    assert price is not None
    assert ("1", "discrete-laplace 1 x 1 by 1") == (price.epsilon, price.made)
    assert questions.table_cost(policy("9", way="suppression"), asked(noise=True)) is None
    assert questions.table_cost(policy("9", publish=False), asked(noise=True)) is None


@pytest.mark.parametrize(("epsilon", "bears"), [("0.9", False), ("1", True)])
def test_a_budget_that_does_not_bear_the_own_table_bears_no_answer(epsilon: str, bears: bool) -> None:
    assert bears == questions.affordable(budget.NOTHING, policy(epsilon), asked(noise=False))
    assert questions.affordable(budget.NOTHING, policy(epsilon, way="suppression"), asked(noise=False))


def test_both_together_must_fit() -> None:
    both = asked(noise=True)
    plan = both.study.noise
    assert plan is not None
    least = questions.cost(both.study, both.norm)
    assert least is not None
    assert questions.affordable(budget.NOTHING, policy("9"), both)
    assert not questions.affordable(budget.NOTHING, policy("1"), both)
    assert questions.affordable(budget.NOTHING, policy("1", way="suppression"), both)


def test_a_version_of_a_norm_makes_no_other_people_of_the_same_for_the_roster_rule() -> None:
    """Asked again under a new version, with one member less, two sums would tell what that member put in."""
    old = sample.norm()
    new, other = replace(old, version="2.0.0"), replace(old, id="OTHER")
    studies = [replace(sample.study(), id=f"S{i}", norm=norm.digest) for i, norm in enumerate((old, new, other))]
    texts = {one.digest: canon.encode(one) for one in (old, new, other, *studies)}
    motions = {i: SimpleNamespace(matter="study", thing=one) for i, one in enumerate(studies)}
    state = SimpleNamespace(motions=motions, bodies=texts)
    office: Any = SimpleNamespace(follower=SimpleNamespace(state=state), text=texts.__getitem__)
    assert {studies[0].digest, studies[1].digest} == questions.kin(office, old.digest)
    assert {studies[0].digest, studies[1].digest} == questions.kin(office, new.digest)
    assert {studies[2].digest} == questions.kin(office, other.digest)
