"""The one solution of whole-number relations, exactly, where elimination in fractions would fill up: by refinement.

A factorisation of floating point solves nearly; what is left over is reckoned in whole numbers, and solved again. Each
round adds digits, until the fractions over one denominator can be read off (Wilkinson 1963, iterative refinement; Wan
2006, An algorithm to solve integer linear systems exactly using numerical methods). Nothing is claimed of the outcome:
`certificate` checks it against every relation.
"""

from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array
from scipy.sparse.linalg import splu

BITS: Final = 192  # of a move after the point: more than twice those of any denominator that is written
SURE: Final = 40  # bits of nothing after the point that make a number whole
ROUNDS: Final = 60  # of refinement at most; each adds 10 bits or more where it ends well
LARGEST: Final = 2**61  # denominator


def exact(relations: csr_array, right: NDArray[np.object_]) -> list[Fraction] | None:
    """x of which relations @ x is `right`, if there is one and no other; None if that cannot be told.

    Args:
        relations: (rows, columns) small whole numbers, rows at least as many as columns.
        right: (rows,) whole numbers.
    """
    columns = relations.shape[1]
    used = np.diff(relations.indptr) > 0
    if right[~used].any() or used.sum() < columns:
        return None
    rows = csr_array(relations[np.flatnonzero(used)])
    floats = csc_array(rows.astype(np.float64))
    try:
        factors = splu(csc_array(floats.T @ floats), permc_spec="MMD_AT_PLUS_A")
    except RuntimeError:  # singular
        return None
    found = np.zeros(columns, object)
    left = right[used] * (1 << BITS)
    size = int(abs(left).max())
    for _ in range(ROUNDS):
        step = factors.solve(floats.T @ left.astype(np.float64))
        if not np.isfinite(step).all():
            return None
        whole = np.array([int(one) for one in step.tolist()], object)
        found += whole
        left = left - product(rows, whole)
        smaller = int(abs(left).max())
        if smaller <= columns:
            return _read(found.tolist())
        if 2 * smaller > size:
            return None
        size = smaller
    return None


def product(relations: csr_array, whole: NDArray[np.object_]) -> NDArray[np.object_]:
    """relations @ whole, in whole numbers of any size."""
    found = np.zeros(relations.shape[0], object)
    used = np.flatnonzero(np.diff(relations.indptr))
    if used.size:
        entries = whole[relations.indices] * relations.data.astype(object)
        found[used] = np.add.reduceat(entries, relations.indptr[used])
    return found


def _read(found: list[int]) -> list[Fraction] | None:
    """Moves in units of 2^-BITS as fractions over one denominator; None if none is small enough."""
    one, half, denominator = 1 << BITS, 1 << (BITS - 1), 1
    for move in found:
        over = move * denominator
        rest = (over + half) % one - half
        if abs(rest) >> (BITS - SURE):
            denominator *= Fraction(rest, one).limit_denominator(1 << SURE).denominator
        if denominator > LARGEST:
            return None
    return [Fraction((move * denominator + half) >> BITS, denominator) for move in found]
