"""A release's files say the same thing in each of their forms, and the record names them."""

import json
import re
from datetime import UTC, datetime

import numpy as np
import pytest

from comity import canon
from comity.canon import Digest
from comity.errors import NotVerified
from comity.model import cube
from comity.model.release import Alone, Release
from comity.model.study import Method
from comity.sdmx import csv, dataset
from comity.sdmx.dataset import Columns
from comity.stages.publish import bundle, folder, release, site
from tests.builders import seal
from tests.builders.release import DROPS, Made, made, own

COLUMNS = Columns(
    dimensions=("REF_AREA", "ANSWER", "SEX", "MEASURE", "TIME_PERIOD"),
    measures=("OBS_VALUE",),
    attributes=("OBS_STATUS", "SAMPLING_ERROR", "NOISE_ERROR"),
)


@pytest.fixture(scope="module")
def source() -> Made:
    return made()


def record(files: object) -> Release:
    return canon.decode(files[folder.RELEASE], Release)  # type: ignore[index]


def test_the_record_names_every_other_file(source: Made) -> None:
    named = {file.path: (file.digest, file.size) for file in record(source.files).files}
    found = {p: (canon.digest(b), len(b)) for p, b in source.files.items() if p != folder.RELEASE}
    assert found == named
    assert {"figures.csv", "figures.parquet", "index.html", "ro-crate-metadata.json"} == set(named)


def test_csv_and_parquet_hold_the_figures_of_the_record(source: Made) -> None:
    rows = csv.read(source.files[folder.CSV], COLUMNS).rows
    figures = record(source.files).figures
    found = [(r["ANSWER"], r["SEX"], r["MEASURE"], r["OBS_VALUE"], r["SAMPLING_ERROR"], r["NOISE_ERROR"]) for r in rows]
    assert [(*f.key, f.measure, f.value, f.sampling, f.noise) for f in figures] == found
    assert {("_X", "2010-01-01/P5Y", "A")} == {(r["REF_AREA"], r["TIME_PERIOD"], r["OBS_STATUS"]) for r in rows}
    held = dataset.read_parquet(source.files[folder.PARQUET])
    assert [float(r["OBS_VALUE"] or "nan") for r in rows] == [float(r["OBS_VALUE"] or "nan") for r in held.rows]
    assert "COMITY:TRUST(1.0.0)" == held.structure


def test_pysdmx_reads_the_csv(source: Made) -> None:
    """Another implementation sees the same values."""
    from pysdmx.io.csv.sdmx20.reader import read

    (found,) = read(source.files[folder.CSV].decode())
    assert [f.value for f in record(source.files).figures] == [
        f"{value:.0f}" if measure == "n" else f"{float(value):.2f}"
        for measure, value in zip(found.data["MEASURE"], found.data["OBS_VALUE"].astype(float), strict=True)
    ]


def test_a_members_own_release_marks_what_it_suppresses(source: Made) -> None:
    """Q, without value; its area; and no share, because a total would give the cells away.

    One small cell takes three with it, two in each row and in each column: readers are taken to know all margins.
    """
    whole = made("own")
    for member in ("m0", "m1", "m7"):
        files, _ = own(whole, member)
        rows = csv.read(files[folder.CSV], COLUMNS).rows
        area = whole.assembly.parties[member].area
        assert {area} == {row["REF_AREA"] for row in rows}
        hidden = [row for row in rows if row["OBS_STATUS"] == "Q"]
        assert all(row["OBS_VALUE"] is None for row in hidden)
        assert (["F", "F", "M", "M"] if member == "m7" else []) == sorted(str(row["SEX"]) for row in hidden)
        assert ({"n"} if hidden else {"n", "share"}) == {row["MEASURE"] for row in rows}
        assert bool(hidden) == ("no-total" in record(files).notes)


def test_the_joint_release_counts_who_could_not_have_published_alone(source: Made) -> None:
    """Offices with a cell of 1 to 4 persons, the sample norm's threshold being 5, out of those that showed a table."""
    state = source.world.state
    answered = {state.consents[consent].member for consent in state.nationals}
    small = [id for id in answered if any(0 < value < 5 for value in source.world.offices[id].values)]
    assert Alone(answered=len(answered), suppressed=len(small)) == record(source.files).alone
    assert ["m7"] == small


def test_what_is_no_table_is_not_counted_and_keeps_nobody_from_the_release(source: Made) -> None:
    """A member may name anything as its own table: garbage, or a table of something else."""
    state, store = source.assembly.state, source.world.store
    first, second = list(state.nationals.values())[:2]
    other = cube.encode(cube.plain(seal.layout(3), np.zeros(3, "<i8"), np.zeros(3, "<i4")))

    class Bodies:
        def has(self, name: Digest, /) -> bool:
            return store.has(name)

        def get(self, name: Digest, /) -> bytes:
            return {first.body.digest: b"garbage", second.body.digest: other}.get(name) or store.get(name)

    files = release.joint(state, source.exchange, leaf=source.assembly.leaves.__getitem__, bodies=Bodies())
    assert {first.ref.index, second.ref.index} == set(record(source.files).inputs) - set(record(files).inputs)


