"""The half of `ratio/1` that runs at home: of each row 1, and its weight times y and times x."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from comity.methods.card import products
from comity.methods.ratio.measures import TERMS
from comity.model.structure import Layout

if TYPE_CHECKING:
    import ibis


def contribute(bound: "ibis.Table", layout: Layout, parameters: Mapping[str, str]) -> "ibis.Table":
    """Each term as the product of its factors; see `methods.card.Contribute`."""
    return products(bound, TERMS)
