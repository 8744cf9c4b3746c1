"""A log is copied leaf by leaf under its root: over real sockets, resumed from the disk, in flat memory."""

import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from comity.adapters.client import Client
from comity.errors import ComityError, NotVerified, Unreachable
from comity.services.mirror.copy import Copy
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.evidence import Evidence
from comity.tlog.note import Note
from comity.tlog.tile import Tile, bundles, decode_bundle, encode_bundle, hash_tiles
from tests.builders.assembly import Assembly
from tests.services.mirror.long_log import key, leaves, signed
from tests.services.node.hub import Hub


@pytest.fixture(scope="module")
def assembly() -> Assembly:
    return Assembly(4)


@pytest.fixture
def hub(assembly: Assembly) -> Iterator[Hub]:
    with Hub(assembly) as hub:
        yield hub


def show(hub: Hub, entries: list[bytes]) -> None:
    """The source serves this log, and no other file."""
    hub.files.clear()
    hub.tiles(entries)
    hub.files["checkpoint"] = str(signed(hub.assembly, entries)).encode()


def copied(home: Path) -> dict[str, bytes]:
    """Every file of a copy, by its path."""
    public = home / "public"
    return {str(path.relative_to(public)): path.read_bytes() for path in public.rglob("*") if path.is_file()}


def test_twenty_thousand_leaves_are_copied_file_by_file(hub: Hub, tmp_path: Path) -> None:
    show(hub, leaves(hub.assembly, 20_000))
    with Client(hub.address) as client:
        copy = Copy(tmp_path, client)
        assert copy.once()
        assert not copy.once()
        assert 20_000 == copy.size
    assert hub.files == copied(tmp_path)


@pytest.mark.parametrize(
    "sizes",
    [(1, 2), (255, 256, 257), (300, 300, 511, 1024), pytest.param((65_535, 65_536, 65_537), marks=pytest.mark.long)],
)
def test_a_log_that_grows_is_copied_by_its_new_leaves(hub: Hub, tmp_path: Path, sizes: tuple[int, ...]) -> None:
    """At widths where tiles become full; a bundle that was copied whole is not asked for again."""
    entries = leaves(hub.assembly, sizes[-1])
    with Client(hub.address) as client:
        for size in sizes:
            show(hub, entries[:size])
            Copy(tmp_path, client).once()
            found = copied(tmp_path)
            assert hub.files == {name: found[name] for name in hub.files}
    asked = [
        path for _, path, length in hub.asked if length and path.startswith("/tile/entries/") and ".p/" not in path
    ]
    assert len(asked) <= len(list(bundles(sizes[-1]))) + len(sizes)


def test_memory_does_not_grow_with_the_log(hub: Hub, tmp_path: Path) -> None:
    """Ten times the leaves, of 1 KB each, and less than a tenth of them more in memory."""

    def peak(size: int) -> int:
        show(hub, [hub.assembly.leaves[0], *(b"%d" % i + bytes(1000) for i in range(size))])
        with Client(hub.address) as client:
            tracemalloc.start()
            Copy(tmp_path / str(size), client).once()
            Copy(tmp_path / str(size), client)  # and begun again from its disk
            found = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            return found

    few, many = peak(4_500), peak(20_000)
    assert many - few < 1_500_000


@pytest.mark.parametrize("files", [1, 3, 20, 60])
def test_a_copy_that_was_cut_short_goes_on_from_its_disk(hub: Hub, tmp_path: Path, files: int) -> None:
    """The source stops after so many files, at every stage; what was copied is not asked for again."""
    show(hub, leaves(hub.assembly, 12_000))
    served = 0

    def stop(path: str) -> None:
        nonlocal served
        served += 1
        if served > files:
            raise ConnectionError("the source is gone")

    with Client(hub.address) as client:
        hub.before = stop
        with pytest.raises(Unreachable):
            Copy(tmp_path, client).once()
        hub.before = lambda path: None
        before = [path for _, path, _ in hub.asked if path.startswith("/tile/entries/")]
        again = Copy(tmp_path, client)
        assert again.size % 256 == 0
        hub.asked.clear()
        assert again.once()
        after = [path for _, path, _ in hub.asked if path.startswith("/tile/entries/")]
    assert hub.files == copied(tmp_path)
    assert not set(before[1:-16]) & set(after[1:])


