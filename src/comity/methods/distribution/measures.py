"""What `distribution/1` is given and what it publishes; the public edges of its bins."""

from collections.abc import Mapping
from fractions import Fraction
from itertools import pairwise
from typing import Final

from comity.errors import FormatError
from comity.methods.card import WEIGHT, Rounding, Term
from comity.model.decimals import is_decimal

TERMS: Final = (Term(id="n"), Term(id="w", factors=(WEIGHT,)), Term(id="wy", factors=(WEIGHT, "y")))

COUNT: Final = Rounding(measure="n", value=0, error=1)  # of each bin, as are the next four
POPULATION: Final = Rounding(measure="population", value=0, error=1)
PERSONS: Final = Rounding(measure="share_persons", value=3, error=4)  # per cent
VALUE: Final = Rounding(measure="share_value", value=3, error=4)  # per cent
BELOW: Final = Rounding(measure="below", value=3, error=4)  # per cent of persons below the bin's upper edge
OF_BIN: Final = (COUNT, POPULATION, PERSONS, VALUE, BELOW)

RANKS: Final = tuple(Fraction(rank, 100) for rank in (10, 20, 25, 50, 75, 80, 90))
QUANTILES: Final = {
    rank: tuple(Rounding(measure=f"p{int(100 * rank)}{suffix}", value=4, error=4) for suffix in ("_low", "", "_high"))
    for rank in RANKS
}
GINI: Final = tuple(Rounding(measure=f"gini_{side}", value=4, error=4) for side in ("low", "high"))  # per cent
RATIO: Final = tuple(Rounding(measure=f"s80s20_{side}", value=4, error=4) for side in ("low", "high"))
OF_WHOLE: Final = (*(one for three in QUANTILES.values() for one in three), *GINI, *RATIO)


def edges(parameters: Mapping[str, str], bins: int) -> tuple[Fraction, ...]:
    """The edges out of "0 100 250.5": ascending decimals; of so many bins one more, or as many: then the last bin has
    no end.

    Raises:
        FormatError: another spelling, another number of them, or not ascending.
    """
    text = parameters["edges"].split(" ")
    fits = all(is_decimal(edge.removeprefix("-")) and edge != "-0" for edge in text) and len(text) in (bins, bins + 1)
    found = tuple(map(Fraction, text)) if fits else ()
    if not fits or any(low >= high for low, high in pairwise(found)):
        raise FormatError(
            "not the edges of the bins",
            where="parameters: edges",
            found=parameters["edges"][:80],
            wanted=f"{bins + 1} ascending decimals with spaces between them; {bins} where the last bin has no end",
        )
    return found
