"""Decimals as text: one spelling for one number, because acts, policies and figures hold no floats."""

import re
from decimal import ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from fractions import Fraction
from typing import Final

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
_SPELLING: Final = re.compile(r"(0|[1-9]\d{0,8})(\.\d{0,17}[1-9])?")
_ROUNDED: Final = re.compile(r"-?(0|[1-9][0-9]{0,39})(\.[0-9]{1,20})?")
_NOTHING: Final = re.compile(r"-[0.]*")


def is_decimal(text: str) -> bool:
    """Whether a text is a decimal of zero or more in its one spelling.

    >>> [is_decimal(text) for text in ("0", "1.5", "0.000001", "1.50", ".5", "1e-6", "-1", "NaN")]
    [True, True, True, False, False, False, False, False]
    """
    return bool(_SPELLING.fullmatch(text)) and text.isascii()


def is_signed(text: str) -> bool:
    """Whether a text is a decimal in its one spelling, with a sign where it is negative.

    >>> [is_signed(text) for text in ("0", "-1.5", "-0", "+1", "--1", "1.50", "")]
    [True, True, False, False, False, False, False]
    """
    return is_decimal(text.removeprefix("-")) and text != "-0"


def is_probability(text: str) -> bool:
    """Whether a text is a decimal above zero and below one, such as a delta."""
    return is_decimal(text) and 0 < Decimal(text) < 1


def spell(number: Fraction | Decimal, decimals: int) -> str:
    """A number with so many decimals, rounded half to even; zero has no sign.

    >>> spell(Fraction(1, 8), 2), spell(Decimal("-0.001"), 2), spell(Fraction(1000), 0)
    ('0.12', '0.00', '1000')
    """
    scaled = round(Fraction(number) * 10**decimals)
    whole, rest = divmod(abs(scaled), 10**decimals)
    return ("-" if scaled < 0 else "") + (f"{whole}.{rest:0{decimals}d}" if decimals else str(whole))


def is_rounded(text: str) -> bool:
    """Whether a text is a number as `spell` writes it, of at most 40 digits before the point and 20 after it.

    >>> [is_rounded(text) for text in ("-3.50", "0.00", "12", "-0.00", "01", "1_0", "+1", "1.", "NaN", "1e3", "٣")]
    [True, True, True, False, False, False, False, False, False, False, False]
    """
    return bool(_ROUNDED.fullmatch(text)) and not _NOTHING.fullmatch(text)


def decimal(number: Fraction) -> Decimal:
    """A fraction in `CONTEXT`.

    >>> decimal(Fraction(2, 3))
    Decimal('0.6666666666666666666666666667')
    """
    return CONTEXT.divide(Decimal(number.numerator), Decimal(number.denominator))


def root(number: Fraction) -> Decimal:
    """The square root of a fraction of zero or more, in `CONTEXT`.

    >>> root(Fraction(9, 4))
    Decimal('1.5')
    """
    return CONTEXT.sqrt(decimal(number))
