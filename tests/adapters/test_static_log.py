"""The public files: exactly the standard's, made from the database, never changed, never ahead of it."""

import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from comity.adapters import durable
from comity.adapters.log import LogStore
from comity.adapters.static_log import StaticLog, read_tile
from comity.errors import DiskFull, NotVerified
from comity.tlog import merkle
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.follow import Followed, advance, needed, new_leaves
from comity.tlog.tile import Tile, bundles, decode_bundle, hash_tiles
from tests.tlog.a_log import ORIGIN, signed


@pytest.fixture
def store(tmp_path: Path) -> Iterator[LogStore]:
    """An empty log."""
    with LogStore.create(tmp_path / "log.db") as store:
        yield store


@pytest.fixture
def public(tmp_path: Path) -> Path:
    """Where its files go."""
    return tmp_path / "public"


def entries(start: int, stop: int) -> list[bytes]:
    return [b"entry %d" % i for i in range(start, stop)]


def files(public: Path) -> dict[str, bytes]:
    """Everything under public."""
    return {str(file.relative_to(public)): file.read_bytes() for file in public.rglob("*") if file.is_file()}


def head_of(log: StaticLog, size: int) -> str:
    """A signed checkpoint of the log at a size."""
    return str(signed(Checkpoint(ORIGIN, size, log.root_at(size))))


def grown(public: Path, store: LogStore, *sizes: int) -> StaticLog:
    """A log that grew to each of the sizes and published it."""
    log = StaticLog.open(public, store)
    for size in sizes:
        store.append(entries(store.size, size))
        log.grow()
        log.publish(head_of(log, size))
    return log


def test_the_files_are_those_of_the_standard(store: LogStore, public: Path) -> None:
    """Paths and bytes, for a size with a level of tiles above the first."""
    grown(public, store, 600)
    expected = {str(tile) for tile in (*hash_tiles(600), *bundles(600))} | {"checkpoint"}
    made = files(public)
    assert expected == set(made)
    assert {"tile/0/000", "tile/0/001", "tile/0/002.p/88", "tile/1/000.p/2", "tile/entries/002.p/88"} <= expected
    leaves = [leaf for i in (0, 1) for leaf in decode_bundle(made[f"tile/entries/00{i}"], 256)]
    assert entries(0, 512) == leaves
    assert b"".join(map(merkle.leaf_hash, entries(0, 256))) == made["tile/0/000"]


def test_a_log_that_grew_in_steps_has_the_files_of_one_that_did_not(
    store: LogStore, public: Path, tmp_path: Path
) -> None:
    """And those of the sizes between, until a full tile has long taken their place."""
    grown(public, store, 1, 2, 255, 256, 257, 300, 700)
    other = tmp_path / "other"
    StaticLog.open(other, store).grow()
    made = files(public)
    assert files(other).items() <= made.items()
    assert {"tile/0/001.p/1", "tile/0/001.p/44", "tile/entries/001.p/44", "tile/1/000.p/1"} <= set(made)
    assert not [name for name in made if name.startswith("tile/0/000.p/")]


def test_a_follower_reads_every_published_size_out_of_the_files(store: LogStore, public: Path) -> None:
    """Also one whose partial files are gone."""
    sizes = (1, 2, 255, 256, 300, 700)
    log = grown(public, store, *sizes)
    followed = Followed()
    for size in sizes:
        data = [(tile, read_tile(public, tile)) for tile in needed(size, followed.size)]
        leaves = new_leaves(size, followed.size, data)
        followed = advance(followed, Checkpoint(ORIGIN, size, log.root_at(size)), leaves)
    assert store.root() == followed.range.root()


def test_proofs_come_out_of_the_files(store: LogStore, public: Path) -> None:
    """For the last size and for a smaller one."""
    log = grown(public, store, 300, 700)
    hashes = [merkle.leaf_hash(entry) for entry in entries(0, 700)]
    for size in (300, 700):
        assert merkle.root(hashes[:size]) == log.root_at(size)
        assert merkle.inclusion(7, size, hashes) == log.inclusion(7, size)
        assert merkle.consistency(256, size, hashes) == log.consistency(256, size)


def test_missing_files_are_made_again_byte_for_byte(store: LogStore, public: Path) -> None:
    """All of them, or any one."""
    grown(public, store, 600)
    whole = files(public)
    for name in [name for name in whole if name.startswith("tile/")]:
        (public / name).unlink()
        StaticLog.open(public, store)
        assert whole == files(public)


def test_what_was_committed_but_not_written_is_written_at_the_next_start(store: LogStore, public: Path) -> None:
    """A crash between the commit and the tiles."""
    grown(public, store, 300)
    store.append(entries(300, 600))
    log = StaticLog.open(public, store)
    assert 600 == log.size
    assert {str(tile) for tile in hash_tiles(600)} <= set(files(public))


def test_a_leftover_of_a_write_that_was_cut_short_is_swept_away(store: LogStore, public: Path) -> None:
    grown(public, store, 300)
    whole = files(public)
    (public / "tile/0/.001.part").write_bytes(b"half")
    StaticLog.open(public, store)
    assert whole == files(public)


@pytest.mark.parametrize(
    "name", ["tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1", "tile/entries/000", "tile/entries/001.p/44"]
)
@pytest.mark.parametrize("damage", ["bit", "short", "long"])
def test_a_damaged_file_is_refused(store: LogStore, public: Path, name: str, damage: str) -> None:
    """Of the last size and of one before, whatever the damage; nothing is repaired silently."""
    grown(public, store, 300, 310)
    data = (public / name).read_bytes()
    bad = {"bit": bytes([data[0] ^ 1]) + data[1:], "short": data[:-1], "long": data + data[-32:]}[damage]
    (public / name).write_bytes(bad)
    with pytest.raises(NotVerified, match=name.rsplit("/", 1)[0]):
        StaticLog.open(public, store)
    assert bad == (public / name).read_bytes()


