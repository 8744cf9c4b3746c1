"""Evidence is kept once, under a name that no other has, and never replaced."""

from pathlib import Path

from comity.adapters import evidence
from comity.tlog import merkle
from comity.tlog.evidence import Evidence, convict
from comity.tlog.note import vkey
from tests.tlog.a_log import HUB_KEY, checkpoint, leaf_hashes, signed

FIRST, SECOND, THIRD = "split-view.evidence", "split-view-2.evidence", "split-view-3.evidence"


def proof(size: int) -> Evidence:
    """Two signed logs of one size."""
    hashes = leaf_hashes(size)
    other = [merkle.leaf_hash(b"other"), *hashes[1:]]
    return convict(signed(checkpoint(hashes)), signed(checkpoint(other)), merkle.nodes(hashes))


def put(folder: Path, size: int) -> str:
    return evidence.put(folder, evidence.SPLIT, str(proof(size)).encode()).name


def test_another_one_gets_a_number_and_the_same_one_none(tmp_path: Path) -> None:
    assert [FIRST, SECOND, FIRST, THIRD, SECOND] == [put(tmp_path, size) for size in (3, 4, 3, 5, 4)]
    found = evidence.kept(tmp_path, evidence.SPLIT)
    assert [FIRST, SECOND, THIRD] == [path.name for path in found]
    for path in found:
        Evidence.parse(path.read_bytes()).verify(HUB_KEY)


def test_what_stayed_is_not_replaced_when_another_was_taken_away(tmp_path: Path) -> None:
    """An office moves the first one elsewhere; the next one takes its name, not the second one's."""
    put(tmp_path, 3), put(tmp_path, 4)
    (tmp_path / FIRST).unlink()
    assert FIRST == put(tmp_path, 5)
    assert str(proof(4)) == (tmp_path / SECOND).read_text()


def test_one_proof_convicts_a_key_for_good(tmp_path: Path) -> None:
    """Of this log's views one is enough; a file that proves nothing of it serves for none."""
    (tmp_path / FIRST).write_bytes(b"torn")
    assert [SECOND, SECOND] == [evidence.convict(tmp_path, proof(size), HUB_KEY).name for size in (3, 4)]
    assert str(proof(3)) == (tmp_path / SECOND).read_text()
    assert THIRD == evidence.convict(tmp_path, proof(4), vkey("log.example/elsewhere", HUB_KEY.key)).name


def test_other_kinds_have_names_of_their_own(tmp_path: Path) -> None:
    put(tmp_path, 3)
    assert "dropped.evidence" == evidence.put(tmp_path, evidence.DROPPED, b"a promise and what became of it").name
    assert [FIRST] == [path.name for path in evidence.kept(tmp_path, evidence.SPLIT)]
