"""A first safe pattern: each demand in turn gets the cheapest witness near its cell, and what it moves is suppressed.

Primaries come by falling value, and those beside one another share a programme of the cells around them. Where these
hold no witness a larger programme is asked, at last one of all cells; a demand without a witness there can be met by no
pattern, and is given up.
"""

from collections.abc import Callable, Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from comity.model.job import Tell
from comity.stages.protect.suppression.demand import NOBODY, Known, Root, Witness
from comity.stages.protect.suppression.draft import Draft
from comity.stages.protect.suppression.flow import Flow
from comity.stages.protect.suppression.graph import Cells

AROUND: Final = ((300, 1_500), (2_000, 5_000))  # cells of a programme; then all of them
SMALL: Final = 20_000  # cells; larger problems charge for units alone, and leave the rest to refining

CROWD: Final = 12  # respondents; against fewer, each has the cheapest witness

Ask = Callable[[Root, Known, Known], Witness | None]  # a root, who knows what, and whose cells may stand besides


def construct(draft: Draft, tell: Tell) -> None:
    """Make the draft safe, but for the demands that are given up."""
    proofs, values = draft.proofs, draft.problem.values
    cells = {root.cell for root in proofs.witnesses}
    order = sorted(cells, key=lambda cell: (-int(values[cell]), cell))
    every = _Every(draft)
    for done, first in enumerate(order):
        tell(done, len(order), "protecting sensitive cells")
        if not any(proofs.gap(root) is not None for root in proofs.roots(first)):
            continue
        nests = _Nests(draft, first, every)
        for cell in [first, *nests.beside]:
            tell(done, len(order), "protecting sensitive cells")
            for root in proofs.roots(cell):
                settle(draft, root, nests.ask)
    tell(len(order), len(order), "protecting sensitive cells")
    draft.prune()


def whole(draft: Draft) -> None:
    """Settle whatever is open, over all cells at once; nothing is shown again."""
    every = _Every(draft)

    def ask(root: Root, known: Known, spared: Known) -> Witness | None:
        flow = every()
        flow.charge(draft.owed()[flow.cells])
        solved = flow.solved
        witness = flow.move(root, known, spared=spared)
        draft.work.solved += flow.solved - solved
        return witness

    for root in draft.proofs.witnesses:
        settle(draft, root, ask)


def settle(draft: Draft, root: Root, ask: Ask) -> None:
    """Witnesses for all that is asked of a root; what nobody can answer is given up.

    Where many could reckon it, one witness is asked for that does against all of them, or half of them, or a quarter.
    """
    proofs, most = draft.proofs, draft.problem.cells
    while (known := proofs.gap(root)) is not None:
        witness, crowd = None, sorted(proofs.crowd(root) - known)[:most] if known else []
        while witness is None and len(crowd) >= CROWD:
            witness = ask(root, known, frozenset(crowd))
            if witness is None:
                most = len(crowd) // 2
                crowd = crowd[:most]
        if witness is None:
            witness = ask(root, known, NOBODY)
        if witness is None:
            proofs.give_up(root, known)
            continue
        draft.suppressed[witness.cells] = True
        proofs.offer(witness)


class _Every:
    """The programme of all cells, made when it is first asked."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._flow: Flow | None = None
        self.cells = np.flatnonzero(draft.movable)

    def __call__(self) -> Flow:
        if self._flow is None:
            self._flow = Flow(self._draft.demands, self._draft.graph, self.cells, self._draft.owed()[self.cells])
        return self._flow


class _Nests:
    """Programmes of more and more cells around one; `beside`: other primaries close enough to use them, in order."""

    def __init__(self, draft: Draft, centre: int, every: _Every) -> None:
        self._draft, self._centre, self._every = draft, centre, every
        self._movable = draft.movable
        self._flows: list[Flow] = []
        self._least: dict[Root, int] = {}
        self._sizes = [size for size in AROUND if size[1] < len(every.cells) / 2]
        self.beside: list[int] = []
        if self._sizes:
            self._grow()

    def ask(self, root: Root, known: Known, spared: Known) -> Witness | None:
        """The cheapest witness of the least programme that has one.

        A programme that had none for a root is not asked again for it. Others are spared only in larger programmes:
        the first one is quick enough to be asked against each.
        """
        draft = self._draft
        least = self._least.get(root, 0)
        if spared and least == 0 and self._sizes:
            return None
        for at, flow in enumerate(self._each(least), least):
            flow.charge(draft.owed()[flow.cells])
            before = flow.solved
            witness = flow.move(root, known, rounds=1 if draft.problem.cells <= SMALL else 0, spared=spared)
            draft.work.solved += flow.solved - before
            if witness is not None:
                self._least[root] = at
                draft.work.count(f"answered by programme {at + 1}")
                return witness
            if spared:
                break
        return None

    def _each(self, least: int) -> Iterator[Flow]:
        for at in range(least, len(self._sizes)):
            while len(self._flows) <= at:
                self._grow()
            yield self._flows[at]
        yield self._every()

    def _grow(self) -> None:
        draft = self._draft
        owed = draft.owed()
        near, far = self._sizes[len(self._flows)]
        likely = draft.suppressed | draft.likely
        cells, beside = draft.graph.around(self._centre, self._movable, likely, near, far)
        if not self._flows:
            self.beside = self._ordered(beside)
        self._flows.append(Flow(draft.demands, draft.graph, cells, owed[cells]))

    def _ordered(self, cells: Cells) -> list[int]:
        own: NDArray[np.int64] = cells[self._draft.problem.primary[cells] & (cells != self._centre)]
        reach = self._draft.problem.upper[own] + self._draft.problem.lower[own]
        return [int(cell) for cell in own[np.lexsort((own, -reach))]]
