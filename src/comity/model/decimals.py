"""Decimals as text: one spelling for one number, because acts and policies hold no floats."""

import re
from decimal import Decimal
from typing import Final

_SPELLING: Final = re.compile(r"(0|[1-9]\d{0,8})(\.\d{0,17}[1-9])?")


def is_decimal(text: str) -> bool:
    """Whether a text is a decimal of zero or more in its one spelling.

    >>> [is_decimal(text) for text in ("0", "1.5", "0.000001", "1.50", ".5", "1e-6", "-1", "NaN")]
    [True, True, True, False, False, False, False, False]
    """
    return bool(_SPELLING.fullmatch(text)) and text.isascii()


def is_probability(text: str) -> bool:
    """Whether a text is a decimal above zero and below one, such as a delta."""
    return is_decimal(text) and 0 < Decimal(text) < 1
