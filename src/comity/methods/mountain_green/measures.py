"""What `mountain_green/1` is given and publishes: measures, the ten classes of land cover, which of them are green."""

from collections.abc import Sequence
from typing import Final

from comity.errors import FormatError
from comity.methods.card import Rounding

GIVEN: Final = ("area", "green", "variance", "points")  # of the table, as `methods.card` says of a raster layout

# The ten classes of 15.4.2, after the land cover classification of the SEEA Central Framework: artificial surfaces;
# croplands; grassland; tree-covered areas; shrub-covered areas; shrubs or herbaceous vegetation, aquatic or regularly
# flooded; sparsely natural vegetated areas; terrestrial barren land; permanent snow and glaciers; inland water bodies.
NUMBERS: Final = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "10")
NAMES: Final = ("BUILT", "CROP", "GRASS", "TREE", "SHRUB", "WETLAND", "SPARSE", "BARE", "SNOW", "WATER")
GREEN: Final = frozenset((*NUMBERS[1:6], *NAMES[1:6]))

AREA: Final = Rounding(measure="area", value=6, error=6)  # km2, to the square metre: parts add up as published
MGCI: Final = Rounding(measure="mgci", value=3, error=3)  # per cent
MAPPED: Final = Rounding(measure="mapped", value=3, error=3)  # per cent
ESTIMATE: Final = Rounding(measure="green", value=3, error=3)  # km2
POINTS: Final = Rounding(measure="points", value=0, error=0)


def greens(codes: Sequence[str]) -> tuple[bool, ...]:
    """Whether each code of a list is a green class.

    Raises:
        FormatError: a code that is none of the ten, or numbers mixed with names.

    >>> greens(["TREE", "SNOW"])
    (True, False)
    """
    if not (set(codes) <= set(NUMBERS) or set(codes) <= set(NAMES)):
        raise FormatError(
            "not classes of the land cover of 15.4.2",
            where="mountain_green/1",
            found=", ".join(codes),
            wanted=f"some of {', '.join(NUMBERS)}, or of {', '.join(NAMES)}",
            way_out="map the legend to these classes in the binding, and list them in the norm",
        )
    return tuple(code in GREEN for code in codes)
