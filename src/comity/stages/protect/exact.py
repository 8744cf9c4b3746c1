"""The cheapest safe pattern, or how far from it a pattern at most is: branch and cut, for problems of some 1,000 cells.

What every safe pattern keeps (`capacity`) becomes an integer programme; its optimum is judged by `attacker`; what that
finds too close becomes new inequalities, until nothing is found. All safe patterns keep all inequalities, so that the
programme's bound is a bound of theirs, and an optimum that is safe is the cheapest safe pattern. Source: Fischetti and
Salazar (2001), Solving the Cell Suppression Problem on Tabular Data with Linear Constraints.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array

from comity.model.job import Silent, Tell
from comity.stages.protect import attacker
from comity.stages.protect.attacker import Breach
from comity.stages.protect.capacity import Capacities, Inequality, company
from comity.stages.protect.problem import Intervals, Pattern, Problem
from comity.stages.protect.programme import INFINITE, Programme, Unfinished
from comity.stages.protect.respondents import Respondents

ROUNDS: Final = 12  # of capacities for shares of cells, before cells are taken whole
GROWTH: Final = 1e-4  # of the bound; where a round gains less, no other is made
SILENT: Final = Silent()
CUTTING: Final = "rounds of inequalities"


def never() -> bool:
    """No time limit."""
    return False


def optimum(
    problem: Problem,
    start: Pattern | None = None,
    *,
    enough: Callable[[], bool] = never,
    tell: Tell = SILENT,
) -> Pattern:
    """The cheapest safe pattern; if the caller has enough before, the best in hand, with a bound.

    Args:
        problem: up to some 1,000 cells; beyond, only the bound improves in any reasonable time.
        start: a pattern in hand, of whatever origin; one that is not safe is not used.
        enough: the caller's time limit; asked all the time, since everything suppressed is safe already.
        tell: progress, in rounds of inequalities; nobody knows how many there will be.
    """
    search = _Search(problem, start)
    _relax(search, enough, tell)
    while not search.proved and not enough() and _step(search, enough):
        tell(search.rounds, search.rounds, CUTTING)
    return search.pattern()


@dataclass(slots=True, eq=False)
class _Search:
    """What is known so far.

    best: the cheapest safe pattern's secondaries; cost of them; bound: no safe pattern costs less.
    beyond: breaches that no pattern heals. asking: primaries that anybody can be kept from.
    """

    problem: Problem
    start: Pattern | None
    best: NDArray[np.bool_] = field(init=False)
    intervals: Intervals = field(init=False)
    cost: int = field(init=False)
    bound: int = field(init=False, default=0)
    beyond: tuple[Breach, ...] = field(init=False)
    asking: NDArray[np.bool_] = field(init=False)
    inequalities: list[Inequality] = field(init=False)
    capacities: Capacities = field(init=False)
    respondents: Respondents = field(init=False)
    rounds: int = field(init=False, default=0)
    programmes: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        problem = self.problem
        self.best = problem.open & ~problem.shut & (problem.floor < problem.ceiling)
        self.intervals, self.beyond = attacker.judged(problem, self.best | problem.shut)
        self.cost = self.costing(self.best)
        lost = np.zeros(problem.cells, bool)
        lost[[breach.cell for breach in self.beyond if not breach.known]] = True
        self.asking = problem.primary & ~lost & ((problem.upper > 0) | (problem.lower > 0))
        self.inequalities = list(company(problem, self.asking))
        self.capacities, self.respondents = Capacities(problem), Respondents(problem)
        if self.start is not None:
            self.offer(self.start.suppressed & ~problem.shut)
            self.bound = min(self.start.bound, self.cost)

    @property
    def proved(self) -> bool:
        """Whether nothing cheaper than the best is safe."""
        return self.bound >= self.cost

    def costing(self, secondary: NDArray[np.bool_]) -> int:
        """What secondaries cost."""
        return int(self.problem.cost[secondary].sum())

    def offer(self, secondary: NDArray[np.bool_]) -> tuple[Breach, ...]:
        """Take a pattern that is safe and cheaper as the best; what is too close in it, and need not be."""
        intervals, found = attacker.judged(self.problem, secondary | self.problem.shut, first=True)
        open_to = tuple(breach for breach in found if not self._is_beyond(breach))
        if not open_to and self.costing(secondary) < self.cost:
            self.best, self.intervals, self.cost = secondary.copy(), intervals, self.costing(secondary)
        return open_to

    def _is_beyond(self, breach: Breach) -> bool:
        return any(one.cell == breach.cell and set(one.known) <= set(breach.known) for one in self.beyond)

    def lower(self, breach: Breach) -> int:
        """How far its primary must be able to fall for those who know what the breach says."""
        if not breach.known:
            return int(self.problem.lower[breach.cell])
        return self.respondents.lower(breach.cell, set(self.respondents.of[list(breach.known)].tolist()))

    def cut(self, share: NDArray[np.float64], cell: int, moved: int, known: tuple[int, ...] = ()) -> bool:
        """Whether a new inequality came of it."""
        self.programmes += 1
        found = self.capacities.violated(share, cell, moved, known)
        if found is not None:
            self.inequalities.append(found)
        return found is not None

    def pattern(self) -> Pattern:
        """The best, as everybody else has it."""
        return Pattern(
            suppressed=self.best | self.problem.shut,
            intervals=self.intervals,
            cost=self.cost,
            bound=min(self.bound, self.cost),
            optimal=self.proved,
            unprotectable=np.array(sorted({breach.cell for breach in self.beyond}), np.int64),
            counts={"inequalities": len(self.inequalities), "rounds": self.rounds, "programmes": self.programmes},
        )


def _relax(search: _Search, enough: Callable[[], bool], tell: Tell) -> None:
    """Capacities that shares of cells break: cheap, and most of the bound."""
    needs = [
        (cell, moved)
        for cell in np.flatnonzero(search.asking).tolist()
        for moved in (int(search.problem.upper[cell]), -int(search.problem.lower[cell]))
        if moved
    ]
    before = -1.0
    while not search.proved and search.rounds < ROUNDS and not enough():
        relaxed = _programme(search, whole=False).solve()
        search.programmes += 1
        if relaxed is None:  # no pattern costs so little
            search.bound = search.cost
            return
        search.bound = max(search.bound, ceil(relaxed.objective - 1e-6 * (1 + abs(relaxed.objective))))
        if relaxed.objective <= before + GROWTH * abs(before):
            return
        before = relaxed.objective
        share = np.clip(_placed(search, relaxed.columns), 0.0, 1.0)
        new = [search.cut(share, cell, moved) for cell, moved in needs]
        search.rounds += 1
        tell(search.rounds, search.rounds, CUTTING)
        if not any(new):
            return


def _step(search: _Search, enough: Callable[[], bool]) -> bool:
    """One optimum of what is known, judged; False: there is nothing more to do, or the caller had enough."""
    programme = _programme(search, whole=True)
    programme.until(enough)
    search.programmes += 1
    try:
        found = programme.solve()
    except Unfinished as unfinished:
        if np.isfinite(unfinished.bound):
            search.bound = max(search.bound, ceil(unfinished.bound - 1e-6 * (1 + abs(unfinished.bound))))
        if unfinished.best is not None:
            search.offer(_placed(search, unfinished.best.columns) > 0.5)
        return False
    if found is None:
        search.bound = search.cost
        return False
    secondary = _placed(search, found.columns) > 0.5
    search.bound = max(search.bound, search.costing(secondary))
    search.rounds += 1
    open_to = search.offer(secondary)
    _against(search, secondary, open_to)
    return bool(open_to)


def _against(search: _Search, secondary: NDArray[np.bool_], open_to: tuple[Breach, ...]) -> None:
    """Inequalities that this pattern breaks. Where no capacity does: some other cell, too; fewer never are enough."""
    problem, share = search.problem, secondary.astype(np.float64)
    new = False
    for breach in open_to:
        value = int(problem.values[breach.cell])
        if breach.high < value + int(problem.upper[breach.cell]):
            new |= search.cut(share, breach.cell, int(problem.upper[breach.cell]), breach.known)
        least = search.lower(breach)
        if breach.low > value - least:
            new |= search.cut(share, breach.cell, -least, breach.known)
    if open_to and not new:
        others = np.flatnonzero(_able(problem) & ~secondary)
        search.inequalities.append(Inequality(cells=others, weights=np.ones(len(others)), least=1.0))


def _able(problem: Problem) -> NDArray[np.bool_]:
    return problem.open & ~problem.shut & (problem.floor < problem.ceiling)


def _placed(search: _Search, columns: NDArray[np.float64]) -> NDArray[np.float64]:
    placed = np.zeros(search.problem.cells)
    placed[_able(search.problem)] = columns
    return placed


def _programme(search: _Search, *, whole: bool) -> Programme:
    """Cheaper than the best, and all inequalities kept; columns are the cells that may be suppressed."""
    able = np.flatnonzero(_able(search.problem))
    cost = search.problem.cost[able].astype(np.float64)
    rows = [*search.inequalities, Inequality(cells=able, weights=-cost, least=1.0 - search.cost)]
    sizes = np.array([len(row.cells) for row in rows])
    columns = np.searchsorted(able, np.concatenate([row.cells for row in rows]))
    weights = np.concatenate([row.weights for row in rows])
    matrix = csc_array(
        (weights, (np.repeat(np.arange(len(rows)), sizes), columns)), shape=(len(rows), len(able)), dtype=np.float64
    )
    programme = Programme(
        matrix,
        row_lower=np.array([row.least for row in rows]),
        row_upper=np.full(len(rows), INFINITE),
        lower=np.zeros(len(able)),
        upper=np.ones(len(able)),
        cost=cost,
        integer=np.ones(len(able), bool) if whole else None,
    )
    programme.option("mip_rel_gap", 0.0)
    programme.option("mip_abs_gap", 0.5)  # costs are whole numbers
    return programme
