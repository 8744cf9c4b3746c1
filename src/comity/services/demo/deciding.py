"""Step 2: a norm and a study are moved, discussed and voted on; a second study, with less protection, fails."""

import math
import re
import time
from typing import Any, Final

from comity.services.demo.processes import failed
from comity.services.demo.stage import Stage

QUICK: Final = 0.4  # seconds that packing a study takes where a study's deadlines can be kept
SLOWEST: Final = 10
LEAST: Final = 5  # seconds that a motion is open at least
ROUNDS: Final = 2.5  # times that all offices say something while it is open, three motions two at a time
COMMENT: Final = (
    "An attitude is not an experience: please keep the line that this is not indicator 16.5.1 on every page."
)
WEAKER: Final = "study-weaker"


def play(stage: Stage) -> None:
    """Both outcomes follow from the votes in the log and from the tick; nobody states them."""
    who, texts = stage.who, stage.places.texts
    mover, convenor = stage.home(who.moves), stage.home(who.convenor)
    stage.commands.facts("norm", "pack", stage.places.example / "norm", "--out", texts / "norm.json")
    weaker = stage.places.example / f"{WEAKER}.toml"
    (texts / weaker.name).write_bytes(weaker.read_bytes())
    pack(stage, WEAKER)
    text, slower = timed((stage.places.input / "study.toml").read_text("utf-8"), stage.commands.seconds)
    (texts / "study.toml").write_text(text, "utf-8")
    pack(stage, "study")
    if slower > 1:
        stage.show.say(f"this machine is slow or busy now: the study gives its steps {slower} times as many seconds")
    # Open long enough for three motions, a comment and all votes, on a slow machine too.
    open_ = math.ceil(LEAST + ROUNDS * stage.pace)
    began = time.monotonic()
    moved = [
        stage.commands.facts("motion", "move", matter, texts / f"{name}.json", "--home", home, "--open", open_)[
            "motion"
        ]
        for matter, name, home in (
            ("norm", "norm", mover),
            ("study", "study", mover),
            ("study", WEAKER, convenor),
        )
    ]
    norm, study, less = moved
    stage.show.say(f"moved by {who.moves}: the norm (leaf {norm}) and the study (leaf {study})")
    stage.show.say(f"moved by {who.convenor}: the same study with less protection (leaf {less})")
    stage.commands.facts("motion", "comment", study, COMMENT, "--home", stage.home(who.comments))
    stage.show.say(f"{who.comments} comments: {COMMENT}")
    few = [one for one in who.members if one.id == who.convenor]
    many = [one for one in who.members if one.id != who.convenor]
    stage.commands.each(
        [
            ("vote", "cast", norm, "yes", *stage.homes()),
            ("vote", "cast", study, "yes", *stage.homes()),
            ("vote", "cast", less, "no", *stage.homes(many)),
            ("vote", "cast", less, "yes", *stage.homes(few)),
        ]
    )
    check(stage)
    time.sleep(max(0.0, began + open_ - time.monotonic()))
    found = outcomes(stage, moved)
    wanted = {norm: "adopted", study: "adopted", less: "rejected"}
    for index, row in found.items():
        stage.show.say(f"leaf {index}, {row['name']}: {row['outcome']} ({votes(row)})")
    if {index: row["outcome"] for index, row in found.items()} != wanted:
        raise failed(
            "the votes did not decide as the story says", where="motions", found=str(found), wanted=str(wanted)
        )
    stage.study = found[study]["digest"]


def pack(stage: Stage, name: str) -> None:
    """The text that is voted on; of made-up people a rehearsal."""
    texts, rehearsal = stage.places.texts, ("--rehearsal",) if stage.who.synthetic else ()
    norm, out = texts / "norm.json", texts / f"{name}.json"
    stage.commands.facts("study", "pack", texts / f"{name}.toml", "--norm", norm, "--out", out, *rehearsal)


def timed(text: str, seconds: float) -> tuple[str, int]:
    """A study's text with deadlines that this machine can keep, and how many times longer they are.

    Args:
        seconds: that packing a study has just taken, among all the nodes.
    """
    # Rounded up: whoever just misses a deadline waits for another attempt.
    slower = min(math.ceil(seconds / QUICK), SLOWEST)

    def longer(found: "re.Match[str]") -> str:
        return f"{found.group(1)} = {slower * int(found.group(2))}"

    return re.sub(r"^(consent|step) = (\d+)$", longer, text, flags=re.MULTILINE), slower


def check(stage: Stage) -> None:
    """While the motions are open, each office sees how its own file covers the norm."""
    norm = stage.places.texts / "norm.json"
    rows = stage.commands.facts("source", "check", "--norm", norm, *stage.homes())
    total = {name: sum(row[name] for row in rows) for name in ("rows", "counted", "missing", "outside")}
    stage.show.say(
        f"meanwhile each office checks its own file: {total['rows']:,} rows in {len(rows)} files, {total['counted']:,} "
        f"counted, {total['missing']:,} without an answer, {total['outside']:,} outside the norm's list"
    )


def outcomes(stage: Stage, moved: list[int]) -> dict[int, dict[str, Any]]:
    """The motions, once a tick has closed all of them."""

    def look() -> dict[int, dict[str, Any]] | None:
        rows = {row["motion"]: row for row in stage.log("motion", "list")}
        found = {index: rows[index] for index in moved if index in rows}
        closed = len(found) == len(moved) and all(row["outcome"] != "open" for row in found.values())
        return found if closed else None

    return stage.commands.until(look, what="the tick that closes the votes", service=stage.running)


def votes(row: dict[str, Any]) -> str:
    """How many said what."""
    return ", ".join(f"{row[choice]} {choice}" for choice in ("yes", "no", "abstain") if choice in row)
