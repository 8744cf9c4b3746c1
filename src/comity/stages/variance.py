"""Sampling variance at home: from totals of the design's units to the moments of a table's measures.

Horvitz-Thompson with strata and stages (Särndal, Swensson, Wretman 1992, ch. 4; Lumley 2010, ch. 2), with replacement
where no population is known, or from replicate weights (Wolter 2007, ch. 3 to 5). Exact in fractions, rounded once.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from comity.methods.card import Moment
from comity.model.structure import Layout


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Not there yet."""


def moments(
    layout: Layout, moments: Sequence[Moment], values: NDArray[np.int64], totals: Totals
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The layout's values with its moments filled in, and the sampling variance of each value (0 of a moment)."""
    raise NotImplementedError
