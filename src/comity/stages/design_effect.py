"""The design effect: how much larger the sampling variance is than that of a simple random sample of as many persons.

Kish (1965), 8.2: deff = V / V_srs, with V_srs estimated from the same sample and weights, without replacement, as R's
survey does (Lumley 2010, 2.3). Reckons from sums alone.
"""

from fractions import Fraction
from typing import Literal


def effect(
    variance: Fraction,
    *,
    persons: int,
    weight: Fraction,
    total: Fraction,
    squares: Fraction,
    of: Literal["mean", "total"] = "mean",
) -> Fraction | None:
    """The design effect of an estimate; None where a simple random sample says nothing (fewer than two persons, no
    weight, no variance at all).

    V_srs(mean) = (1 - n/W) s^2/n, with s^2 = n/(n - 1) (squares/W - (total/W)^2) and W the sum of weights; of a total
    W^2 times that. Where weights do not add up to more than the persons, they are no counts of a population: then
    without (1 - n/W).

    Args:
        variance: of the estimate, under the design.
        persons: n, of the domain of a mean; of a total, all of the sample.
        weight, total, squares: sums of w, w y, w y y: of the domain; of a total, w of the whole sample. Of a share or a
            count y is 0 or 1, so that total and squares are alike.
    """
    if persons < 2 or weight <= 0:
        return None
    mean = total / weight
    spread = (squares / weight - mean**2) * Fraction(persons, persons - 1)
    simple = spread / persons * (1 - persons / weight if weight > persons else 1)
    if of == "total":
        simple *= weight**2
    return variance / simple if simple > 0 else None
