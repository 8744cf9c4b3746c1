"""A producer among four members: two questions about its maps, each from the log to a release that anyone verifies.

The members' policies and sources know persons alone. What the maps show has a closed form (`builders.producer`).
"""

import json
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from comity import canon
from comity.acts.charter import Matter
from comity.adapters import dice
from comity.assembly import queries
from comity.assembly.state import State
from comity.cli.main import run
from comity.errors import NotVerified, SourceError, Unreachable
from comity.model import blocks as exact
from comity.model import extract
from comity.model.job import Silent
from comity.model.release import Release
from comity.services import fetch, reading, rerun
from comity.services.node import audits, doctor, intake
from comity.stages import replay
from comity.stages import reproduce as again
from comity.stages.publish import folder
from comity.stages.verify import check
from tests.builders import producer
from tests.builders.offices import Offices
from tests.cli.test_verify import SITE, verify, write

pytestmark = pytest.mark.timeout(400)
CHANGE = producer.study("2020-2021", {"from": producer.PRODUCTS[0], "to": producer.PRODUCTS[1]}, id="change")
ONE = producer.study("2021", {"from": producer.PRODUCTS[1]}, id="one-date")
WRONG = producer.study("2020", {"from": producer.PRODUCTS[1]}, id="wrong")  # 2020 is another product
EAST, WEST = ("E", producer.BORDER, producer.EAST), ("W", producer.WEST, producer.BORDER)


@dataclass(frozen=True)
class Story:
    """What happened, and the release of each study as a folder of files."""

    offices: Offices
    state: State
    data: Path
    releases: Mapping[str, Mapping[str, bytes]]  # id of the study -> files
    doctor: tuple[doctor.Check, ...]

    def record(self, study: str) -> Release:
        return canon.decode(self.releases[study][folder.RELEASE], Release)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    place = tmp_path_factory.mktemp("producer")
    data = place / "data"
    producer.write(data)
    with Offices(place, members=4, producers={"maps": producer.POLICY}) as offices:
        home = offices.home("maps")
        for year, product in zip(("2020", "2021"), producer.PRODUCTS, strict=True):
            intake.add_layer(home, "land", f"lc-{year}", data / f"lc-{year}.tif", product=product)
        intake.add_layer(home, "land", "zones", data / "zones.geojson", field="region")
        intake.add_layer(home, "land", "sample-2021", data / "sample-2021.csv")
        intake.bind(home, "land", producer.BINDING, where="binding.toml")
        offices.start(*offices.ids, together=True)
        offices.start("maps")
        offices.accede()
        motions: list[tuple[Matter, object]] = [("norm", producer.norm())]
        motions += [("study", study) for study in (CHANGE, ONE, WRONG)]
        for matter, thing in motions:
            offices.decide(matter, thing, voters=("m1", "m2", "m3"), seconds=4)
        state = offices.until(lambda state: len(state.releases) == 2 and len(state.refusals) == 13, patience=120)
        looked = doctor.doctor(home)
        releases = {}
        with reading.at_hub(offices.address, offices.digest) as log:
            for index, facts in log.log.state.releases.items():
                asked = queries.subject(state, facts)
                assert asked is not None
                out = place / f"release-{index}"
                fetched(log, index, out)
                id = {study.digest: study.id for study in (CHANGE, ONE)}[asked[0]]
                files = [path for path in out.rglob("*") if path.is_file()]
                releases[id] = {str(path.relative_to(out)): path.read_bytes() for path in files}
        yield Story(offices, state, data, releases, looked)


def fetched(log: reading.Reading, index: int, out: Path) -> None:
    """A release's files may be put a moment after the statement that names them: say, then send."""
    end = time.monotonic() + 60
    while True:
        try:
            fetch.fetch(log, index, out, tell=Silent())
            return
        except Unreachable:
            assert time.monotonic() < end
            time.sleep(0.2)


def values(record: Release, measure: str) -> dict[tuple[str, ...], str | None]:
    """Published values of a measure, by key."""
    return {figure.key: figure.value for figure in record.figures if figure.measure == measure}


