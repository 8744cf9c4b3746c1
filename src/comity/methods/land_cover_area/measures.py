"""What `land_cover_area/1` is given and what it publishes: measures of the table, and decimals of the figures."""

from typing import Final

from comity.methods.card import Rounding

GIVEN: Final = ("area", "adjusted", "variance", "points")  # of the table, as `methods.card` says of a raster layout

AREA: Final = Rounding(measure="area", value=6, error=6)  # km2, to the square metre: parts add up as published
SHARE: Final = Rounding(measure="share", value=3, error=3)  # per cent
CHANGE: Final = Rounding(measure="change", value=6, error=6)  # km2
RATE: Final = Rounding(measure="rate", value=3, error=3)  # per cent
ADJUSTED: Final = Rounding(measure="adjusted", value=3, error=3)  # km2
ADJUSTED_CHANGE: Final = Rounding(measure="adjusted_change", value=3, error=3)  # km2
POINTS: Final = Rounding(measure="points", value=0, error=0)
