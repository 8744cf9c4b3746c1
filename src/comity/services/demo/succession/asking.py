"""Steps 1 and 4: a question is voted, five offices answer it under the seal, and the joint release is fetched.

The same at either hub: the offices' commands name no hub, for each node knows where the log is kept.
"""

import math
import re
import time
from typing import Any, Final

from comity.services.demo import deciding
from comity.services.demo.exchange import ATTEMPTS, CLOSED, OPEN
from comity.services.demo.processes import failed
from comity.services.demo.stage import Stage

OPEN_LEAST: Final = 1  # seconds that a motion is open at least; the charter asks for more
ROUNDS: Final = 3  # times that all offices say something while it is open
FEW: Final = 3  # five offices in one process keep deadlines that a dozen processes could not
PATIENCE: Final = 300.0  # seconds that an attempt may last on the slowest machine
HEADS: Final = re.compile(r"^published: the head of (\d+) leaves", re.MULTILINE)
CLOSES: Final = re.compile(rf"^leaf (\d+): {CLOSED}\b", re.MULTILINE)


def play(name: str, stage: Stage) -> None:
    """From a text to a release."""
    things = [("study", f"study-{name}")]
    norm = stage.places.texts / "norm.json"
    if not norm.exists():
        stage.commands.facts("norm", "pack", stage.places.example / "norm", "--out", norm)
        things.insert(0, ("norm", "norm"))
    text = (stage.places.example / f"study-{name}.toml").read_text("utf-8")
    timed, slower = deciding.timed(text, stage.commands.seconds / FEW)
    (stage.places.texts / f"study-{name}.toml").write_text(timed, "utf-8")
    deciding.pack(stage, f"study-{name}")
    if slower > 1:
        stage.show.say(f"this machine is slow or busy now: the study gives its steps {slower} times as many seconds")
    for index, row in adopted(stage, [(matter, f"{thing}.json") for matter, thing in things]).items():
        stage.show.say(f"leaf {index}, {row['name']}: {row['outcome']} ({deciding.votes(row)})")
    row = summed(stage)
    stage.show.say(f"the sum is open (leaf {row['closed']}): {row['survivors']} of {row['roster']} offices are in it")
    stage.hub_says(rf"joint release of the exchange at leaf {row['exchange']}", what="the joint release")
    out = stage.places.out / f"release-{name}"
    stage.release[name] = stage.commands.facts(
        "release", "fetch", "latest", "--hub", stage.address, "--charter", stage.charter, "--out", out
    )
    stage.show.say(f"release {stage.release[name]['release']} in {out}")


def adopted(stage: Stage, things: list[tuple[str, str]]) -> dict[int, dict[str, Any]]:
    """Motions that all offices vote for, once a tick has decided them; DemoFailed if one is not adopted."""
    open_ = math.ceil(OPEN_LEAST + ROUNDS * max(stage.pace, stage.commands.seconds))
    mover, texts = stage.home(stage.who.moves), stage.places.texts
    moved = [
        stage.commands.facts("motion", "move", matter, texts / file, "--home", mover, "--open", open_)["motion"]
        for matter, file in things
    ]
    began = time.monotonic()
    stage.commands.each([("vote", "cast", index, "yes", *stage.homes()) for index in moved])
    stage.pace = stage.commands.seconds
    time.sleep(max(0.0, began + open_ - time.monotonic()))
    found = deciding.outcomes(stage, moved)
    if any(row["outcome"] != "adopted" for row in found.values()):
        raise failed("not everything was adopted", where="motions", found=str(found), wanted="adopted, all of them")
    return found


def summed(stage: Stage) -> dict[str, Any]:
    """The exchange that ends with a sum; a machine that is too slow for the deadlines is given another attempt."""
    for _ in range(ATTEMPTS):
        leaf = closed(stage)
        holds(stage, leaf)

        def look(leaf: int = leaf) -> dict[str, Any] | None:
            rows: list[dict[str, Any]] = stage.log("assembly", "exchanges")
            return next((row for row in rows if row["closed"] == leaf), None)

        row = stage.commands.until(look, what="a checkpoint that holds the end of the exchange", service=stage.running)
        if row["outcome"] == OPEN:
            return row
        stage.show.say(f"leaf {leaf} closes this attempt without a sum ({row['outcome']}); there will be another")
    raise failed("no attempt came to a sum", where="log", found=f"{ATTEMPTS} attempts", wanted="one")


def holds(stage: Stage, leaf: int) -> None:
    """Wait until the hub's lines say that a leaf stands under the quorum: no command asks for it before."""

    def look() -> bool | None:
        return any(int(size) > leaf for size in HEADS.findall(stage.running.written())) or None

    stage.commands.until(look, what="a checkpoint that holds the end of the exchange", service=stage.running)


def closed(stage: Stage) -> int:
    """The leaf by which the hub closes the next attempt, out of the hub's own lines."""

    def look() -> "re.Match[str] | None":
        return CLOSES.search(stage.running.written(), stage.heard)

    found = stage.commands.until(look, what="the end of the exchange", service=stage.running, seconds=PATIENCE)
    stage.heard = found.end()
    return int(found.group(1))
