"""The half of `distribution/1` that runs on sums: shares by bin, and what the bins tell of the whole.

The last dimension of the layout is the bin; each combination of the others is a population of its own. With w_i and
wy_i of its bins, W and Y their sums:

    n, population   of each bin
    share_persons   100 w_i/W
    share_value     100 wy_i/Y
    below           100 (w_1 + ... + w_i)/W: of persons below the bin's upper edge (a headcount, where that is a line)
    p10 ... p90     with _low and _high, the edges that enclose it; key "_T" for the bin, as are the next ones
    gini, s80s20    with _low and _high alone; Gini in per cent

A population with a bin that is not normal has n and population of its other bins, and nothing that would tell its
total. Status M: a share of nothing, a quantile in a bin without an end, a ratio to what may be nothing. Bounds: `bins`.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate
from typing import Final

from comity.errors import FormatError
from comity.methods.card import Rounding
from comity.methods.distribution.bins import Bin, Binned
from comity.methods.distribution.measures import (
    BELOW,
    COUNT,
    GINI,
    OF_BIN,
    OF_WHOLE,
    PERSONS,
    POPULATION,
    QUANTILES,
    RATIO,
    TERMS,
    VALUE,
    edges,
)
from comity.model.release import Figure
from comity.model.structure import TOTAL, Layout
from comity.model.sums import NORMAL, Sums, figure, insist, read

METHOD: Final = "distribution/1"
PARAMETERS: Final = ("y", "edges", "y_decimals", "weight_decimals")


def finish(
    layout: Layout,
    sums: Sequence[int],
    noise_variance: Decimal,
    parameters: Mapping[str, str],
    statuses: Sequence[str] | None = None,
) -> tuple[Figure, ...]:
    """All figures, measure by measure: of bins in the order of the layout, then of each whole population.

    Raises:
        FormatError: sums, statuses or parameters do not fit, or noise is negative or no number.
    """
    insist(METHOD, parameters, wanted=("y", "edges"), known=PARAMETERS)
    given = read(METHOD, layout, sums, noise_variance, statuses, terms=[term.id for term in TERMS])
    if not layout.dimensions:
        raise FormatError("no bins", where="layout", wanted="a last dimension whose codes are the bins")
    bins = len(layout.dimensions[-1].codes)
    ends = edges(parameters, bins)
    keys = tuple(layout.keys())
    found = [
        figure
        for start in range(0, layout.cells, bins)
        for figure in (
            *_bins(given, range(start, start + bins), keys[start : start + bins]),
            *_whole(given, range(start, start + bins), (*keys[start][:-1], TOTAL), ends),
        )
    ]
    by: dict[str, list[Figure]] = {digits.measure: [] for digits in (*OF_BIN, *OF_WHOLE)}
    for one in found:
        by[one.measure].append(one)
    return tuple(one for figures in by.values() for one in figures)


def _hidden(given: Sums, cells: range) -> str:
    """The first status of these cells that is not normal; "" if all are."""
    return next((given.statuses[at] for at in cells if given.statuses[at] != NORMAL), "")


def _bins(given: Sums, cells: range, keys: Sequence[tuple[str, ...]]) -> Iterator[Figure]:
    for at, key in zip(cells, keys, strict=True):
        shown = given.statuses[at] == NORMAL
        for digits, id in ((COUNT, "n"), (POPULATION, "w")):
            value = given.at(id, at) if shown else None
            yield figure(key, digits, value, noise=given.noise(id), status=given.statuses[at])
    if _hidden(given, cells):
        return
    for digits, id in ((PERSONS, "w"), (VALUE, "wy")):
        yield from _shares(digits, [given.at(id, at) for at in cells], keys, given.noise(id))
    cumulated = list(accumulate(given.at("w", at) for at in cells))
    yield from _shares(BELOW, cumulated, keys, given.noise("w"), whole=cumulated[-1], cumulative=True)


def _shares(
    digits: Rounding,
    parts: Sequence[Fraction],
    keys: Sequence[tuple[str, ...]],
    noise: Fraction,
    *,
    whole: Fraction | None = None,
    cumulative: bool = False,
) -> Iterator[Figure]:
    """Parts in per cent of their whole; m bins of k in a part r have noise s2 (m - 2 m r + k r^2) / whole^2."""
    all_ = sum(parts, Fraction(0)) if whole is None else whole
    for place, (part, key) in enumerate(zip(parts, keys, strict=True), 1):
        if all_ <= 0:
            yield figure(key, digits, None)
            continue
        share, bins = part / all_, place if cumulative else 1
        moved = noise * (bins - 2 * bins * share + len(parts) * share**2) / all_**2
        yield figure(key, digits, 100 * share, noise=100**2 * moved)


def _whole(given: Sums, cells: range, key: tuple[str, ...], ends: Sequence[Fraction]) -> Iterator[Figure]:
    hidden = _hidden(given, cells)
    filled = tuple(_filled(given, cells, ends))
    if hidden or not filled:
        yield from (figure(key, digits, None, status=hidden or NORMAL) for digits in OF_WHOLE)
        return
    binned = Binned(bins=filled)
    for rank, digits in QUANTILES.items():
        yield from (figure(key, one, value) for one, value in zip(digits, binned.quantile(rank), strict=True))
    gini, ratio = binned.gini(), binned.s80s20()
    for place in (0, 1):
        yield figure(key, GINI[place], None if gini is None else 100 * gini[place])
        yield figure(key, RATIO[place], None if ratio is None else ratio[place])


def _filled(given: Sums, cells: range, ends: Sequence[Fraction]) -> Iterator[Bin]:
    """The bins that hold somebody; a mean that noise or a cut moved out of its bin is the nearer edge."""
    for place, at in enumerate(cells):
        weight, low = given.at("w", at), ends[place]
        high = ends[place + 1] if place + 1 < len(ends) else None
        if weight > 0:
            mean = max(low, given.at("wy", at) / weight)
            yield Bin(weight=weight, low=low, high=high, mean=mean if high is None else min(high, mean))
