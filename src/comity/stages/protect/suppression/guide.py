"""A bound on the cost of any safe pattern, and a hint where a cheap one lies: one linear programme over all cells.

In a relation no suppressed cell may be the only one: if it is primary it is found out, if it is secondary it need not
have been suppressed. Each cell is suppressed to a share between 0 and 1; the least cost of such shares is below that of
every safe pattern, and cells with a large share are likely to be in a good one. How wide intervals are is not asked.
Source: Fischetti and Salazar (2001), Solving the cell suppression problem on tabular data with linear constraints.
"""

from dataclasses import dataclass
from math import ceil
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array, hstack, vstack

from comity.stages.protect.problem import Problem
from comity.stages.protect.programme import INFINITE, Programme, Solution

CERTAIN: Final = 0.999
LIKELY: Final = 0.4
CHEAP: Final = 0.01  # of the cost: what a cell is charged that the shares suppress wholly


@dataclass(frozen=True, slots=True, eq=False)
class Guide:
    """charges: of each cell's unit, cheaper where the shares are large. likely: cells of which a large share is
    suppressed. bound: no safe pattern costs less."""

    charges: NDArray[np.float64]
    likely: NDArray[np.bool_]
    bound: int


def guide(problem: Problem) -> Guide:
    """The bound is proved by the duals alone, so that no tolerance of the solver makes it too high."""
    candidate = problem.open & ~problem.shut & (problem.floor < problem.ceiling)
    cost = np.where(candidate, problem.cost, 0).astype(np.float64)
    scale = float(np.median(cost[candidate])) if candidate.any() else 1.0
    rows, lower = _lonely(problem, candidate)
    cells = np.flatnonzero(candidate)
    if not cells.size or not rows.shape[0]:
        return Guide(cost / scale, np.zeros(problem.cells, bool), 0)
    sums = rows.shape[1] - problem.cells
    kept = csc_array(hstack([rows[:, cells], rows[:, problem.cells :]]))
    size = np.concatenate([np.ones(len(cells)), np.full(sums, float(problem.cells))])
    charge = np.concatenate([cost[cells] / scale, np.zeros(sums)])
    upper = np.where(np.arange(rows.shape[0]) < sums, 0.0, INFINITE)
    solution = Programme(
        kept, row_lower=lower, row_upper=upper, lower=np.zeros(len(size)), upper=size, cost=charge
    ).solve()
    if solution is None:
        return Guide(cost / scale, np.zeros(problem.cells, bool), 0)
    share = np.zeros(problem.cells)
    share[cells] = np.clip(solution.columns[: len(cells)], 0, 1)
    bent = np.where(share > CERTAIN, CHEAP, 1.02 - share)
    return Guide(cost / scale * bent, share >= LIKELY, _bound(kept, lower, sums, size, charge, solution, scale))


def _lonely(problem: Problem, candidate: NDArray[np.bool_]) -> tuple[csr_array, NDArray[np.float64]]:
    """Rows over cells and sums, and what each must reach: sums first (equal), then no lonely secondary, no lonely
    primary (at least)."""
    present = abs(problem.relations)
    shut = np.asarray(present @ problem.shut.astype(np.int64))
    asked = problem.primary & (problem.upper + problem.lower > 0)
    free = np.asarray(present @ candidate.astype(np.int64))
    none = csr_array(present[np.flatnonzero((shut == 0) & (free > 0))])
    none = csr_array(none @ _diagonal(candidate))
    none.eliminate_zeros()
    one = np.flatnonzero((shut == 1) & (np.asarray(present @ asked.astype(np.int64)) == 1) & (free > 0))
    primary = csr_array(present[one] @ _diagonal(candidate))
    sums, members = none.shape[0], none.tocoo()
    pairs = members.nnz
    at = np.arange(pairs)
    lonely = hstack(
        [
            csr_array((np.full(pairs, -2.0), (at, members.col)), shape=(pairs, problem.cells)),
            csr_array((np.ones(pairs), (at, members.row)), shape=(pairs, sums)),
        ]
    )
    rows = vstack(
        [
            hstack([none, -_diagonal(np.ones(sums))]),
            lonely,
            hstack([primary, csr_array((len(one), sums))]),
        ]
    )
    return csr_array(rows, dtype=np.float64), np.concatenate([np.zeros(sums + pairs), np.ones(len(one))])


def _diagonal(entries: NDArray[np.float64] | NDArray[np.bool_]) -> csr_array:
    count = len(entries)
    return csr_array((entries.astype(np.float64), (np.arange(count), np.arange(count))), shape=(count, count))


def _bound(
    rows: csc_array,
    lower: NDArray[np.float64],
    sums: int,
    size: NDArray[np.float64],
    charge: NDArray[np.float64],
    solution: Solution,
    scale: float,
) -> int:
    """Weak duality: whatever duals of the right sign are at hand, the programme is nowhere below this."""
    duals = solution.duals.copy()
    duals[sums:] = np.maximum(duals[sums:], 0.0)
    least = float(lower @ duals + np.minimum(charge - rows.T @ duals, 0.0) @ size)
    return max(0, ceil(least * scale * (1 - 1e-9) - 1e-6))
