"""The same pattern with fewer cells: it is built anew from its own cells, part by part, and kept where it is cheaper.

Never makes a pattern dearer, and leaves no demand without the witness it had.
"""

from comity.model.job import Tell
from comity.stages.protect.suppression.construct import settle
from comity.stages.protect.suppression.demand import Known, Root, Witness
from comity.stages.protect.suppression.draft import Draft
from comity.stages.protect.suppression.flow import Flow
from comity.stages.protect.suppression.graph import Cells
from comity.stages.protect.suppression.proofs import Proofs

SHUFFLE = 2_654_435_761  # Knuth's multiplier: another order of the roots for each turn, the same in every run


def refine(draft: Draft, turn: int, tell: Tell) -> bool:
    """One turn over all parts; whether any became cheaper."""
    cheaper = False
    parts = draft.graph.components(draft.suppressed & draft.movable)
    for done, cells in enumerate(parts):
        tell(done, len(parts), "making the pattern cheaper")
        if draft.work.over():
            break
        cheaper |= _rebuilt(draft, cells, turn)
    return cheaper


def _rebuilt(draft: Draft, cells: Cells, turn: int) -> bool:
    problem = draft.problem
    roots = [root for cell in cells[problem.primary[cells]].tolist() for root in draft.proofs.roots(cell)]
    before = _cost(draft, cells)
    if not roots or not before:
        return False
    trial = Draft(
        demands=draft.demands,
        graph=draft.graph,
        suppressed=problem.shut.copy(),
        charges=draft.charges,
        likely=draft.likely,
        proofs=Proofs(draft.demands, roots, draft.proofs.given_up),
        work=draft.work,
    )
    flow = Flow(draft.demands, draft.graph, cells, trial.owed()[cells])

    def ask(root: Root, known: Known, spared: Known) -> Witness | None:
        if spared:  # a witness against many is dearer than one against each
            return None
        flow.charge(trial.owed()[cells])
        solved = flow.solved
        witness = flow.move(root, known, rounds=1)
        draft.work.solved += flow.solved - solved
        return witness

    for root in sorted(roots, key=lambda root: (root.cell * SHUFFLE * (turn + 1) % 2**32, root.way)):
        settle(trial, root, ask)
    trial.prune()
    if len(trial.proofs.given_up) > len(draft.proofs.given_up) or _cost(trial, cells) > before:
        return False
    draft.suppressed[cells] = trial.suppressed[cells]
    for root in roots:
        draft.proofs.replace(root, trial.proofs.witnesses[root])
    return _cost(trial, cells) < before


def _cost(draft: Draft, cells: Cells) -> int:
    return sum(draft.problem.cost[cells[draft.secondary[cells]]].tolist())
