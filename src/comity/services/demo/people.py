"""Step 0: each member gets its own people; from here on only commands and the wire are used."""

import sys
import textwrap
from typing import Final

from comity.services.demo import cast
from comity.services.demo.stage import Stage

WIDTH: Final = 110  # characters of a line


def play(stage: Stage, data: str) -> None:
    """Split the survey, or make people up, and read who is in it."""
    argv = (
        sys.executable, "-m", f"{stage.places.example.parent.name}.{stage.places.example.name}.split",
        "--members", str(stage.size), "--data", data, "--out", str(stage.places.input),
    )  # fmt: skip
    (done,) = stage.commands.processes.run([argv])
    if done.exit != 0:
        raise done.failed("the splitter failed")
    stage.cast = cast.read(stage.places.input / "members.json")
    for line in done.out.strip().splitlines()[:-1]:
        stage.show.say(line)
    if stage.who.synthetic:
        why = "the survey is not installed here" if stage.who.fallback else "as it was asked for"
        stage.show.loud(f"SYNTHETIC PEOPLE ({why}): nobody was asked anything; no figure says anything of a country")
    for text in (stage.who.nodes, stage.who.claims):
        for line in textwrap.wrap(text, WIDTH):
            stage.show.say(line)
