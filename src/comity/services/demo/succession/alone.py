"""Step 6: the first hub comes back from a copy of its folder, and nobody follows it."""

import time
from typing import Final

from comity.services.demo.processes import failed
from comity.services.demo.stage import Stage
from comity.services.demo.succession.moving import KEPT

SECONDS: Final = 4.0  # that it is left alone


def play(stage: Stage) -> None:
    """It runs, it has its keys, and its log does not grow: no witness looks at it any more."""
    old = stage.commands.start("hub-first-again", "hub", "run", "--home", stage.places.out / KEPT)

    def listening() -> bool | None:
        return "listening" in old.written() or None

    stage.commands.until(listening, what="the first hub to open its doors", service=old)
    line = next(line for line in old.written().splitlines() if "listening" in line)
    stage.show.say(f"the first hub again: {line}")
    time.sleep(SECONDS)
    published = [line for line in old.written().splitlines() if line.startswith("published")]
    if published:
        raise failed("somebody cosigned the old hub's log", where=str(old.log), found=published[0], wanted="nothing")
    stage.show.say(f"after {SECONDS:.0f} s it has published nothing new, and no member looks at it")
    for row in stage.log("assembly", "hubs"):
        stage.show.say(f"from leaf {row['since']} on: {row['origin']}")
