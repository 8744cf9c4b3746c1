"""Steps 2 and 3: the members choose another hub; it takes the log over from a mirror's files, and they follow it."""

import shutil
import time
from typing import Final

from comity.services.demo.processes import failed
from comity.services.demo.stage import Stage
from comity.services.demo.succession import asking, founding

ORIGIN: Final = "second.comity.invalid/assembly"
SECOND: Final = "hub-second"
KEPT: Final = "hub-first-kept"
READ: Final = 8.0  # seconds in which each node, which asks once a second, has read the last head that was published
STAYS: Final = "office-kept"  # keys and configuration of an office, as they named the first hub


def vote(stage: Stage) -> None:
    """The second hub makes its keys; the members vote for them. Then the first hub is gone."""
    home, texts = stage.places.out / SECOND, stage.places.texts
    stage.commands.facts(*founding.init(home)[1])
    offer = ("--origin", ORIGIN, "--host", founding.OFFICES[1], "--out", texts / "host.json")
    offered = stage.commands.facts("hub", "offer", "--home", home, *offer)
    stage.show.say(f"offered: {ORIGIN} at {offered['address']}, by a hub of its own keys")
    ((leaf, row),) = asking.adopted(stage, [("hub", "host.json")]).items()
    stage.show.say(f"leaf {leaf}: {row['outcome']} ({row['yes']} yes); the first hub goes on until the second begins")
    copied(stage, row["decided-at"])
    time.sleep(READ * max(1.0, stage.pace))  # who has not read that another hub was chosen cannot follow it
    stage.commands.processes.end("hub")
    shutil.copytree(stage.places.hub, stage.places.out / KEPT)
    shutil.rmtree(stage.places.hub)
    office = stage.home(founding.OFFICES[-1])
    shutil.copytree(office, stage.places.out / STAYS, ignore=shutil.ignore_patterns("*.db*", "lock"))
    stage.show.say(f"{stage.places.hub} is deleted: log, keys and bodies of the first hub are gone")


def copied(stage: Stage, leaf: int) -> None:
    """Wait until the mirror has a checkpoint that holds a leaf."""
    mirror = stage.commands.processes.services["mirror"]

    def look() -> bool | None:
        head = (stage.places.out / "mirror" / "public" / "checkpoint").read_text().split("\n")
        return int(head[1]) > leaf or None

    stage.commands.until(look, what="the mirror to have the decision", service=mirror)


def follow(stage: Stage) -> None:
    """Public files alone make the log; each node finds the new hub by the address that it voted on."""
    home = stage.places.out / SECOND
    words = ("--from", stage.places.out / "mirror" / "public", "--charter", stage.charter)
    done = stage.commands.facts("hub", "succeed", "--home", home, *words)
    stage.show.say(
        f"the second hub has {done['leaves']} leaves and {done['bodies']} bodies from the mirror's files; "
        f"leaf {done['succession']} says that it took over"
    )
    stage.hub = stage.commands.start(SECOND, "hub", "run", "--home", home)
    address = stage.hub_says(r"listening at (\S+)", what="the second hub to open its doors").group(1)
    stage.address, stage.heard = f"http://{address}", 0
    nodes = stage.commands.processes.services["node-offices"]
    wanted = len(stage.who.members)

    def look() -> bool | None:
        return nodes.written().count(f"the log goes on at {stage.address}") >= wanted or None

    stage.commands.until(look, what="all members to follow", service=nodes)
    stage.hub_says("published", what="the quorum to stand under the second hub's log")
    stage.show.say(f"all {wanted} members followed by themselves; their witnesses stand under the second hub's log")
    breaches = stage.log("assembly", "breaches")
    if breaches:
        raise failed("the change left a breach in the log", where="log", found=str(breaches), wanted="none")
