"""The half of `aggregate/1` that runs on sums: of each cell the regional value, and how much of the region is in it.

With a the weight of each member that has a figure v, A, AV and AVV the sums of a, a v and a v^2, and B that of all
members' weights in the study:

    members     that have a figure
    value       R = AV/A; status M where A is 0, or A/B is below the least coverage
    coverage    100 A/B
    dispersion  root of AVV/A - R^2; M as the value is

Noise moves R by its linearisation (that of A and AV independent). Sources and assumptions stand on the card.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from comity.methods.aggregate.measures import COVERAGE, DISPERSION, MEMBERS, TERMS, VALUE, least_coverage, weights
from comity.model.decimals import root
from comity.model.release import Figure
from comity.model.structure import Layout
from comity.model.sums import NORMAL, Sums, figure, insist, of_ratio, read

METHOD = "aggregate/1"
PARAMETERS = ("v", "v_decimals", "weights", "least_coverage")
ORDER = (MEMBERS, VALUE, COVERAGE, DISPERSION)


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
    insist(METHOD, parameters, wanted=("v", "weights"), known=PARAMETERS)
    every, least = sum(weights(parameters).values()), least_coverage(parameters)
    given = read(METHOD, layout, sums, noise_variance, statuses, terms=[term.id for term in TERMS])
    cells = [tuple(_cell(given, at, key, every, least)) for at, key in enumerate(layout.keys())]
    return tuple(figures[place] for place in range(len(ORDER)) for figures in cells)


def _cell(given: Sums, at: int, key: tuple[str, ...], every: int, least: Fraction) -> Iterator[Figure]:
    """The figures of one cell, in ORDER."""
    if given.statuses[at] != NORMAL:
        yield from (figure(key, digits, None, status=given.statuses[at]) for digits in ORDER)
        return
    present, a, av, avv = (given.at(term.id, at) for term in TERMS)
    covered = a / every
    yield figure(key, MEMBERS, present, noise=given.noise("present"))
    known = a > 0 and covered >= least
    value = av / a if known else None
    moved = None if value is None else of_ratio(value, a, (given.noise("av"), Fraction(0), given.noise("a")))
    yield figure(key, VALUE, value, noise=moved)
    yield figure(key, COVERAGE, 100 * covered, noise=given.noise("a") * Fraction(100, every) ** 2)
    spread = None if value is None else root(max(Fraction(0), avv / a - value**2))
    yield figure(key, DISPERSION, spread)
