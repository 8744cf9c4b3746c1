"""The half of `regression/1` that runs at home: of each person the weighted products of two factors, a row each."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from comity.methods.card import NUMBER, WEIGHT
from comity.methods.regression.measures import ONE, codes, covariates, decimals
from comity.model.structure import Layout

if TYPE_CHECKING:
    import ibis


def contribute(bound: "ibis.Table", layout: Layout, parameters: Mapping[str, str]) -> "ibis.Table":
    """Each row once for each code of the dimension, whatever code it had; see `methods.card.Contribute`.

    A row that has a mark instead of a code keeps it: it is in no cell. Persons are counted in the first code's cell.
    """
    dimension, listed = layout.dimensions[0].id, codes(covariates(parameters))
    one = 10 ** decimals(parameters)
    known = bound[dimension].isin(list(listed))

    def product(code: str) -> "ibis.Table":
        a, b = (one if name == ONE else bound[NUMBER + name] for name in code.split("-"))
        wz = bound[WEIGHT] * a * b
        return bound.mutate(n=int(code == listed[0]), wz=wz, **{dimension: known.ifelse(code, bound[dimension])})

    first, *others = (product(code) for code in listed)
    return first.union(*others) if others else first