def test_inputs_are_the_closing_and_the_tables_counted(source: Made) -> None:
    closed = source.world.facts.closed
    assert closed is not None
    tables = [said.ref.index for said in source.world.state.nationals.values()]
    assert tuple(sorted([closed.ref.index, *tables])) == record(source.files).inputs


def test_it_is_dated_by_the_log(source: Made) -> None:
    time = record(source.files).time
    assert 0 < time <= source.world.state.time
    dated = json.loads(source.files[folder.CRATE])["@graph"][1]["datePublished"]
    assert time == datetime.fromisoformat(dated).astimezone(UTC).timestamp()


def test_a_method_that_is_not_on_the_shelf_finishes_nothing(source: Made) -> None:
    from dataclasses import replace

    other = replace(source.study, method=Method(name="table", version="1", digest=canon.digest(b"other sources")))
    with pytest.raises(NotVerified, match=r"not on this shelf; found table/1 sha256:.*; wanted table/1 sha256:"):
        release.finish_of(other)


@pytest.mark.parametrize(
    ("period", "wanted"),
    [("2010-2014", "2010-01-01/P5Y"), ("2014-2014", "2014-01-01/P1Y"), ("2014", "2014"), ("2014-2010", "2014-2010")],
)
def test_years_from_and_to_become_a_time_range(period: str, wanted: str) -> None:
    """SDMX has no other spelling of a span of years."""
    assert wanted == folder.time_period(period)


# What lies beside it


def test_nothing_that_seal_keeps_back_is_published(source: Made) -> None:
    """No share box, no seed box but from survivors to drop-outs, no vector of a drop-out."""
    world = source.world
    sent = {canon.digest(b): b for office in world.offices.values() for _, bodies in office.sent for b in bodies}
    published = {canon.digest(body) for body in source.folder.values()}
    kept_back = set(sent) - published
    boxes = {digest for digest, body in sent.items() if len(body) in (1136 + 64, 1136 + 32)}
    shown = boxes & published
    u3 = [id for id, said in world.facts.answers.items()]
    place = sorted([*u3, DROPS]).index(DROPS)
    assert place == len(shown), "one seed box from each survivor of a lower place to the one drop-out"
    assert kept_back
    assert all(len(sent[digest]) == 1136 + 32 for digest in shown)


def test_the_bundle_is_a_static_log(source: Made) -> None:
    from comity.tlog.checkpoint import Checkpoint
    from comity.tlog.merkle import leaf_hash, root
    from comity.tlog.note import Note
    from comity.tlog.tile import decode_bundle

    head = Checkpoint.of(Note.parse(source.folder[folder.CHECKPOINT]))
    leaves = decode_bundle(source.folder[f"log/tile/entries/000.p/{head.size}"], head.size)
    assert head.root == root([leaf_hash(leaf) for leaf in leaves])


def test_a_checkpoint_beyond_the_leaves_is_refused(source: Made) -> None:
    with pytest.raises(NotVerified, match="beyond the leaves"):
        bundle.log(source.assembly.leaves[:-1], source.note)


def test_a_comment_that_was_taken_down_is_left_out(source: Made) -> None:
    """Its digest stays in the log."""
    comment = canon.digest(b"Why four answers?")

    class Without:
        def has(self, digest: str) -> bool:
            return digest != comment and source.world.store.has(digest)  # type: ignore[arg-type]

        def get(self, digest: str) -> bytes:
            assert digest != comment
            return source.world.store.get(digest)  # type: ignore[arg-type]

    a = source.assembly
    proofs = bundle.proofs(a.state, source.files[folder.RELEASE], a.leaves, source.note, Without())
    assert folder.blob(comment) not in proofs
    assert {*proofs, folder.blob(comment)} == {*source.folder} - {*source.files}


# The list of releases


def test_the_list_shows_the_newest_first(source: Made) -> None:
    from dataclasses import replace

    new = record(source.files)
    old = replace(new, time=new.time - 1, period="2005-2009")
    page = site.index([("a", old, source.study), ("b", new, source.study)], name="Assembly", origin="example.org/a")
    assert ["b/index.html", "a/index.html"] == re.findall(r'href="([ab]/[^"]*)"', page["index.html"].decode())


def test_an_empty_list_says_so() -> None:
    assert b"Nothing has been published yet." in site.index([], name="A", origin="o")["index.html"]
