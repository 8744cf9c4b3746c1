"""A pattern in the making: what is suppressed so far, by what it is proved, and how much work was put in."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from comity.stages.protect.problem import Problem
from comity.stages.protect.suppression.demand import Demands, Root, needed
from comity.stages.protect.suppression.graph import Graph, Mask
from comity.stages.protect.suppression.guide import Guide
from comity.stages.protect.suppression.proofs import Proofs


@dataclass(slots=True, kw_only=True)
class Work:
    """Programmes solved, and when to stop improving: `effort` programmes at most, or when the caller has enough.

    Effort alone makes two runs equal; a time limit does not, and is asked only after a safe pattern is in hand.
    """

    effort: int | None
    enough: Callable[[], bool]
    solved: int = 0
    counts: dict[str, int] = field(default_factory=dict)

    def over(self) -> bool:
        """Whether to stop improving."""
        return (self.effort is not None and self.solved >= self.effort) or self.enough()

    def count(self, what: str, more: int = 1) -> None:
        """So many more of something."""
        self.counts[what] = self.counts.get(what, 0) + more


@dataclass(slots=True, kw_only=True, eq=False)
class Draft:
    """The state that the steps of suppression hand on.

    charges: for each unit that a cell moves while it is not suppressed; the cost, or the cost as the guide bends it.
    likely: cells that a cheap pattern probably suppresses.
    against: how often a root could not do without a cell that was to be shown again.
    keeps: for each such cell the last root that could not.
    """

    demands: Demands
    graph: Graph
    suppressed: Mask
    charges: NDArray[np.float64]
    likely: Mask
    proofs: Proofs
    work: Work
    against: dict[Root, int] = field(default_factory=dict)
    keeps: dict[int, Root] = field(default_factory=dict)

    @property
    def problem(self) -> Problem:
        """What is to be protected."""
        return self.demands.problem

    @property
    def secondary(self) -> Mask:
        """Cells suppressed that need not be by themselves."""
        return self.suppressed & ~self.problem.shut

    @property
    def cost(self) -> int:
        """Of the secondaries."""
        return sum(self.problem.cost[self.secondary].tolist())

    @property
    def movable(self) -> Mask:
        """Cells that may take part in a witness: suppressed, or free to be, and not known by everybody."""
        problem = self.problem
        return (self.suppressed | problem.open) & (problem.floor < problem.ceiling)

    def owed(self) -> NDArray[np.float64]:
        """Charges, nothing for what is suppressed already."""
        return np.where(self.suppressed, 0.0, self.charges)

    def prune(self) -> None:
        """Show again what no witness moves."""
        kept = self.problem.shut.copy()
        for witness in self.proofs.used():
            kept[witness.cells] = True
        self.suppressed &= kept


def begin(problem: Problem, hint: Guide, work: Work) -> Draft:
    """Nothing suppressed but what must be."""
    demands = Demands(problem)
    return Draft(
        demands=demands,
        graph=Graph(problem.relations),
        suppressed=problem.shut.copy(),
        charges=hint.charges,
        likely=hint.likely,
        proofs=Proofs(demands, needed(problem)),
        work=work,
    )
