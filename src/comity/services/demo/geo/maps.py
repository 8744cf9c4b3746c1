"""Step 0: the example's own command makes the country; from here on only its files are used."""

import importlib.util
import sys
from pathlib import Path
from typing import Final

from comity.errors import ConfigError
from comity.services.demo.geo.country import Country
from comity.services.demo.stage import Stage

LIBRARIES: Final = ("rasterio", "shapely", "pyproj", "numba")
LOUD: Final = "SYNTHETIC MAPS: an invented country; nothing was observed, no figure says anything about any place"


def play(stage: Stage, country: Country) -> None:
    """Rasters, zones, reference samples, and the truth in closed form, which Comity does not read."""
    if missing := [name for name in LIBRARIES if importlib.util.find_spec(name) is None]:
        raise ConfigError(
            "what reads maps is not installed", where="this Python", found=f"no {', '.join(missing)}",
            wanted="the extra geo", way_out="make/setup geo, or make demo-geo",
        )  # fmt: skip
    argv = (sys.executable, "-m", module(stage.places.example), "--out", str(stage.places.input))
    (done,) = stage.commands.processes.run([argv])
    if done.exit != 0:
        raise done.failed("the maps could not be made")
    stage.cast = country.cast
    stage.show.loud(LOUD)
    for line in done.out.strip().splitlines()[1:]:
        stage.show.say(line)
    files = sorted(path for path in stage.places.input.iterdir() if path.suffix == ".tif")
    stage.show.say(f"{sum(path.stat().st_size for path in files):,} bytes of GeoTIFF (tiles of 512, DEFLATE)")
    stage.show.say("their areas have a closed form (boxes of parallels and meridians, and ovals): input/truth.json")


def module(example: Path) -> str:
    """How Python names the example's command."""
    return f"{example.parent.name}.{example.name}.make"