@pytest.mark.parametrize(("zone", "west", "east"), [EAST, WEST])
def test_areas_are_those_of_the_ellipsoid(story: Story, zone: str, west: float, east: float) -> None:
    """In square kilometres, to the square metre that is published, although the zones' border cuts cells."""
    found = values(story.record("change"), "area")
    rows = {("TREE", "TREE"): (0, 10), ("TREE", "BUILT"): (10, 20), ("BUILT", "BUILT"): (20, 40)}
    for classes, between in rows.items():
        truth = producer.square_metres(west, east, between) / 1e6
        assert truth == pytest.approx(float(found[zone, *classes] or "nan"), abs=1.5e-6), classes
    assert 0 == float(found[zone, "BUILT", "TREE"] or "nan")


def test_no_journal_of_blocks_outlives_its_release(story: Story) -> None:
    """What was computed stands in the release; the journal was for a node that is killed on the way."""
    kept = [path.suffix for path in (story.offices.home("maps") / "tiles").iterdir()]
    assert kept
    assert ".parts" not in kept


def test_two_versions_of_a_product_are_warned_of(story: Story) -> None:
    """Loudest of all notes; and a mapped area without a sample is no estimate."""
    record = story.record("change")
    assert ("version-break", "no-sample", "related", "truth") == record.notes
    assert {"V"} == {figure.status for figure in record.figures if figure.measure == "area"}


def test_a_reference_sample_gives_an_estimate_with_its_error(story: Story) -> None:
    """One of ten points on the western trees is built up: a tenth of that area moves to the other class."""
    record = story.record("one-date")
    assert ("related", "truth") == record.notes
    adjusted = {figure.key: figure for figure in record.figures if figure.measure == "adjusted"}
    trees = producer.square_metres(producer.WEST, producer.BORDER, (0, 10)) / 1e6
    assert 0.9 * trees == pytest.approx(float(adjusted["W", "TREE"].value or "nan"), abs=0.001)
    # Cochran 1977, 5.24, with p = 0.1 of n = 10: A * sqrt(p (1 - p) / (n - 1))
    assert trees * 0.1 == pytest.approx(float(adjusted["W", "TREE"].sampling), rel=0.02)
    assert "E" == adjusted["W", "TREE"].status


def test_members_refuse_and_no_exchange_is_opened(story: Story) -> None:
    """They have no source for it and their policy names no such method; nothing waits for an exchange."""
    codes = {said.member: {reason.code for reason in said.reasons} for said in story.state.refusals.values()}
    assert {"m1", "m2", "m3", "m4", "maps"} == set(codes)
    for member in story.offices.ids:
        assert {"policy.not-named", "policy.no-source"} <= codes[member]
    assert not story.state.exchanges
    consents = [(said.member, said.sealed, said.national) for said in story.state.consents.values()]
    assert [("maps", None, True)] * 2 == consents


def test_another_product_than_the_study_names_is_refused_by_code(story: Story) -> None:
    refused = queries.refusals(story.state, WRONG.digest, "2020")
    (own,) = [said for said in refused if said.member == "maps"]
    assert [("study.other-product", {"from": producer.PRODUCTS[1]})] == [(r.code, r.params) for r in own.reasons]


def test_a_producer_has_no_vote_and_is_well(story: Story) -> None:
    assert story.offices.ids == tuple(story.state.members)
    assert [] == [check for check in story.doctor if not check.ok]


@pytest.mark.parametrize("study", ["change", "one-date"])
def test_the_release_verifies(story: Story, study: str) -> None:
    """With the charter pinned; inputs are listed by digest, and no path is told."""
    report = check.verify(story.releases[study], pin=story.offices.digest)
    assert report.holds, [str(claim) for claim in report.claims]
    (claim,) = [claim for claim in report.claims if claim.name == "blocks"]
    digest = canon.digest((story.data / "lc-2021.tif").read_bytes())
    assert f"lc-2021 ({producer.PRODUCTS[1]}, {digest})" in claim.detail
    assert not [path for path, body in story.releases[study].items() if str(story.data).encode() in body]


