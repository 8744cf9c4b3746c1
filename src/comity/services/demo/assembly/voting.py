"""How this story votes: it moves, waits until the log's own time lets members vote, and until a tick has decided."""

import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

from comity.adapters import clock
from comity.model import moment
from comity.services.demo import deciding
from comity.services.demo.assembly import seen
from comity.services.demo.assembly.course import CAST, OFFICES
from comity.services.demo.stage import Stage

Choices = Mapping[str, Sequence[str]]  # yes, no or abstain -> the offices that say so
EARLY: Final = "motion.consultation"
ALL_YES: Choices = {"yes": OFFICES}


def move(stage: Stage, matter: str, file: object, *words: object, by: str = OFFICES[0]) -> int:
    """The leaf of a motion that an office moved."""
    said = stage.commands.facts("motion", "move", matter, file, *words, "--home", stage.home(by))
    return int(said["motion"])


def vote(stage: Stage, votes: Mapping[int, Choices]) -> None:
    """Everyone votes on all of these motions."""
    stage.commands.each(
        [
            ("vote", "cast", index, choice, *stage.homes([one for one in CAST.members if one.id in offices]))
            for index, choices in votes.items()
            for choice, offices in choices.items()
        ]
    )


def begins(stage: Stage, index: int, choice: str, *, by: str = OFFICES[0]) -> None:
    """Wait for the end of a consultation; it is there when the log takes the first vote."""
    row = seen.motion(stage, index, holds="votes-from")
    stage.show.say(f"votes from {row['votes-from']}")
    pause(row["votes-from"])
    words = stage.commands.argv("vote", "cast", index, choice, "--home", stage.home(by))

    def look() -> bool | None:
        (done,) = stage.commands.processes.run([words])
        if done.exit not in (0, 1) or (done.exit == 1 and EARLY not in done.err):
            raise done.failed()
        return done.exit == 0 or None

    stage.commands.until(look, what=f"the end of the consultation on motion {index}", service=stage.running)


def decide(stage: Stage, wanted: Mapping[int, str]) -> dict[int, dict[str, Any]]:
    """The motions once a tick has closed them; DemoFailed if one ended otherwise than the story says."""
    for index in wanted:
        pause(seen.motion(stage, index, holds="closes")["closes"])
    found = deciding.outcomes(stage, list(wanted))
    seen.same(
        {index: row["outcome"] for index, row in found.items()}, dict(wanted), what="motions", where="motion list"
    )
    for index, row in found.items():
        stage.show.say(f"leaf {index}, {row['name']}: {row['outcome']} ({deciding.votes(row)})")
    return found


def pause(until: str) -> None:
    """Sleep until a time that a command named; the log's own time comes a little later."""
    time.sleep(max(0.0, moment.read(until, where="a time of the log") - clock.now()))
