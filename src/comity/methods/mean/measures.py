"""What `mean/1` is given and what it publishes: sums over persons, moments of the sample, decimals of the figures."""

from typing import Final

from comity.methods.card import WEIGHT, Moment, Rounding, Term

TERMS: Final = (
    Term(id="n"),
    Term(id="w", factors=(WEIGHT,)),
    Term(id="wy", factors=(WEIGHT, "y")),
    Term(id="wyy", factors=(WEIGHT, "y", "y")),
)
MOMENTS: Final = (
    Moment(id="vw", of=("w", "w")),
    Moment(id="cwy", of=("w", "wy")),
    Moment(id="vy", of=("wy", "wy")),
)

COUNT: Final = Rounding(measure="n", value=0, error=1)  # persons asked
POPULATION: Final = Rounding(measure="population", value=0, error=1)  # persons they stand for
TOTAL: Final = Rounding(measure="total", value=2, error=2)  # of y
MEAN: Final = Rounding(measure="mean", value=4, error=4)
SPREAD: Final = Rounding(measure="sd", value=4, error=4)
