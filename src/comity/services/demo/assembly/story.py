"""The story of an assembly that decides, in order.

Decides the order and the clean start. What a step does is its own file; how a story is played is `demo.play`.
"""

from functools import partial
from pathlib import Path
from typing import Final

from comity.services.demo import places, play
from comity.services.demo.assembly import (
    audits,
    counting,
    deadlines,
    electing,
    estimates,
    founding,
    norms,
    outside,
    tables,
)
from comity.services.demo.assembly.course import CAST, Course
from comity.services.demo.places import Places
from comity.services.demo.play import Step, Timing
from comity.services.demo.show import Show

SHOWN: Final = "release-west"
HOLDS: Final = "outside.csv"
LAST: Final = (
    "Shown: a norm from draft to force, replaced and reserved; an outside norm; estimates that ended in all five ways; "
    "an election; audits answered, refused and met with silence; all of it counted from public files. Look at "
    "pages/assembly/index.html and logs/commands.log in that folder."
)


def steps() -> tuple[Step, ...]:
    """The story."""
    course = Course()
    told = [
        ("Six offices with made-up people, an agency without a vote, a hub, and a charter", founding.play),
        (
            "A norm: draft, comments, answers, an amendment, votes, in force; an office reserves a question",
            norms.first,
        ),
        ("A second version takes its place; one with a false number is refused", norms.second),
        ("A norm of somebody else is recognised, by its very bytes", outside.play),
        ("A question is asked under the second version; two offices publish their own table", tables.play),
        ("Estimates by the agency are put to the countries first", estimates.play),
        ("An election: two candidates for chair", electing.play),
        ("Audits of published figures: one is answered down to the file, one refused", audits.play),
        ("Two deadlines pass: an estimate and an audit that nobody answered", deadlines.play),
        ("What follows from the log is counted, paged and audited by anyone", counting.play),
    ]
    return play.numbered([(title, partial(step, course=course)) for title, step in told])


def run(out: Path, *, example: Path, show: Show) -> tuple[Places, tuple[Timing, ...]]:
    """Play the whole story in an empty folder; every process has ended when this returns or raises.

    Raises:
        DemoFailed: a step did not end as the story says; the message names the step.
    """
    place = places.clean(out, example, holds=HOLDS, shown=SHOWN)
    about = {"members": len(CAST.members), "data": CAST.data}
    return place, tuple(play.through(place, steps(), size=len(CAST.members), show=show, about=about))
