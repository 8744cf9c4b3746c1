"""What an officer reads from an own table, against figures reckoned by hand."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from comity.errors import ConfigError
from comity.methods import registry
from comity.model import cube as cubes
from comity.model.cube import Cube
from comity.model.release import Figure
from comity.model.structure import Axis, Layout, Measure
from comity.stages import appraising
from comity.stages.appraising import Apart, Noise
from tests import sample

LAYOUT = sample.study().layout
MEAN = registry.load("mean", "1")


def figure(value: str, sampling: str, noise: str, *, measure: str = "n", key: tuple[str, ...] = ("1", "F")) -> Figure:
    return Figure(key=key, measure=measure, value=value, sampling=sampling, noise=noise, status="A")


@pytest.mark.parametrize(("noise", "weight"), [("0.4", "unseen"), ("2.0", "small"), ("4.0", "seen"), ("4.1", "large")])
def test_noise_is_weighed_beside_the_sampling_error(noise: str, weight: str) -> None:
    (found,) = appraising.beside([figure("9", "4.0", noise)])
    assert (Noise(measure="n", middle=Fraction(noise) / 4, most=Fraction(noise) / 4), weight) == (found, found.weight)


def test_the_median_cell_speaks_for_a_measure_and_cells_without_an_error_do_not() -> None:
    """Ratios 0.1, 0.2 and 3; a cell of nobody has no sampling error, and a measure without noise has no word."""
    found = appraising.beside(
        [
            figure("9", "10", "1"),
            figure("9", "10", "2"),
            figure("9", "1", "3"),
            figure("0", "0.0", "3"),
            figure("7", "1", "0", measure="share"),
        ]
    )
    assert (Noise(measure="n", middle=Fraction(1, 5), most=Fraction(3)),) == found


def test_moments_at_their_bound_and_sums_beyond_the_studys_are_counted_by_cell() -> None:
    """A covariance at its bound from below is at it, too; a sum that is the study's bound is not cut."""
    layout = Layout(
        dimensions=(Axis(id="SEX", codes=("F", "M", "T")),),
        measures=(
            Measure(id="w", name="w", decimals=0, bound=1000),
            Measure(id="vw", name="vw", decimals=0, bound=99),
            Measure(id="cwy", name="cwy", decimals=0, bound=50),
        ),
    )
    values = np.array([100, 101, -101, 98, 99, 99, -50, 0, 49], "<i8")
    cube = cubes.plain(layout, values, np.ones(9, "<i8"), None)
    assert {"vw": 2, "cwy": 1} == appraising.at_bound(cube, {"vw", "cwy"})
    assert {"w": 2} == appraising.beyond(cube, 100)


CSV = "ANSWER,SEX,measure,value\n1,F,n,12\n2,M,n,7.5\n"


def test_published_figures_are_compared_in_standard_errors() -> None:
    """15 beside 12 with an error of 2 is one and a half of them; without an error there is a difference alone."""
    given = appraising.read_published(CSV, LAYOUT, where="p.csv")
    own = [figure("15", "2.0", ""), figure("7", "0.0", "", key=("2", "M")), figure("1", "1.0", "", key=("2", "F"))]
    assert (
        Apart(key=("1", "F"), measure="n", own=Decimal(15), published=Decimal(12), errors=Decimal("1.5")),
        Apart(key=("2", "M"), measure="n", own=Decimal(7), published=Decimal("7.5"), errors=None),
    ) == appraising.apart(own, given, where="p.csv")
    assert Decimal(3) == appraising.apart(own, given, where="p.csv")[0].difference


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not a table of published figures"),
        (CSV.replace("SEX", "Q2"), "not a table of published figures; found ANSWER, Q2"),
        (CSV.replace("1,F", "9,F"), "p.csv, line 2: ANSWER: code outside the list; found 9"),
        (CSV.replace("7.5", "NaN"), "line 3: no number"),
        (CSV.replace("7.5", "7,5"), "line 3: not as long as the header"),
        (CSV.replace("7.5", "many"), "line 3: no number; found many"),
        (CSV + "1,F,n,12\n", "line 4: no number, or a figure twice"),
        ('ANSWER,SEX,measure,value\n1,F,n,"12\n', "not a table of published figures"),
    ],
)
def test_a_table_of_published_figures_is_read_strictly(text: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        appraising.read_published(text, LAYOUT, where="p.csv")
    assert said in str(caught.value)


def test_a_published_figure_that_the_study_has_not_is_refused() -> None:
    given = appraising.read_published(CSV.replace(",n,", ",mean,"), LAYOUT, where="p.csv")
    with pytest.raises(ConfigError, match=r"has not.*found mean of 1 F, mean of 2 M"):
        appraising.apart([figure("15", "2.0", "")], given, where="p.csv")


def table(values: dict[str, list[int]], variances: dict[str, list[float]]) -> Cube:
    measures = [*MEAN.card.needs.terms, *MEAN.card.needs.moments]
    layout = Layout(
        dimensions=(Axis(id="SEX", codes=("F", "M")),),
        measures=tuple(Measure(id=one.id, name=one.id, decimals=0, bound=10**9) for one in measures),
    )
    flat = [value for one in measures for value in values[one.id]]
    sampling = [value for one in measures for value in variances.get(one.id, [0.0, 0.0])]
    return cubes.plain(layout, np.array(flat), np.zeros(layout.length, "<i8"), np.array(sampling))


def test_design_effects_are_of_totals_of_the_sample_and_of_means_in_each_cell() -> None:
    """A sample of 10 from 100: of F 4 persons standing for 40, y 1, 2, 3 and 4; of M 6 for 60, y 0.

    By hand. The number of F: s^2 = 10/9 (0.4 - 0.16) = 4/15, V_srs = 100^2 x 0.9 x s^2 / 10 = 240.
    The total of F, 100: s^2 = 10/9 (300/100 - 1) = 20/9, V_srs = 100^2 x 0.9 x s^2 / 10 = 2000.
    The mean of F, 2.5: s^2 = 4/3 (300/40 - 6.25) = 5/3, V_srs = 0.9 x s^2 / 4 = 3/8.
    Its variance here: (4000 - 2 x 2.5 x 1000 + 6.25 x 480) / 40^2 = 1.25.
    """
    found = table(
        {
            "n": [4, 6],
            "w": [40, 60],
            "wy": [100, 0],
            "wyy": [300, 0],
            "vw": [480, 480],
            "cwy": [1000, 0],
            "vy": [4000, 0],
        },
        {"w": [480.0, 480.0], "wy": [4000.0, 0.0]},
    )
    effects = {(one.key[0], one.of): one.value for one in appraising.effects(MEAN, found)}
    assert Fraction(480, 240) == effects["F", "w"]
    assert Fraction(4000, 2000) == effects["F", "wy"]
    assert Fraction(5, 4) / Fraction(3, 8) == effects["F", "wy/w"]


def test_without_a_design_there_is_no_effect() -> None:
    found = table({name: [1, 1] for name in ("n", "w", "wy", "wyy", "vw", "cwy", "vy")}, {})
    assert () == appraising.effects(MEAN, found)
