"""Torchwood's litewitness cosigns checkpoints of our log, and refuses what a witness must refuse."""

import json
from pathlib import Path

from comity.assembly import twin
from comity.tlog import merkle, sigsum
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.cosignature import time_of
from comity.tlog.note import Note, SignatureLine, sign
from comity.tlog.witness import Request
from tests.builders.assembly import Assembly
from tests.builders.twin import TwinHub, released
from tests.interop.conftest import Litewitness
from tests.tlog import a_log

HASHES = a_log.leaf_hashes(9)
OTHER = [merkle.leaf_hash(b"another entry"), *HASHES[1:]]


def request(old: int, size: int, hashes: list[bytes] = HASHES) -> str:
    """From a size to a size, with its proof."""
    path = merkle.consistency(old, size, hashes) if old else ()
    return str(Request(old, path, a_log.signed(a_log.checkpoint(hashes[:size]))))


def test_it_cosigns_a_checkpoint_that_grows(litewitness: Litewitness) -> None:
    litewitness.know(a_log.HUB_KEY)

    for old, size in ((0, 3), (3, 3), (3, 9)):
        answer = litewitness.asked(request(old, size))
        assert 200 == answer.status_code, answer.text
        (line,) = (SignatureLine.parse(row) for row in answer.text.splitlines())
        assert time_of(line, litewitness.vkey, str(a_log.checkpoint(HASHES[:size]))) is not None


def test_it_refuses_a_fork_of_the_same_size(litewitness: Litewitness) -> None:
    litewitness.know(a_log.HUB_KEY)
    assert 200 == litewitness.asked(request(0, 3)).status_code

    assert litewitness.asked(request(3, 3, OTHER)).status_code in (409, 422)


def test_it_refuses_a_fork_that_grows(litewitness: Litewitness) -> None:
    litewitness.know(a_log.HUB_KEY)
    assert 200 == litewitness.asked(request(0, 3)).status_code

    assert 422 == litewitness.asked(request(3, 9, OTHER)).status_code


def test_it_says_its_size_to_a_log_that_asks_from_another_one(litewitness: Litewitness) -> None:
    litewitness.know(a_log.HUB_KEY)
    assert 200 == litewitness.asked(request(0, 3)).status_code

    answer = litewitness.asked(request(1, 9))

    assert (409, "3\n") == (answer.status_code, answer.text)


def test_it_knows_no_other_log(litewitness: Litewitness) -> None:
    assert 404 == litewitness.asked(request(0, 3)).status_code


def test_it_refuses_a_checkpoint_that_the_log_did_not_sign(litewitness: Litewitness) -> None:
    litewitness.know(a_log.HUB_KEY)
    text = str(Checkpoint(a_log.ORIGIN, 3, merkle.root(HASHES[:3])))
    forged = Note(text, (sign(text, a_log.ORIGIN, a_log.signer(7)),))

    assert 403 == litewitness.asked(str(Request(0, (), forged))).status_code


def test_it_knows_our_twin_as_the_sigsum_log_that_it_is(litewitness: Litewitness, tmp_path: Path) -> None:
    """By the raw key alone: name, verifier key and tree heads are then Sigsum's own, and it cosigns them."""
    assembly = Assembly(4)
    study = assembly.adopt("study", b"{}")
    released(assembly, study, "1")
    hub = TwinHub(tmp_path / "hub", assembly)
    log = twin.log(assembly.state)
    key = sigsum.raw_public(log.key).hex()
    litewitness.programs.must("witnessctl", "add-sigsum-log", "-db", litewitness.database, "-key", key)
    known = json.loads(litewitness.programs.must("witnessctl", "list-logs", "-db", litewitness.database))
    assert (log.name, [str(log)]) == (known["origin"], known["keys"])

    for old, period in enumerate(("2", "3")):
        hub.take()
        hub.twin.once()
        asked = hub.pending()
        assert asked is not None
        path = (merkle.leaf_hash(hub.leaves(2)[1]),) if old else ()  # RFC 6962, 2.1.2: from one leaf to two
        answer = litewitness.asked(str(Request(old, path, asked)))
        assert 200 == answer.status_code, answer.text
        hub.cosign()
        released(assembly, study, period)
    hub.close()
