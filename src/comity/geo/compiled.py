"""Compiled functions on arrays: machine code by Numba, without the interpreter's lock, kept on disk between processes.

No `fastmath`, so that floats round as IEEE 754 says and every machine finds the same bits.
"""

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

from numba import njit

P = ParamSpec("P")
R = TypeVar("R")


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """Compile on the first call; where no folder can hold the code, each process compiles for itself."""
    try:
        made = njit(nogil=True, cache=True)(function)
    except RuntimeError:
        made = njit(nogil=True)(function)
    return cast(Callable[P, R], made)
