"""Evidence is kept once, under a name that no other has, and stops whoever holds it."""

from pathlib import Path

import pytest

from comity.errors import NotVerified
from comity.services.node import conflict
from comity.tlog import merkle
from comity.tlog.evidence import convict
from tests.tlog.a_log import HUB_KEY, checkpoint, leaf_hashes, signed


def evidence(size: int) -> conflict.Evidence:
    """Two signed logs of one size."""
    hashes = leaf_hashes(size)
    other = [merkle.leaf_hash(b"other"), *hashes[1:]]
    return convict(signed(checkpoint(hashes)), signed(checkpoint(other)), lambda level, index: b"")


def test_a_second_split_view_gets_a_number_and_the_same_one_none(tmp_path: Path) -> None:
    paths = [conflict.split(tmp_path, evidence(size)) for size in (3, 4, 3, 5, 4)]
    names = [path.name for path in paths]
    first, second, third = "split-view.evidence", "split-view-2.evidence", "split-view-3.evidence"
    assert [first, second, first, third, second] == names
    assert [first, second, third] == [path.name for path in conflict.proven(tmp_path)]
    for path in set(paths):
        conflict.Evidence.parse(path.read_bytes()).verify(HUB_KEY)
        assert 0o600 == path.stat().st_mode & 0o777


def test_evidence_stops_a_node_until_it_is_taken_away(tmp_path: Path) -> None:
    conflict.halt(tmp_path)
    path = conflict.split(tmp_path / conflict.FOLDER, evidence(3))
    with pytest.raises(NotVerified, match="two views"):
        conflict.halt(tmp_path)
    path.unlink()
    conflict.halt(tmp_path)
