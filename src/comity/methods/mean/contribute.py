"""The half of `mean/1` that runs at home: of each row 1, its weight, and the weight times y and y squared."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from comity.methods.card import products
from comity.methods.mean.measures import TERMS
from comity.model.structure import Layout

if TYPE_CHECKING:
    import ibis


def contribute(bound: "ibis.Table", layout: Layout, parameters: Mapping[str, str]) -> "ibis.Table":
    """Each term as the product of its factors; see `methods.card.Contribute`."""
    return products(bound, TERMS)
