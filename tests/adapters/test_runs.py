"""Plans that run: the same parts for any size of block and number of workers, from the very files, and again."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from comity.adapters import geotiff, parts, runs
from comity.canon import Digest
from comity.errors import SourceError, UsageError, WorldError
from comity.model import blocks as exact
from comity.model.blocks import Blocks, Part
from comity.stages import tiles
from comity.stages.tiles import TilePlan
from tests.adapters.plans import plan, truth
from tests.adapters.tiffs import classes, tiff


def sums(made: tuple[Part, ...]) -> dict[str, int]:
    """All blocks together."""
    total: dict[str, int] = {}
    for part in made:
        for place, value in part.values.items():
            total[place] = total.get(place, 0) + int(value)
    return total


@pytest.mark.parametrize("workers", [1, 2])
def test_parts_are_what_counting_cells_gives_whoever_does_them(tmp_path: Path, workers: int) -> None:
    asked = plan(tmp_path)
    made = runs.run(asked, journal=tmp_path / "journal", workers=workers)
    assert [truth(block) for block in asked.blocks()] == list(made)


@pytest.mark.parametrize("size", [7, 32, 50, 1024])
def test_the_sum_is_the_same_for_any_size_of_block(tmp_path: Path, size: int) -> None:
    whole = truth(exact.Block(row=0, column=0, rows=96, columns=128))
    made = runs.run(plan(tmp_path, size=size), journal=tmp_path / "journal", workers=1)
    assert sums((whole,)) == sums(made)


def test_a_second_run_reads_the_journal_and_computes_nothing(tmp_path: Path) -> None:
    asked, told = plan(tmp_path), []
    first = runs.run(asked, journal=tmp_path / "journal", workers=1)
    again = runs.run(asked, journal=tmp_path / "journal", workers=1, tell=lambda *said: told.append(said))
    assert first == again
    assert [(12, 12, "blocks")] == [said for said in told if said[2] == "blocks"]


def test_another_size_of_block_is_another_plan(tmp_path: Path) -> None:
    runs.run(plan(tmp_path), journal=tmp_path / "journal", workers=1)
    made = runs.run(plan(tmp_path, size=64), journal=tmp_path / "journal", workers=1)
    assert 4 == len(made)


def test_progress_is_told_by_files_and_blocks(tmp_path: Path) -> None:
    told: list[tuple[int, int, str]] = []
    runs.run(plan(tmp_path), journal=tmp_path / "journal", workers=1, tell=lambda *said: told.append(said))
    assert {"digest of lc2020.tif", "digest of lc2021.tif", "blocks"} == {what for _, _, what in told}
    assert list(range(13)) == [done for done, _, what in told if what == "blocks"]


@pytest.mark.parametrize("workers", [1, 2])
def test_a_file_that_changed_since_it_was_registered_is_refused(tmp_path: Path, workers: int) -> None:
    asked = plan(tmp_path)
    tiff(tmp_path / "lc2021.tif", classes(seed=9))
    with pytest.raises(SourceError, match=r"lc2021.tif: the file changed since it was added; found sha256:.*way out"):
        runs.run(asked, journal=tmp_path / "journal", workers=workers)
    assert not (tmp_path / "journal").exists()


@pytest.mark.parametrize("workers", [1, 2])
def test_a_file_that_is_written_to_meanwhile_is_refused_and_its_part_is_not_kept(tmp_path: Path, workers: int) -> None:
    asked = plan(tmp_path)

    def touch(done: int, total: int, what: str) -> None:
        if what == "blocks" and done == 4:
            os.utime(tmp_path / "lc2020.tif", ns=(1, 1))

    with pytest.raises(
        SourceError, match=r"lc2020.tif: the file changed since it was added; found a file written mean"
    ):
        runs.run(asked, journal=tmp_path / "journal", workers=workers, tell=touch)
    with parts.journal(tmp_path / "journal", asked.digest) as kept:
        assert 4 <= len(kept) <= 4 + workers
        assert all(part == truth(block) for block, part in kept.done.items())


@pytest.mark.parametrize("workers", [1, 2])
def test_a_block_that_cannot_be_read_names_file_and_block_and_the_others_are_kept(tmp_path: Path, workers: int) -> None:
    """Registered as it is: broken bytes have a digest like any other."""
    tiff(tmp_path / "lc2020.tif", classes(seed=0))
    with geotiff.opened(str(tmp_path / "lc2020.tif")) as file:
        start = int(file.get_tag_item("BLOCK_OFFSET_2_1", "TIFF", bidx=1))
    with open(tmp_path / "lc2020.tif", "r+b") as raw:
        raw.seek(start)
        raw.write(bytes(40))
    asked = plan(tmp_path)
    words = (
        r"lc2020.tif: block at row 32, column 64 \(32 x 32 cells\): the block cannot be read.*way out: copy or fetch"
    )
    with pytest.raises(SourceError, match=words):
        runs.run(asked, journal=tmp_path / "journal", workers=workers)
    with parts.journal(tmp_path / "journal", asked.digest) as kept:
        assert len(kept) >= 2


def test_a_full_disk_keeps_what_was_finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, fsync, left = plan(tmp_path), os.fsync, [6]

    def full(descriptor: int) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise OSError(28, "No space left on device")
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(WorldError, match="no room to write the file"):
        runs.run(asked, journal=tmp_path / "journal", workers=1)
    monkeypatch.undo()
    path = parts.place(tmp_path / "journal", asked.digest)
    assert path.read_bytes().endswith(b"\n")
    made = runs.run(asked, journal=tmp_path / "journal", workers=1)
    assert [truth(block) for block in asked.blocks()] == list(made)


def released(asked: TilePlan) -> Blocks:
    """What a release of the truth says."""
    return tiles.assemble(asked, [truth(block) for block in asked.blocks()], ())[1]


def test_chosen_blocks_of_a_release_are_equal_when_they_are_run_again(tmp_path: Path) -> None:
    asked = plan(tmp_path)
    compared = runs.rerun(asked, released(asked), [7, 2, 7, 11])
    blocks = list(asked.blocks())
    assert [(blocks[place], True) for place in (2, 7, 11)] == [(one.block, one.equal) for one in compared]


def test_a_release_that_names_another_number_is_found_out(tmp_path: Path) -> None:
    asked = plan(tmp_path)
    said = released(asked)
    place, value = next(iter(said.parts[5].values.items()))
    forged = replace(said.parts[5], values={**said.parts[5].values, place: str(int(value) + 1)})
    compared = runs.rerun(asked, replace(said, parts=(*said.parts[:5], forged, *said.parts[6:])), [4, 5], workers=1)
    assert [(), (place,)] == [one.differs for one in compared]


@pytest.mark.parametrize("place", [-1, 12])
def test_a_block_that_the_release_does_not_have_is_refused(tmp_path: Path, place: int) -> None:
    asked = plan(tmp_path)
    with pytest.raises(UsageError, match=r"no such block; .*wanted 0 to 11"):
        runs.rerun(asked, released(asked), [place])


def test_inputs_are_found_by_what_they_are_not_by_name(tmp_path: Path) -> None:
    asked = plan(tmp_path)
    inputs = [layer.input for layer in asked.layers]
    deep = tmp_path / "else" / "where"
    deep.mkdir(parents=True)
    (tmp_path / "lc2020.tif").rename(deep / "map.tif")
    found = runs.find(inputs, tmp_path)
    assert {inputs[0].digest: deep / "map.tif", inputs[1].digest: tmp_path / "lc2021.tif"} == found
    moved = replace(asked, layers=tuple(replace(layer, path=str(found[layer.input.digest])) for layer in asked.layers))
    assert asked.digest == moved.digest
    assert runs.rerun(moved, released(asked), [0], workers=1)[0].equal


def test_inputs_that_are_not_there_are_all_named(tmp_path: Path) -> None:
    asked = plan(tmp_path)
    one, two = (layer.input for layer in asked.layers)
    tiff(tmp_path / "lc2021.tif", classes(seed=9))
    lost = replace(one, digest=Digest("sha256:" + "0" * 64), name="gone.tif")
    with pytest.raises(
        SourceError, match=r"another file named lc2021.tif; wanted gone.tif \(LC v0, .*lc2021.tif \(LC v1"
    ):
        runs.find([lost, two], tmp_path)
