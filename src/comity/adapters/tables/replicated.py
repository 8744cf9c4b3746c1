"""Totals by replicate weights: what each cell would be by each of them. The Ibis half of `variance.Replicated`."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from comity.adapters.tables import wide
from comity.adapters.tables.bound import CELL, weighing
from comity.methods.card import WEIGHT
from comity.model.source import Replicates
from comity.stages import drawing
from comity.stages.compute import Plan
from comity.stages.variance import Pair, Replicated

if TYPE_CHECKING:
    import ibis

TOGETHER: Final = 32  # replicate weights that are summed in one query


def totals(
    plan: Plan,
    pairs: Sequence[Pair],
    given: Replicates,
    again: Callable[[Sequence[str]], "ibis.Table"],
) -> Replicated:
    """What a plan's terms are in each cell, by the plan's weight and by each replicate weight, before any cut.

    Args:
        again: as `design.part` has it.

    Raises:
        ConfigError: scale or factors are none (`drawing.replicates`).
    """
    scale, factors = drawing.replicates(given, where=plan.source.id)
    columns = (plan.weight, *given.columns)
    powers = {term.id: term.factors.count(WEIGHT) for term in plan.method.card.needs.terms}
    found: dict[str, dict[int, list[int]]] = {term: {} for term in plan.terms}
    for first in range(0, len(columns), TOGETHER):
        several = columns[first : first + TOGETHER]
        added = again(several)
        sums = {
            f"{term}:{i}": _weighted(added[term], added[weighing(i)], powers.get(term, 0)).sum().cast("string")
            for term in plan.terms
            for i in range(len(several))
        }
        for row in added.group_by(CELL).agg(**sums).to_pyarrow().to_pylist():
            for term in plan.terms:
                cells = found[term].setdefault(row[CELL], [0] * len(columns))
                cells[first : first + len(several)] = [int(row[f"{term}:{i}"]) for i in range(len(several))]
    totals = {term: {cell: tuple(sums) for cell, sums in cells.items()} for term, cells in found.items()}
    return Replicated(pairs=tuple(pairs), scale=scale, factors=factors, totals=totals)


def _weighted(term: Any, weight: Any, power: int) -> Any:
    """A term of a row by another weight, of which it is a multiple."""
    found = wide.decimal(term)
    for _ in range(power):
        found = wide.product(found, weight)
    return found.cast("decimal(38, 0)")
