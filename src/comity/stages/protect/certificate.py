"""Tables of whole numbers that show how far an attacker is from the truth: no interval is claimed without one.

A solver of floating point finds a table; here it is written in whole numbers over one denominator, and each relation
and each bound is checked in exact arithmetic. What cannot be written so is no table, whatever the solver says.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from comity.stages.protect import vertex
from comity.stages.protect.problem import UNBOUNDED
from comity.stages.protect.unknown import Component

DENOMINATORS: Final = (1, 2, 3, 4, 6, 12, 60)  # vertices of tables of up to three dimensions have hardly any other
NEAR: Final = 1e-5  # how far, of a unit or relatively, a written table may be from the one found
MANY: Final = 600  # cells; elimination of more is not tried
RARE: Final = 10_000  # denominators beyond are found by elimination alone
NOTHING: Final[Mapping[int, int]] = MappingProxyType({})
LARGEST: Final = 2**61  # of a sum of moves: well inside 64 bits


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Points:
    """Tables that everything shown allows, as moves away from the truth. Each was checked in exact arithmetic.

    moves: (points, cells of the component) numerators; denominators: (points,), above 0.
    """

    moves: NDArray[np.int64]
    denominators: NDArray[np.int64]

    def up(self) -> NDArray[np.int64]:
        """How far above the truth each cell is seen, in whole units, rounded towards the truth."""
        return np.asarray(np.max(self.moves // self.denominators[:, None], axis=0, initial=0))

    def down(self) -> NDArray[np.int64]:
        """How far below."""
        return np.asarray(np.max(-self.moves // self.denominators[:, None], axis=0, initial=0))

    def reaching(self, cell: int, moved: int) -> NDArray[np.bool_]:
        """(points,) Which move a cell by so much, up or, below 0, down."""
        wanted = self.denominators * abs(moved)
        return np.asarray(self.moves[:, cell] * (1 if moved > 0 else -1) >= wanted)


def written(component: Component, found: Sequence[NDArray[np.float64]], pinned: Mapping[int, int] = NOTHING) -> Points:
    """Those of the tables found that can be written in whole numbers; the others are left out.

    pinned: cells that the solver held at a move which is no bound of theirs.
    """
    cells = len(component.cells)
    floats = np.asarray(found, np.float64).reshape(-1, cells)
    moves, denominators = np.zeros(floats.shape, np.int64), np.zeros(len(floats), np.int64)
    left = np.arange(len(floats))
    for denominator in DENOMINATORS:
        tried = _rounded(floats[left], denominator)
        near = (np.abs(tried - floats[left] * denominator) <= NEAR * (1 + np.abs(floats[left]))).all(1)
        sound = near & holds(component, tried, denominator)
        moves[left[sound]], denominators[left[sound]] = tried[sound], denominator
        left = left[~sound]
        if not len(left):
            break
    for at in left:
        denominator = common(floats[at])
        line = _rounded(floats[at : at + 1], denominator)
        if holds(component, line, denominator)[0]:
            moves[at], denominators[at] = line[0], denominator
            continue
        exact = solved(component, floats[at], pinned)
        denominator = lcm(*(move.denominator for move in exact))
        numerators = [int(move * denominator) for move in exact]
        if denominator < LARGEST and max(map(abs, numerators), default=0) < LARGEST:
            line = np.array([numerators], np.int64)
            if holds(component, line, denominator)[0]:
                moves[at], denominators[at] = line[0], denominator
    kept = denominators > 0
    return Points(moves=moves[kept], denominators=denominators[kept])


def common(found: NDArray[np.float64]) -> int:
    """A denominator over which all moves are nearly whole, if a small one is: a guess, which `holds` judges."""
    denominator = 1
    while denominator < RARE:
        over = found * denominator
        off = np.flatnonzero(np.abs(over - np.rint(over)) > NEAR)
        if not len(off):
            break
        factor = Fraction(float(over[off[0]] % 1)).limit_denominator(RARE).denominator
        if factor == 1:
            break
        denominator *= factor
    return denominator


def holds(component: Component, moves: NDArray[np.int64], denominator: int) -> NDArray[np.bool_]:
    """(points,) Which lines of numerators keep every relation and every bound, exactly."""
    small = np.abs(moves).max(axis=1, initial=0) < LARGEST // component.longest
    kept = ~(component.relations @ np.where(small[:, None], moves, 0).T).any(axis=0)
    below, above = _times(component.below, denominator), _times(component.above, denominator)
    return np.asarray(small & kept & (moves >= -below).all(1) & (moves <= above).all(1))


def _times(bound: NDArray[np.int64], denominator: int) -> NDArray[np.int64]:
    return np.where(
        bound > UNBOUNDED // denominator, UNBOUNDED, np.minimum(bound, UNBOUNDED // denominator) * denominator
    )


def _rounded(floats: NDArray[np.float64], denominator: int) -> NDArray[np.int64]:
    return np.rint(np.clip(floats * denominator, -float(LARGEST), float(LARGEST))).astype(np.int64)


def solved(component: Component, found: NDArray[np.float64], pinned: Mapping[int, int]) -> list[Fraction]:
    """The vertex that a solver meant, in fractions: cells at a bound stand at it, the others follow from them.

    What is left of many cells by elimination is not tried: it fills up, and takes minutes for a denominator that is
    too large in the end.
    """
    moves = {cell: Fraction(move) for cell, move in pinned.items()}
    for at, (move, below, above) in enumerate(zip(found, component.below, component.above, strict=True)):
        near = NEAR * (1 + abs(move))
        if at in moves:
            continue
        if abs(move + float(below)) <= near:
            moves[at] = Fraction(-int(below))
        elif above != UNBOUNDED and abs(move - float(above)) <= near:
            moves[at] = Fraction(int(above))
    free = np.array([at for at in range(len(found)) if at not in moves], np.int64)
    fixed = np.array([int(moves.get(at, 0)) for at in range(len(found))], object)
    rows = csr_array(component.relations)
    exact = vertex.exact(csr_array(rows[:, free]), -vertex.product(rows, fixed)) if len(free) else []
    if exact is not None:
        moves |= dict(zip(free.tolist(), exact, strict=True))
    pivots = _eliminated(component, moves) if exact is None and len(free) <= MANY else {}
    for at, move in enumerate(found):
        if at not in moves and at not in pivots:
            moves[at] = Fraction(round(move))
    for at in reversed(pivots):
        row, right = pivots[at]
        moves[at] = right - sum(
            (factor * moves[other] for other, factor in row.items() if other != at), start=Fraction(0)
        )
    return [moves[at] for at in range(len(found))]


def _eliminated(component: Component, fixed: dict[int, Fraction]) -> dict[int, tuple[dict[int, Fraction], Fraction]]:
    """Rows in echelon form by their pivot, in the order they were made: pivot + others = right side."""
    pivots: dict[int, tuple[dict[int, Fraction], Fraction]] = {}
    order: dict[int, int] = {}
    rows = component.relations.tocsr()
    lengths = np.diff(rows.indptr)
    for at in np.argsort(lengths, kind="stable"):
        span = slice(rows.indptr[at], rows.indptr[at + 1])
        row, right = {}, Fraction(0)
        for cell, factor in zip(rows.indices[span].tolist(), rows.data[span].tolist(), strict=True):
            if cell in fixed:
                right -= factor * fixed[cell]
            else:
                row[cell] = Fraction(factor)
        while meeting := [cell for cell in row if cell in pivots]:
            first = min(meeting, key=order.__getitem__)
            factor, (other, other_right) = row[first], pivots[first]
            right -= factor * other_right
            for cell, share in other.items():
                row[cell] = row.get(cell, Fraction(0)) - factor * share
                if not row[cell]:
                    del row[cell]
        if row:
            pivot = min(row)
            scale = row[pivot]
            pivots[pivot] = ({cell: factor / scale for cell, factor in row.items()}, right / scale)
            order[pivot] = len(order)
    return pivots
