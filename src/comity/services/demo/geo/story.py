"""The geospatial story, in order: a whole country on maps, from charter to figures that lie beside the truth.

Decides the order and the clean start. What a step does is its own file; how a story is played is `demo.play`.
"""

from functools import partial
from pathlib import Path
from typing import Final

from comity.services.demo import places, play
from comity.services.demo.geo import adding, country, deciding, founding, maps, releases, tiles, truth, verifying
from comity.services.demo.geo.country import Country
from comity.services.demo.places import Places
from comity.services.demo.play import Step, Timing
from comity.services.demo.show import Show

SHOWN: Final = "release-change"


def steps(found: Country) -> tuple[Step, ...]:
    """The story."""
    return play.numbered(
        [
            ("Maps of an invented country, and the truth in closed form", partial(maps.play, country=found)),
            ("A charter, a hub, four members and a producer of open data", partial(founding.play, country=found)),
            ("Two norms and three studies are moved and voted", partial(deciding.play, country=found)),
            ("The producer adds its maps and binds their legends; members refuse", partial(adding.play, country=found)),
            ("Areas block by block; the node is killed and goes on", partial(tiles.play, country=found)),
            ("The releases, fetched as any reader fetches them", partial(releases.play, country=found)),
            (
                "Verified offline, computed again from the maps; every forgery is refused, and named",
                partial(verifying.play, country=found),
            ),
            ("Truth beside result", partial(truth.play, country=found)),
        ]
    )


def run(out: Path, *, example: Path, show: Show) -> tuple[Places, tuple[Timing, ...]]:
    """Play the whole story in an empty folder; every process has ended when this returns or raises.

    Raises:
        DemoFailed: a step did not end as the story says; the message names the step.
    """
    place = places.clean(out, example, holds=country.FILE, shown=SHOWN)
    found = country.read(place.example)
    size = len(found.cast.members)
    about = {"members": size, "data": found.cast.data}
    return place, tuple(play.through(place, steps(found), size=size, show=show, about=about))
