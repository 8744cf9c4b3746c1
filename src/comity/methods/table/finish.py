"""The half of `table/1` that runs on sums: `n` and `share` with their errors, sampling and noise apart.

Everything follows from the cells as they were opened, n_k of K cells with noise of variance s2 each, N their sum:

    n      value n_k, a negative one too; sampling variance n_k (1 - n_k / N); noise variance s2
    share  100 n_k / N, R = n_k / N;      sampling variance R (1 - R) / N;     noise variance s2 (1 - 2 R + K R^2) / N^2

The last one is the ratio's Taylor linearisation: N holds n_k, so their noise has covariance s2, and N's is K s2. Noise
moves n_k out of 0..N; a variance below zero is then 0. With N at or below zero no share exists: status M. Sources and
assumptions stand on the card.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, localcontext
from typing import Final

from comity.errors import FormatError
from comity.methods.card import Rounding
from comity.methods.table.rounding import COUNT, SHARE
from comity.model.decimals import CONTEXT, spell
from comity.model.release import Figure
from comity.model.structure import Layout

ZERO: Final = Decimal(0)
ONE: Final = Decimal(1)
HUNDRED: Final = Decimal(100)


def finish(
    layout: Layout,
    sums: Sequence[int],
    noise_variance: Decimal,
    parameters: Mapping[str, str],
    statuses: Sequence[str] | None = None,
) -> tuple[Figure, ...]:
    """All figures: `n` of each cell, then `share` of each cell, in the order of the layout.

    A table with a cell that is not normal has no total, so no share is made of it, and the sampling variance of n is
    its bound n (Poisson): the exact one would tell the total.

    Raises:
        FormatError: sums or statuses do not fit the layout, noise is negative or no number, or a parameter is given.
    """
    known_noise = noise_variance.is_finite() and noise_variance >= 0
    if len(layout.measures) != 1 or len(sums) != layout.cells or parameters or not known_noise:
        raise FormatError(
            "not what table/1 finishes",
            where="finish",
            found=f"{len(layout.measures)} measures, {len(sums)} sums, parameters {sorted(parameters)}",
            wanted=f"one measure, {layout.cells} sums, no parameters, a noise variance of 0 or more",
        )
    if statuses is not None and len(statuses) != layout.cells:
        raise FormatError("a status for each cell is wanted", where="finish", found=str(len(statuses)))
    with localcontext(CONTEXT):
        if statuses is not None and set(statuses) != {"A"}:
            return tuple(_partly(layout, sums, noise_variance, statuses))
        total = sum(sums)
        return (
            *_counts(layout, sums, noise_variance, total),
            *_shares(layout, sums, noise_variance, total),
        )


def _counts(layout: Layout, sums: Sequence[int], noise: Decimal, total: int) -> Iterator[Figure]:
    for key, n in zip(layout.keys(), sums, strict=True):
        share = Decimal(n) / total if total > 0 else ZERO
        yield _figure(key, layout.measures[0].id, Decimal(n), n * (ONE - share), noise, COUNT)


def _shares(layout: Layout, sums: Sequence[int], noise: Decimal, total: int) -> Iterator[Figure]:
    for key, n in zip(layout.keys(), sums, strict=True):
        if total <= 0:
            yield Figure(key=key, measure="share", value=None, sampling="", noise="", status="M")
            continue
        share = Decimal(n) / total
        sampling = share * (ONE - share) / total
        added = noise * (ONE - 2 * share + layout.cells * share * share) / (Decimal(total) * total)
        yield _figure(key, "share", HUNDRED * share, HUNDRED**2 * sampling, HUNDRED**2 * added, SHARE)


def _partly(layout: Layout, sums: Sequence[int], noise: Decimal, statuses: Sequence[str]) -> Iterator[Figure]:
    """A table with cells that are not shown."""
    for key, n, status in zip(layout.keys(), sums, statuses, strict=True):
        if status == "A":
            yield _figure(key, layout.measures[0].id, Decimal(n), Decimal(n), noise, COUNT)
        else:
            yield Figure(key=key, measure=layout.measures[0].id, value=None, sampling="", noise="", status=status)


def _figure(
    key: tuple[str, ...], measure: str, value: Decimal, sampling: Decimal, noise: Decimal, rounding: Rounding
) -> Figure:
    return Figure(
        key=key,
        measure=measure,
        value=spell(value, rounding.value),
        sampling=spell(max(ZERO, sampling).sqrt(), rounding.error),
        noise=spell(max(ZERO, noise).sqrt(), rounding.error),
        status="A",
    )