def test_the_folder_holds_map_item_and_outlines(story: Story) -> None:
    files = story.releases["change"]
    page = story.releases["one-date"][folder.PAGE].decode()
    assert "no boundary set was adopted, so no boundary is drawn" in page  # outlines of the producer alone
    wanted = {"blocks.json", "binding.json", "zones.geojson", "stac-item.json", "index.html", "figures.csv"}
    assert wanted <= set(files)
    item = json.loads(files["stac-item.json"])
    assert [6.0, 0.96, 7.1, 1.0] == item["bbox"]
    assert b"<svg" in files["index.html"]


@pytest.mark.parametrize("study", ["change", "one-date"])
def test_everything_is_made_again_byte_for_byte(story: Story, study: str) -> None:
    compared = replay.compare(story.releases[study], replay.again(story.releases[study]))
    assert {"same"} == {one.outcome for one in compared}
    assert again.reproduce(story.releases[study]).equal


def test_blocks_are_computed_again_from_rasters_of_any_name(story: Story, tmp_path: Path) -> None:
    for year in ("2020", "2021"):
        shutil.copy(story.data / f"lc-{year}.tif", tmp_path / f"copy-{year}.bin")
    found = rerun.again(story.releases["change"], tmp_path, 9, dice=dice.dice, tell=Silent())
    assert ([True, True], None) == ([one.equal for one in found.blocks], found.sample)
    shutil.copy(story.data / "lc-2020.tif", tmp_path / "copy-2021.bin")
    with pytest.raises(SourceError, match=r"lc-2021\.tif"):
        rerun.again(story.releases["change"], tmp_path, 1, dice=dice.dice, tell=Silent())


def tampered(files: Mapping[str, bytes], path: str, body: bytes) -> Mapping[str, bytes]:
    """A folder with another file, and a record that names it."""
    record = canon.decode(files[folder.RELEASE], Release)
    listed = [
        canon.plain(canon.encode(one)) | {"digest": canon.digest(body), "size": len(body)} if one.path == path else one
        for one in record.files
    ]
    told = canon.plain(canon.encode(record)) | {"files": listed}
    return {**files, path: body, folder.RELEASE: canon.encode(told)}


def test_parts_that_do_not_add_up_are_refused_by_name(story: Story) -> None:
    """Whoever moves an area from one class to another, in one block, and names the new file in the record."""
    files = story.releases["change"]
    blocks = canon.plain(files[folder.BLOCKS])
    values = blocks["parts"][0]["values"]
    values["0"], values["1"] = str(int(values["0"]) + exact.SQUARE_METRE), str(int(values["1"]) - exact.SQUARE_METRE)
    false = tampered(files, folder.BLOCKS, canon.encode(blocks))
    claims = {claim.name: claim.detail for claim in check.verify(false).claims if not claim.holds}
    assert "area of W, TREE, TREE" in claims["blocks"]
    with pytest.raises(NotVerified):
        replay.again(false)


def test_a_figure_that_does_not_follow_is_refused_by_name(story: Story) -> None:
    files = story.releases["change"]
    record = canon.plain(files[folder.RELEASE])
    record["figures"][0]["value"] = "1.000000"
    claims = {
        claim.name: claim.detail
        for claim in check.verify({**files, folder.RELEASE: canon.encode(record)}).claims
        if not claim.holds
    }
    assert "area of W, TREE, TREE" in claims["figures"]


def test_another_binding_than_the_consents_is_refused(story: Story) -> None:
    files = story.releases["change"]
    false = tampered(files, folder.BINDING, files[folder.BINDING].replace(b"BUILT", b"TREE"))
    claims = {claim.name: claim.detail for claim in check.verify(false).claims if not claim.holds}
    assert "not the binding that the consent names" in claims["blocks"]


