"""The half of `distribution/1` that runs at home: of each row 1, its weight and its weight times y, in the bin of y."""

from collections.abc import Mapping, Sequence
from math import ceil
from typing import TYPE_CHECKING

from comity.methods.card import NUMBER, products
from comity.methods.distribution.measures import TERMS, edges
from comity.model.structure import Layout

if TYPE_CHECKING:
    import ibis


def contribute(bound: "ibis.Table", layout: Layout, parameters: Mapping[str, str]) -> "ibis.Table":
    """Each term as the product of its factors, under the bin that holds the number as it is added.

    The study's edges decide, not the binding's bands: a number that was rounded or cut lies where its sum is counted.
    Below the first edge it is in the first bin, above the last one in the last. A row with a mark keeps it.
    """
    axis, y = layout.dimensions[-1], bound[NUMBER + "y"]
    inner = edges(parameters, len(axis.codes))[1 : len(axis.codes)]
    unit = 10 ** int(parameters.get("y_decimals", "0"))
    known = bound[axis.id].isin(list(axis.codes))
    bin = known.ifelse(_choice(y, axis.codes, [ceil(edge * unit) for edge in inner]), bound[axis.id])
    return products(bound.mutate(bin.name(axis.id)), TERMS)


def _choice(y: "ibis.Value", codes: Sequence[str], edges: Sequence[int]) -> "ibis.Value | str":
    """The code of the bin that holds a number: halved and halved again, since engines nest a thousand choices badly.

    Args:
        edges: ascending, one between each two of the codes.
    """
    if not edges:
        return codes[0]
    half = len(edges) // 2
    lower, upper = _choice(y, codes[: half + 1], edges[:half]), _choice(y, codes[half + 1 :], edges[half + 1 :])
    return (y < edges[half]).ifelse(lower, upper)
