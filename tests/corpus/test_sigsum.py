"""Proofs of Sigsum's own tests (sigsum-go, pkg/proof), read by ours: every one of version 2, and none of version 1."""

import json
from base64 import b64decode
from pathlib import Path

import pytest

from comity.errors import FormatError, NotVerified, QuorumShort
from comity.keys import PublicKey, public_text
from comity.tlog import sigsum
from comity.tlog.note import COSIGNATURE, Vkey
from comity.tlog.quorum import NONE, Log, Policy, Quorum, Witness

MESSAGE = b"foo-4\n".rjust(32)  # what Sigsum's tests logged in place of a file's digest


def key(text: str) -> PublicKey:
    """The 32 bytes at the end of an OpenSSH key."""
    return public_text(b64decode(text)[-32:])


# Keys that stand beside the proofs in those tests.
LOG = key("AAAAC3NzaC1lZDI1NTE5AAAAIN6kw3w2BWjlKLdrtnv4IaN+zg8/RpKGA98AbbTwjpdQ")
SUBMITTER = key("AAAAC3NzaC1lZDI1NTE5AAAAIMCMTGNMNe1HP2us/dR5dBpyrSPDgPQ9mX5j9iqbLIS+")
COSIGNED_LOG = key("AAAAC3NzaC1lZDI1NTE5AAAAIKwmwKhVrEUaZTlHjhoWA4jwJLOF8TY+/NpHAXAHbAHl")
COSIGNED_SUBMITTER = key("AAAAC3NzaC1lZDI1NTE5AAAAIMdLcxVjCAQUHbD4jCfFP+f8v1nmyjWkq6rXiexrK8II")
WITNESS = Witness(
    "w", Vkey("w", key("AAAAC3NzaC1lZDI1NTE5AAAAIMvjV+a0ZASecDt75siSARk6zCoYwJWwaRqvULmx4VeK"), COSIGNATURE)
)


def proofs(corpus: Path) -> list[str]:
    """The published proofs."""
    found: list[str] = json.loads((corpus / "tlog" / "sigsum-proofs.json").read_text())["proofs"]
    return found


def of_log(corpus: Path, log: PublicKey) -> sigsum.Proof:
    """The one proof of a log."""
    (text,) = (text for text in proofs(corpus) if f"log={sigsum.key_hash(log).hex()}" in text)
    return sigsum.Proof.parse(text)


def policy(log: PublicKey, *witnesses: Witness) -> Policy:
    """The log, and its one witness if there is one."""
    return Policy((Log(sigsum.log_vkey(log)),), Quorum(witnesses, (), witnesses[0].name if witnesses else NONE))


def test_each_proof_of_version_2_is_read_and_written_back(corpus: Path) -> None:
    texts = [text for text in proofs(corpus) if text.startswith("version=2\n")]

    assert 6 == len(texts)
    assert texts == [str(sigsum.Proof.parse(text)) for text in texts]


def test_no_proof_of_version_1_is_read(corpus: Path) -> None:
    texts = [text for text in proofs(corpus) if text.startswith("version=1\n")]

    assert 2 == len(texts)
    for text in texts:
        with pytest.raises(FormatError, match="another version"):
            sigsum.Proof.parse(text)


def test_the_published_proof_holds_for_its_message_and_for_no_other(corpus: Path) -> None:
    proof = of_log(corpus, LOG)

    assert 4 == proof.verify(MESSAGE, SUBMITTER, policy(LOG)).checkpoint.size
    with pytest.raises(NotVerified):
        proof.verify(b"foo-5\n".rjust(32), SUBMITTER, policy(LOG))


def test_the_published_proof_with_a_cosignature_holds_under_its_witness(corpus: Path) -> None:
    proof = of_log(corpus, COSIGNED_LOG)

    found = proof.verify(MESSAGE, COSIGNED_SUBMITTER, policy(COSIGNED_LOG, WITNESS))

    assert (("w", 1683202758),) == found.times


def test_the_published_proof_without_a_cosignature_is_refused_under_a_witness(corpus: Path) -> None:
    with pytest.raises(QuorumShort):
        of_log(corpus, LOG).verify(MESSAGE, SUBMITTER, policy(LOG, WITNESS))
