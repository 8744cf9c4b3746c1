"""Other secondaries for a dear one: it is shown again, and those who counted on it may have new cells instead.

Kept where the new cells cost less than it and what goes with it. Like dropping, but for what may be added; never makes
a pattern dearer.
"""

from typing import Final

import numpy as np

from comity.model.job import Tell
from comity.stages.protect.problem import Problem
from comity.stages.protect.suppression.draft import Draft
from comity.stages.protect.suppression.flow import Flow
from comity.stages.protect.suppression.graph import Cells, Mask
from comity.stages.protect.suppression.proofs import Proofs
from comity.stages.protect.suppression.usage import Usage

NEAR: Final = 300  # cells of a programme: all until there are so many,
FAR: Final = 1_500  # then likely ones until there are these
DEAR: Final = 4  # times the cost of the cell: what goes with it seldom makes up for more
MOST: Final = 40  # roots that count on a cell; a cell on which more do is seldom done without


def swap(draft: Draft, tell: Tell) -> int:
    """How many secondaries were exchanged."""
    usage, exchanged = Usage(draft), 0
    flows = _Flows(draft)
    secondary = np.flatnonzero(draft.secondary)
    order = secondary[np.lexsort((secondary, -draft.problem.cost[secondary]))].tolist()
    for done, cell in enumerate(order):
        tell(done, len(order), "looking for cheaper cells")
        if draft.work.over():
            break
        if draft.suppressed[cell] and len(usage.of(cell)) <= MOST:
            flow = flows.around(cell)
            solved = flow.solved
            flow.lock(cell)
            exchanged += _exchanged(draft, cell, flow, usage)
            flow.unlock(cell)
            draft.work.solved += flow.solved - solved
    return exchanged


def _exchanged(draft: Draft, cell: int, flow: Flow, usage: Usage) -> bool:
    """Whether new cells for those who counted on one cost less; then the draft has them instead."""
    problem, trial = draft.problem, usage.without(cell)
    before = [witness for root in trial.witnesses for witness in draft.proofs.witnesses[root]]
    suppressed = draft.suppressed.copy()
    suppressed[cell] = False
    if not _met(draft, trial, flow, suppressed, int(problem.cost[cell])):
        return False
    moved = {at for witnesses in trial.witnesses.values() for witness in witnesses for at in witness.cells.tolist()}
    roots = set(trial.witnesses)
    idle = {at for witness in before for at in witness.cells.tolist() if at not in moved and usage.only(at, roots)}
    suppressed[sorted(idle)] = False
    suppressed |= problem.shut
    if _cost(problem, suppressed & ~draft.suppressed) >= _cost(problem, draft.suppressed & ~suppressed):
        return False
    draft.suppressed[:] = suppressed
    usage.renew(trial)
    return True


def _met(draft: Draft, trial: Proofs, flow: Flow, suppressed: Mask, worth: int) -> bool:
    """Witnesses for all who counted on a cell; what they move is suppressed too. Not, if they are dear beside it."""
    for root in trial.witnesses:
        while (known := trial.gap(root)) is not None:
            flow.charge(np.where(suppressed, 0.0, draft.charges)[flow.cells])
            witness = flow.move(root, known, rounds=1)
            if witness is None:
                return False
            suppressed[witness.cells] = True
            if _cost(draft.problem, suppressed & ~draft.suppressed) > DEAR * worth:
                return False
            trial.offer(witness)
    return True


def _cost(problem: Problem, cells: Mask) -> int:
    return sum(problem.cost[cells].tolist())


class _Flows:
    """A programme around each cell; one for all where there are few cells."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        every = np.flatnonzero(draft.movable)
        self._every = self._flow(every) if len(every) <= FAR else None

    def around(self, cell: int) -> Flow:
        """The one that a cell's is."""
        if self._every is not None:
            return self._every
        draft = self._draft
        return self._flow(draft.graph.around(cell, draft.movable, draft.suppressed | draft.likely, NEAR, FAR)[0])

    def _flow(self, cells: Cells) -> Flow:
        return Flow(self._draft.demands, self._draft.graph, cells, self._draft.owed()[cells])
