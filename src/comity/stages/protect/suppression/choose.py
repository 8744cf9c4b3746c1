"""Complementary suppression: a safe pattern of little cost for any problem, audited by the attacker before it leaves.

Steps: a guide (where cheap patterns lie, and a bound), a first safe pattern, refining, dropping, exchanging. Every
demand holds a witness all the way, so that whatever step is the last the pattern is safe. Deterministic for equal
problem and effort; a time limit makes it depend on the machine. Decides nothing of what is sensitive (`primary`), nor
whether a cell that no pattern protects is published (whoever publishes does).

Sources: Kelly, Golden and Assad (1992); Fischetti and Salazar (2001); Hundepool et al. (2012), Statistical Disclosure
Control, chapter 4.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from comity.errors import ConfigError
from comity.model.job import Silent, Tell
from comity.stages.protect import attacker
from comity.stages.protect.exact import optimum
from comity.stages.protect.problem import UNBOUNDED, Intervals, Pattern, Problem
from comity.stages.protect.suppression.construct import construct, whole
from comity.stages.protect.suppression.demand import Known
from comity.stages.protect.suppression.draft import Draft, Work, begin
from comity.stages.protect.suppression.drop import drop
from comity.stages.protect.suppression.guide import guide
from comity.stages.protect.suppression.refine import refine
from comity.stages.protect.suppression.swap import swap

LARGEST: Final = 2**53  # a linear programme of floats tells whole numbers apart up to here
TURNS: Final = 4  # of refining, while they help
EXCHANGED: Final = 20_000  # cells; in larger tables the search for cheaper secondaries ends with dropping
REPAIRS: Final = 3  # audits that may find a breach before its cell is called unprotectable
SILENT: Final = Silent()


def never() -> bool:
    """No time limit."""
    return False


def nobody(safe: NDArray[np.bool_]) -> None:
    """Nobody asked for safe patterns on the way."""


def choose(
    problem: Problem,
    *,
    effort: int | None = None,
    enough: Callable[[], bool] = never,
    found: Callable[[NDArray[np.bool_]], None] = nobody,
    exact: bool = False,
    tell: Tell = SILENT,
) -> Pattern:
    """A safe pattern, and how good it is known to be.

    Args:
        problem: all cells that an attacker may combine.
        effort: programmes to solve at most before improvement stops; None: as many as there are ideas for.
        enough: the caller's time limit, asked only once a safe pattern is in hand.
        found: called with each audited pattern on the way, so that who breaks off keeps the last one.
        exact: go on to the cheapest pattern of all, or as near as `enough` lets it; for some 1,000 cells.
        tell: progress.

    Raises:
        ConfigError: a value, cost or protection level beyond 2^53.
    """
    _reckonable(problem)
    hint = guide(problem)
    draft = begin(problem, hint, Work(effort=effort, enough=enough))
    construct(draft, tell)
    intervals = _audited(draft, tell)
    found(draft.suppressed.copy())
    if draft.secondary.any() and not draft.work.over():
        _improve(draft, tell)
        intervals = _audited(draft, tell)
        found(draft.suppressed.copy())
    pattern = _pattern(draft, intervals, hint.bound)
    return optimum(problem, pattern, enough=enough, tell=tell) if exact and not pattern.optimal else pattern


def _improve(draft: Draft, tell: Tell) -> None:
    """Refine, drop, and exchange where the table is small enough for it; each ends when there is enough."""
    problem, work = draft.problem, draft.work
    draft.charges = problem.cost / max(1.0, float(np.median(problem.cost)))
    for turn in range(TURNS):
        if work.over() or not refine(draft, turn, tell):
            break
    work.count("dropped", drop(draft, tell))
    if problem.cells <= EXCHANGED and not work.over():
        exchanged = swap(draft, tell)
        work.count("exchanged", exchanged)
        work.count("dropped", drop(draft, tell) if exchanged else 0)


def _reckonable(problem: Problem) -> None:
    ceiling = np.where(problem.ceiling == UNBOUNDED, 0, problem.ceiling)
    for name, array in (
        ("values", problem.values),
        ("cost", problem.cost),
        ("upper", problem.upper),
        ("floor", problem.floor),
        ("ceiling", ceiling),
    ):
        if (np.abs(array) > LARGEST).any():
            raise ConfigError(
                "a number too large to reckon with",
                where=name,
                wanted="2^53 at most",
                way_out="state the measure in a larger unit",
            )


def _audited(draft: Draft, tell: Tell) -> Intervals:
    """The attacker's intervals; what he finds too narrow is mended, or said to be unprotectable."""
    for attempt in range(REPAIRS + 1):
        intervals, open_ = _open(draft, tell)
        if not open_:
            return intervals
        for cell, known in open_:
            for root in draft.proofs.roots(cell):
                if attempt == REPAIRS:
                    draft.proofs.give_up(root, known)
                else:
                    draft.proofs.replace(root, [])
        draft.work.count("repaired after an audit", len(open_))
        whole(draft)
    return attacker.audit(draft.problem, draft.suppressed, tell=tell)


def _open(draft: Draft, tell: Tell) -> tuple[Intervals, list[tuple[int, Known]]]:
    """Intervals, and breaches that are not known to be beyond every pattern.

    One breach of a cell is enough to mend it; every one is asked for only where the first could be beyond mending.
    """
    who, lost = draft.demands.respondents.of, draft.proofs.given_up
    intervals, breaches = attacker.judged(draft.problem, draft.suppressed, first=not lost, tell=tell)
    found = [(breach.cell, frozenset(who[list(breach.known)].tolist())) for breach in breaches]
    open_ = [(cell, known) for cell, known in found if not any(r.cell == cell and given <= known for r, given in lost)]
    return intervals, open_


def _pattern(draft: Draft, intervals: Intervals, bound: int) -> Pattern:
    lost = np.array(sorted({root.cell for root, _ in draft.proofs.given_up}), np.int64)
    bound = 0 if lost.size else bound
    counts = {"programmes": draft.work.solved, "secondary": int(draft.secondary.sum()), **draft.work.counts}
    return Pattern(
        suppressed=draft.suppressed,
        intervals=intervals,
        cost=draft.cost,
        bound=bound,
        optimal=draft.cost <= bound,
        unprotectable=lost,
        counts=counts,
    )
