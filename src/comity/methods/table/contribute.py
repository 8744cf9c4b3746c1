"""The half of `table/1` that runs at home: each row is one person in one cell."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from comity.methods.card import Term, products
from comity.model.structure import Layout

if TYPE_CHECKING:
    import ibis


def contribute(bound: "ibis.Table", layout: Layout, parameters: Mapping[str, str]) -> "ibis.Table":
    """A one for each row; see `methods.card.Contribute`."""
    return products(bound, [Term(id=measure.id) for measure in layout.measures])
