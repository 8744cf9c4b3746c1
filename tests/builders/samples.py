"""Small samples with a design, and their sampling variances reckoned person by person, in fractions.

The second reading of the formula (Särndal, Swensson, Wretman 1992, 4.3): it goes down the stages as the sample was
drawn, and shares nothing with `comity.stages.variance` but the formula.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby

from hypothesis import strategies as st

from comity.stages import variance


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


@st.composite
def drawn(draw: st.DrawFn, *, replaced: bool | None = None, depth: int | None = None) -> list[Drawn]:
    """A sample of one or two stages in up to three strata, of two terms in two cells.

    replaced: whether the last stage is with replacement. The last stage drew persons, or clusters of up to two.
    """
    stages = depth or draw(st.integers(1, 2))
    persons = draw(st.booleans())
    ends = draw(st.booleans()) if replaced is None else replaced
    people: list[Drawn] = []

    def units(place: tuple[str, ...], populations: tuple[int | None, ...]) -> None:
        if len(populations) == stages:
            for k in range(1 if persons else draw(st.integers(1, 2))):
                terms = draw(st.tuples(st.integers(0, 50), st.integers(-900, 900)))
                at = place if persons else (*place, str(k))
                people.append(Drawn(place=at, populations=populations, cell=draw(st.integers(0, 1)), terms=terms))
            return
        last = ends and len(populations) == stages - 1
        n = draw(st.integers(2 if last else 1, 3))
        more = 0 if n == 1 else draw(st.integers(0, 3))
        for k in range(n):
            units((*place, str(k)), (*populations, None if last else n + more))

    for stratum in range(draw(st.integers(1, 3))):
        units((str(stratum),), ())
    return people


def totals(sample: Sequence[Drawn], pairs: Sequence[tuple[int, int]]) -> variance.Drawn:
    """What an engine would count of a sample, by plain Python; terms are called "0", "1", ..."""
    spreads = []
    for stage in range(1, len(sample[0].populations) + 1):
        for group in _nested(sample, stage):
            draws = tuple(
                variance.Draw(units=len(_grouped(outer, depth)), population=outer[0].populations[depth - 1])
                for depth, outer in _around(sample, group, stage)
            )
            units = _nested(group, stage + 1)
            for cell in sorted({one.cell for one in group}):
                sums = [
                    [sum(one.terms[i] for one in unit if one.cell == cell) for i in range(len(sample[0].terms))]
                    for unit in units
                ]
                spreads.append(
                    variance.Spread(
                        draws=draws,
                        cell=cell,
                        squares=tuple(sum(unit[a] * unit[b] for unit in sums) for a, b in pairs),
                        products=tuple(sum(u[a] for u in sums) * sum(u[b] for u in sums) for a, b in pairs),
                    )
                )
    return variance.Drawn(pairs=tuple((str(a), str(b)) for a, b in pairs), spreads=tuple(spreads))


def _nested(people: Sequence[Drawn], depth: int) -> list[list[Drawn]]:
    """People by the first parts of their places."""
    ordered = sorted(people, key=lambda one: one.place[:depth])
    return [list(group) for _, group in groupby(ordered, key=lambda one: one.place[:depth])]


def _around(sample: Sequence[Drawn], group: Sequence[Drawn], stage: int) -> list[tuple[int, list[Drawn]]]:
    """The group that each stage drew this one out of, down to itself."""
    place = group[0].place
    return [(depth, [one for one in sample if one.place[:depth] == place[:depth]]) for depth in range(1, stage + 1)]
