"""Step 6: every release is verified and computed again where no socket opens; then forgeries, each refused by name."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from comity.services.demo import verifying
from comity.services.demo.geo import tamper
from comity.services.demo.geo.country import Country
from comity.services.demo.processes import Done
from comity.services.demo.stage import Stage

BLOCKS: Final = 5  # of the map, drawn at random, that are computed again
FORGED: Final = "change"  # the release that is tampered with
MAP: Final = "cover-2024.tif"


def play(stage: Stage, country: Country) -> None:
    """True releases hold, and some of their blocks are computed again from the maps; what was changed is refused."""
    stage.commands.processes.rest()
    before, how = verifying.offline(stage)
    stage.show.say(f"hub and nodes are stopped; sockets are blocked by {how}")
    names = list(country.releases)
    true = stage.commands.processes.run(
        [verifying.verify(stage, country.releases[name], before) for name in names]
        + [again(stage, country.releases[name], stage.places.input, before) for name in names]
    )
    for name, held, made in zip(names, true[: len(names)], true[len(names) :], strict=True):
        _holds(stage, name, held, made)
    forgeries(stage, country.releases[FORGED], before)


def again(stage: Stage, release: Path, inputs: Path, before: Sequence[str]) -> tuple[str, ...]:
    """Files made again, and some blocks computed again from the maps."""
    return (*before, *stage.commands.argv("reproduce", release, "--inputs", inputs, "--blocks", BLOCKS))


def _holds(stage: Stage, name: str, held: Done, made: Done) -> None:
    if held.exit != 0:
        raise held.failed(f"the release {name!r} does not verify")
    if made.exit != 0:
        raise made.failed(f"the release {name!r} is not what its maps give")
    *_, last = lines = made.out.strip().splitlines()
    blocks = sum(line.startswith("block at") for line in lines)
    if blocks != BLOCKS:
        raise made.failed("other blocks were computed again than asked for", wanted=f"{BLOCKS} lines that name a block")
    stage.show.say(f"release-{name}: {held.out.strip().splitlines()[-1]}")
    stage.show.say(f"    made again, {blocks} random blocks from the maps: {last}")


def forgeries(stage: Stage, release: Path, before: Sequence[str]) -> None:
    """A figure, a block's part, and a map: `verify` refuses the first two, `reproduce` the third."""
    places, commands = stage.places.tampered, stage.commands
    changed: dict[str, str] = {}
    for name, change in tamper.COPIES.items():
        shutil.copytree(release, places / name)
        changed[name] = change(places / name)
    shutil.copytree(stage.places.input, places / "input")
    altered = tamper.pixel(places / "input" / MAP)
    copies = [verifying.verify(stage, places / name, before) for name in changed]
    *refused, other = commands.processes.run([*copies, again(stage, release, places / "input", before)])
    for (name, what), done in zip(changed.items(), refused, strict=True):
        verifying.refused(stage, name, what, done)
    said = [line for line in (other.out + other.err).splitlines() if MAP in line]
    if other.exit == 0 or not said:
        raise other.failed("a changed map was not refused by name", wanted=f"another exit, and a line about {MAP}")
    stage.show.say(f"input: {altered}")
    stage.show.say(f"    exit {other.exit}, {said[-1].strip()}")
