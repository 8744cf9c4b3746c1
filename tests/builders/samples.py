"""Small samples with a design, and their sampling variances reckoned person by person, in fractions.

The second reading of the formula (Särndal, Swensson, Wretman 1992, 4.3): it goes down the stages as the sample was
drawn, and shares nothing with `comity.stages.variance` but the formula.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A person of a sample.

    place: the stratum, then what was drawn at each stage, the last of which is the person or a cluster of them.
    populations: of each stage, None for a stage with replacement.
    """

    place: tuple[str, ...]
    populations: tuple[int | None, ...]
    cell: int
    terms: tuple[int, ...]


def covariance(sample: Sequence[Drawn], cell: int, a: int, b: int) -> Fraction:
    """Of the totals of two terms in one cell."""

    def added(people: Iterable[Drawn]) -> tuple[int, int]:
        here = [one.terms for one in people if one.cell == cell]
        return sum(terms[a] for terms in here), sum(terms[b] for terms in here)

    return sum((_below(people, 1, added) for people in _grouped(sample, 0)), start=Fraction(0))


def _below(people: Sequence[Drawn], stage: int, added: Callable[[Iterable[Drawn]], tuple[int, int]]) -> Fraction:
    """What one group adds that its units were drawn out of, at this stage and those below."""
    units = _grouped(people, stage)
    n, population = len(units), people[0].populations[stage - 1]
    fraction = Fraction(n, population) if population else Fraction(0)
    found = Fraction(0)
    if fraction < 1:
        totals = [added(unit) for unit in units]
        means = [Fraction(sum(one[i] for one in totals), n) for i in (0, 1)]
        spread = sum((x - means[0]) * (y - means[1]) for x, y in totals) / (n - 1)
        found = (1 - fraction) * n * spread
    if population and stage < len(people[0].populations):
        found += fraction * sum((_below(unit, stage + 1, added) for unit in units), start=Fraction(0))
    return found


def _grouped(people: Sequence[Drawn], stage: int) -> list[list[Drawn]]:
    ordered = sorted(people, key=lambda one: one.place[stage])
    return [list(group) for _, group in groupby(ordered, key=lambda one: one.place[stage])]
