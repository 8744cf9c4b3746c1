"""Draws against their law: the table in whole numbers; samples against SciPy, plain integers and OpenDP."""

import math
from collections import defaultdict
from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from comity.errors import FormatError
from comity.model import masses
from comity.model.law import Law
from comity.stages.protect import sampler
from tests.builders.seal import Stream

DRAWS = 400_000
LAWS = [
    Law("skellam", Fraction(1, 3)),
    Law("skellam", Fraction(36, 20)),
    Law("skellam", Fraction(10_000)),
    Law("discrete-gaussian", Fraction(1, 3)),
    Law("discrete-gaussian", Fraction(10_000)),
    Law("discrete-laplace", Fraction(1, 3)),
    Law("discrete-laplace", Fraction(70)),
]
SKELLAM = Law("skellam", Fraction(36))


def masses_of(law: Law, edge: int) -> NDArray[np.float64]:
    """Masses of -edge, ..., edge: SciPy's Skellam and discrete Laplace, the Gaussian by its definition in floats."""
    k, parameter = np.arange(-edge, edge + 1), float(law.parameter)
    if law.name == "skellam":
        return np.asarray(stats.skellam(parameter / 2, parameter / 2).pmf(k))
    if law.name == "discrete-laplace":
        return np.asarray(stats.dlaplace(1 / parameter).pmf(k))
    wide = np.exp(-(np.arange(-40 * edge - 40, 40 * edge + 41) ** 2) / (2 * parameter))
    return np.exp(-(k**2) / (2 * parameter)) / wide.sum()


def fit(drawn: NDArray[np.int64], law: Law) -> float:
    """p value of a chi-square test, in bins of 20 or more expected draws; the two tails are a bin each."""
    edge = 1
    while masses_of(law, edge)[0] * len(drawn) > 20:
        edge += 1 + edge // 50
    inside = masses_of(law, edge)
    outside = max(0.0, (1 - inside.sum()) / 2)
    expected = np.concatenate([[outside], inside, [outside]]) * len(drawn)
    found = np.bincount(np.clip(drawn, -edge - 1, edge + 1) + edge + 1, minlength=len(expected))
    kept = expected >= 5  # the tails of a narrow law hold less
    expected = np.append(expected[kept], max(expected[~kept].sum(), 1e-9))
    found = np.append(found[kept], found[~kept].sum())
    return float(stats.chisquare(found, expected * found.sum() / expected.sum()).pvalue)


def cuts_of(table: sampler.Columns) -> list[int]:
    """All 128 bits of each."""
    return [high << 64 | low for high, low in zip(table.high.tolist(), table.low.tolist(), strict=True)]


@pytest.mark.parametrize("law", LAWS, ids=str)
def test_the_table_is_the_law_in_whole_numbers(law: Law) -> None:
    """The length of every outcome's columns, added up, is its mass: no draw needed, and no float."""
    table, exact = sampler.columns(law), law.masses
    full = 1 << (128 - table.bits)
    lengths: dict[int, int] = defaultdict(int)
    for at, cut in enumerate(cuts_of(table)):
        share = cut - at * full
        assert 0 <= share < full
        lengths[int(table.outcomes[2 * at])] += share
        lengths[int(table.outcomes[2 * at + 1])] += full - share
    assert 1 << 128 == sum(lengths.values())
    reach = range(1 - len(exact.weights), len(exact.weights))
    assert set(lengths) <= set(reach)
    apart = sum(abs(Fraction(lengths[k], 1 << 128) - exact.mass(k)) for k in reach) / 2
    assert apart + masses.ERROR <= sampler.ERROR
    assert all(lengths[k] == lengths[-k] for k in reach)


@pytest.mark.parametrize("law", LAWS, ids=str)
def test_draws_follow_the_law(law: Law) -> None:
    """The stream is the same in every run, so a p value below a thousandth is a fault and not bad luck."""
    drawn = sampler.draw(law, DRAWS, Stream(f"draws {law}"))
    assert fit(drawn, law) > 1e-3
    variance = float(law.masses.variance)
    assert abs(drawn.mean()) < 4 * math.sqrt(variance / DRAWS)
    assert abs(drawn.var() / variance - 1) < 5 * math.sqrt((5 + 1 / variance) / DRAWS)


