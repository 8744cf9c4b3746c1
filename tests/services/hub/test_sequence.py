"""The one writer: what is signed was stored and read back, each size has one note, and whatever breaks forks no log."""

import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from comity.errors import ConfigError, DiskFull, Locked, NotVerified, WorldError
from comity.model.member import HUB
from comity.services.hub.sequence import Acknowledged, Rejected, Sequencer
from comity.tlog import merkle, note
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.cosignature import cosign
from comity.tlog.note import Note, SignatureLine
from comity.tlog.receipt import Receipt
from tests.builders.assembly import START, signer
from tests.services.hub.place import ORIGIN, Place, line


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    place = Place(tmp_path)
    yield place
    place.stop()


# A head is signed in the commit that makes it


def test_the_head_that_a_commit_makes_is_signed_with_it(place: Place) -> None:
    """By the log's key, and the pending checkpoint is that very note."""
    hub, size = place.open(), len(place.assembly.leaves)
    leaves = [place.says(i) for i in range(3)]
    hub.accept_all(leaves)
    hashes = [merkle.leaf_hash(leaf) for leaf in [*place.assembly.leaves, *leaves]]
    text = str(Checkpoint(ORIGIN, size + 3, merkle.root(hashes)))
    expected = str(Note(text, (note.sign(text, ORIGIN, place.assembly.signers[HUB, "log"]),)))
    assert expected == place.opened[0].note()
    hub.ask()
    assert expected == (place.public / "checkpoint.pending").read_text()


def test_each_size_has_one_note_whatever_is_started_again(place: Place) -> None:
    """Also the size that an older hub left unsigned."""
    for number in range(3):
        hub = place.open()
        hub.ask()
        hub.accept(place.says(number))
        place.stop()
    place.open().ask()
    sizes = [head.size for head in place.log.heads]
    first = len(place.assembly.leaves)
    assert list(range(first, first + 4)) == sizes


def test_what_is_taken_together_is_signed_once(place: Place) -> None:
    """Requests that come while a commit runs are in the next one, all of them; each has its own receipt."""
    hub, hold = place.open(), threading.Event()
    first = len(place.assembly.leaves)
    place.log.texts.clear()
    place.log.hold = hold
    answers: list[Acknowledged] = []
    threads = [threading.Thread(target=lambda i=i: answers.append(hub.accept(place.says(i)))) for i in range(6)]
    threads[0].start()
    assert place.log.reached.wait(10)
    for thread in threads[1:]:
        thread.start()
    while len(hub._waiting) < 5:
        threading.Event().wait(0.01)
    hold.set()
    for thread in threads:
        thread.join()
    assert [first + 1, first + 6] == [head.size for head in place.log.heads]
    assert list(range(first, first + 6)) == sorted(ack.index for ack in answers)
    for ack in answers:
        assert Receipt(ORIGIN, ack.index, (ack.leaf,)) == Receipt.of(ack.receipt)
        assert ack.leaf == merkle.leaf_hash(hub.leaf(ack.index))


def test_one_that_is_refused_keeps_no_other_out(place: Place) -> None:
    """A leaf that stands twice in a request is refused the second time, with the place of the first."""
    hub, first = place.open(), len(place.assembly.leaves)
    good = place.says(1)
    taken, malformed, again = hub.accept_all([good, b"nonsense", good])
    assert isinstance(taken, Acknowledged)
    assert isinstance(malformed, Rejected)
    assert isinstance(again, Rejected)
    assert (["act.malformed"], None) == ([reason.code for reason in malformed.reasons], malformed.stands)
    assert ["act.replayed"] == [reason.code for reason in again.reasons]
    assert taken == again.stands
    assert first + 1 == hub.state.size


