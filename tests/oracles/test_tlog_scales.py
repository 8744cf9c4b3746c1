"""A second reader that others wrote (tlog-scales): it reads the logs that we write, and we read those of its writer."""

from pathlib import Path

import pytest
from tlog_scales import signing
from tlog_scales.backend import LocalBackend
from tlog_scales.reader import TilesReader
from tlog_scales.tlog import ConsistencyProofInvalid, InclusionProofInvalid
from tlog_scales.writer import TilesWriter

from comity.adapters.log import LogStore
from comity.adapters.static_log import StaticLog, read_tile
from comity.tlog import merkle
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.cosignature import cosign, signed_by, time_of
from comity.tlog.note import Note, Vkey
from comity.tlog.tile import bundles, decode_bundle, hash_entries, hash_tiles, node_reader
from tests.tlog.a_log import HUB_KEY, ORIGIN, lattice_key, lattice_signer, signed, witness_key

SIZES = [1, 2, 255, 256, 257, 700]
TIME = 1_800_000_000


def entry(index: int) -> bytes:
    """Of different lengths, none among them."""
    return b"entry %d" % index * (index % 3)


def written_by_us(folder: Path, sizes: list[int]) -> StaticLog:
    """A log that grew to each size, under a checkpoint with two cosignatures of Ed25519 and one of ML-DSA-44."""
    with LogStore.create(folder / "log.db") as store:
        log = StaticLog.open(folder / "public", store)
        for size in sizes:
            store.append([entry(index) for index in range(store.size, size)])
            log.grow()
            note = signed(Checkpoint(ORIGIN, size, log.root_at(size)), 1, 2, time=TIME)
            log.publish(str(note.with_lines(cosign(note.text, "witness.example/w3", TIME, lattice_signer(3)))))
        return log


def their_vkey(vkey: Vkey) -> signing.Vkey:
    return signing.Vkey.from_string(str(vkey))


@pytest.mark.parametrize("size", SIZES)
def test_it_reads_a_log_that_we_wrote(size: int, tmp_path: Path) -> None:
    """Checkpoint, root out of the tiles, every entry, and proofs that it makes and checks itself."""
    log = written_by_us(tmp_path, [*(before for before in SIZES if before < size), size])
    reader = TilesReader(LocalBackend(log.public))
    head = reader.get_checkpoint()
    assert (ORIGIN, size) == (head.origin, head.size)
    assert head.root_hash == reader.calculate_root_hash()
    assert [entry(index) for index in range(size)] == [reader.get_entry(index) for index in range(size)]
    for index in {0, size // 2, size - 1}:
        leaf = merkle.leaf_hash(entry(index))
        proof = reader.get_inclusion_proof(index, size)
        proof.check(leaf, head.root_hash)
        assert tuple(proof.node_hashes) == log.inclusion(index, size)
        with pytest.raises(InclusionProofInvalid):
            proof.check(merkle.leaf_hash(b"another entry"), head.root_hash)
    for old in {1, size // 2 or 1, size}:
        grown = reader.get_consistency_proof(old, size)
        grown.check(log.root_at(old), head.root_hash)
        assert tuple(grown.node_hashes) == log.consistency(old, size)
        with pytest.raises(ConsistencyProofInvalid):
            grown.check(merkle.leaf_hash(b"another root"), head.root_hash)


def test_it_reads_a_log_of_three_levels_of_tiles(tmp_path: Path) -> None:
    size = 256 * 256 + 300
    log = written_by_us(tmp_path, [size])
    reader = TilesReader(LocalBackend(log.public))
    assert log.root_at(size) == reader.get_checkpoint().root_hash == reader.calculate_root_hash()
    proof = reader.get_inclusion_proof(65_535, size)
    assert tuple(proof.node_hashes) == log.inclusion(65_535, size)


def test_it_verifies_what_our_keys_signed(tmp_path: Path) -> None:
    """The log's own signature, and cosignatures of both kinds; it ignores keys that it does not know."""
    log = written_by_us(tmp_path, [5])
    head = TilesReader(LocalBackend(log.public)).get_checkpoint()
    keys = [HUB_KEY, witness_key(1), witness_key(2), lattice_key(3)]
    for key in keys:
        assert str(key) == their_vkey(key).serialize()
        head.verify(their_vkey(key))
    valid = signing.VkeySet(*map(their_vkey, [*keys, witness_key(4), lattice_key(1)])).verify(head.signatures, head)
    assert {str(key) for key in keys} == {key.serialize() for key, _ in valid}


def test_it_verifies_none_of_our_signatures_on_another_checkpoint(tmp_path: Path) -> None:
    log = written_by_us(tmp_path, [5, 6])
    reader = TilesReader(LocalBackend(log.public))
    older = signing.VkeySet(*map(their_vkey, [HUB_KEY, witness_key(1), lattice_key(3)]))
    head = reader.get_checkpoint()
    other = type(head)(head.origin, 5, log.root_at(5), head.signatures)
    assert set() == older.verify(other.signatures, other)


@pytest.mark.parametrize("size", SIZES)
def test_we_read_a_log_that_it_wrote(size: int, tmp_path: Path) -> None:
    """Tiles, bundles and checkpoint of its writer; its signature, and its cosignature of ML-DSA-44."""
    signer = signing.PlainEd25519Signer(ORIGIN, b"1" * 32)
    witness = signing.MLDSA44CosignatureSigner("witness.example/theirs", b"2" * 32)
    writer = TilesWriter.create(tmp_path / "log", ORIGIN)
    for at in range(size):
        writer.add_leaf(entry(at))
        if at + 1 in SIZES:
            writer.commit([signer, witness], gc=False)
    note = Note.parse((tmp_path / "log" / "checkpoint").read_bytes())
    head = Checkpoint.of(note)
    assert (ORIGIN, size) == (head.origin, head.size)
    leaves = [
        leaf for bundle in bundles(size) for leaf in decode_bundle(read_tile(tmp_path / "log", bundle), bundle.width)
    ]
    assert [entry(at) for at in range(size)] == leaves
    assert head.root == merkle.root(hash_entries(leaves))
    assert head.root == merkle.span(0, size, node_reader(size, lambda tile: read_tile(tmp_path / "log", tile)))
    assert all((tmp_path / "log" / str(tile)).is_file() for tile in hash_tiles(size))
    assert signed_by(note, Vkey.parse(signer.vkey.serialize()))
    times = [time_of(line, Vkey.parse(witness.vkey.serialize()), note.text) for line in note.signatures]
    assert [False, True] == [time is not None for time in times]
