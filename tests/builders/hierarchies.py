"""Hierarchical tables of made-up contributors, as problems of disclosure control. The same seed makes the same table.

Leaves of a product of trees hold skewed numbers of contributors with lognormal parts; margins add up; the p per cent
rule says what is primary, and how far its interval must reach. Chance is a counter through splitmix64 (Steele, Lea
and Flood 2014), so that no generator with a state comes near this room. Shapes follow the tables that the suppression
literature times: two hierarchies and a flat class.
"""

from dataclasses import dataclass
from math import prod
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.special import ndtri
from scipy.stats import poisson

from comity.stages.protect.problem import UNBOUNDED, Problem

Branches = tuple[tuple[int, ...], ...]

SHAPES: Final[dict[str, tuple[Branches, float]]] = {
    "tiny": (((3,), (3,)), 5.0),  # 16 cells
    "676": (((3, 3), (3, 3), (3,)), 8.0),
    "1e3": (((3, 4), (3, 4), (3,)), 24.0),  # 1,024 cells
    "1e4": (((5, 7), (5, 6), (5,)), 42.0),  # 8,856
    "11e3": (((4, 3, 3), (5, 6), (5,)), 30.0),  # 11,448
    "1e5": (((6, 4, 5), (5, 4, 4), (5,)), 50.0),  # 96,036
}
"""Branches of each variable's tree, and contributors of a leaf on average."""


