"""The story of a hub that is left behind, in order: two questions, and between them the log goes to another host.

Decides the order and the clean start. What a step does is its own file; how a story is played is `demo.play`.
"""

from functools import partial
from pathlib import Path
from typing import Final

from comity.services.demo import places, play
from comity.services.demo.places import Places
from comity.services.demo.play import Step, Timing
from comity.services.demo.show import Show
from comity.services.demo.succession import alone, asking, founding, moving, verifying

SHOWN: Final = "release-second"
HOLDS: Final = "study-second.toml"
LAST: Final = (
    "The log went to another hub by the members' vote: all members followed by themselves, both releases verify "
    "across the change, and the old hub goes on alone."
)


def steps() -> tuple[Step, ...]:
    """The story."""
    return play.numbered(
        [
            ("Five offices with made-up people, a first hub, and a mirror", founding.play),
            ("A norm and a question are voted, answered and released at the first hub", partial(asking.play, "first")),
            ("The members vote the log to another hub; the first hub's folder is deleted", moving.vote),
            ("The second hub takes over from the mirror's files; the members follow by themselves", moving.follow),
            ("Another question is voted, answered and released at the second hub", partial(asking.play, "second")),
            ("Both releases are verified across the change", verifying.play),
            ("A copy of the first hub is started again", alone.play),
        ]
    )


def run(out: Path, *, example: Path, show: Show) -> tuple[Places, tuple[Timing, ...]]:
    """Play the whole story in an empty folder; every process has ended when this returns or raises.

    Raises:
        DemoFailed: a step did not end as the story says; the message names the step.
    """
    place = places.clean(out, example, holds=HOLDS, shown=SHOWN)
    about = {"members": len(founding.CAST.members), "data": founding.CAST.data}
    return place, tuple(play.through(place, steps(), size=len(founding.CAST.members), show=show, about=about))
