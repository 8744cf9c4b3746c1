"""The store: what is acknowledged is on the disk, in order, under one root; what cannot be is refused whole."""

import sqlite3
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.adapters import durable
from comity.adapters.database import Database
from comity.adapters.log import MIGRATIONS, LogStore, Seal
from comity.errors import ConfigError, DiskFull, FormatError, Locked, NotVerified, StateVersion, UsageError, WorldError
from comity.tlog import merkle


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a log may be."""
    return tmp_path / "log.db"


def entries(count: int, start: int = 0) -> list[bytes]:
    return [b"entry %d" % i for i in range(start, start + count)]


def root_of(leaves: list[bytes]) -> bytes:
    return merkle.root([merkle.leaf_hash(leaf) for leaf in leaves])


def changed(path: Path, statement: str, *values: object) -> None:
    """The file as somebody else left it."""
    with sqlite3.connect(path) as db:
        db.execute(statement, values)
    db.close()


@settings(max_examples=20)
@given(st.lists(st.lists(st.binary(max_size=50), max_size=5), max_size=6))
def test_what_was_appended_is_there_after_opening_again(
    tmp_path_factory: pytest.TempPathFactory, batches: list[list[bytes]]
) -> None:
    path = tmp_path_factory.mktemp("store") / "log.db"
    told = []
    with LogStore.create(path) as store:
        for batch in batches:
            told += store.append(batch)
    all_leaves = [leaf for batch in batches for leaf in batch]
    assert list(range(len(all_leaves))) == told
    with LogStore.open(path) as store:
        assert all_leaves == store.leaves(0, store.size)
        assert (len(all_leaves), root_of(all_leaves)) == store.head()


def test_one_entry_is_read_by_its_index(path: Path) -> None:
    with LogStore.create(path) as store:
        store.append(entries(3))
        assert b"entry 1" == store.leaf(1)
        for start, stop in ((2, 4), (-1, 1), (2, 1)):
            with pytest.raises(FormatError):
                store.leaves(start, stop)


def test_a_commit_is_synced_to_the_disk(path: Path) -> None:
    """WAL with synchronous=FULL (2): the write-ahead log is synced at every commit."""
    with LogStore.create(path) as store:
        assert ("wal",) == store._database._connection.execute("PRAGMA journal_mode").fetchone()
        assert (2,) == store._database._connection.execute("PRAGMA synchronous").fetchone()


def test_a_log_is_begun_once_and_never_by_opening(path: Path) -> None:
    with pytest.raises(ConfigError):
        LogStore.open(path)
    assert not path.exists()
    LogStore.create(path).close()
    with pytest.raises(UsageError):
        LogStore.create(path)


def test_a_beginning_that_was_cut_short_can_be_repeated(path: Path) -> None:
    """Only a whole file has the name."""
    beside = durable.waiting(path).name
    for name in (beside, f"{beside}-wal"):
        path.with_name(name).write_bytes(b"half")
    LogStore.create(path).close()
    assert [path] == list(path.parent.iterdir())


def test_a_log_of_a_newer_comity_is_refused_and_untouched(path: Path) -> None:
    LogStore.create(path).close()
    changed(path, f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    before = path.read_bytes()
    with pytest.raises(StateVersion):
        LogStore.open(path)
    assert before == path.read_bytes()


def test_another_file_is_no_log(path: Path) -> None:
    """Any bytes, and an SQLite file of someone else."""
    path.write_bytes(b"not a database, but long enough to look like something" * 40)
    with pytest.raises(FormatError):
        LogStore.open(path)
    path.unlink()
    changed(path, "CREATE TABLE entries (place INTEGER)")
    with pytest.raises(FormatError):
        LogStore.open(path)


@pytest.mark.parametrize(
    ("statement", "values"),
    [
        ("UPDATE entries SET leaf = ? WHERE place = 1", (b"other",)),
        ("DELETE FROM entries WHERE place = 1", ()),
        ("DELETE FROM entries WHERE place = 2", ()),
        ("INSERT INTO entries VALUES (3, ?)", (b"smuggled",)),
        ("UPDATE head SET size = 2", ()),
        ("UPDATE head SET root = ?", (bytes(32),)),
    ],
)
def test_a_changed_database_is_refused(path: Path, statement: str, values: tuple[object, ...]) -> None:
    """The root is recomputed from every entry."""
    with LogStore.create(path) as store:
        store.append(entries(3))
    changed(path, statement, *values)
    with pytest.raises(NotVerified):
        LogStore.open(path)


def test_two_processes_cannot_both_move_the_head(path: Path) -> None:
    """The second one finds another head than its own, adds nothing, and must stop."""
    with LogStore.create(path) as one, LogStore.open(path) as two:
        one.append(entries(2))
        with pytest.raises(Locked):
            two.append([b"fork"])
        one.append([b"more"])
        assert [*entries(2), b"more"] == one.leaves(0, 3)
    with LogStore.open(path) as again:
        assert 3 == again.size


def test_a_log_that_another_process_is_writing_is_locked(path: Path) -> None:
    with LogStore.create(path) as store:
        store._database._connection.execute("PRAGMA busy_timeout = 10")
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(UsageError, match="another process"):
            store.append(entries(1))
        other.execute("ROLLBACK")
        other.close()
        assert [0] == store.append(entries(1))


def test_a_full_disk_adds_nothing_and_the_log_goes_on_when_there_is_room(path: Path) -> None:
    """SQLite's own limit of pages stands for the disk's."""
    with LogStore.create(path) as store:
        store.append(entries(3))
        store._database._connection.execute("PRAGMA max_page_count = 8")
        with pytest.raises(DiskFull):
            store.append([bytes(60_000), bytes(60_000)])
        assert (3, root_of(entries(3))) == store.head()
        store._database._connection.execute("PRAGMA max_page_count = 1000")
        assert [3] == store.append(entries(1, start=3))
    with LogStore.open(path) as again:
        assert entries(4) == again.leaves(0, 4)


def test_an_append_of_unknown_outcome_stops_the_store(path: Path) -> None:
    """The connection is gone in the middle: only opening again tells what the disk holds."""
    store = LogStore.create(path)
    store.append(entries(1))
    store._database._connection.execute("DROP TABLE head")
    for _ in range(2):
        with pytest.raises(WorldError, match="unknown"):
            store.append(entries(1, start=1))
    store.close()


def test_an_entry_too_long_for_a_bundle_is_refused_with_its_whole_batch(path: Path) -> None:
    with LogStore.create(path) as store:
        with pytest.raises(FormatError):
            store.append([b"good", bytes(65_536)])
        assert 0 == store.size
        assert [0] == store.append([bytes(65_535)])


def test_appending_nothing_is_nothing(path: Path) -> None:
    with LogStore.create(path) as store:
        assert [] == store.append([])
        assert (0, merkle.EMPTY) == store.head()


def sealing(sizes: list[int]) -> Seal:
    """A note that says its size and root; and which sizes were signed."""

    def seal(size: int, root: bytes) -> str:
        sizes.append(size)
        return f"{size} {root.hex()}"

    return seal


def test_the_note_of_the_head_is_committed_with_it(path: Path) -> None:
    """Signed once, over what was stored; an unsigned head is signed when it is asked for."""
    signed: list[int] = []
    with LogStore.create(path) as store:
        assert "" == store.note()
        store.append(entries(2), sealing(signed))
        assert f"2 {root_of(entries(2)).hex()}" == store.note() == store.sign(sealing(signed))
        store.append(entries(1, start=2))
        assert "" == store.note()
        assert f"3 {root_of(entries(3)).hex()}" == store.sign(sealing(signed))
    assert [2, 3] == signed
    with LogStore.open(path) as again:
        assert f"3 {root_of(entries(3)).hex()}" == again.note()


def test_what_cannot_be_signed_is_not_added(path: Path) -> None:
    def refuses(size: int, root: bytes) -> str:
        raise NotVerified("not this head")

    with LogStore.create(path) as store:
        store.append(entries(2), sealing([]))
        with pytest.raises(NotVerified, match="not this head"):
            store.append(entries(1, start=2), refuses)
        assert (2, f"2 {root_of(entries(2)).hex()}") == (store.size, store.note())
        assert [2] == store.append(entries(1, start=2), sealing([]))


def test_a_log_that_knew_no_notes_is_read_on(path: Path) -> None:
    """The first version of the file."""
    old = Database(path, MIGRATIONS[:1])
    with old.write() as transaction:
        transaction.execute("INSERT INTO entries VALUES (0, ?)", (b"entry 0",))
        transaction.execute("UPDATE head SET size = 1, root = ?", (root_of(entries(1)),))
    old.close()
    with LogStore.open(path) as store:
        assert "" == store.note()
        store.append(entries(1, start=1), sealing([]))
        assert f"2 {root_of(entries(2)).hex()}" == store.note()
