"""Products of two int64 on every engine: decimals of 38 digits, which hold 2^126."""

from typing import Any


def decimal(whole: Any) -> Any:
    return whole.cast("decimal(19, 0)")


def product(a: Any, b: Any) -> Any:
    return (decimal(a) * decimal(b)).cast("decimal(38, 0)")
