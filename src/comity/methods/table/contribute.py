"""The half of `table/1` that runs at home: persons by cell, as one grouped expression."""

from typing import TYPE_CHECKING

from comity.methods.card import PERSONS
from comity.model.structure import Layout

if TYPE_CHECKING:
    import ibis


def contribute(bound: "ibis.Table", layout: Layout) -> "ibis.Table":
    """Persons of each combination of codes; see `methods.card.Contribute`."""
    (measure,) = layout.measures
    return bound.group_by([axis.id for axis in layout.dimensions]).agg(**{measure.id: bound[PERSONS].sum()})
