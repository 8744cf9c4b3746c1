"""A release verifies from its folder alone; whatever is changed in it is refused and named."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity import canon
from comity.acts import statement
from comity.assembly import witnesses
from comity.model.release import Release
from comity.stages.publish import folder
from comity.stages.verify.check import verify
from comity.stages.verify.report import UNPINNED, VERIFIED, Report
from comity.tlog.note import Note
from comity.tlog.tile import bundles, decode_bundle, encode_bundle
from tests.builders.release import Made, made, own

Files = dict[str, bytes]


@pytest.fixture(scope="module")
def release() -> Made:
    return made()


@pytest.fixture
def files(release: Made) -> Files:
    return dict(release.folder)


def failing(report: Report) -> dict[str, str]:
    """What does not hold, by name."""
    found: dict[str, str] = {}
    for claim in report.claims:
        if not claim.holds:
            found[claim.name] = " | ".join(filter(None, [found.get(claim.name), claim.detail]))
    return found


def leaves_of(files: Files) -> tuple[str, list[bytes]]:
    """The one bundle of leaves: its path, and the leaves."""
    path = next(path for path in files if path.startswith("log/tile/entries/"))
    return path, list(decode_bundle(files[path], int(path.rpartition("/")[2])))


# What holds


def test_a_release_verifies_under_the_charter_that_the_reader_pinned(release: Made, files: Files) -> None:
    report = verify(files, pin=release.charter)
    assert {} == failing(report)
    assert VERIFIED == report.last


def test_unpinned_it_is_only_consistent(files: Files) -> None:
    report = verify(files)
    assert report.holds
    assert "consistent under a charter you did not pin" == UNPINNED == report.last


def test_a_quorum_of_the_readers_own_takes_the_place_of_the_charters(release: Made, files: Files) -> None:
    report = verify(files, policy=witnesses.policy(release.assembly.state))
    assert VERIFIED == report.last


def test_figures_are_those_of_the_opened_sum(release: Made, files: Files) -> None:
    """n of each cell, as the offices' values and noise make it."""
    found = [figure.value for figure in verify(files).figures if figure.measure == "n"]
    assert [str(value) for value in release.world.sum()] == found


def test_the_sum_is_near_the_truth_of_the_survivors(release: Made) -> None:
    """Seven offices; noise of standard deviation 7.9 stays within 8 of them."""
    world = release.world
    survivors = [id for id, said in world.facts.answers.items() if said.ref.index in world.facts.survivors.members]  # type: ignore[union-attr]
    assert all(abs(a - b) < 8 * 7.94 for a, b in zip(world.sum(), world.noise_free(*survivors), strict=True))


def test_a_members_own_release_verifies_too(release: Made) -> None:
    _, whole = own(made("own"), "m1")
    report = verify(whole)
    assert {} == failing(report)
    assert report.figures


# What is changed, by name


def record(files: Files) -> Release:
    return canon.decode(files[folder.RELEASE], Release)


def change_figure(files: Files) -> None:
    files[folder.RELEASE] = files[folder.RELEASE].replace(b'"value":"', b'"value":"1', 1)


def change_csv(files: Files) -> None:
    files[folder.CSV] = files[folder.CSV].replace(b",A,", b"0,A,", 1)


def change_page(files: Files) -> None:
    files[folder.PAGE] = files[folder.PAGE].replace(b"</h1>", b"!</h1>", 1)


def change_vote(files: Files) -> None:
    path, leaves = leaves_of(files)
    place = next(i for i, leaf in enumerate(leaves) if statement.read(leaf).act.kind == "vote")
    said = statement.read(leaves[place]).act
    envelope = statement.read(leaves[place]).envelope
    payload = statement.payload(said).replace(b'"choice":"yes"', b'"choice":"no"')
    leaves[place] = canon.encode(
        {"payload": payload, "payloadType": envelope.payloadType, "signatures": envelope.signatures}
    )
    files[path] = encode_bundle(leaves)