def test_leaves_of_another_view_that_a_killed_copy_left_are_copied_again(hub: Hub, tmp_path: Path) -> None:
    """No checkpoint covers them, so they convict nobody; they are replaced by those of the signed view."""
    with Client(hub.address) as client:
        show(hub, leaves(hub.assembly, 600))
        Copy(tmp_path, client).once()
        show(hub, leaves(hub.assembly, 6_000, other_from=1_000))
        Copy(tmp_path, client)._log.follow(Note.parse(hub.files["checkpoint"]))  # killed before it is published
        show(hub, leaves(hub.assembly, 7_000))
        assert Copy(tmp_path, client).once()
    found = copied(tmp_path)
    assert hub.files == {name: found[name] for name in hub.files}
    assert not (tmp_path / "split-view.evidence").exists()


def flipped(data: bytes) -> bytes:
    return data[:-1] + bytes([data[-1] ^ 1])


def reordered(data: bytes) -> bytes:
    """A bundle whose first two entries change places; of hashes, likewise."""
    if len(data) % 32 == 0:
        return data[32:64] + data[:32] + data[64:]
    one, two, *rest = decode_bundle(data, 256)
    return encode_bundle([two, one, *rest])


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "truncated": lambda data: data[:-7],
    "bit-flipped": flipped,
    "reordered": reordered,
    "lengthened": lambda data: data + bytes(32),
    "empty": lambda data: b"",
}


@pytest.mark.parametrize("how", DAMAGE)
@pytest.mark.parametrize("name", ["tile/entries/003", "tile/0/003", "tile/1/000.p/11"])
def test_a_damaged_source_is_refused_with_file_and_place(hub: Hub, tmp_path: Path, name: str, how: str) -> None:
    """Nothing of the damaged file is copied, and no checkpoint; once it is whole, the copy goes on."""
    show(hub, leaves(hub.assembly, 3_000))
    whole = dict(hub.files)
    hub.files[name] = DAMAGE[how](hub.files[name])
    with Client(hub.address) as client:
        copy = Copy(tmp_path, client)
        with pytest.raises(NotVerified) as caught:
            copy.once()
        assert hub.address in caught.value.where
        assert name in caught.value.where or "checkpoint 3000" in caught.value.where
        found = copied(tmp_path)
        assert found.items() <= whole.items()
        assert "checkpoint" not in found
        hub.files |= whole
        assert copy.once()
    assert whole == copied(tmp_path)


def test_a_missing_file_is_named(hub: Hub, tmp_path: Path) -> None:
    show(hub, leaves(hub.assembly, 3_000))
    del hub.files["tile/entries/005"]
    with (
        Client(hub.address) as client,
        pytest.raises(Unreachable, match="tile/entries/005: a part of the log is missing"),
    ):
        Copy(tmp_path, client).once()


def test_a_partial_tile_is_cut_out_of_the_full_one_that_took_its_place(hub: Hub, tmp_path: Path) -> None:
    """The source has grown between its checkpoint and its tiles (c2sp.org/tlog-tiles, Partial Tiles)."""
    entries = leaves(hub.assembly, 600)
    show(hub, entries[:500])
    wanted = dict(hub.files)
    hub.tiles(entries)
    for name in ("tile/entries/001.p/244", "tile/0/001.p/244"):
        del hub.files[name]
    with Client(hub.address) as client:
        assert Copy(tmp_path, client).once()
    assert wanted == copied(tmp_path)


@pytest.mark.parametrize("size", [2_999, 3_000, 3_001, 9_000], ids=["shorter", "same", "one more", "longer"])
def test_another_view_is_proven_and_nothing_of_it_is_copied(hub: Hub, tmp_path: Path, size: int) -> None:
    """The evidence convicts by the log's key alone; the copy stays, and grows again when the first view is back."""
    show(hub, leaves(hub.assembly, 3_000))
    with Client(hub.address) as client:
        Copy(tmp_path, client).once()
        before = copied(tmp_path)
        show(hub, leaves(hub.assembly, size, other_from=2_000))
        copy = Copy(tmp_path, client)
        for _ in range(2):
            with pytest.raises(NotVerified, match="two views that cannot both be true"):
                copy.once()
        assert before == copied(tmp_path)
        (evidence,) = tmp_path.glob("*.evidence")
        Evidence.parse((tmp_path / "split-view.evidence").read_bytes()).verify(key(hub.assembly))
        assert evidence.name == "split-view.evidence"
        show(hub, leaves(hub.assembly, 3_100))
        assert copy.once()


