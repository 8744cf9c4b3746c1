"""The half of `ratio/1` that runs on sums: numerator, denominator and ratio of each cell, with their errors.

With Y and X the sums of w y and w x of a cell, k the scale, and V, C the moments:

    n            persons in the cell
    numerator    Y;         sampling V(Y)
    denominator  X;         sampling V(X)
    ratio        k R, R = Y/X; sampling k^2 (V(Y) - 2 R C(Y, X) + R^2 V(X)) / X^2; noise likewise, that of Y and X
                 independent

A denominator at or below zero has no ratio: status M. Sources and assumptions stand on the card.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from comity.errors import FormatError
from comity.methods.ratio.measures import COUNT, DENOMINATOR, MOMENTS, NUMERATOR, RATIO, SCALES, TERMS
from comity.model.release import Figure
from comity.model.structure import Layout
from comity.model.sums import NORMAL, Sums, figure, insist, of_ratio, read

METHOD = "ratio/1"
PARAMETERS = ("y", "x", "scale", "y_decimals", "x_decimals", "weight_decimals")
ORDER = (COUNT, NUMERATOR, DENOMINATOR, RATIO)


def finish(
    layout: Layout,
    sums: Sequence[int],
    noise_variance: Decimal,
    parameters: Mapping[str, str],
    statuses: Sequence[str] | None = None,
) -> tuple[Figure, ...]:
    """All figures, measure by measure, in the order of the layout; of a cell that is not normal its status alone.

    Raises:
        FormatError: sums, statuses or parameters do not fit, or noise is negative or no number.
    """
    insist(METHOD, parameters, wanted=("y", "x"), known=PARAMETERS)
    scale = parameters.get("scale", "1")
    if scale not in SCALES:
        raise FormatError("not a scale of ratio/1", where="parameters: scale", found=scale, wanted=", ".join(SCALES))
    terms, moments = ([one.id for one in several] for several in (TERMS, MOMENTS))
    given = read(METHOD, layout, sums, noise_variance, statuses, terms=terms, moments=moments)
    cells = [tuple(_cell(given, at, key, int(scale))) for at, key in enumerate(layout.keys())]
    return tuple(figures[place] for place in range(len(ORDER)) for figures in cells)


def _cell(given: Sums, at: int, key: tuple[str, ...], scale: int) -> Iterator[Figure]:
    """The figures of one cell, in ORDER."""
    if given.statuses[at] != NORMAL:
        yield from (figure(key, digits, None, status=given.statuses[at]) for digits in ORDER)
        return
    n, y, x = (given.at(id, at) for id in ("n", "wy", "wx"))
    vy, cyx, vx = (given.at(moment.id, at) if given.moments else None for moment in MOMENTS)
    yield figure(key, COUNT, n, noise=given.noise("n"))
    yield figure(key, NUMERATOR, y, sampling=vy, noise=given.noise("wy"))
    yield figure(key, DENOMINATOR, x, sampling=vx, noise=given.noise("wx"))
    if x <= 0:
        yield figure(key, RATIO, None)
        return
    ratio, sampling = y / x, None
    if vy is not None and cyx is not None and vx is not None:
        sampling = scale**2 * of_ratio(ratio, x, (vy, cyx, vx))
    moved = scale**2 * of_ratio(ratio, x, (given.noise("wy"), Fraction(0), given.noise("wx")))
    yield figure(key, RATIO, scale * ratio, sampling=sampling, noise=moved)