def remove_leaf(files: Files) -> None:
    path, leaves = leaves_of(files)
    files[path] = encode_bundle(leaves[:40] + leaves[41:])


def remove_leaf_and_shorten(files: Files) -> None:
    path, leaves = leaves_of(files)
    del files[path]
    files[f"log/{next(bundles(len(leaves) - 1))}"] = encode_bundle(leaves[:-1])


def change_vector(files: Files) -> None:
    path = folder.view(made().world.facts.answers["m1"].body.digest)
    files[path] = bytes([files[path][0] ^ 1]) + files[path][1:]


def change_cosignature(files: Files) -> None:
    note = Note.parse(files[folder.CHECKPOINT])
    line = note.signatures[1]
    false = type(line)(line.name, line.id, line.signature[:-1] + bytes([line.signature[-1] ^ 1]))
    files[folder.CHECKPOINT] = str(Note(note.text, (note.signatures[0], false, *note.signatures[2:]))).encode()


def drop_cosignatures(files: Files) -> None:
    note = Note.parse(files[folder.CHECKPOINT])
    files[folder.CHECKPOINT] = str(Note(note.text, note.signatures[:6])).encode()


def change_study(files: Files) -> None:
    path = folder.blob(record(files).study)
    files[path] = files[path].replace(b'"colluding":1', b'"colluding":2')


def change_table(files: Files) -> None:
    path = next(path for path, body in files.items() if path.startswith("blobs/") and b"comity-cube" in body[:40])
    files[path] = files[path][:-1] + bytes([files[path][-1] ^ 1])


def add_file(files: Files) -> None:
    files["extra.csv"] = b"1"


def add_to_view(files: Files) -> None:
    files[f"view/{'0' * 64}"] = b"1"


@pytest.mark.parametrize(
    ("change", "name", "told"),
    [
        (change_figure, "figures", "n of 1, F: found 1{n} (A); {n} (A) follows"),
        (change_figure, "release.json", "the log names no such record"),
        (change_csv, "figures", "figures.csv, observation 1, OBS_VALUE"),
        (change_csv, "files", "figures.csv: not the file"),
        (change_page, "files", "index.html: not the file"),
        (change_vote, "log", "do not make the checkpoint's root"),
        (remove_leaf, "log", "not an entry bundle of its width"),
        (remove_leaf_and_shorten, "log", "log/tile/entries/000.p/84: file missing"),
        (change_vector, "sum", "not what its name says"),
        (change_cosignature, "quorum", "a cosignature does not hold"),
        (drop_cosignatures, "quorum", "too few witnesses cosigned"),
        (change_study, "figures", "not what its name says"),
        (change_table, "figures", "not what its name says"),
        (add_file, "folder", "files that nothing names: extra.csv"),
        (add_to_view, "folder", "files that nothing names: view/000"),
    ],
    ids=lambda value: value.__name__ if callable(value) else None,
)
def test_what_is_changed_is_refused_and_named(
    release: Made, files: Files, change: Callable[[Files], None], name: str, told: str
) -> None:
    """`{n}` is the first cell of the sum that the offices' values and noise make, worked out without the release."""
    change(files)
    report = verify(files, pin=release.charter)
    assert told.format(n=release.world.sum()[0]) in failing(report).get(name, "holds")
    assert report.last.startswith("not verified: ")
    assert name in report.last


def test_a_changed_vote_is_named_by_its_leaf(files: Files) -> None:
    """Beside the root, the signature tells which leaf it was."""
    _, leaves = leaves_of(files)
    vote = next(i for i, leaf in enumerate(leaves) if statement.read(leaf).act.kind == "vote")
    change_vote(files)
    report = verify(files)
    assert f"the first one against the rules is leaf {vote} (act.signature)" in failing(report)["log"]
    acts = next(claim.detail for claim in report.claims if claim.name == "acts")
    assert "have no effect" in acts