def test_an_older_checkpoint_of_the_same_log_changes_nothing(hub: Hub, tmp_path: Path) -> None:
    entries = leaves(hub.assembly, 2_000)
    show(hub, entries)
    with Client(hub.address) as client:
        Copy(tmp_path, client).once()
        before = copied(tmp_path)
        show(hub, entries[:1_500])
        again = Copy(tmp_path, client)
        assert not again.once()
        assert "shows 1500 leaves, and 2000 are copied" in again.behind
        show(hub, entries)
        again.once()
        assert "" == again.behind
    assert before == copied(tmp_path)
    assert not list(tmp_path.glob("*.evidence"))


def test_a_file_of_the_copy_that_was_damaged_is_copied_again(hub: Hub, tmp_path: Path) -> None:
    """A bundle, a tile, or a partial one; the mirror says so, and convicts nobody."""
    show(hub, leaves(hub.assembly, 2_000))
    with Client(hub.address) as client:
        Copy(tmp_path, client).once()
        whole = copied(tmp_path)
        for name in ("tile/entries/002", "tile/entries/007.p/208", "tile/0/001", "tile/0/007.p/208"):
            path = tmp_path / "public" / name
            path.write_bytes(flipped(path.read_bytes()))
            again = Copy(tmp_path, client)
            wanted = "tile/entries does not make the root of its checkpoint" if "entries" in name else ""
            assert wanted == again.damaged
            again.once()
            assert whole == copied(tmp_path), name
            path.unlink()
            again = Copy(tmp_path, client)
            assert (f"{name} is missing, or torn" if "entries" in name else "") == again.damaged
            again.once()
            assert whole == copied(tmp_path), name


def test_every_file_that_a_copy_promises_is_there(hub: Hub, tmp_path: Path) -> None:
    """At the standard's paths, as its own lists of tiles name them."""
    show(hub, leaves(hub.assembly, 70_000))
    with Client(hub.address) as client:
        Copy(tmp_path, client).once()
    size = Checkpoint.of(Note.parse(copied(tmp_path)["checkpoint"])).size
    wanted = {str(tile) for tile in (*hash_tiles(size), *bundles(size))} | {"checkpoint"}
    assert wanted == copied(tmp_path).keys()
    assert {Tile(2, 0, 1)} == {tile for tile in hash_tiles(size) if tile.level == 2}


def test_a_log_that_begins_with_no_charter_is_not_copied(hub: Hub, tmp_path: Path) -> None:
    show(hub, [b"no charter", b"one", b"two"])
    with Client(hub.address) as client, pytest.raises(NotVerified, match="does not begin with a charter"):
        Copy(tmp_path, client).once()
    assert {} == copied(tmp_path)


def test_no_log_at_all_is_said(hub: Hub, tmp_path: Path) -> None:
    with Client(hub.address) as client, pytest.raises(ComityError, match="no log is published here"):
        Copy(tmp_path, client).once()


def test_evidence_against_another_log_is_left_and_a_second_file_gets_a_number(hub: Hub, tmp_path: Path) -> None:
    """An operator may have put it there; it convicts nobody here."""
    (tmp_path / "split-view.evidence").write_text("of another log\n")
    show(hub, leaves(hub.assembly, 500))
    with Client(hub.address) as client:
        copy = Copy(tmp_path, client)
        copy.once()
        show(hub, leaves(hub.assembly, 500, other_from=400))
        for _ in range(2):
            with pytest.raises(NotVerified, match="two views"):
                copy.once()
    assert "of another log\n" == (tmp_path / "split-view.evidence").read_text()
    assert ["split-view-2.evidence", "split-view.evidence"] == sorted(path.name for path in tmp_path.glob("*.evidence"))
    Evidence.parse((tmp_path / "split-view-2.evidence").read_bytes()).verify(key(hub.assembly))
