"""Step 2: two norms and three studies are moved and voted on; all are adopted."""

import math
import time
from typing import Final

from comity.services.demo.deciding import LEAST, ROUNDS, outcomes, votes
from comity.services.demo.geo.country import Country
from comity.services.demo.processes import failed
from comity.services.demo.stage import Stage

NORMS: Final = ("cover", "green")
STUDIES: Final = {"change": "cover", "versions": "cover", "green": "green"}  # study -> its norm


def play(stage: Stage, country: Country) -> None:
    """Norms and studies are packed, moved by one member and voted by all; the producer has no vote."""
    who, texts, example = stage.who, stage.places.texts, stage.places.example
    for norm in NORMS:
        stage.commands.facts("norm", "pack", example / f"norm-{norm}", "--out", texts / f"norm-{norm}.json")
    for study, norm in STUDIES.items():
        stage.commands.facts(
            "study", "pack", example / f"study-{study}.toml", "--norm", texts / f"norm-{norm}.json",
            "--out", texts / f"study-{study}.json",
        )  # fmt: skip
    matters = [("norm", f"norm-{norm}") for norm in NORMS] + [("study", f"study-{study}") for study in STUDIES]
    open_ = math.ceil(LEAST + ROUNDS * stage.pace)
    began = time.monotonic()
    mover = stage.home(who.moves)
    moved = {
        stage.commands.facts("motion", "move", matter, texts / f"{name}.json", "--home", mover, "--open", open_)[
            "motion"
        ]: name
        for matter, name in matters
    }
    stage.commands.each([("vote", "cast", index, "yes", *stage.homes()) for index in moved])
    time.sleep(max(0.0, began + open_ - time.monotonic()))
    found = outcomes(stage, list(moved))
    for index, row in found.items():
        stage.show.say(f"leaf {index}, {row['name']}: {row['outcome']} ({votes(row)})")
    if any(row["outcome"] != "adopted" for row in found.values()):
        raise failed("not everything was adopted", where="motions", found=str(found), wanted="adopted, all of them")
    for index, name in moved.items():
        kind, _, short = name.partition("-")
        if kind == "study":
            country.studies[short] = found[index]["digest"]
