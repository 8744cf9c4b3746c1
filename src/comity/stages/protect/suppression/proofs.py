"""Which demands of a pattern have their witnesses, and which still want one."""

from collections.abc import Iterable

import numpy as np

from comity.stages.protect.suppression.demand import Demands, Known, Root, Witness


class Proofs:
    """Witnesses of some roots; `given_up`: demands that no pattern can meet, which are gaps no longer."""

    def __init__(self, demands: Demands, roots: Iterable[Root], given_up: Iterable[tuple[Root, Known]] = ()) -> None:
        self._demands = demands
        self.witnesses: dict[Root, list[Witness]] = {root: [] for root in roots}
        self.given_up: set[tuple[Root, Known]] = set(given_up)
        self._wanting = set(self.witnesses)
        self._open: dict[Root, list[Known]] = {}  # what the witnesses at hand leave open, where that is known

    def roots(self, cell: int) -> list[Root]:
        """What is asked of a cell."""
        return [root for root in (Root(cell, 1), Root(cell, -1)) if root in self.witnesses]

    def gap(self, root: Root) -> Known | None:
        """What a coalition could know against a root, the first of such sets; None if every set is met."""
        if root not in self._wanting:
            return None
        open_, self.witnesses[root] = self._demands.gaps(root, self.witnesses[root])
        self._open[root] = open_
        left = [known for known in open_ if not any(root == r and given <= known for r, given in self.given_up)]
        if not left:
            self._wanting.discard(root)
            return None
        return left[0]

    def crowd(self, root: Root) -> Known:
        """Everybody who leaves a root a gap; where they are many, one witness may do for all."""
        return frozenset().union(*self._open.get(root, ()))

    def give_up(self, root: Root, known: Known) -> None:
        """No pattern meets this demand, nor one in which more is known."""
        self.given_up.add((root, known))

    def offer(self, witness: Witness) -> None:
        """Take a vector, both ways, for every root it moves far enough that still wants one."""
        back = self._demands.witness(witness.cells, -witness.moves)
        for one in (witness, back):
            for at in np.flatnonzero(self._demands.problem.primary[one.cells]):
                root = Root(int(one.cells[at]), 1 if one.moves[at] > 0 else -1)
                if root in self._wanting and self._helps(root, one):
                    self.witnesses[root].append(one)
                    del self._open[root]

    def replace(self, root: Root, witnesses: list[Witness]) -> None:
        """Other witnesses for a root; they are looked at anew."""
        self.witnesses[root] = witnesses
        self._wanting.add(root)
        self._open.pop(root, None)

    def used(self) -> Iterable[Witness]:
        """Witnesses that some root counts on, each once."""
        return dict.fromkeys(witness for own in self.witnesses.values() for witness in own)

    def _helps(self, root: Root, witness: Witness) -> bool:
        if root not in self._open:
            self._open[root], _ = self._demands.gaps(root, self.witnesses[root])
        return any(self._demands.meets(witness, root, known) for known in self._open[root])