def test_a_release_forged_whole_is_another_charters(release: Made) -> None:
    """Its own log, keys and witnesses: consistent, and not the reader's."""
    forged = made("forged", origin="forged.example/assembly")
    assert UNPINNED == verify(forged.folder).last
    report = verify(forged.folder, pin=release.charter)
    assert "another charter than you pinned" in failing(report)["charter"]
    report = verify(forged.folder, policy=witnesses.policy(release.assembly.state))
    assert "not signed by a known log" in failing(report)["quorum"]


def test_a_missing_file_is_named(release: Made, files: Files) -> None:
    """Each of them, but the text of a comment: it may be taken down."""
    comment = folder.blob(canon.digest(b"Why four answers?"))
    for path in files:
        if path == comment:
            continue
        without = {name: body for name, body in files.items() if name != path}
        report = verify(without, pin=release.charter)
        assert not report.holds, path
        assert any(path in detail for detail in failing(report).values()), (path, failing(report))


def test_blanked_figures_are_printed_all_the_same(release: Made, files: Files) -> None:
    """From leaves and vectors alone; and the blanks are refused."""
    before = verify(files).figures
    whole = record(files)
    blank = canon.plain(canon.encode(whole))
    for figure in blank["figures"]:
        figure["value"], figure["sampling"], figure["noise"] = None, "", ""
    files[folder.RELEASE] = canon.encode(blank)
    header, *rows = files[folder.CSV].decode().splitlines()
    files[folder.CSV] = "\r\n".join([header, *(",".join(row.split(",")[:8]) + ",,,," for row in rows), ""]).encode()
    report = verify(files, pin=release.charter)
    assert before == report.figures
    assert {"figures", "release.json", "files"} <= set(failing(report))


def test_without_any_record_the_figures_are_printed_too(files: Files) -> None:
    before = verify(files).figures
    for path in (folder.RELEASE, folder.CSV, folder.PARQUET, folder.PAGE, folder.CRATE):
        del files[path]
    report = verify(files)
    assert before == report.figures
    assert not report.holds


def test_where_the_view_is_gone_nothing_is_verified(release: Made, files: Files) -> None:
    closed = release.world.facts.closed
    assert closed is not None
    assert closed.sum is not None
    stated = folder.view(closed.sum.digest)
    kept = {path: body for path, body in files.items() if not path.startswith("view/") or path == stated}
    report = verify(kept, pin=release.charter)
    assert "sum not recomputed: view gone" in failing(report)["sum"]
    assert "verified" not in report.last.replace("not verified", "")
    figures = next(claim.detail for claim in report.claims if claim.name == "figures")
    assert "as the hub stated it, not recomputed" in figures


def test_an_empty_folder_is_no_release() -> None:
    assert "log/checkpoint: file missing" in failing(verify({}))["log"]


@settings(max_examples=60)
@given(data=st.data())
def test_no_byte_can_be_changed_unseen(data: st.DataObject) -> None:
    """Of any file but the checkpoint, where a line of an unknown signer means nothing. And nothing crashes."""
    files = dict(made().folder)
    path = data.draw(st.sampled_from(sorted(files)))
    place = data.draw(st.integers(0, len(files[path]) - 1))
    bit = 1 << data.draw(st.integers(0, 7))
    body = bytearray(files[path])
    body[place] ^= bit
    files[path] = bytes(body)
    report = verify(files, pin=made().charter)
    assert path == folder.CHECKPOINT or not report.holds


@settings(max_examples=20)
@given(data=st.data())
def test_no_file_can_be_cut_unseen(data: st.DataObject) -> None:
    files = dict(made().folder)
    path = data.draw(st.sampled_from(sorted(files)))
    files[path] = files[path][: data.draw(st.integers(0, len(files[path]) - 1))]
    assert not verify(files, pin=made().charter).holds
