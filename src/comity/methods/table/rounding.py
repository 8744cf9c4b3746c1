"""How the figures of `table/1` are rounded and spelt: half to even, one text for one number."""

from decimal import ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from typing import Final

from comity.methods.card import Rounding

# Not the thread's context: a figure must not depend on what a caller did to it.
CONTEXT: Final = Context(
    prec=28,
    rounding=ROUND_HALF_EVEN,
    Emin=-999999,
    Emax=999999,
    capitals=1,
    clamp=0,
    flags=[],
    traps=[InvalidOperation, DivisionByZero, Overflow],
)


COUNT: Final = Rounding(measure="n", value=0, error=1)  # persons
SHARE: Final = Rounding(measure="share", value=2, error=3)  # per cent


def spell(number: Decimal, decimals: int) -> str:
    """The number with so many decimals; zero has no sign.

    >>> spell(Decimal("0.125"), 2), spell(Decimal("-0.001"), 2), spell(Decimal("1E+3"), 0)
    ('0.12', '0.00', '1000')
    """
    rounded = number.quantize(Decimal(1).scaleb(-decimals), context=CONTEXT)
    return format(abs(rounded) if rounded.is_zero() else rounded, "f")
