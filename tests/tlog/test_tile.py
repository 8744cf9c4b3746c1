"""Tiles: paths, which exist, what they hold, and proofs out of them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.errors import FormatError
from comity.tlog import merkle
from comity.tlog.tile import (
    ENTRIES,
    WIDTH,
    Edge,
    Tile,
    bundles,
    decode_bundle,
    encode_bundle,
    hash_tiles,
    narrow,
    node_reader,
    served,
)
from tests.tlog.a_log import leaf_hashes

LEAVES = leaf_hashes(70_000)
tiles = st.builds(Tile, st.integers(-1, 63), st.integers(0, 2**63 - 1), st.integers(1, 256))


def written(size: int, *cuts: int) -> dict[Tile, bytes]:
    """All tiles that a writer makes of the first leaves, taken in pieces."""
    edge, made = Edge(), dict[Tile, bytes]()
    for start, stop in zip((0, *cuts), (*cuts, size), strict=True):
        edge, full = edge.extend(LEAVES[start:stop])
        made.update(full)
    assert merkle.root(LEAVES[:size]) == edge.root()
    return made | dict(edge.partial())


@given(tiles)
def test_a_path_is_read_as_it_is_written(tile: Tile) -> None:
    assert tile == Tile.parse(str(tile))


@pytest.mark.parametrize(
    ("path", "tile"),
    [
        ("tile/0/x001/x234/067", Tile(0, 1234067)),
        ("tile/63/000", Tile(63, 0)),
        ("tile/1/000.p/17", Tile(1, 0, 17)),
        ("tile/0/x001/000.p/255", Tile(0, 1000, 255)),
        ("tile/entries/999", Tile(ENTRIES, 999)),
        ("tile/entries/x123/456.p/1", Tile(ENTRIES, 123456, 1)),
    ],
)
def test_paths_of_the_standard(path: str, tile: Tile) -> None:
    assert path == str(tile)
    assert tile == Tile.parse(path)


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "tile",
        "tile/0",
        "tile/0/0",
        "tile/0/1000",
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/data/000",
        "tile/0/x000/001",
        "tile/0/001/000",
        "tile/0/x001/x000",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/000.p",
        "tile/0/000/",
        "/tile/0/000",
        "tile/0/0_0",
        "tile/0/٠٠٠",
        "tile/0/../000",
        "tile/entries/" + "x000/" * 3000 + "000",
    ],
)
def test_another_spelling_of_a_path_is_refused(bad: str) -> None:
    with pytest.raises(FormatError):
        Tile.parse(bad)


def test_the_tiles_of_a_log_of_70000_are_those_of_the_standard() -> None:
    """c2sp.org/tlog-tiles, Partial Tiles."""
    found = hash_tiles(70_000)
    assert 273 == sum(tile.level == 0 and tile.full for tile in found)
    assert {Tile(0, 273, 112), Tile(1, 1, 17), Tile(2, 0, 1)} == {tile for tile in found if not tile.full}
    assert Tile(1, 0) in found
    assert (Tile(0, 0), Tile(1, 0, 1)) == hash_tiles(256)
    assert 273 + 1 == len(list(bundles(70_000)))


@settings(max_examples=20)
@given(st.integers(0, 70_000), st.integers(0, 70_000))
def test_a_writer_makes_the_tiles_that_a_size_has(one: int, two: int) -> None:
    """In whatever pieces the leaves come; and what a longer log has is what is new and what stayed."""
    cut, size = sorted((one, two))
    made = written(size, cut)
    assert set(hash_tiles(size)) == set(made)
    stay = {tile for tile in hash_tiles(cut) if tile.full}
    assert set(hash_tiles(size)) <= stay | set(hash_tiles(size, cut)) | set(hash_tiles(cut))
    for tile, data in made.items():
        start, step = tile.index * WIDTH << 8 * tile.level, 1 << 8 * tile.level
        expected = [merkle.root(LEAVES[start + i * step : start + (i + 1) * step]) for i in range(tile.width)]
        assert b"".join(expected) == data


@settings(max_examples=30)
@given(st.integers(1, 70_000), st.data())
def test_proofs_out_of_tiles_are_those_of_the_leaves(size: int, data: st.DataObject) -> None:
    made = written(size)
    node = node_reader(size, made.__getitem__)
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    assert merkle.inclusion(index, size, LEAVES) == merkle.prove_inclusion(index, size, node)
    assert merkle.consistency(old, size, LEAVES) == merkle.prove_consistency(old, size, node)
    assert merkle.root(LEAVES[:old]) == merkle.span(0, old, node)


def test_a_tile_that_is_not_as_long_as_its_name_says_is_refused() -> None:
    """Longer as well as shorter."""
    made = written(300)
    for wrong in (made[Tile(0, 1, 44)] + bytes(32), made[Tile(0, 1, 44)][:-1]):
        node = node_reader(300, {**made, Tile(0, 1, 44): wrong}.__getitem__)
        with pytest.raises(FormatError):
            merkle.prove_inclusion(299, 300, node)


@given(st.lists(st.binary(max_size=300), max_size=WIDTH))
def test_a_bundle_is_read_as_it_is_written(entries: list[bytes]) -> None:
    data = encode_bundle(entries)
    assert tuple(entries) == decode_bundle(data, len(entries))
    for width in {len(entries) - 1, len(entries) + 1} - {-1}:
        with pytest.raises(FormatError):
            decode_bundle(data, width)


@pytest.mark.parametrize("bad", [b"\0", b"\0\2a", b"\0\1ab", b"\0\1a\0"])
def test_a_torn_bundle_is_refused(bad: bytes) -> None:
    with pytest.raises(FormatError):
        decode_bundle(bad, 1)


def test_an_entry_of_65536_bytes_fits_no_bundle() -> None:
    assert 65_537 == len(encode_bundle([bytes(65_535)]))
    with pytest.raises(FormatError):
        encode_bundle([bytes(65_536)])


@given(st.integers(1, 255))
def test_a_partial_file_is_cut_out_of_the_full_one(width: int) -> None:
    """As a reader does who came late."""
    entries = [b"entry %d" % i for i in range(WIDTH)]
    assert b"".join(LEAVES[:width]) == narrow(Tile(0, 0, width), b"".join(LEAVES[:WIDTH]))
    assert encode_bundle(entries[:width]) == narrow(Tile(ENTRIES, 0, width), encode_bundle(entries))


@pytest.mark.parametrize("there", [[3], [256], [3, 256], []], ids=str)
def test_a_file_is_taken_where_it_is_and_else_out_of_the_full_one(there: list[int]) -> None:
    files = {Tile(0, 0, width): b"".join(LEAVES[:width]) for width in there}
    wanted = b"".join(LEAVES[:3]) if there else None
    assert wanted == served(Tile(0, 0, 3), files.get)
    assert files.get(Tile(0, 0)) == served(Tile(0, 0), files.get)