def test_a_tile_is_never_replaced_by_other_bytes(store: LogStore, public: Path) -> None:
    log = grown(public, store, 255)
    (public / "tile/0").mkdir(exist_ok=True)
    (public / "tile/0/000").write_bytes(bytes(8192))
    store.append(entries(255, 256))
    with pytest.raises(NotVerified, match="tile/0/000"):
        log.grow()
    assert bytes(8192) == (public / "tile/0/000").read_bytes()


def test_a_published_log_newer_than_the_database_is_refused(store: LogStore, public: Path, tmp_path: Path) -> None:
    """An old backup of log.db beside today's files: by its checkpoint, a pending one, or its tiles alone."""
    log = grown(public, store, 300)
    log.publish_pending(head_of(log, 300))
    with LogStore.create(tmp_path / "old.db") as old:
        old.append(entries(0, 290))
        with pytest.raises(NotVerified, match="a checkpoint of 300 entries"):
            StaticLog.open(public, old)
        (public / "checkpoint").unlink()
        with pytest.raises(NotVerified, match="a checkpoint of 300 entries"):
            StaticLog.open(public, old)
        (public / "checkpoint.pending").unlink()
        before = files(public)
        with pytest.raises(NotVerified, match="newer than the database"):
            StaticLog.open(public, old)
        assert before == files(public)


def test_a_checkpoint_of_another_log_is_refused(store: LogStore, public: Path) -> None:
    """When it is published, when it is pending, and when it lies there at the start."""
    log = grown(public, store, 300)
    other = str(signed(Checkpoint(ORIGIN, 300, bytes(32))))
    later = str(signed(Checkpoint(ORIGIN, 301, bytes(32))))
    for bad in (other, later):
        with pytest.raises(NotVerified):
            log.publish(bad)
        with pytest.raises(NotVerified):
            log.publish_pending(bad)
    (public / "checkpoint").write_text(other)
    with pytest.raises(NotVerified):
        StaticLog.open(public, store)


def test_a_published_checkpoint_never_goes_back(store: LogStore, public: Path) -> None:
    """Nor changes its origin; the same size with further cosignatures is no step back."""
    log = grown(public, store, 300, 310)
    with pytest.raises(NotVerified):
        log.publish(head_of(log, 300))
    with pytest.raises(NotVerified):
        log.publish(str(signed(Checkpoint("log.example/other", 310, log.root_at(310)))))
    more = str(signed(Checkpoint(ORIGIN, 310, log.root_at(310)), 1, 2))
    log.publish(more)
    assert more == (public / "checkpoint").read_text()


def test_a_pending_checkpoint_is_shown_and_taken_away(store: LogStore, public: Path) -> None:
    """It may be older than what is committed, and outlives a restart."""
    log = grown(public, store, 300, 310)
    text = head_of(log, 310)
    store.append(entries(310, 320))
    log.grow()
    log.publish_pending(text)
    again = StaticLog.open(public, store)
    assert text == str(again.pending())
    assert text == str(again.published())
    again.publish_pending(None)
    again.publish_pending(None)
    assert again.pending() is None
    assert not (public / "checkpoint.pending").exists()


def test_a_file_of_the_log_that_is_missing_is_named(public: Path) -> None:
    with pytest.raises(NotVerified, match="tile/0/000"):
        read_tile(public, Tile(0, 0, 3))


FULL_DISK = """
import resource, sys
from pathlib import Path
from comity.adapters.log import LogStore
from comity.adapters.static_log import StaticLog
from comity.errors import DiskFull
folder = Path(sys.argv[1])
store = LogStore.open(folder / "log.db")
log = StaticLog.open(folder / "public", store)
store.append([bytes(100)] * 600)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))
try:
    log.grow()
except DiskFull as error:
    print(error)
"""


def test_a_full_disk_leaves_whole_files_only_and_goes_on_when_there_is_room(tmp_path: Path) -> None:
    """The system's limit of a file's size stands for the disk's: the first bundle, of 26,112 bytes, does not fit."""
    assert resource.RLIM_INFINITY == resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    LogStore.create(tmp_path / "log.db").close()
    done = subprocess.run([sys.executable, "-c", FULL_DISK, str(tmp_path)], capture_output=True, text=True, check=True)
    assert "tile/entries/000: no room" in done.stdout
    assert [] == [file for file in (tmp_path / "public").rglob("*") if file.is_file()]
    with LogStore.open(tmp_path / "log.db") as store:
        log = StaticLog.open(tmp_path / "public", store)
        assert 600 == log.size
        assert {str(tile) for tile in (*hash_tiles(600), *bundles(600))} == set(files(tmp_path / "public"))


def test_a_full_disk_keeps_the_published_checkpoint(store: LogStore, public: Path) -> None:
    """A file that cannot be written beside the old one leaves the old one."""
    log = grown(public, store, 3)
    before = (public / "checkpoint").read_bytes()
    durable.waiting(public / "checkpoint").symlink_to("/dev/full")
    with pytest.raises(DiskFull):
        log.publish(str(signed(Checkpoint(ORIGIN, 3, log.root_at(3)), 1)))
    assert before == (public / "checkpoint").read_bytes()
