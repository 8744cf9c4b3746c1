"""Areas on WGS84 in closed form: what lies between two parallels and two meridians. Comity's own formula is another.

With S(lat) = b^2/2 (sin lat / (1 - e^2 sin^2 lat) + artanh(e sin lat) / e), the ellipsoid's area between the equator
and a parallel for each radian of longitude (Snyder, Map Projections: A Working Manual, USGS PP 1395, equation 3-12),
a box holds (S(north) - S(south)) times its width. In the plane of longitude and S areas are true, so that an oval drawn
there, inscribed in a box, holds exactly pi/4 of the box.
"""

import math
from typing import Final

A: Final = 6378137.0  # metres; EPSG:7030
F: Final = 1 / 298.257223563
B: Final = A * (1 - F)
E: Final = math.sqrt(F * (2 - F))


def strip(latitude: float) -> float:
    """S: square metres between the equator and a parallel, for each radian of longitude. Latitude in degrees.

    >>> round(4 * math.pi * strip(90) / 1e6, 3)  # the whole ellipsoid, in square kilometres
    510065621.724
    """
    sine = math.sin(math.radians(latitude))
    return B**2 / 2 * (sine / (1 - (E * sine) ** 2) + math.atanh(E * sine) / E)


def box(west: float, south: float, east: float, north: float) -> float:
    """Square metres between two parallels and two meridians, in degrees."""
    return math.radians(east - west) * (strip(north) - strip(south))


def parallel(value: float, south: float, north: float) -> float:
    """The latitude at which S has a value, between two others, by bisection."""
    for _ in range(60):
        middle = (south + north) / 2
        south, north = (middle, north) if strip(middle) < value else (south, middle)
    return (south + north) / 2
