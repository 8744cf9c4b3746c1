"""A study says where it contradicts its norm or itself; its text is its name."""

from dataclasses import replace
from typing import Any

import pytest

from comity import canon
from comity.errors import FormatError
from comity.model.structure import Axis
from comity.model.study import NoisePlan, Study, unsound
from tests import sample

NORM, STUDY = sample.norm(), sample.study()
LAYOUT = STUDY.layout
NOISE = NoisePlan(sigma2=36, cells=1, delta="0.000001", epsilon="1.2")


def test_a_study_is_read_back_from_its_canonical_json() -> None:
    text = canon.encode(STUDY)
    assert STUDY == canon.decode(text, Study)
    assert canon.digest(text) == STUDY.digest


def test_a_sound_study_has_no_fault() -> None:
    assert () == unsound(STUDY, NORM)
    assert () == unsound(replace(STUDY, noise=None, layout=NORM.structure.layout(("SEX",), ("n",))), NORM)


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"norm": sample.DIGEST}, "norm"),
        ({"related": False}, "related"),
        ({"bound": 0}, "bound"),
        ({"colluding": 0}, "colluding"),
        ({"noise": replace(NOISE, sigma2=0)}, "noise.sigma2"),
        ({"noise": replace(NOISE, cells=2)}, "noise.cells"),
        ({"noise": replace(NOISE, delta="0")}, "noise.delta"),
        ({"noise": replace(NOISE, delta="1.5")}, "noise.delta"),
        ({"noise": replace(NOISE, epsilon="1.20")}, "noise.epsilon"),
        ({"noise": replace(NOISE, epsilon="Infinity")}, "noise.epsilon"),
        ({"periods": ()}, "periods"),
        ({"periods": STUDY.periods * 2}, "periods"),
        ({"timing": replace(STUDY.timing, send=0)}, "timing"),
        ({"timing": replace(STUDY.timing, send=7)}, "timing"),
        ({"timing": replace(STUDY.timing, consent=0)}, "timing"),
        ({"layout": replace(LAYOUT, dimensions=())}, "layout"),
        ({"layout": replace(LAYOUT, measures=())}, "layout"),
        ({"layout": replace(LAYOUT, measures=LAYOUT.measures * 2)}, "layout"),
        ({"layout": replace(LAYOUT, measures=(replace(LAYOUT.measures[0], bound=2),))}, "layout"),
        ({"layout": replace(LAYOUT, dimensions=LAYOUT.dimensions * 2)}, "layout"),
        ({"layout": replace(LAYOUT, dimensions=(Axis(id="SEX", codes=("M", "F")),))}, "layout"),
        ({"layout": replace(LAYOUT, dimensions=(Axis(id="SEX", codes=("F",)),))}, "layout"),
        ({"layout": replace(LAYOUT, dimensions=(Axis(id="AGE", codes=("Y1",)),))}, "layout"),
        ({"layout": replace(LAYOUT, dimensions=(Axis(id="SEX", codes=tuple(map(str, range(10**6)))),) * 9)}, "layout"),
    ],
)
def test_each_contradiction_is_named_and_nothing_raises(changes: dict[str, Any], found: str) -> None:
    assert (found,) == unsound(replace(STUDY, **changes), NORM)


def test_a_norm_that_contradicts_itself_makes_every_study_of_it_unsound() -> None:
    norm = replace(NORM, structure=replace(NORM.structure, codelists=()))
    assert ("norm",) == unsound(replace(STUDY, norm=norm.digest), norm)


def test_a_period_is_found_by_its_id() -> None:
    assert "6" == STUDY.period("2010-2014").value
    with pytest.raises(FormatError, match="no such period"):
        STUDY.period("6")
