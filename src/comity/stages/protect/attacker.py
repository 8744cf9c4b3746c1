"""The attacker: how close each sensitive cell can be reckoned from all that is shown, by linear programmes.

He knows every cell shown, all relations, and what everybody knows beforehand of each cell. A lone respondent knows his
own cell besides, and two may put together what they know (`Problem.alone`, `Problem.coalition`). This room judges a
pattern, of whatever origin; it chooses none, and shares no code with what does.

A linear programme only finds where an interval ends. That the interval reaches so far is claimed when a table checked
in exact arithmetic shows it (`certificate`), and rounded to whole units towards the truth. Such a table may have
fractions: that an attacker who knows all figures to be whole numbers has less room now and then is not reckoned
(Fischetti and Salazar 2001 take continuous attackers too).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from comity.model.job import Silent, Tell
from comity.stages.protect.coalitions import undone
from comity.stages.protect.problem import UNBOUNDED, Intervals, Problem
from comity.stages.protect.respondents import Respondents
from comity.stages.protect.search import Search
from comity.stages.protect.unknown import Component, components, without

PROVING: Final = "primary cells proved"
SILENT: Final = Silent()


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """A primary that somebody can reckon too closely: who knows the cells `known` finds it between low and high."""

    cell: int
    known: tuple[int, ...]
    low: int
    high: int


def audit(
    problem: Problem, suppressed: NDArray[np.bool_], *, known: Sequence[int] = (), tell: Tell = SILENT
) -> Intervals:
    """What somebody finds out of each cell who knows those of `known` besides all that is shown.

    Primaries have the interval that a linear programme finds. For other suppressed cells it is no wider than the truth,
    but may be narrower: the range of the tables that were found for the primaries.
    """
    low, high = problem.values.copy(), problem.values.copy()
    for component, search in _searched(problem, suppressed, known, tell):
        _set(problem, component, search, low, high)
    return Intervals(low=low, high=high)


def failures(problem: Problem, intervals: Intervals) -> NDArray[np.int64]:
    """Primaries whose interval does not reach as far as they need."""
    rise, fall = _room(problem, intervals)
    return np.flatnonzero(problem.primary & ((rise < problem.upper) | (fall < problem.lower)))


def breaches(
    problem: Problem, suppressed: NDArray[np.bool_], *, first: bool = False, tell: Tell = SILENT
) -> tuple[Breach, ...]:
    """Every way in which a primary is reckoned too closely: by anybody, by a lone respondent, by two of them.

    Empty: the pattern is safe. Who needs to know less is named alone: a cell that anybody finds is no breach by a lone
    respondent as well. first: one coalition for each primary and direction is enough, whoever else could do it too.
    """
    return judged(problem, suppressed, first=first, tell=tell)[1]


def judged(
    problem: Problem, suppressed: NDArray[np.bool_], *, first: bool = False, tell: Tell = SILENT
) -> tuple[Intervals, tuple[Breach, ...]]:
    """What anybody finds out of each cell, and every breach: `audit` and `breaches` in one go."""
    low, high = problem.values.copy(), problem.values.copy()
    others, respondents = list[Breach](), Respondents(problem)
    for component, search in _searched(problem, suppressed, (), tell):
        _set(problem, component, search, low, high)
        for cell, known in undone(problem, search, respondents, first=first, tell=tell):
            others.append(_reckoned(problem, component, cell, known))
    intervals = Intervals(low=low, high=high)
    shown = np.flatnonzero(problem.primary & ~suppressed).tolist()
    failed = sorted({*shown, *failures(problem, intervals).tolist()})
    found = [Breach(cell=cell, known=(), low=int(low[cell]), high=int(high[cell])) for cell in failed]
    found += [breach for breach in others if breach.cell not in failed]
    return intervals, tuple(sorted(found, key=lambda breach: (len(breach.known), breach.cell, breach.known)))


def _reckoned(problem: Problem, component: Component, cell: int, known: Sequence[int]) -> Breach:
    """The interval of a cell for those who know others, all by their places in the component."""
    left = without(component, known)
    at = int(np.searchsorted(left.cells, component.cells[cell]))
    search = Search(left)
    search.ends([at])
    place = int(left.cells[at])
    value = int(problem.values[place])
    return Breach(
        cell=place,
        known=tuple(component.cells[list(known)].tolist()),
        low=value - int(search.points.down()[at]),
        high=UNBOUNDED if search.endless[at] else value + int(search.points.up()[at]),
    )


def _searched(
    problem: Problem, suppressed: NDArray[np.bool_], known: Sequence[int], tell: Tell
) -> Iterator[tuple[Component, Search]]:
    """Every component with a primary in it, with a table for each end of each primary's interval."""
    total, done = int(problem.primary.sum()), 0
    for component in components(problem, suppressed, known):
        primaries = np.flatnonzero(problem.primary[component.cells]).tolist()
        if primaries:
            search = Search(component)
            search.ends(primaries)
            yield component, search
            done += len(primaries)
            tell(done, total, PROVING)
    tell(total, total, PROVING)


def _set(
    problem: Problem, component: Component, search: Search, low: NDArray[np.int64], high: NDArray[np.int64]
) -> None:
    cells, points = component.cells, search.points
    low[cells] = problem.values[cells] - points.down()
    high[cells] = np.where(search.endless, UNBOUNDED, problem.values[cells] + points.up())


def _room(problem: Problem, intervals: Intervals) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    return intervals.high - problem.values, problem.values - intervals.low
