"""What a study of numbers must say for its method to work with it; and what its noise costs where it has moments."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from comity.methods import registry
from comity.methods.mean.card import CARD
from comity.methods.regression.measures import codes
from comity.model.law import Exposure, Law
from comity.model.study import NoisePlan, Study, unsound
from comity.stages import combine, misfits
from comity.stages.protect import noise
from tests import sample
from tests.builders.numbers import norm, study

TERMS = {"n": 0, "w": 1, "wy": 3, "wyy": 5}
MOMENTS = {"vw": 2, "cwy": 2, "vy": 2}
PARAMETERS = {"y": "INCOME", "y_decimals": "2", "weight_decimals": "1"}
NORM = norm({"SEX": "FM"}, TERMS | MOMENTS, INCOME="0 100")
PLAN = NoisePlan(sigma2=10**8, cells=1, delta="0.000001", epsilon="1")


def measures(*ids: str) -> Study:
    """The study with some of its measures."""
    return replace(MEANS, layout=NORM.structure.layout(("SEX",), ids))


MEANS = study(NORM, "mean", **PARAMETERS)


def test_a_study_of_means_fits_with_all_moments_and_with_none() -> None:
    for asked in (MEANS, measures(*TERMS)):
        assert ((), []) == (unsound(asked, NORM), list(misfits.misfits(asked, CARD, NORM)))
        assert "" == misfits.unfinished(asked, registry.load("mean", "1"))


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"parameters": {"y_decimals": "2", "weight_decimals": "1"}}, "parameters"),
        ({"parameters": PARAMETERS | {"y": "WEALTH"}}, "parameters"),
        ({"parameters": PARAMETERS | {"y": "V_SEX"}}, "parameters"),
        ({"parameters": PARAMETERS | {"y_decimals": "two"}}, "parameters"),
        ({"parameters": PARAMETERS | {"y_decimals": "-1"}}, "parameters"),
        ({"parameters": PARAMETERS | {"y_decimals": "٢"}}, "parameters"),
        ({"parameters": PARAMETERS | {"x": "INCOME"}}, "parameters"),
        ({"parameters": PARAMETERS | {"y_decimals": "1"}}, "layout"),
        ({"layout": measures(*TERMS, "vw").layout}, "layout"),
        ({"layout": measures(*TERMS, "vw", "vy", "cwy").layout}, "layout"),
        ({"layout": measures("n", "w", "wy").layout}, "layout"),
    ],
)
def test_each_misfit_is_named(changes: dict[str, Any], found: str) -> None:
    assert [found] == sorted(set(misfits.misfits(replace(MEANS, **changes), CARD, NORM)))


@pytest.mark.parametrize(("most", "fits"), [(9_603_838, True), (9_603_839, False)])
def test_a_sum_that_one_row_takes_beyond_64_bits_is_refused_before_anybody_consents(most: int, fits: bool) -> None:
    """wyy of one row of weight 1: 10 x (100 x 9,603,838)^2 is the last below 2^63."""
    wide = norm({"SEX": "FM"}, TERMS | MOMENTS, INCOME=f"0 {most}")
    asked = study(wide, "mean", **PARAMETERS)
    assert fits == (10 * (100 * most) ** 2 < 2**63)
    assert ([] if fits else ["parameters"]) == list(misfits.misfits(asked, CARD, wide))


@pytest.mark.parametrize(("decimals", "fits"), [(14, True), (15, False)])
def test_a_variance_that_one_row_takes_beyond_64_bits_is_refused_before_anybody_consents(
    decimals: int, fits: bool
) -> None:
    """vy of one row of weight 1 and the largest income: 100^2 in units of 10^-14 is 10^18, of 10^-15 beyond 2^63."""
    fine = norm({"SEX": "FM"}, TERMS | MOMENTS | {"vy": decimals}, INCOME="-100 100")
    asked = study(fine, "mean", **PARAMETERS)
    assert fits == (100**2 * 10**decimals < 2**63)
    assert ([] if fits else ["parameters"]) == list(misfits.misfits(asked, CARD, fine))
    plain = replace(asked, layout=fine.structure.layout(("SEX",), tuple(TERMS)))
    assert [] == list(misfits.misfits(plain, CARD, fine))


def test_a_variable_without_bounds_is_no_number() -> None:
    """Nothing would bound what one person adds."""
    loose = replace(NORM, variables=tuple(replace(v, most=None) if v.id == "INCOME" else v for v in NORM.variables))
    assert ["parameters"] == list(misfits.misfits(MEANS, CARD, loose))


def test_a_regressions_person_touches_every_cell() -> None:
    """A norm that allows fewer would leave products out by chance; a noise plan for fewer would promise too much."""
    terms, method = {"n": 0, "wz": 0}, registry.load("regression", "1")
    for cells, found in ((6, []), (5, ["norm"])):
        of = norm({"TERM": codes(1)}, terms, cells=cells, Y="0 9", X="0 9")
        asked = study(of, "regression", y="Y", x1="X")
        assert found == list(misfits.misfits(asked, method.card, of))
        noisy = replace(asked, noise=replace(PLAN, cells=5))
        assert ["noise.cells", *found] == list(misfits.misfits(noisy, method.card, of))


def test_a_moment_costs_by_its_range_in_every_cell() -> None:
    """Two cells, of which a person touches one: sums count once, moments twice, a covariance by 2 bounds."""
    small = tuple(replace(m, bound=100 if m.id in MOMENTS else 50) for m in MEANS.layout.measures)
    asked = replace(MEANS, layout=replace(MEANS.layout, measures=small), noise=PLAN)
    law, sums = Law("skellam", Fraction(PLAN.sigma2)), [50] * 4
    exposed = tuple(Exposure(law, shift, 1) for shift in [*sums, 100, 100, 200, 200, 100, 100])
    assert noise.composed(exposed, PLAN.delta) == noise.loss(asked)


def test_a_cell_that_a_member_withheld_is_blank_in_every_measure() -> None:
    """Of a joint sum without noise: counts of who withheld follow the measures."""
    asked = measures(*TERMS)
    opened = (*range(asked.layout.length), 0, 1)
    assert ("A", "Q") * 4 == combine.withheld(opened, asked)
    assert None is combine.withheld((*range(asked.layout.length), 0, 0), asked)


def test_only_a_method_without_weights_is_called_unweighted() -> None:
    assert "unweighted" not in combine.common_notes(MEANS, "example.org/x")
    assert "unweighted" in combine.common_notes(sample.study(), "example.org/x")
