"""The half of `mean/1` that runs on sums: count, population, total, mean and spread of each cell, with their errors.

With n persons of weights w and numbers y in a cell, W, Y and Q the sums of w, w y and w y^2, and V, C the moments:

    n           n;       noise as it was added
    population  W;       sampling V(W)
    total       Y;       sampling V(Y)
    mean        R = Y/W; sampling (V(Y) - 2 R C(W, Y) + R^2 V(W)) / W^2; without moments S^2/n
    sd          S, S^2 = (Q/W - R^2) n/(n - 1)

Noise of a mean and of a spread is linearised likewise: that of W, Y and Q is independent. A cell of nobody has n,
population and total 0, and neither mean nor spread: status M. Sources and assumptions stand on the card.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from comity.methods.mean.measures import COUNT, MEAN, MOMENTS, POPULATION, SPREAD, TERMS, TOTAL
from comity.model.decimals import root
from comity.model.release import Figure
from comity.model.structure import Layout
from comity.model.sums import NORMAL, Sums, figure, insist, of_ratio, read

METHOD = "mean/1"
PARAMETERS = ("y", "y_decimals", "weight_decimals")
ORDER = (COUNT, POPULATION, TOTAL, MEAN, SPREAD)


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
    insist(METHOD, parameters, wanted=("y",), known=PARAMETERS)
    terms, moments = ([one.id for one in several] for several in (TERMS, MOMENTS))
    given = read(METHOD, layout, sums, noise_variance, statuses, terms=terms, moments=moments)
    cells = [tuple(_cell(given, at, key)) for at, key in enumerate(layout.keys())]
    return tuple(figures[place] for place in range(len(ORDER)) for figures in cells)


def _cell(given: Sums, at: int, key: tuple[str, ...]) -> Iterator[Figure]:
    """The figures of one cell, in ORDER."""
    if given.statuses[at] != NORMAL:
        yield from (figure(key, digits, None, status=given.statuses[at]) for digits in ORDER)
        return
    n, w, y = (given.at(id, at) for id in ("n", "w", "wy"))
    vw, cwy, vy = (given.at(moment.id, at) if given.moments else None for moment in MOMENTS)
    noisy = given.variance > 0
    yield figure(key, COUNT, n, noise=given.noise("n"))
    yield figure(key, POPULATION, w, sampling=vw, noise=given.noise("w"))
    yield figure(key, TOTAL, y, sampling=vy, noise=given.noise("wy"))
    if w <= 0 or n <= 0:
        yield figure(key, MEAN, None)
        yield figure(key, SPREAD, None)
        return
    mean, square = y / w, _square(given, at)
    sampling = square / n if square is not None else None
    if vw is not None and cwy is not None and vy is not None:
        sampling = of_ratio(mean, w, (vy, cwy, vw))
    moved = of_ratio(mean, w, (given.noise("wy"), Fraction(0), given.noise("w")))
    yield figure(key, MEAN, mean, sampling=sampling, noise=moved)
    shaken = _shaken(given, at, square) if noisy and square is not None else Fraction(0)
    yield figure(key, SPREAD, None if square is None else root(square), noise=shaken)


def _square(given: Sums, at: int) -> Fraction | None:
    """S^2, at least 0; None for fewer than two persons."""
    n, w, y, q = (given.at(id, at) for id in ("n", "w", "wy", "wyy"))
    return max(Fraction(0), q / w - (y / w) ** 2) * n / (n - 1) if n > 1 else None


def _shaken(given: Sums, at: int, square: Fraction) -> Fraction | None:
    """Variance of S by noise, n taken as it is; None where S is 0 and has no derivative."""
    if square == 0:
        return None
    n, w, y, q = (given.at(id, at) for id in ("n", "w", "wy", "wyy"))
    of_w, of_y, of_q = (2 * (y / w) ** 2 - q / w) / w, -2 * y / w**2, 1 / w
    moved = of_w**2 * given.noise("w") + of_y**2 * given.noise("wy") + of_q**2 * given.noise("wyy")
    return moved * (n / (n - 1)) ** 2 / (4 * square)
