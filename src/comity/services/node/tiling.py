"""Areas at home: the one place of a node where a plan of tiles is run over the layers of a raster source.

Decides where the work is kept: the journal of finished blocks, so that a node that was killed goes on where it stopped,
and the grounds of the table (parts, binding, zones), which the release publishes. What is computed is `stages.tiles`,
who opens files and runs workers `adapters.runs`. Loaded when something is computed.
"""

from collections.abc import Mapping
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Final

from comity import canon
from comity.adapters import durable, outlines, parts, runs
from comity.adapters.folder import PRIVATE_FILE, PRIVATE_FOLDER
from comity.adapters.rasters import GeoTiffs
from comity.adapters.vault import Question
from comity.canon import Digest
from comity.errors import SourceError
from comity.methods import registry
from comity.model import cube as cubes
from comity.model.cube import Cube
from comity.model.extract import Basis, File
from comity.model.job import Tell
from comity.model.norm import Norm
from comity.model.regions import BOUNDARIES
from comity.model.source import Binding, Coverage
from comity.model.study import Study
from comity.services import sample
from comity.services.node import shelf
from comity.services.node.question import Asked
from comity.stages import layers, misfits, places, tiles
from comity.stages.effects import Counted
from comity.stages.layers import Bound
from comity.stages.publish import folder
from comity.stages.tiles import TilePlan

FOLDER: Final = "tiles"  # of a state folder
PLAN: Final = "plan"  # beside the grounds of a table: digest of the plan that they were computed by


def count(home: Path, it: Asked, *, workers: int, tell: Tell) -> Counted:
    """The producer's own table; what it follows from is on disk before it is given out."""
    cube, files, plan = _made(home, it, workers=workers, tell=tell)
    place = _place(home, it.question)
    place.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
    kept = {**files, PLAN: plan.digest.encode()}
    durable.write_all({place / path: body for path, body in kept.items()}, mode=PRIVATE_FILE)
    return Counted(values=cube.values, national=cube, basis=based(it, plan, cube))


def based(it: Asked, plan: TilePlan, cube: Cube) -> Basis:
    """What the areas were computed from: every file that the plan reads."""
    inputs = [*(layer.input for layer in plan.layers), *plan.others]
    return Basis(
        source=it.entry.source.id if it.entry else "",
        files=tuple(File(id=one.layer, digest=one.digest) for one in inputs),
        plan=plan.digest,
        cube=canon.digest(cubes.encode(cube)),
        software=f"comity {version('comity')}",
        engine=f"numpy {version('numpy')}",
    )


def beside(home: Path, it: Asked, *, workers: int, tell: Tell) -> Mapping[str, bytes]:
    """What the table follows from, as `count` kept it; computed again where it is lost.

    Asked for when the log holds the answer: the journal is then of no more use, since every part stands in the grounds.
    """
    place = _place(home, it.question)
    if not (place / folder.BLOCKS).exists():
        count(home, it, workers=workers, tell=tell)
    parts.drop(_kept(home), Digest((place / PLAN).read_text("ascii")))
    return {path: (place / path).read_bytes() for path in folder.GROUNDS if (place / path).exists()}


def table(home: Path, it: Asked, *, workers: int, tell: Tell) -> tuple[Cube, Mapping[str, bytes]]:
    """The table, and what it follows from by path in a release. Finished blocks are kept, and not computed again.

    Raises:
        SourceError: no source is bound, a file changed or is no raster that can be used.
    """
    cube, files, _ = _made(home, it, workers=workers, tell=tell)
    return cube, files


def _made(home: Path, it: Asked, *, workers: int, tell: Tell) -> tuple[Cube, Mapping[str, bytes], TilePlan]:
    norm, entry, binding = it.norm, it.entry, it.binding
    if norm is None or entry is None or binding is None:
        raise SourceError(
            "no source at home is bound to this norm",
            where=it.study.norm,
            way_out="comity source bind; a file that is no source yet: comity source add",
        )
    if method := registry.held(it.study.method):
        misfits.insist(it.study, method.card, norm)
    journal = _kept(home)
    with GeoTiffs(tell=tell) as files:
        found = layers.bound(it.study, norm, binding, it.question.period, source=entry.source)
        plan, zones = planned(it.study, norm, binding, it.question.period, found, files)
        computed = runs.run(plan, journal=journal, workers=workers or None, tell=tell)
        pairs = sample.pairs(plan, it.study, norm, found.sample, files)
    cube, blocks = tiles.assemble(plan, computed, pairs)
    made = {folder.BLOCKS: canon.encode(blocks), folder.BINDING: canon.encode(binding)}
    return cube, made if zones is None else {**made, folder.ZONES: zones}, plan


def coverage(it: Asked, *, tell: Tell) -> Coverage:
    """How the maps of a question meet its norm, cell by cell; none where nothing is bound."""
    norm, entry, binding = it.norm, it.entry, it.binding
    if norm is None or entry is None or binding is None:
        return Coverage(rows=0, counted=0, missing=0, outside=0, unmapped={})
    found = layers.bound(it.study, norm, binding, it.question.period, source=entry.source)
    own = {layer.id for layer in found.layers}
    kept = tuple(layer for layer in entry.source.layers if layer.kind != "raster" or layer.id in own)
    asked = replace(entry, source=replace(entry.source, layers=kept))
    dimensions = [axis.id for axis in it.study.layout.dimensions]
    return shelf.check(asked, norm, binding, tell=tell, dimensions=dimensions).coverage


def planned(
    study: Study, norm: Norm, binding: Binding, period: str, found: Bound, files: GeoTiffs
) -> tuple[TilePlan, bytes | None]:
    """The plan, and the zones as GeoJSON where they came from a file."""
    facts = {layer.id: files.inspect(layer.path) for layer in found.layers}
    grid = files.aligned({layer.path: facts[layer.id] for layer in found.layers})
    where = found.zones.path if found.zones else "zones"
    zones = None if found.zones is None else outlines.read(sample.data(found.zones), found.zones.field, where)
    if not layers.drawn(study, zones):
        raise SourceError(
            "not the boundary set that the study names, as it would be published",
            where=where,
            found="none" if zones is None else canon.digest(zones),
            wanted=study.parameters[BOUNDARIES],
            way_out="add the very file, with --field code; it says id, version, source and license of itself",
        )
    drawn = places.polygons(zones, study.layout.dimensions[0].codes, grid, where=where)
    plan = tiles.plan(study, norm, binding, period, found=found, facts=facts, grid=grid, zones=drawn)
    return plan, zones


def _kept(home: Path) -> Path:
    """The folder of all that is computed from rasters."""
    found = home / FOLDER
    found.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
    return found


def _place(home: Path, question: Question) -> Path:
    """Named by digest: a period is any text."""
    return _kept(home) / canon.hex_of(canon.digest(f"{question.study} {question.period}".encode()))
