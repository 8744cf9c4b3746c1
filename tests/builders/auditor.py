"""A hockey-stick auditor: what releases of two neighbouring tables prove about epsilon, whatever the code says.

Differential privacy at (epsilon, delta) is P(S) - e^epsilon Q(S) <= delta for every event S, P and Q the outputs of two
neighbours. The auditor releases both tables many times, looks in one half of the releases for events that tell them
apart, and counts these in the other half. By Clopper and Pearson's exact interval the epsilon that it states is a lower
bound of the mechanism's, but for one audit in 10^9: above the claim, it proves a fault; near it, that the claim is
tight. It sees outputs alone, knows no law and imports nothing of ours.

Sources: Ding et al., CCS 2018; Bichsel et al. (DP-Sniper), S&P 2021; Jagielski et al., NeurIPS 2020 (the interval).
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Dice = Callable[[int], bytes]
Mechanism = Callable[[NDArray[np.int64], Dice], None]
"""Protects many releases of one table, in place: (releases, cells), each row as a node would protect it."""

WRONG = 1e-9
_SLACK = 1e-4  # of the search for an event; what is stated rests on the other half alone


@dataclass(frozen=True)
class Evidence:
    """epsilon: of at least so much, at the delta that was asked; by what the outputs were looked at."""

    epsilon: float
    view: str


def each(release: Mechanism) -> Mechanism:
    """Every release by a call of its own, as a node makes it: what repeats from call to call is seen."""

    def protect(tables: NDArray[np.int64], dice: Dice) -> None:
        for row in tables:
            release(row[None], dice)

    return protect


def audit(
    mechanism: Mechanism,
    table: list[int],
    neighbour: list[int],
    *,
    delta: float,
    releases: int,
    dice: Callable[[str], Dice],
) -> Evidence:
    """The largest epsilon that these releases prove, at this delta; 0 where they prove nothing."""
    outputs = []
    change = np.array(neighbour) - np.array(table)
    for name, values in (("table", table), ("neighbour", neighbour)):
        tables = np.tile(np.array(values, "<i8"), (releases, 1))
        mechanism(tables, dice(name))
        outputs.append(tables)
    seen = [list(views(one, change)) for one in outputs]
    found = [Evidence(0.0, "nothing")]
    chance = WRONG / (4 * len(seen[0]))
    for (view, first), (_, second) in zip(*seen, strict=True):
        for p, q in ((first, second), (second, first)):
            found.append(Evidence(proved(p, q, delta, chance), view))
    return max(found, key=lambda one: one.epsilon)


def views(tables: NDArray[np.int64], change: NDArray[np.int64]) -> Iterator[tuple[str, NDArray[np.int64]]]:
    """One whole number of each release: a cell, all along the change, the difference of two."""
    cells = tables.shape[1]
    yield from ((f"cell {at}", tables[:, at]) for at in range(cells))
    if cells > 1:
        yield "change", tables @ change
    for one, other in combinations(range(cells), 2):
        yield f"cell {one} - cell {other}", tables[:, one] - tables[:, other]


def proved(p: NDArray[np.int64], q: NDArray[np.int64], delta: float, chance: float) -> float:
    """Epsilon that an event found in the first halves proves in the second ones; wrong twice `chance` at most."""
    lowest, half = min(p.min(), q.min()), len(p) // 2
    size = int(max(p.max(), q.max()) - lowest) + 1
    first, second = ([np.bincount(of[part] - lowest, minlength=size) for of in (p, q)] for part in halves(half))
    chosen = event(first[0], first[1], delta)
    often, seldom = (int(counts[chosen].sum()) for counts in second)
    return least(often, len(p) - half, seldom, len(q) - half, delta, chance)


def halves(half: int) -> tuple[slice, slice]:
    """Releases in which events are looked for, and those in which they are counted."""
    return slice(None, half), slice(half, None)


def event(often: NDArray[np.int64], seldom: NDArray[np.int64], delta: float) -> NDArray[np.int64]:
    """Places of the outcomes that are more frequent in p: as many of the most telling ones as prove most."""
    order = np.argsort(-(often + 0.5) / (seldom + 0.5), kind="stable")
    sums = zip(np.cumsum(often[order]).tolist(), np.cumsum(seldom[order]).tolist(), strict=True)
    scores = [least(many, int(often.sum()), few, int(seldom.sum()), delta, _SLACK) for many, few in sums]
    best = int(np.argmax(scores))
    return order[: best + 1] if scores[best] > 0 else order[:0]


def least(often: int, of_p: int, seldom: int, of_q: int, delta: float, chance: float) -> float:
    """log of (P - delta) / Q at the unfavourable ends of the exact intervals of both; 0 where that is below 1."""
    low = float(stats.beta.ppf(chance, often, of_p - often + 1)) if often else 0.0
    high = float(stats.beta.isf(chance, seldom + 1, of_q - seldom)) if seldom < of_q else 1.0
    return max(0.0, math.log((low - delta) / high)) if low > delta else 0.0
