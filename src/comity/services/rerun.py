"""A raster release computed again from the very files that it names, for `comity reproduce --inputs`.

Some blocks, and all that its reference sample gives. Anyone's: needs no key, no node and no binding but the one in the
release. Which blocks is for dice to say: a producer that knew which ones are looked at would have to be right in those
alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from comity.adapters import runs
from comity.adapters.rasters import GeoTiffs
from comity.adapters.runs import Compared
from comity.errors import NotVerified
from comity.model.job import Tell
from comity.model.source import RASTERS, Source
from comity.services import sample
from comity.stages import layers, places, replay, tiles
from comity.stages.dice import Dice
from comity.stages.publish import folder
from comity.stages.replay import Ground


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """What was computed again, beside what the release says.

    sample: entries of the table that the reference sample gives otherwise; None: the release rests on no sample.
    """

    blocks: tuple[Compared, ...]
    sample: tuple[int, ...] | None


def again(files: Mapping[str, bytes], inputs: Path, count: int, *, dice: Dice, tell: Tell) -> Again:
    """Compute `count` blocks again, or all if there are fewer; and what its reference sample gives, all of it.

    Args:
        files: of the release's folder.
        inputs: a folder with the release's rasters and sample, under any names.

    Raises:
        NotVerified: no release of a raster study, or its grid is not that of its rasters.
        SourceError: an input is not in the folder, or cannot be read.
    """
    return compared(replay.ground(files), inputs, count, dice=dice, tell=tell)


def compared(ground: Ground, inputs: Path, count: int, *, dice: Dice, tell: Tell) -> Again:
    """The same of a release that was read."""
    found, study, norm = ground.found, ground.study, ground.norm
    made, binding = found.blocks, found.binding
    maps, given = layers.maps(study, norm, binding, made), layers.sample(study, made)
    files = runs.find((*maps, *((given,) if given else ())), inputs, tell=tell)
    paths = {digest: str(path) for digest, path in files.items()}
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
        points = layers.given((given,), paths, kind="sample")[0] if given else None
        pairs = sample.pairs(plan, study, norm, points, opened)
    _, whole = tiles.assemble(plan, made.parts, pairs)
    return Again(
        blocks=runs.rerun(plan, made, choose(len(made.parts), count, dice), tell=tell),
        sample=_others(whole.fixed, made.fixed) if given or made.fixed else None,
    )


def _others(one: Mapping[str, str], other: Mapping[str, str]) -> tuple[int, ...]:
    return tuple(sorted(int(key) for key in one.keys() | other.keys() if one.get(key) != other.get(key)))


def choose(blocks: int, count: int, dice: Dice) -> tuple[int, ...]:
    """So many different places out of all, sorted; each choice as likely as any other (to 2^-64)."""
    left = list(range(blocks))
    chosen = [left.pop(int.from_bytes(dice(16)) % len(left)) for _ in range(min(count, blocks))]
    return tuple(sorted(chosen))
