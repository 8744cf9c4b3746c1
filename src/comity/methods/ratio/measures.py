"""What `ratio/1` is given and what it publishes: sums over persons, moments of the sample, decimals of the figures."""

from typing import Final

from comity.methods.card import WEIGHT, Moment, Rounding, Term

TERMS: Final = (Term(id="n"), Term(id="wy", factors=(WEIGHT, "y")), Term(id="wx", factors=(WEIGHT, "x")))
MOMENTS: Final = (
    Moment(id="vy", of=("wy", "wy")),
    Moment(id="cyx", of=("wy", "wx")),
    Moment(id="vx", of=("wx", "wx")),
)
SCALES: Final = ("1", "100", "1000", "10000", "100000", "1000000")  # a ratio per one, per cent, per 1,000, ...

COUNT: Final = Rounding(measure="n", value=0, error=1)  # persons asked
NUMERATOR: Final = Rounding(measure="numerator", value=2, error=2)
DENOMINATOR: Final = Rounding(measure="denominator", value=2, error=2)
RATIO: Final = Rounding(measure="ratio", value=6, error=6)  # times the scale
