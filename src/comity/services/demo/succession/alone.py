"""Step 6: the first hub comes back from a copy of its folder, its log grows by a leaf, and nobody follows it."""

import re
import time
from typing import Final

from comity.services.demo.processes import Service, failed
from comity.services.demo.stage import Stage
from comity.services.demo.succession.moving import KEPT, STAYS

SECONDS: Final = 4.0  # that it is left alone with its leaf: nodes look every half second
HEAD: Final = re.compile(r"^published.*$", re.MULTILINE)
SAID: Final = "policy/published"
WAITING: Final = "checkpoint.pending"


def play(stage: Stage) -> None:
    """It has its keys, and an office speaks to it: it asks for cosignatures of that, and no witness gives one."""
    old = stage.commands.start("hub-first-again", "hub", "run", "--home", stage.places.out / KEPT)
    line = heard(stage, old, r"^.*listening.*$", what="the first hub to open its doors")
    stage.show.say(f"the first hub again: {line}")
    leaf = stage.commands.facts("policy", "publish", "--home", stage.places.out / STAYS)[SAID]
    heard(stage, old, rf"^admitted: leaf {leaf}$", what="the first hub to take the leaf")
    time.sleep(SECONDS)
    published = HEAD.search(old.written())
    if published:
        raise failed("somebody cosigned the old hub's log", where=str(old.log), found=published[0], wanted="nothing")
    waiting, stands = (size(stage, name) for name in (WAITING, "checkpoint"))
    kept = stage.log("log", "show", leaf)["kind"]
    if waiting <= stands or kept == SAID:
        raise failed(
            "the old hub's leaf is not its own alone", where=str(old.log), found=f"{waiting} leaves, {kept}",
            wanted="a leaf for which the old hub asks cosignatures, and the members' log has another",
        )  # fmt: skip
    stage.show.say(f"an office that was not told speaks to it: its log takes leaf {leaf}, {SAID}")
    stage.show.say(
        f"after {SECONDS:.0f} s no witness has cosigned that: {waiting} leaves wait, {stands} stand as before, "
        f"and leaf {leaf} of the members' log is the {kept}"
    )
    for row in stage.log("assembly", "hubs"):
        stage.show.say(f"from leaf {row['since']} on: {row['origin']}")


def heard(stage: Stage, old: Service, pattern: str, *, what: str) -> str:
    """A line that the old hub writes."""

    def look() -> "re.Match[str] | None":
        return re.search(pattern, old.written(), re.MULTILINE)

    return stage.commands.until(look, what=what, service=old)[0]


def size(stage: Stage, name: str) -> int:
    """Leaves of a checkpoint that the old hub shows."""
    return int((stage.places.out / KEPT / "public" / name).read_text("utf-8").split("\n")[1])
