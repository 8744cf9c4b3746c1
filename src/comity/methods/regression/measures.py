"""What `regression/1` is given and what it publishes; the order of its products, for whoever writes its norm."""

from collections.abc import Mapping
from itertools import combinations_with_replacement
from typing import Final

from comity.errors import FormatError
from comity.methods.card import WEIGHT, Rounding, Term

ONE: Final = "1"  # the intercept's regressor
OUTCOME: Final = "y"
COVARIATES: Final = tuple(f"x{i}" for i in range(1, 11))
# Any two numbers have as many decimals as y twice: all of them have the same.
TERMS: Final = (Term(id="n"), Term(id="wz", factors=(WEIGHT, OUTCOME, OUTCOME)))

COUNT: Final = Rounding(measure="n", value=0, error=1)
COEFFICIENT: Final = Rounding(measure="coefficient", value=10, error=10)
R2: Final = Rounding(measure="r2", value=8, error=8)
RESIDUAL: Final = Rounding(measure="residual_sd", value=10, error=10)


def names(covariates: int) -> tuple[str, ...]:
    """The factors of a regression on so many covariates: the intercept, x1, ..., y.

    >>> names(2)
    ('1', 'x1', 'x2', 'y')
    """
    return (ONE, *COVARIATES[:covariates], OUTCOME)


def codes(covariates: int) -> tuple[str, ...]:
    """Codes of the norm's list for the dimension: one for each product of two factors, in order.

    >>> codes(1)
    ('1-1', '1-x1', '1-y', 'x1-x1', 'x1-y', 'y-y')
    """
    return tuple(f"{a}-{b}" for a, b in combinations_with_replacement(names(covariates), 2))


def covariates(parameters: Mapping[str, str]) -> int:
    """How many covariates a study has: x1 to xp, without a gap, all numbers with the same decimals as y.

    Raises:
        FormatError: none, a gap, or other decimals.
    """
    named = [name for name in COVARIATES if name in parameters]
    count = len(named)
    decimals = {parameters.get(f"{name}_decimals", "0") for name in (OUTCOME, *named)}
    if not named or tuple(named) != COVARIATES[:count] or len(decimals) != 1:
        raise FormatError(
            "not the numbers of a regression",
            where="parameters",
            found=f"{', '.join(named) or 'no covariate'}; decimals {', '.join(sorted(decimals))}",
            wanted="y and x1, x2, ... without a gap, all with the same decimals",
        )
    return count


def decimals(parameters: Mapping[str, str]) -> int:
    """Decimals of every number."""
    return int(parameters.get(f"{OUTCOME}_decimals", "0"))
