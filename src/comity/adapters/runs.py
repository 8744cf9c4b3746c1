"""Runs a plan of blocks: reads, computes, keeps each finished part, and goes on after a kill where it stopped.

Decides when a file counts as the one that the plan names (its digest at the start, its stamp before and after each
block), and which blocks are left. Order of blocks and number of workers never change a part: parts are exact.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from comity.adapters import geotiff, pool, rasters
from comity.adapters.parts import journal as parts_of
from comity.adapters.rasters import GeoTiffs, Stamp
from comity.canon import Digest
from comity.errors import FormatError, SourceError, UsageError
from comity.model.blocks import Block, Blocks, Input, Part
from comity.model.job import Silent, Tell
from comity.stages import tiles
from comity.stages.tiles import TilePlan


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One block of a release, computed again."""

    block: Block
    differs: tuple[str, ...]  # places in the vector whose exact number is another one; none: equal

    @property
    def equal(self) -> bool:
        """Whether the part is the one that the release names."""
        return not self.differs


def run(plan: TilePlan, *, journal: Path, workers: int | None = None, tell: Tell | None = None) -> tuple[Part, ...]:
    """A part of each block of the plan, in row-major order.

    Args:
        journal: folder of journals; the plan's own is named by its digest (`parts.drop` forgets it).
        workers: processes; without it, as many as the cores and the number of cells are worth. One: this process.

    Raises:
        SourceError: a file is not the one that the plan names, was changed meanwhile, or cannot be read in a block.
        WorldError: a worker died, or the disk is full. Finished parts are kept; the same call goes on from there.
        Locked: another process runs the same plan.
    """
    told, blocks = tell or Silent(), tuple(plan.blocks())
    work = _checked(plan, told)
    with parts_of(journal, plan.digest) as kept:
        if strange := set(kept.done) - set(blocks):
            raise FormatError(
                "a block that the plan does not have", where=str(journal), found=str(min(strange, key=str))
            )
        left = tuple(block for block in blocks if block not in kept.done)
        told(len(blocks) - len(left), len(blocks), "blocks")
        with closing(pool.parts(work, left, workers=workers)) as made:
            for part in made:
                kept.append(part)
                told(len(kept), len(blocks), "blocks")
        return tuple(kept.done[block] for block in blocks)


def rerun(
    plan: TilePlan, blocks: Blocks, choose: Sequence[int], *, workers: int | None = None, tell: Tell | None = None
) -> tuple[Compared, ...]:
    """Some blocks of a release, computed again from the files that the plan names, beside what the release says.

    Args:
        plan: made from the release's texts, with paths of files found by digest (`find`).
        blocks: of the release.
        choose: places in `blocks.parts`.

    Raises:
        UsageError: a place that the release does not have.
        SourceError, WorldError: as `run`.
    """
    if wrong := [place for place in choose if not 0 <= place < len(blocks.parts)]:
        raise UsageError("no such block", where="blocks", found=str(wrong[0]), wanted=f"0 to {len(blocks.parts) - 1}")
    told = tell or Silent()
    work = _checked(plan, told)
    published = {blocks.parts[place].block: blocks.parts[place] for place in sorted(set(choose))}
    if strange := set(published) - set(plan.blocks()):
        raise FormatError(
            "a block that the plan does not have", where="blocks.json", found=geotiff.spelt(min(strange, key=str))
        )
    told(0, len(published), "blocks")
    again: dict[Block, Part] = {}
    with closing(pool.parts(work, tuple(published), workers=workers)) as made:
        for part in made:
            again[part.block] = part
            told(len(again), len(published), "blocks")
    return tuple(Compared(block=block, differs=_differs(again[block], part)) for block, part in published.items())


def find(inputs: Iterable[Input], folder: Path, *, tell: Tell | None = None) -> dict[Digest, Path]:
    """Files in a folder, and in those below it, by what they are: names do not matter.

    Raises:
        SourceError: an input is not there; names all that are missing, and a file of its name that is another one.
    """
    wanted = {entry.digest: entry for entry in inputs}
    sizes = {entry.size for entry in wanted.values()}
    found: dict[Digest, Path] = {}
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    for path in files:
        if path.stat().st_size in sizes and (digest := rasters.digest(str(path), tell)) in wanted:
            found.setdefault(digest, path)
    if missing := [entry for digest, entry in wanted.items() if digest not in found]:
        alike = {path.name for path in files} & {entry.name for entry in missing}
        raise SourceError(
            "an input of the release is not in the folder",
            where=str(folder),
            found=f"another file named {', '.join(sorted(alike))}" if alike else f"{len(files)} files, none of them",
            wanted=", ".join(f"{entry.name} ({entry.product}, {entry.digest})" for entry in missing),
            way_out="fetch the very product that the release names",
        )
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tiles:
    """`pool.Work`: parts of a plan from files that have not changed since their digest was taken."""

    plan: TilePlan
    stamps: Mapping[str, Stamp]

    @contextmanager
    def start(self) -> Iterator[Callable[[Block], Part]]:
        ready = tiles.prepare(self.plan)
        with GeoTiffs() as files:

            def part(block: Block) -> Part:
                made = tiles.part(ready, block, [files.read(layer.path, block) for layer in self.plan.layers])
                self.same()
                return made

            yield part

    def named(self, block: Block) -> str:
        return f"{', '.join(layer.input.name for layer in self.plan.layers)}: {geotiff.spelt(block)}"

    def same(self) -> None:
        """SourceError if a file was written to since it was checked."""
        for path, stamp in self.stamps.items():
            if rasters.stamp(path) != stamp:
                raise rasters.changed(path, found="a file written meanwhile", wanted="the file as it was at the start")


def _checked(plan: TilePlan, tell: Tell) -> _Tiles:
    """The work of a plan, once every file was found to be the one that it names."""
    stamps = {layer.path: rasters.stamp(layer.path) for layer in plan.layers}
    for layer in plan.layers:
        if (digest := rasters.digest(layer.path, tell)) != layer.input.digest:
            raise rasters.changed(layer.path, found=digest, wanted=layer.input.digest)
    work = _Tiles(plan=plan, stamps=stamps)
    work.same()
    return work


def _differs(one: Part, other: Part) -> tuple[str, ...]:
    places = sorted(one.values.keys() | other.values.keys(), key=int)
    return tuple(place for place in places if one.values.get(place) != other.values.get(place))