# What was staged is not what was given


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE entries SET leaf = zeroblob(length(leaf)) WHERE place = NEW.place",
        "DELETE FROM entries WHERE place = NEW.place",
        "INSERT OR IGNORE INTO entries VALUES (NEW.place + 1, NEW.leaf)",
    ],
    ids=["changed bytes", "a lost write", "an entry too many"],
)
def test_what_is_damaged_while_it_is_staged_is_not_signed(place: Place, damage: str) -> None:
    """A trigger stands for bad hardware. Nothing is added, nobody is told that it was, and the next is taken."""
    hub, size = place.open(), len(place.assembly.leaves)
    place.log.texts.clear()
    place.changed(f"CREATE TRIGGER damage AFTER INSERT ON entries BEGIN {damage}; END")
    with pytest.raises(NotVerified, match="nothing was signed"):
        hub.accept(place.says(1))
    assert [] == place.log.texts
    place.changed("DROP TRIGGER damage")
    assert (size, size) == (hub.state.size, place.opened[0].size)
    assert size == hub.accept(place.says(1)).index


def test_a_row_that_is_damaged_later_is_found_before_anyone_is_asked(place: Place) -> None:
    """Tiles are made from the rows, and must make the root that was signed."""
    hub = place.open()
    hub.accept(place.says(1))
    place.changed("UPDATE entries SET leaf = zeroblob(length(leaf)) WHERE place = ?", len(place.assembly.leaves))
    with pytest.raises(NotVerified, match="do not make the committed root"):
        hub.ask()
    assert "checkpoint.pending" not in place.files()
    place.stop()
    with pytest.raises(NotVerified, match="do not make the head"):
        place.open()


def test_a_tile_of_other_bytes_is_found_before_anyone_is_asked(place: Place) -> None:
    hub, size = place.open(), len(place.assembly.leaves)
    hub.accept(place.says(1))
    tile = place.public / f"tile/0/000.p/{size + 1}"
    tile.write_bytes(bytes(32 * (size + 1)))
    with pytest.raises(NotVerified, match="not what the database makes"):
        hub.ask()
    assert "checkpoint.pending" not in place.files()


# What must not be gone on from


def test_a_restored_backup_is_refused_if_a_newer_head_was_shown(place: Place) -> None:
    """A hub that went on from it would sign a second log."""
    place.open()
    place.stop()
    shutil.copy(place.home / "log.db", place.home / "backup")
    hub = place.open()
    hub.accept(place.says(1))
    hub.ask()
    place.stop()
    shutil.copy(place.home / "backup", place.home / "log.db")
    place.log.texts.clear()
    with pytest.raises(NotVerified, match="newer than the database"):
        place.open()
    assert [] == place.log.texts


def test_the_second_of_two_hubs_on_one_log_stops(place: Place) -> None:
    """Whichever lock failed: it takes nothing, signs nothing and shows nothing from then on."""
    one, two = place.open(), place.open()
    one.accept(place.says(1))
    place.log.texts.clear()
    for _ in range(2):
        with pytest.raises(Locked):
            two.accept(place.says(2))
        with pytest.raises(Locked):
            two.ask()
    assert isinstance(two.stopped, Locked)
    assert [] == place.log.texts
    assert "checkpoint.pending" not in place.files()
    assert len(place.assembly.leaves) + 1 == one.accept(place.says(2)).index


def test_after_a_commit_of_unknown_outcome_nothing_more_is_taken(place: Place) -> None:
    """The connection is gone in the middle."""
    hub = place.open()
    place.opened[0]._database._connection.execute("ALTER TABLE head RENAME TO gone")
    for do in (lambda: hub.accept(place.says(1)), lambda: hub.accept(place.says(2)), hub.ask):
        with pytest.raises(WorldError, match="unknown"):
            do()
    assert isinstance(hub.stopped, WorldError)


def test_a_full_disk_fails_every_request_of_the_commit_and_the_log_goes_on(place: Place) -> None:
    hub, size = place.open(), len(place.assembly.leaves)
    connection = place.opened[0]._database._connection
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(DiskFull):
        hub.accept_all([place.says(i) for i in range(40)])
    assert (size, None) == (hub.state.size, hub.stopped)
    connection.execute("PRAGMA max_page_count = 100000")
    assert size == hub.accept(place.says(1)).index


