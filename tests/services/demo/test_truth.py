"""Truth beside result: the difference must be noise of the stated size, for all cells at once."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from scipy import stats

from comity import canon
from comity.model.release import Figure, Part, Release, Taking
from comity.model.study import Study
from comity.services.demo import truth
from tests import sample
from tests.builders.release import made

CODES = ("1", "2", "3")


def study(colluding: int) -> Study:
    return sample.study(colluding=colluding)


def release(survivors: int, *, found: tuple[int, ...], dropped: int = 1) -> Release:
    """A release of so many survivors whose cells say what is given."""
    parts: list[Part] = ["summed"] * survivors + ["dropped"] * dropped + ["refused", "silent"]
    figures = [
        Figure(key=(code,), measure="n", value=str(value), sampling="1.0", noise="1.0", status="A")
        for code, value in zip(CODES, found, strict=True)
    ]
    share = Figure(key=("1",), measure="share", value="50", sampling="1", noise="1", status="A")
    record = canon.decode(made().files["release.json"], Release, where="release.json")
    takings = tuple(Taking(member=f"m{i}", area="001", part=part, reasons=()) for i, part in enumerate(parts))
    return replace(record, figures=(*figures, share), takings=takings)


def people(members: int) -> dict[str, Any]:
    """Everyone counts 1, 2 and 3; those who were not summed too."""
    return {"members": {f"m{i}": {"codes": {code: int(code) for code in CODES}} for i in range(members + 3)}}


@pytest.mark.parametrize(("survivors", "colluding", "deviation"), [(57, 19, 10.13), (9, 3, 9.0)])
def test_the_noise_is_what_the_studies_promise(survivors: int, colluding: int, deviation: float) -> None:
    """58 on the roster: t = 39, 36 / 20 each; 10 on the roster: t = 7, 36 / 4 each. One dropped out of either."""
    found = tuple(survivors * int(code) for code in CODES)
    beside = truth.compare(release(survivors, found=found), study(colluding), people(survivors))
    assert beside.survivors == survivors
    assert deviation == pytest.approx(float(beside.variance) ** 0.5, abs=0.01)


def test_truth_is_that_of_the_survivors_alone() -> None:
    beside = truth.compare(release(9, found=(9, 18, 27)), study(3), people(9))
    assert [(9, 0), (18, 0), (27, 0)] == [(cell.truth, cell.difference) for cell in beside.cells]
    assert beside.inside


def test_negative_cells_stay_as_they_were_opened() -> None:
    beside = truth.compare(release(9, found=(-4, 18, 27)), study(3), people(9))
    assert (-4, -13) == (beside.cells[0].published, beside.cells[0].difference)
    assert any("-4" in line for line in truth.lines(beside))


def test_a_difference_beyond_the_bound_is_no_noise() -> None:
    """With variance 81, one cell of three lies beyond 38 once in some 30,000 releases, and so on."""
    inside = truth.compare(release(9, found=(9, 18, 27)), study(3), people(9)).bound
    at = truth.compare(release(9, found=(9 + inside, 18, 27)), study(3), people(9))
    beyond = truth.compare(release(9, found=(9, 18, 27 - inside - 1)), study(3), people(9))
    assert (True, False) == (at.inside, beyond.inside)
    assert "NO" in list(truth.lines(beyond))[-1]


def test_the_bound_is_the_exact_tail_of_the_distribution() -> None:
    """Against SciPy: the least b whose two-sided tail, times the cells, is 1e-4 at most."""
    beside = truth.compare(release(9, found=(9, 18, 27)), study(3), people(9))
    assert Fraction(81) == beside.variance
    law = stats.skellam(81 / 2, 81 / 2)
    assert 3 * 2 * law.sf(beside.bound) <= 1e-4 < 3 * 2 * law.sf(beside.bound - 1)
