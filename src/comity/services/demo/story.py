"""The demonstration's story, in order: which steps there are, what they are called.

Decides the order and the clean start. What a step does is its own file; how a story is played is `demo.play`.
The demonstration starts commands and reads what they print: it imports no hub, node, stage or fold.
"""

from functools import partial
from pathlib import Path
from typing import Literal

from comity.services.demo import deciding, exchange, founding, people, places, play, releases, truth, verifying
from comity.services.demo.places import Places
from comity.services.demo.play import Step, Timing
from comity.services.demo.show import Show

Data = Literal["wvs", "synthetic"]


def steps(data: Data) -> tuple[Step, ...]:
    """The story."""
    return play.numbered(
        [
            ("People: each member's respondents go to its own folder", partial(people.play, data=data)),
            ("A charter, a hub, and offices that join by their own key", founding.play),
            ("A norm and a study are moved, discussed and voted; another motion fails", deciding.play),
            ("Each node decides by its own policy", exchange.consents),
            ("Counts at home, noise, seal; the hub opens only the sum", exchange.exchange),
            ("Each member publishes its own table, small cells suppressed", releases.national),
            ("The joint release, fetched as any reader fetches it", releases.joint),
            ("Verified offline; every forgery is refused, and named", verifying.play),
            ("Truth beside result", truth.play),
        ]
    )


def run(out: Path, *, members: int, data: Data, example: Path, show: Show) -> tuple[Places, tuple[Timing, ...]]:
    """Play the whole story in an empty folder; every process has ended when this returns or raises.

    Raises:
        DemoFailed: a step did not end as the story says; the message names the step.
    """
    place = places.clean(out, example, holds="roles.toml")
    about = {"members": members, "data": data}
    return place, tuple(play.through(place, steps(data), size=members, show=show, about=about))
