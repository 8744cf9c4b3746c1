"""Which roots count on which cells: whoever shows a cell again must find other witnesses for them."""

from collections import defaultdict

from comity.stages.protect.suppression.demand import Root, Witness
from comity.stages.protect.suppression.draft import Draft
from comity.stages.protect.suppression.proofs import Proofs


class Usage:
    """Of a draft whose witnesses change through this alone."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._users: dict[int, set[Root]] = defaultdict(set)
        for root, witnesses in draft.proofs.witnesses.items():
            self._enter(root, witnesses)

    def of(self, cell: int) -> list[Root]:
        """Roots of which a witness moves a cell, in order."""
        return sorted(self._users[cell])

    def only(self, cell: int, roots: set[Root]) -> bool:
        """Whether nobody else counts on a cell."""
        return self._users[cell] <= roots

    def without(self, cell: int) -> Proofs:
        """What is left of the proofs of those who count on a cell, were it shown."""
        proofs = self._draft.proofs
        left = Proofs(self._draft.demands, self.of(cell), proofs.given_up)
        for root in left.witnesses:
            left.replace(root, [witness for witness in proofs.witnesses[root] if cell not in witness.by_cell])
        return left

    def renew(self, proofs: Proofs) -> None:
        """Take over the witnesses of some roots, the old ones forgotten."""
        for root, witnesses in proofs.witnesses.items():
            for witness in self._draft.proofs.witnesses[root]:
                for cell in witness.by_cell:
                    self._users[cell].discard(root)
            self._draft.proofs.replace(root, witnesses)
            self._enter(root, witnesses)

    def _enter(self, root: Root, witnesses: list[Witness]) -> None:
        for witness in witnesses:
            for cell in witness.by_cell:
                self._users[cell].add(root)