class Chance:
    """Uniform numbers in (0, 1): each call takes the next of the seed's counter."""

    def __init__(self, seed: int) -> None:
        self._at = seed << 40

    def uniform(self, count: int) -> NDArray[np.float64]:
        """So many of them."""
        z = np.arange(self._at + 1, self._at + 1 + count, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        self._at += count
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return ((z ^ (z >> np.uint64(31))) >> np.uint64(11)).astype(np.float64) / 2.0**53 + 2.0**-54

    def lognormal(self, mean: float, sigma: float, count: int) -> NDArray[np.float64]:
        """So many, by the inverse of the normal distribution."""
        return np.asarray(np.exp(mean + sigma * ndtri(self.uniform(count))))


def tree(branches: tuple[int, ...]) -> tuple[int, ...]:
    """Parents of the nodes: one root, each node of a level with as many children as `branches` says."""
    parents, level = [-1], [0]
    for children in branches:
        level = [len(parents) + at for at in range(children * len(level))]
        parents += [parent for parent in range(level[0] - len(level) // children, level[0]) for _ in range(children)]
    return tuple(parents)


def leaves(parents: tuple[int, ...]) -> list[int]:
    """Nodes without children."""
    return sorted(set(range(len(parents))) - set(parents))


@dataclass(frozen=True, slots=True, eq=False)
class Filled:
    """Cells of the whole product of the trees, margins too: value, contributors, and the two largest of them."""

    value: NDArray[np.int64]
    number: NDArray[np.int64]
    first: NDArray[np.int64]
    second: NDArray[np.int64]


def filled(trees: list[tuple[int, ...]], seed: int, mean: float, zero: float) -> Filled:
    """Leaves by chance, margins from the leaves; C order, last variable fastest."""
    chance = Chance(seed)
    shape = tuple(len(leaves(t)) for t in trees)
    weights = [chance.lognormal(0.0, 0.9, n) for n in shape]
    rate = np.array(mean)
    for weight in weights:
        rate = np.multiply.outer(rate, weight / weight.mean())
    rate = rate.ravel() * (chance.uniform(prod(shape)) > zero)
    number = poisson.ppf(chance.uniform(len(rate)), rate).astype(np.int64)
    number[rate == 0] = 0
    cell = np.repeat(np.arange(len(rate)), number)
    part = np.ceil(chance.lognormal(4.0, 1.3, len(cell))).astype(np.int64)
    part = part[np.lexsort((-part, cell))]
    start = np.cumsum(number) - number
    padded = np.append(part, [0, 0])
    first = np.where(number > 0, padded[np.minimum(start, len(part))], 0)
    second = np.where(number > 1, padded[np.minimum(start + 1, len(part))], 0)
    value = np.bincount(cell, part, len(rate)).astype(np.int64)
    return spread(trees, Filled(value, number, first, second), shape)


def spread(trees: list[tuple[int, ...]], inner: Filled, shape: tuple[int, ...]) -> Filled:
    """The product with its margins: along each axis, each node takes in its children, lowest first."""
    arrays = [a.reshape(shape) for a in (inner.value, inner.number, inner.first, inner.second)]
    for axis, parents in enumerate(trees):
        grown = []
        for array in arrays:
            full = np.zeros((len(parents), *np.moveaxis(array, axis, 0).shape[1:]), np.int64)
            full[leaves(parents)] = np.moveaxis(array, axis, 0)
            grown.append(full)
        value, number, first, second = grown
        for node in range(len(parents) - 1, 0, -1):
            up = parents[node]
            value[up] += value[node]
            number[up] += number[node]
            second[up] = np.maximum(np.minimum(first[up], first[node]), np.maximum(second[up], second[node]))
            first[up] = np.maximum(first[up], first[node])
        arrays = [np.moveaxis(array, 0, axis) for array in grown]
    return Filled(*(np.ascontiguousarray(array).ravel() for array in arrays))


def relations(trees: list[tuple[int, ...]]) -> csr_array:
    """For each variable, each node with children, at each combination of the others: children minus the node."""
    shape = tuple(len(t) for t in trees)
    cells = np.arange(prod(shape)).reshape(shape)
    rows, columns, entries, count = [], [], [], 0
    for axis, parents in enumerate(trees):
        along = np.moveaxis(cells, axis, 0).reshape(shape[axis], -1)
        for node in sorted(set(parents) - {-1}):
            own = [at for at, parent in enumerate(parents) if parent == node]
            row = count + np.arange(along.shape[1])
            for member, entry in [(node, -1), *((at, 1) for at in own)]:
                rows.append(row)
                columns.append(along[member])
                entries.append(np.full(len(row), entry))
            count += len(row)
    matrix = csr_array(
        (np.concatenate(entries), (np.concatenate(rows), np.concatenate(columns))), shape=(count, cells.size)
    )
    return csr_array(matrix, dtype=np.int64)


def hierarchy(
    branches: Branches, *, seed: int, mean: float, zero: float = 0.25, p: int = 10, coalition: int = 0
) -> Problem:
    """A table of such trees under the p per cent rule: zeros are shown, everything else may be suppressed.

    Cost: the value. Nobody knows a bound but that no value is below 0.
    """
    trees = [tree(b) for b in branches]
    cells = filled(trees, seed, mean, zero)
    rest = cells.value - cells.first - cells.second
    lacking = p * cells.first - 100 * rest
    primary = (cells.number > 0) & (lacking > 0)
    upper = np.where(primary, np.maximum(-(-lacking // 100), 1), 0)
    kept = relations(trees)
    kept = kept[np.flatnonzero(abs(kept) @ cells.value > 0)]
    return Problem(
        values=cells.value,
        relations=csr_array(kept),
        primary=primary,
        upper=upper,
        lower=np.minimum(upper, cells.value),
        open=cells.value > 0,
        hidden=np.zeros(len(primary), bool),
        cost=np.maximum(cells.value, 1),
        floor=np.zeros(len(primary), np.int64),
        ceiling=np.full(len(primary), UNBOUNDED),
        alone=cells.number == 1,
        coalition=coalition,
    )


def named(name: str, *, seed: int = 1, coalition: int = 0, mean: float | None = None) -> Problem:
    """A table of `SHAPES`."""
    branches, usual = SHAPES[name]
    return hierarchy(branches, seed=seed, mean=mean or usual, coalition=coalition)
