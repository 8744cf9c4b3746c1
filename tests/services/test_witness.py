"""A witness of its own: `add-checkpoint` of c2sp.org/tlog-witness, by the standard's statuses."""

from pathlib import Path

import pytest

from comity.adapters.growth import Growth
from comity.errors import FormatError
from comity.keys import Ed25519Signer
from comity.services import config, witness
from comity.services.witness import Witness
from comity.tlog import merkle, note
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.cosignature import time_of
from comity.tlog.note import COSIGNATURE, Note, SignatureLine, Vkey
from comity.tlog.witness import Request

ORIGIN = "example.org/log"
LEAVES = [merkle.leaf_hash(bytes([i])) for i in range(9)]
LOG = Ed25519Signer(b"\x01" * 32)
OWN = Ed25519Signer(b"\x02" * 32)
NOW = 1_700_000_000


def checkpoint(size: int, signer: Ed25519Signer = LOG, origin: str = ORIGIN, leaves: list[bytes] = LEAVES) -> Note:
    """The log's signed head at a size."""
    text = str(Checkpoint(origin, size, merkle.root(leaves[:size])))
    return Note(text, (note.sign(text, origin, signer),))


def request(old: int, size: int, head: Note | None = None) -> bytes:
    """The body of a request with a true proof."""
    proof = merkle.consistency(old, size, LEAVES) if old else ()
    return str(Request(old, tuple(proof), head or checkpoint(size))).encode()


@pytest.fixture
def own(tmp_path: Path) -> Witness:
    """A witness that remembers nothing yet."""
    growth = Growth(tmp_path / "witness.db")
    return Witness(Vkey(ORIGIN, LOG.public), "example.org/witness", OWN, growth, lambda: NOW)


def test_growth_is_cosigned_with_the_time(own: Witness) -> None:
    """From nothing, then from what was cosigned."""
    assert 200 == own.add(request(0, 4)).status_code
    answer = own.add(request(4, 9))
    line = SignatureLine.parse(bytes(answer.body).decode().removesuffix("\n"))
    assert NOW == time_of(line, Vkey("example.org/witness", OWN.public, COSIGNATURE), checkpoint(9).text)


def test_another_size_than_remembered_is_409_with_the_size(own: Witness) -> None:
    """So that the log can ask again from there."""
    own.add(request(0, 4))
    answer = own.add(request(3, 9))
    assert (409, b"4\n", "text/x.tlog.size") == (answer.status_code, answer.body, answer.media_type)


def test_a_fork_is_not_cosigned(own: Witness) -> None:
    """Another root at the same size, and growth out of another past."""
    other = [merkle.leaf_hash(b"other"), *LEAVES[1:]]
    own.add(request(0, 4))
    assert 422 == own.add(request(4, 4, checkpoint(4, leaves=other))).status_code
    assert 422 == own.add(request(4, 9, checkpoint(9, leaves=other))).status_code


def test_other_logs_and_other_keys_are_refused(own: Witness) -> None:
    """404 for a log it does not know, 403 for a signature that is not the log's, 400 for no request."""
    assert 404 == own.add(request(0, 4, checkpoint(4, origin="example.org/other"))).status_code
    assert 403 == own.add(request(0, 4, checkpoint(4, signer=OWN))).status_code
    assert 400 == own.add(b"old x\n\n").status_code


def test_a_witness_remembers_over_a_restart(tmp_path: Path) -> None:
    """What it cosigned is on disk before it answers."""
    for size in (4, 4):
        growth = Growth(tmp_path / "witness.db")
        again = Witness(Vkey(ORIGIN, LOG.public), "example.org/witness", OWN, growth, lambda: NOW)
        status = again.add(request(0, size)).status_code
        growth.close()
    assert 409 == status


def test_a_witness_is_set_up_for_one_log(tmp_path: Path) -> None:
    """Its configuration is read back; a text that is no key makes nothing."""
    log = str(Vkey(ORIGIN, LOG.public))
    made = witness.init(tmp_path / "w", listen="127.0.0.1:8601", name="example.org/witness", log=log)
    assert (log, "example.org/witness") == (config.witness(tmp_path / "w").log, made.name)
    with pytest.raises(FormatError):
        witness.init(tmp_path / "x", listen="127.0.0.1:8601", name="example.org/witness", log="none")
    assert not (tmp_path / "x").exists()
