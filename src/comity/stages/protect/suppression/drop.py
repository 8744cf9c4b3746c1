"""Secondaries that are not needed after all: each is tried, dearest first, and shown again where the rest can do.

A secondary that no witness moves goes at once. Else every root that counts on it must find witnesses without it,
within the cells that are suppressed; those that stood in the way before are asked first, since one is enough to keep a
cell. Never makes a pattern dearer. The longest step, so it may end after any cell.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from comity.model.job import Tell
from comity.stages.protect.suppression.demand import Root
from comity.stages.protect.suppression.draft import Draft
from comity.stages.protect.suppression.flow import Flow
from comity.stages.protect.suppression.graph import Cells
from comity.stages.protect.suppression.proofs import Proofs
from comity.stages.protect.suppression.reach import Reach
from comity.stages.protect.suppression.usage import Usage

LARGE: Final = 3_000  # cells of a part; in larger ones a programme is as quick as to look at every relation
SPARED: Final = 1e-3  # of its charge for each unit that a secondary moves: witnesses go through primaries if they can


def drop(draft: Draft, tell: Tell) -> int:
    """How many secondaries were shown again."""
    problem, dropped = draft.problem, 0
    parts = draft.graph.components(draft.suppressed & draft.movable)
    part = {cell: at for at, cells in enumerate(parts) for cell in cells.tolist()}
    trials: dict[int, _Part] = {}
    usage = Usage(draft)
    secondary = np.flatnonzero(draft.secondary)
    order = secondary[np.lexsort((secondary, -problem.cost[secondary]))].tolist()
    for done, cell in enumerate(order):
        tell(done, len(order), "showing again what need not be hidden")
        if draft.work.over():
            break
        if cell in part:
            at = part[cell]
            if at not in trials:
                trials[at] = _Part(draft, parts[at], usage)
            if not trials[at].without(cell):
                continue
        draft.suppressed[cell] = False
        dropped += 1
    return dropped


class _Part:
    """Cells that move together, and the programme over them."""

    def __init__(self, draft: Draft, cells: Cells, usage: Usage) -> None:
        charges = np.where(draft.secondary, draft.charges * SPARED, 0.0)[cells]
        asked = draft.problem.primary.copy()
        asked[[root.cell for root, _ in draft.proofs.given_up]] = False
        self._draft, self._cells, self._usage = draft, cells, usage
        self._flow = Flow(draft.demands, draft.graph, cells, charges)
        self._reach = Reach(draft.problem, draft.graph, cells, asked) if len(cells) <= LARGE else None
        self._shown: list[int] = []

    def without(self, cell: int) -> bool:
        """Whether all roots can do without a cell; then they do, and the cell stands still for good."""
        draft, flow = self._draft, self._flow
        still = [*self._shown, cell]
        if self._reach is not None and self._reach.short(np.searchsorted(self._cells, still)):
            return False
        flow.lock(cell)
        trial = self._usage.without(cell)
        solved = flow.solved
        against = next(
            (root for root in self._ordered(cell, list(trial.witnesses)) if not _met(trial, root, flow)), None
        )
        draft.work.solved += flow.solved - solved
        if against is None:
            self._usage.renew(trial)
            self._shown.append(cell)
            return True
        flow.unlock(cell)
        draft.against[against] = draft.against.get(against, 0) + 1
        draft.keeps[cell] = against
        return False

    def _ordered(self, cell: int, roots: Sequence[Root]) -> list[Root]:
        """The root that kept this cell before, then those that kept the most others."""
        last, against = self._draft.keeps.get(cell), self._draft.against
        return sorted(roots, key=lambda root: (root != last, -against.get(root, 0)))


def _met(trial: Proofs, root: Root, flow: Flow) -> bool:
    while (known := trial.gap(root)) is not None:
        witness = flow.move(root, known)
        if witness is None:
            return False
        trial.offer(witness)
    return True
