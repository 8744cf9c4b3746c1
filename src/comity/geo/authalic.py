"""Area of the ellipsoid from the equator to a parallel, closed form, in whole numbers.

For a geodetic latitude of sine s on an ellipsoid with semi-axes a and b and e2 = 1 - b2/a2, one radian of longitude:

    A(s) = b2 * integral from 0 to s of dt / (1 - e2 t2)^2 = b2 * sum over k of (k + 1) e2^k s^(2k+1) / (2k + 1)

which is q of Snyder, Map Projections: A Working Manual (USGS PP 1395, 1987), equation 3-12, times a2/2. It is reckoned
here in fixed point of Python's integers, since sines and logarithms of floats differ between machines in their last
bit, and a figure that anyone recomputes must not.
"""

from fractions import Fraction
from typing import Final

BITS: Final = 160  # doubles of more than 2^-107 are exact
ONE: Final = 1 << BITS
PI: Final = Fraction("3.14159265358979323846264338327950288419716939937510582097494459230782")
RADIAN: Final = round(PI / 180 * ONE)  # one degree


def fixed(value: float | Fraction) -> int:
    """A number in units of 2^-BITS, half to even."""
    return round(Fraction(value) * ONE)


def sine(degrees: int) -> int:
    """Sine of an angle of -90 to 90 degrees, both in units of 2^-BITS; the poles are exactly 1."""
    if abs(degrees) == 90 * ONE:
        return degrees // 90
    angle = degrees * RADIAN >> BITS
    square = angle * angle >> BITS
    term = total = angle
    k = 1
    while term not in (0, -1):  # a shifted negative number ends at -1
        term = -(term * square >> BITS) // ((k + 1) * (k + 2))
        total += term
        k += 2
    return total


def coefficients(e2: Fraction) -> list[int]:
    """(k + 1) e2^k / (2k + 1) in units of 2^-BITS, as far as they are not 0; e2 is below 1/2."""
    found: list[int] = []
    while term := fixed((len(found) + 1) * e2 ** len(found) / (2 * len(found) + 1)):
        found.append(term)
    return found


def strip(degrees: int, series: list[int]) -> int:
    """A(s) / b2 from the equator to a latitude, both in units of 2^-BITS; negative in the south."""
    s = sine(degrees)
    square, total = s * s >> BITS, 0
    for term in reversed(series):
        total = (total * square >> BITS) + term
    return total * s >> BITS
