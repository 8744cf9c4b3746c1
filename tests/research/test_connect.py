"""A log is read the same wherever it lies; one that does not hold is not read at all, and all says whose word it is."""

from collections.abc import Callable
from pathlib import Path

import pytest

from comity import canon
from comity.errors import ComityError, NotVerified, QuorumShort, Unreachable, UsageError
from comity.research import Connection, connect
from comity.stages.publish import folder as folders
from comity.stages.verify.check import verify
from comity.stages.verify.report import UNPINNED, VERIFIED
from comity.tlog.note import Note
from tests.builders.release import AREAS
from tests.research import places
from tests.research.places import world

Place = Callable[[pytest.FixtureRequest], str | Path]
PLACES = ("public", "folder", "served")


@pytest.fixture(params=PLACES)
def elsewhere(request: pytest.FixtureRequest) -> Connection:
    """The same log in each place."""
    return connect(request.getfixturevalue(request.param), charter=world().charter)


def test_every_place_gives_the_same_lists(hub: Connection, elsewhere: Connection) -> None:
    """They follow from the log alone."""
    lists = [(c.releases.rows, c.series.rows, c.studies.rows, c.norms.rows) for c in (hub, elsewhere)]
    assert lists[0] == lists[1]


def test_every_place_gives_the_same_figures(hub: Connection, elsewhere: Connection) -> None:
    assert hub.release().digest == elsewhere.release().digest
    assert hub.frame().arrow().equals(elsewhere.frame().arrow(), check_metadata=True)


def test_every_place_gives_the_report_of_the_offline_verifier(elsewhere: Connection) -> None:
    """The folder holds nothing more than what a hub serves, so the claims are the same, word by word."""
    wanted = verify(world().joint, pin=world().charter)
    found = elsewhere.verify()
    assert wanted.holds
    assert (wanted.claims, wanted.figures, VERIFIED) == (found.claims, found.figures, found.last)


def test_the_lists_say_what_is_there(hub: Connection) -> None:
    """One joint release, two of members; the study and the norm of the sample, in force."""
    assert [("joint", "_X"), ("national", AREAS[1]), ("national", AREAS[7])] == [(s.kind, s.area) for s in hub.series]
    assert [("TRUST-WAVES/1.0.0", "in force", world().study)] == [(s.name, s.outcome, s.digest) for s in hub.studies]
    assert [("TRUST/1.0.0", "in force")] == [(n.name, n.outcome) for n in hub.norms]
    assert ["TRUST-WAVES/1.0.0"] * 3 == list(hub.releases.pandas()["study"])


def test_times_are_those_that_the_records_say(hub: Connection) -> None:
    """The list takes them out of the log, without reading a record."""
    assert [one.record.time for one in hub.releases] == [one.time for one in hub.releases]


def test_unpinned_everything_says_so(public: Path) -> None:
    loose = connect(public)
    assert UNPINNED == loose.verify().last
    things = [loose, loose.releases, loose.release(), loose.frame()]
    assert ["not pinned" in repr(thing) for thing in things] == [True] * 4
    assert ["not pinned" in thing._repr_html_() for thing in things] == [True] * 4  # type: ignore[attr-defined]
    assert b"no" == loose.frame().arrow().schema.metadata[b"comity.charter-pinned"]


def test_pinned_everything_names_the_charter(hub: Connection) -> None:
    assert all(world().charter in repr(thing) for thing in (hub, hub.norms, hub.release(), hub.frame()))
    assert b"yes" == hub.frame().arrow().schema.metadata[b"comity.charter-pinned"]


@pytest.mark.parametrize("place", PLACES)
def test_another_charter_is_refused_wherever_it_lies(request: pytest.FixtureRequest, place: str) -> None:
    with pytest.raises(NotVerified, match="another charter than you pinned"):
        connect(request.getfixturevalue(place), charter=canon.digest(b"another"))


def changed_leaf(log: dict[str, bytes]) -> None:
    path = next(path for path in log if "entries" in path)
    log[path] = log[path][:-2] + bytes([log[path][-2] ^ 1]) + log[path][-1:]


