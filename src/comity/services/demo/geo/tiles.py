"""Step 4: the producer's node consents and computes, block by block; it is killed on the way and goes on.

Decides the moment of the kill: when the journal of finished blocks holds some, and not all. What is then claimed is
read in the node's own lines and in the log.
"""

import re
import time
from pathlib import Path
from typing import Any, Final

from comity.services.demo.commands import LOOK
from comity.services.demo.geo.adding import NODE
from comity.services.demo.geo.country import Country
from comity.services.demo.processes import failed
from comity.services.demo.stage import Stage

ENOUGH: Final = 8  # finished blocks after which the node is killed
LINE: Final = re.compile(r"of (sha256:[0-9a-f]{64}): blocks: (\d+) of (\d+)")
OFTEN: Final = 0.01  # seconds between two looks at the journal
PATIENCE: Final = 120.0  # a first run compiles what it runs


def play(stage: Stage, country: Country) -> None:
    """The node is killed among its blocks; each block that was finished is kept, whichever study it is of."""
    home = stage.home(country.producer)
    stage.commands.start(NODE, "node", "run", "--home", home)
    done = _killed(stage, home)
    stage.show.say(f"{country.producer.id} consents to all studies and computes; killed (SIGKILL) after {done} blocks")
    before = len(stage.commands.processes.services[NODE].written())
    node = stage.commands.start(NODE, "node", "run", "--home", home)

    def resumed() -> dict[str, tuple[int, int]] | None:
        found = first(node.written()[before:])
        return found if found.keys() >= set(country.studies.values()) else None

    begins = stage.commands.until(resumed, what="the node to go on", service=node, seconds=PATIENCE)
    kept, every = (sum(one[side] for one in begins.values()) for side in (0, 1))
    if not done <= kept < every:
        raise failed(
            "the node did not go on where it stopped", where=str(node.log), found=f"{kept} of {every} blocks",
            wanted=f"at least {done} of the blocks, and not all",
        )  # fmt: skip
    stage.show.say(f"started again, it finds {kept} of {every} blocks finished and computes the other {every - kept}")
    _answered(stage, country)


def first(said: str) -> dict[str, tuple[int, int]]:
    """How many blocks of how many a node found finished when it began, by the study's digest."""
    found: dict[str, tuple[int, int]] = {}
    for study, done, every in LINE.findall(said):
        found.setdefault(study, (int(done), int(every)))
    return found


def _killed(stage: Stage, home: Path) -> int:
    """Kill the node among its blocks: how many were on disk."""
    node, began = stage.commands.processes.services[NODE], time.monotonic()
    while (done := _finished(home)) < ENOUGH:
        if time.monotonic() - began > PATIENCE:
            raise failed(
                "no block was finished in time", where=str(node.log), found=f"{done} after {PATIENCE:.0f} s",
                wanted=f"{ENOUGH} blocks", said=node.written(),
            )  # fmt: skip
        stage.commands.processes.check()
        stage.show.tell(done, ENOUGH, "the first blocks")
        time.sleep(OFTEN)
    stage.commands.processes.kill(NODE)
    return _finished(home)


def _finished(home: Path) -> int:
    """Blocks in the journals: a whole line each, behind a first line that names the plan."""
    return sum(max(path.read_bytes().count(b"\n") - 1, 0) for path in home.glob("tiles/*.parts"))


def _answered(stage: Stage, country: Country) -> None:
    """Wait until every study has the producer's own release; progress is the node's."""
    node = stage.commands.processes.services[NODE]

    def look() -> list[dict[str, Any]] | None:
        if said := LINE.findall(node.written()):
            stage.show.tell(int(said[-1][1]), int(said[-1][2]), "blocks")
        rows: list[dict[str, Any]] = stage.log("release", "list")
        return rows if len(rows) >= len(country.studies) else None

    rows = stage.commands.until(look, what="a release of each study", service=node, seconds=PATIENCE)
    time.sleep(LOOK)
    for row in rows:
        stage.show.say(f"leaf {row['release']}: {row['publisher']} publishes {row['study']} for {row['period']}")