def test_the_test_itself_tells_a_wrong_variance_and_another_law() -> None:
    drawn = sampler.draw(SKELLAM, DRAWS, Stream("wrong"))
    assert fit(drawn, Law("skellam", Fraction(37))) < 1e-6
    assert fit(drawn, Law("discrete-laplace", Fraction(4))) < 1e-6
    narrow = sampler.draw(Law("skellam", Fraction(2)), DRAWS, Stream("wrong"))
    assert fit(narrow, Law("discrete-gaussian", Fraction(2))) < 1e-6


def test_noise_of_several_members_is_noise_of_the_summed_variance() -> None:
    """Skellam is closed under sums: five members at a fifth, the dropped rest does not matter."""
    fifth = Law("skellam", Fraction(36, 5))
    drawn = sum(sampler.draw(fifth, DRAWS, Stream(f"member {i}")) for i in range(5))
    assert isinstance(drawn, np.ndarray)
    assert fit(drawn, SKELLAM) > 1e-3


def test_noise_is_added_in_place_and_modulo_2_to_the_64() -> None:
    cells = np.full(100_000, 2**63 - 1, "<i8")
    sampler.add(cells, SKELLAM, Stream("place"))
    drawn = sampler.draw(SKELLAM, 100_000, Stream("place"))
    with np.errstate(over="ignore"):
        assert np.array_equal(cells, np.int64(2**63 - 1) + drawn)


def test_no_two_throws_give_the_same_noise_and_equal_throws_do() -> None:
    one, same, other = (sampler.draw(SKELLAM, 1000, Stream(text)) for text in ("one", "one", "other"))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_no_cells_take_no_noise() -> None:
    assert [] == sampler.draw(SKELLAM, 0, Stream("none")).tolist()


def plainly(table: sampler.Columns, word: int, low: int) -> int:
    """An outcome by Python's integers: 128 bits, the column they name, one side of its cut."""
    whole = word << 64 | low
    at = whole >> (128 - table.bits)
    return int(table.outcomes[2 * at + (whole >= (int(table.high[at]) << 64 | int(table.low[at])))])


@pytest.mark.parametrize("law", [SKELLAM, Law("discrete-laplace", Fraction(70))], ids=str)
def test_a_tie_in_the_leading_bits_is_decided_by_the_others(law: Law) -> None:
    """Wherever 64 bits fall on a cut, all 128 decide, as plain integers do; one more and one less, too."""
    table = sampler.columns(law)
    cuts = table.high.tolist()
    words = np.array([*cuts, *(max(cut, 1) - 1 for cut in cuts), *(cut + 1 for cut in cuts)], np.uint64)
    for low in (0, 2**63, 2**64 - 1):
        found = sampler.outcomes(table, words, lambda n, low=low: low.to_bytes(n, "big"))
        assert [plainly(table, int(word), low) for word in words] == found.tolist()


def test_a_law_too_wide_for_the_table_is_refused() -> None:
    with pytest.raises(FormatError):
        sampler.draw(Law("skellam", Fraction(2**33)), 1, Stream("wide"))


@pytest.mark.parametrize("law", [Law("discrete-gaussian", Fraction(36)), Law("discrete-laplace", Fraction(4))], ids=str)
def test_draws_are_opendps(law: Law) -> None:
    """Two samples of one law: OpenDP draws its own, exactly too, from the operating system; 1 in 10^9 fails by luck."""
    import opendp.prelude as dp

    dp.enable_features("contrib")
    domain = dp.vector_domain(dp.atom_domain(T="i64", nan=False))
    if law.name == "discrete-laplace":
        measure = dp.m.make_laplace(domain, dp.l1_distance(T="i64"), scale=float(law.parameter))
    else:
        measure = dp.m.make_gaussian(domain, dp.l2_distance(T="f64"), scale=math.sqrt(law.parameter))
    theirs = np.array(measure([0] * 30_000))
    ours = sampler.draw(law, 300_000, Stream(f"beside {law}"))
    edge = int(3.5 * math.sqrt(law.variance))
    counts = [np.bincount(np.clip(one, -edge, edge) + edge, minlength=2 * edge + 1) for one in (ours, theirs)]
    assert float(stats.chi2_contingency(counts).pvalue) > 1e-9
