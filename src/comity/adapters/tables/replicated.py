"""Totals by replicate weights: what each cell would be by each of them. The Ibis half of `variance.Replicated`."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from comity.adapters.tables import wide
from comity.adapters.tables.bound import CELL, weighed, weighing
from comity.adapters.tables.engine import Engine
from comity.errors import SourceError
from comity.methods.card import WEIGHT
from comity.model.source import Replicates
from comity.stages import drawing
from comity.stages.compute import Plan
from comity.stages.variance import Pair, Replicated

if TYPE_CHECKING:
    import ibis

TOGETHER: Final = 32  # replicate weights that are summed in one query


def insist(rows: "ibis.Table", weight: str, given: Replicates, by: Engine, *, where: str) -> None:
    """Refuse rows of the universe that have the weight itself, and not every replicate weight.

    Args:
        weight: its column; "" where every row weighs the same.
        where: the source.
    """
    whole = rows.filter(weighed(rows, weight, by))
    holes = (~weighed(whole, column, by) for column in given.columns)
    found = whole.agg(**{weighing(i): whole.count(where=hole) for i, hole in enumerate(holes)})
    lost = dict(zip(given.columns, found.to_pyarrow().to_pylist()[0].values(), strict=True))
    if wrong := [column for column in given.columns if lost[column]]:
        raise SourceError(
            "rows have no replicate weight",
            where=f"{where}: {', '.join(wrong)}",
            found=f"{max(lost.values())} rows without one, or with a negative one",
            wanted="a weight of 0 or more in every row that has the weight itself",
            way_out="correct the column, or leave the replicate weights out of the binding",
        )


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
