"""The bounded plan: several rows a person, numbers, weights; what one person adds to a table is bounded before it sums.

Not there yet.
"""

from typing import TYPE_CHECKING

from comity.adapters.tables.engine import Engine
from comity.errors import SourceError
from comity.stages.compute import Counts, Plan

if TYPE_CHECKING:
    import ibis


def counted(rows: "ibis.Table", plan: Plan, by: Engine, *, unique: bool) -> Counts:
    """Cells of a plan over the rows of its period.

    Args:
        unique: one row is one person in them.
    """
    raise SourceError("several rows a person are not counted yet", where=plan.source.id)