def test_another_key_than_the_charters_is_refused(place: Place) -> None:
    """The folder's keys were mixed up: nothing may be signed by them."""
    with pytest.raises(ConfigError, match="not the one that the charter names"):
        place.open(log=signer("m1", "witness"))


@pytest.mark.parametrize("name", ["checkpoint", "checkpoint.pending"])
def test_a_head_by_another_key_is_refused(place: Place, name: str) -> None:
    """Right in size and root, under the quorum, and not this log's."""
    place.open()
    text = str(place.assembly.checkpoint())
    lines = [SignatureLine.parse(line(place, member, text=text)) for member in ("m1", "m2", "m3")]
    false = Note(text, (note.sign(text, ORIGIN, signer("m1", "sign")), *lines))
    (place.public / name).write_text(str(false))
    place.stop()
    with pytest.raises(NotVerified, match="not signed by the log's key"):
        place.open()


def test_a_stored_note_of_another_head_is_refused(place: Place) -> None:
    hub = place.open()
    before = place.opened[0].note()
    hub.accept(place.says(1))
    place.stop()
    place.changed("UPDATE head SET note = ?", before)
    with pytest.raises(NotVerified, match="not that of the entries"):
        place.open()


# Cut short between two steps


def gone(*arguments: object) -> None:
    """What a disk does that is gone."""
    raise WorldError("the disk is gone")


def ask_all(place: Place, hub: Sequencer) -> None:
    """Up to the published checkpoint."""
    hub.ask()
    for member in ("m1", "m2", "m3"):
        hub.cosign(line(place, member))


@pytest.mark.parametrize("step", ["_put", "publish_pending", "beside", "publish"])
def test_whatever_is_cut_short_is_repaired_forward_at_the_next_start(place: Place, step: str) -> None:
    """What was acknowledged is there, no size has two notes, and the checkpoint is published in the end."""
    hub = place.open()
    setattr(place.static, step, gone)
    ack = hub.accept(place.says(1))
    with pytest.raises(WorldError, match="gone"):
        ask_all(place, hub)
    assert "checkpoint" not in place.files()
    place.stop()
    hub = place.open()
    assert ack.leaf == merkle.leaf_hash(hub.leaf(ack.index))
    ask_all(place, hub)
    assert hub.published == Checkpoint.of(Note.parse((place.public / "checkpoint").read_bytes()))
    heads = place.log.heads
    assert len({head.size for head in heads}) == len(set(map(str, heads)))


# Without the quorum nothing is published


def not_enough(place: Place) -> list[Callable[[], str]]:
    """Lines of which two count, where three are wanted."""
    other = str(place.assembly.checkpoint(3))
    pending = str(place.assembly.checkpoint())
    return [
        lambda: line(place, "m1"),
        lambda: line(place, "m1", START + 101),  # the same witness again
        lambda: line(place, "m2"),
        lambda: line(place, "m3", purpose="sign"),  # another key of the third
        lambda: line(place, "m3", text=other),
        lambda: line(place, "m4", text=other),
        lambda: str(cosign(pending, "elsewhere/m3", START, signer("m3", "witness"))),
    ]


def test_nothing_is_published_without_the_quorum(place: Place) -> None:
    """Not by lines that do not count, nor by asking again, settling, or starting again."""
    hub = place.open()
    hub.ask()
    for made in not_enough(place):
        hub.cosign(made())
        hub.settle()
        hub.ask()
        assert (None, None) == (hub.published, hub.cosigned())
        assert "checkpoint" not in place.files()
    place.stop()
    hub = place.open()
    hub.ask()
    assert hub.cosign(line(place, "m3"))
    assert "checkpoint" not in place.files()
    for member in ("m1", "m2"):
        assert hub.cosign(line(place, member))
    assert hub.published == place.assembly.checkpoint()


def test_a_hub_does_not_start_over_a_checkpoint_without_the_quorum(place: Place) -> None:
    """Somebody put it there; the log's own signature is true."""
    place.open().ask()
    place.stop()
    (place.public / "checkpoint").write_bytes((place.public / "checkpoint.pending").read_bytes())
    with pytest.raises(NotVerified, match="without the charter's quorum"):
        place.open()