def test_the_command_says_the_same_by_its_exit_code(
    story: Story, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """0: files and blocks are equal; 3: a raster is missing, and which; 1: a part that no raster gives."""
    place, inputs = write(tmp_path / "release", story.releases["change"]), tmp_path / "inputs"
    inputs.mkdir()
    words = ["reproduce", str(place), "--inputs", str(inputs), "--blocks", "2"]
    shutil.copy(story.data / "lc-2020.tif", inputs)
    assert 3 == run(words)
    assert "lc-2021.tif" in capsys.readouterr().err
    shutil.copy(story.data / "lc-2021.tif", inputs)
    assert 0 == run(words)
    told = capsys.readouterr().out
    assert "block at row 0, column 0" in told
    assert "block at row 0, column 1024" in told
    assert 0 == run(["verify", str(place), "--charter", story.offices.digest])
    assert "verified: every figure follows" in capsys.readouterr().out


def test_a_block_that_the_rasters_do_not_give_is_found(story: Story) -> None:
    """Parts moved between two blocks still add up: only whoever computes them again can tell."""
    files = story.releases["change"]
    blocks = canon.plain(files[folder.BLOCKS])
    for part, sign in zip(blocks["parts"], (1, -1), strict=True):
        part["values"]["4"] = str(int(part["values"]["4"]) + sign)
    false = exact.decode(canon.encode(blocks))
    ground = replay.ground(files)
    assert exact.totals(false, ground.study.layout) == exact.totals(ground.found.blocks, ground.study.layout)
    with_false = replace(ground, found=replace(ground.found, blocks=false))
    found = rerun.compared(with_false, story.data, 2, dice=dice.dice, tell=Silent())
    assert [("4",), ("4",)] == [one.differs for one in found.blocks]


def test_a_reference_sample_is_looked_up_on_the_rasters_again(story: Story) -> None:
    """Its numbers come from no block: a producer that improves on them is found, as the sample is listed by digest."""
    ground = replay.ground(story.releases["one-date"])
    assert () == rerun.compared(ground, story.data, 1, dice=dice.dice, tell=Silent()).sample
    blocks = ground.found.blocks
    first, *_ = blocks.fixed
    better = replace(blocks, fixed={**blocks.fixed, first: str(int(blocks.fixed[first]) + 1)})
    found = rerun.compared(
        replace(ground, found=replace(ground.found, blocks=better)), story.data, 1, dice=dice.dice, tell=Silent()
    )
    assert (int(first),) == found.sample


def test_it_verifies_where_no_array_and_no_map_library_is(story: Story, tmp_path: Path) -> None:
    """With what the bare wheel installs, and without sockets."""
    geo = ("rasterio", "shapely", "pyproj", "numba", "pyogrio")
    blocked = SITE + f"\nfor name in {geo!r}:\n    sys.modules[name] = None\n"
    site, place = write(tmp_path / "site", {"sitecustomize.py": blocked.encode()}), tmp_path / "release"
    write(place, story.releases["one-date"])
    ended = verify(site, place, "--charter", story.offices.digest)
    assert 0 == ended.returncode, ended.stdout + ended.stderr
    assert "add up to the table" in ended.stdout


def test_areas_are_computed_again_at_home_from_the_files_that_the_record_names(story: Story) -> None:
    """Each layer by its digest; once one of them is another file, the count fails or says so."""
    home = story.offices.home("maps")
    by_study = {story.state.consents[given].study: said for given, said in story.state.nationals.items()}
    leaf = by_study[CHANGE.digest].ref.index
    with reading.at_home(home) as log:
        record = extract.read(audits.record(home, log, leaf), where="record")
        again = audits.rerun_at_home(home, log, record, workers=1, tell=Silent())
    assert () == again.differs
    expected = {id: canon.digest((story.data / f"{id}.tif").read_bytes()) for id in ("lc-2020", "lc-2021")}
    expected["zones"] = canon.digest((story.data / "zones.geojson").read_bytes())
    assert expected == {file.id: file.digest for file in record.basis.files}
