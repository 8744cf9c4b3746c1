"""A plan that protects a member: epsilon is about all that it puts in, and so about each person in it."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import FormatError
from comity.model.cube import plain
from comity.model.law import SKELLAM, Exposure, Law
from comity.model.study import Study, read, unsound
from comity.stages import combine, compute, drafting
from comity.stages.protect import noise, pricing
from tests import sample
from tests.stages.test_drafting import TEXT

NORM = sample.norm()
MEMBER = TEXT.replace("bound = 1000", "bound = 10").replace(
    'sigma2 = 36, cells = 1, delta = "0.000001", epsilon = "1.2"',
    'sigma2 = 10000, cells = 1, delta = "0.000001", epsilon = "1.5", protects = "member"',
)


@pytest.fixture(scope="module")
def study() -> Study:
    return drafting.study(MEMBER, NORM, where="study.toml", rehearsal=False)[0]


def test_it_stands_under_the_studys_bound_in_every_cell(study: Study) -> None:
    """Eight cells of one measure."""
    assert [Exposure(Law(SKELLAM, Fraction(10_000)), shift=10, cells=8)] == list(noise.exposures(study))


def test_it_costs_what_gaussian_noise_of_its_length_costs(study: Study) -> None:
    """Of a shift of 10 in each of 8 cells, whose length is 10 times the root of 8, by dp-accounting's own mechanism."""
    from dp_accounting.pld import privacy_loss_distribution as pld

    theirs = pld.from_gaussian_mechanism(100.0, sensitivity=10 * 8**0.5).get_epsilon_for_delta(1e-6)
    found = noise.loss(study)
    assert found is not None
    assert theirs == pytest.approx(float(found), abs=0.01)


@given(values=st.lists(st.integers(-(2**40), 2**40), min_size=8, max_size=8))
def test_no_contribution_is_further_from_none_than_is_claimed(study: Study, values: list[int]) -> None:
    """Whatever the member counted: it is clipped before noise is added."""
    (exposed,) = noise.exposures(study)
    counted = np.array(values, "<i8")
    moved = np.abs(compute.clipped(plain(study.layout, counted, counted), study.bound))
    assert moved.max() <= exposed.shift
    assert np.count_nonzero(moved) <= exposed.cells


def test_a_person_is_never_protected_less_than_the_member(study: Study) -> None:
    assert study.noise is not None
    of_person = replace(study, noise=replace(study.noise, protects="person"))
    person, member = noise.loss(of_person), noise.loss(study)
    assert person is not None
    assert member is not None
    assert person < member
    low = replace(study, bound=1, layout=replace(study.layout, measures=(replace(study.layout.measures[0], bound=5),)))
    assert [5] == [one.shift for one in noise.exposures(low)]  # one person may add more than the study's bound


def test_a_study_that_promises_the_member_what_only_a_person_gets_is_refused() -> None:
    with pytest.raises(FormatError, match="the noise gives away more"):
        drafting.study(MEMBER.replace('"1.5"', '"0.1"'), NORM, where="study.toml", rehearsal=False)
    drafting.study(MEMBER.replace('"1.5"', '"0.1"').replace('"member"', '"person"'), NORM, where="", rehearsal=False)


def test_nobody_else_can_be_protected() -> None:
    with pytest.raises(FormatError, match="household"):
        read(MEMBER.replace('"member"', '"household"'), where="study.toml")


def test_it_is_charged_at_what_it_states(study: Study) -> None:
    """More than any person spends, so the account of persons is safe."""
    cost = pricing.of_study(study)
    assert cost is not None
    assert ("1.5", "skellam 10000 x 8 by 10") == (cost.epsilon, cost.made)
    # rho of Gaussian noise: 8 cells of 10^2 / (2 x 10000)
    assert Decimal("0.04") == pytest.approx(Decimal(cost.rho), rel=Decimal("0.01"))


def test_its_text_is_another_and_it_is_sound(study: Study) -> None:
    assert study.noise is not None
    assert () == unsound(study, NORM)
    assert study.digest != replace(study, noise=replace(study.noise, protects="person")).digest


def test_a_release_says_whom_it_protects(study: Study) -> None:
    assert "protects-member" in combine.notes(study, "log.example/x", plain_tables=True)
    assert "protects-member" not in combine.notes(sample.study(), "log.example/x", plain_tables=True)
