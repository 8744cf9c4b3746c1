"""Secondaries that are not needed after all: each is tried, dearest first, and shown again where the rest can do.

A secondary that no witness moves goes at once. Else every root that counts on it must find witnesses without it,
within the cells that are suppressed. Never makes a pattern dearer. The longest step, so it may end after any cell.
"""

from typing import Final

import numpy as np

from comity.model.job import Tell
from comity.stages.protect.suppression.demand import Root
from comity.stages.protect.suppression.draft import Draft
from comity.stages.protect.suppression.flow import Flow
from comity.stages.protect.suppression.proofs import Proofs
from comity.stages.protect.suppression.usage import Usage

SPARED: Final = 1e-3  # of its charge for each unit that a secondary moves: witnesses go through primaries if they can


def drop(draft: Draft, tell: Tell) -> int:
    """How many secondaries were shown again."""
    problem, dropped = draft.problem, 0
    parts = draft.graph.components(draft.suppressed & draft.movable)
    part = {cell: at for at, cells in enumerate(parts) for cell in cells.tolist()}
    flows: dict[int, Flow] = {}
    usage = Usage(draft)
    secondary = np.flatnonzero(draft.secondary)
    order = secondary[np.lexsort((secondary, -problem.cost[secondary]))].tolist()
    for done, cell in enumerate(order):
        tell(done, len(order), "showing again what need not be hidden")
        if draft.work.over():
            break
        if cell not in part:
            draft.suppressed[cell] = False
            dropped += 1
            continue
        at = part[cell]
        if at not in flows:
            cells = parts[at]
            charges = np.where(draft.secondary, draft.charges * SPARED, 0.0)[cells]
            flows[at] = Flow(draft.demands, draft.graph, cells, charges)
        if _without(draft, cell, flows[at], usage):
            draft.suppressed[cell] = False
            dropped += 1
    return dropped


def _without(draft: Draft, cell: int, flow: Flow, usage: Usage) -> bool:
    """Whether all roots can do without a cell; then they do, and the cell stands still for good."""
    flow.lock(cell)
    trial = usage.without(cell)
    solved = flow.solved
    met = all(_met(trial, root, flow) for root in trial.witnesses)
    draft.work.solved += flow.solved - solved
    if met:
        usage.renew(trial)
    else:
        flow.unlock(cell)
    return met


def _met(trial: Proofs, root: Root, flow: Flow) -> bool:
    while (known := trial.gap(root)) is not None:
        witness = flow.move(root, known)
        if witness is None:
            return False
        trial.offer(witness)
    return True
