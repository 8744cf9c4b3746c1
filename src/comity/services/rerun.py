"""Some blocks of a raster release, computed again from the very files that it names; for `comity reproduce --inputs`.

Anyone's: needs no key, no node and no binding but the one in the release. Which blocks is for dice to say: a producer
that knew which ones are looked at would have to be right in those alone.
"""

from collections.abc import Mapping
from pathlib import Path

from comity.adapters import runs
from comity.adapters.rasters import GeoTiffs
from comity.adapters.runs import Compared
from comity.errors import NotVerified
from comity.model.job import Tell
from comity.model.source import RASTERS, Source
from comity.stages import layers, places, replay, tiles
from comity.stages.dice import Dice
from comity.stages.publish import folder
from comity.stages.replay import Ground


def blocks(files: Mapping[str, bytes], inputs: Path, count: int, *, dice: Dice, tell: Tell) -> tuple[Compared, ...]:
    """Compare `count` blocks, or all if there are fewer.

    Args:
        files: of the release's folder.
        inputs: a folder with the release's rasters, under any names.

    Raises:
        NotVerified: no release of a raster study, or its grid is not that of its rasters.
        SourceError: a raster is not in the folder, or cannot be read.
    """
    return compared(replay.ground(files), inputs, count, dice=dice, tell=tell)


def compared(ground: Ground, inputs: Path, count: int, *, dice: Dice, tell: Tell) -> tuple[Compared, ...]:
    """The same of a release that was read."""
    found, study, norm = ground.found, ground.study, ground.norm
    made, binding = found.blocks, found.binding
    maps = layers.maps(study, norm, binding, made)
    paths = {digest: str(path) for digest, path in runs.find(maps, inputs, tell=tell).items()}
    source = Source(id=binding.id, path="", format=RASTERS, unique=False, layers=layers.given(maps, paths))
    bound = layers.bound(study, norm, binding, ground.period, source=source, zones=False)
    with GeoTiffs(tell=tell) as opened:
        facts = {layer.id: opened.inspect(layer.path) for layer in bound.layers}
        grid = opened.aligned({layer.path: facts[layer.id] for layer in bound.layers})
    if grid.text != made.grid:
        raise NotVerified(
            "the rasters have another grid than the release",
            where="blocks.json",
            found=str(grid.text),
            wanted=str(made.grid),
        )
    drawn = places.polygons(found.zones, study.layout.dimensions[0].codes, grid, where=folder.ZONES)
    plan = tiles.plan(
        study, norm, binding, ground.period, found=bound, facts=facts, grid=grid, zones=drawn, size=made.size
    )
    return runs.rerun(plan, made, choose(len(made.parts), count, dice), tell=tell)


def choose(blocks: int, count: int, dice: Dice) -> tuple[int, ...]:
    """So many different places out of all, sorted; each choice as likely as any other (to 2^-64)."""
    left = list(range(blocks))
    chosen = [left.pop(int.from_bytes(dice(16)) % len(left)) for _ in range(min(count, blocks))]
    return tuple(sorted(chosen))
