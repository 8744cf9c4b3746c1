"""Laws of noise and what a person stands under, as the text that a ledger keeps."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import FormatError
from comity.model.law import Exposure, Law

LAWS = st.builds(
    Law,
    st.sampled_from(["skellam", "discrete-gaussian", "discrete-laplace"]),
    st.fractions(min_value=Fraction(1, 10**6), max_value=2**32, max_denominator=10**6),
)
NUMBERS = st.integers(1, 10**18)


@given(LAWS)
def test_a_law_is_read_as_it_is_written(law: Law) -> None:
    assert law == Law.parse(str(law))


@given(st.builds(Exposure, LAWS, shift=NUMBERS, cells=NUMBERS))
def test_an_exposure_is_read_as_it_is_written(exposed: Exposure) -> None:
    assert exposed == Exposure.parse(str(exposed))


@pytest.mark.parametrize(
    "text",
    ["", "skellam", "skellam 0", "skellam -1", "skellam 36.0", "skellam 36/1", "skellam 72/2", "Skellam 36", "gauss 1"]
    + ["skellam  36", "skellam 36 ", "skellam 036", "skellam 36\n", "skellam ٣", "skellam 1/0", "skellam " + "9" * 41],
)
def test_another_spelling_is_no_law(text: str) -> None:
    with pytest.raises(FormatError):
        Law.parse(text)


@pytest.mark.parametrize(
    "text",
    ["skellam 36", "skellam 36 x 1", "skellam 36 x 0 by 1", "skellam 36 x 1 by 0", "skellam 36 x 01 by 1"]
    + ["skellam 36 x 1 by 1 by 1", "skellam 36 x 1 by 1\n", "gauss 1 x 1 by 1"],
)
def test_another_spelling_is_no_exposure(text: str) -> None:
    with pytest.raises(FormatError):
        Exposure.parse(text)


@pytest.mark.parametrize(
    ("text", "variance"), [("skellam 36/5", 7.2), ("discrete-gaussian 36", 36.0), ("discrete-laplace 2", 7.8354)]
)
def test_a_law_says_its_variance(text: str, variance: float) -> None:
    """2q / (1 - q)^2 with q = e^(-1/2) for the last."""
    assert variance == pytest.approx(float(Law.parse(text).variance), rel=1e-5)
