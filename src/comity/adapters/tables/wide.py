"""Products of two int64 on every engine: decimals of 38 digits, which hold 2^126."""

from typing import Any


def decimal(whole: Any) -> Any:
    """A whole number of 64 bits as a decimal."""
    return whole.cast("decimal(19, 0)")


def product(a: Any, b: Any) -> Any:
    """Of two of them; exact, and so is every sum of them below 10^38."""
    return (decimal(a) * decimal(b)).cast("decimal(38, 0)")