def no_witness(log: dict[str, bytes]) -> None:
    note = Note.parse(log[folders.CHECKPOINT])
    log[folders.CHECKPOINT] = str(Note(note.text, note.signatures[:1])).encode()


def part_missing(log: dict[str, bytes]) -> None:
    del log[next(path for path in log if "entries" in path)]


def no_checkpoint_yet(log: dict[str, bytes]) -> None:
    log[folders.CHECKPOINT] = b"not a note"


@pytest.mark.parametrize(
    ("break_", "error"),
    [
        (changed_leaf, NotVerified),
        (no_witness, QuorumShort),
        (part_missing, Unreachable),
        (no_checkpoint_yet, ComityError),
    ],
)
def test_a_log_that_does_not_hold_is_not_read(
    tmp_path: Path, break_: Callable[[dict[str, bytes]], None], error: type[ComityError]
) -> None:
    log = dict(world().log)
    break_(log)
    with pytest.raises(error):
        connect(places.public(tmp_path, log=log))


def test_a_body_that_was_changed_is_refused_and_named(tmp_path: Path) -> None:
    """In a release's folder as in a hub's."""
    place = places.release(tmp_path)
    record = place / folders.RELEASE
    parquet = place / folders.PARQUET
    parquet.write_bytes(parquet.read_bytes()[:-1] + b"x")
    with pytest.raises(NotVerified, match="not what its digest says"):
        connect(place).release().frame(through="parquet")
    record.write_bytes(record.read_bytes().replace(b'"value":"', b'"value":"9', 1))
    with pytest.raises(UsageError, match="no such release"):
        connect(place).frame()


def test_a_link_in_a_releases_folder_is_not_followed(tmp_path: Path) -> None:
    place = places.release(tmp_path / "release")
    csv = place / folders.CSV
    csv.rename(tmp_path / "elsewhere")
    csv.symlink_to(tmp_path / "elsewhere")
    assert not connect(place).verify().holds


def test_a_false_release_is_reported_not_raised(tmp_path: Path) -> None:
    """The page was changed: frames are read, the report fails and says which file."""
    place = places.release(tmp_path)
    (place / folders.PAGE).write_text("changed")
    here = connect(place, charter=world().charter)
    assert len(here.frame()) == len(world().record.figures)
    report = here.verify()
    assert not report.holds
    assert "FAILS" in report._repr_html_()
    assert folders.PAGE in str(report)


def test_what_a_release_folder_does_not_hold_says_where_to_ask(folder: Path) -> None:
    with pytest.raises(Unreachable, match="way out: connect to the hub or a mirror"):
        connect(folder).frame("TRUST-WAVES")


@pytest.mark.parametrize(
    ("named", "words"),
    [
        ("nowhere", "no such folder"),
        ("ftp://example.org", "not an address"),
        (".", "nothing to read"),
    ],
)
def test_a_place_that_is_none_is_one_line_with_a_way_out(tmp_path: Path, named: str, words: str) -> None:
    place = named if "://" in named else tmp_path / named
    with pytest.raises(UsageError, match=words) as caught:
        connect(place)
    assert "wanted" in str(caught.value)


def test_a_release_without_its_log_says_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / folders.RELEASE).write_bytes(world().joint[folders.RELEASE])
    with pytest.raises(UsageError, match="a release without its log"):
        connect(tmp_path)


def test_a_charter_cut_short_is_refused_before_anything_is_read() -> None:
    with pytest.raises(UsageError, match="copy it whole"):
        connect("http://127.0.0.1:1", charter="sha256:abc")


def test_a_hubs_home_is_read_through_its_public_folder(public: Path, hub: Connection) -> None:
    assert hub.releases.rows == connect(public.parent).releases.rows


def test_what_the_log_took_from_others_is_shown_and_does_nothing(hub: Connection) -> None:
    """Markup and terminal codes in a name are text."""
    from comity.research import show

    assert "&lt;script&gt;" in show.title("<script>\x1b[2K")
    assert "\x1b" not in show.title("\x1b[2K") + show.columns(("a",), [("\x1b[2K",)])
