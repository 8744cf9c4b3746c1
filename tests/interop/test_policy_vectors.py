"""Our vectors of policies (docs/vectors/policy.json), put to sigsum-verify: the same groups and quorums, raw keys."""

import json
from base64 import b64decode
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from comity.errors import FormatError
from comity.keys import Ed25519Signer, raw_public
from comity.tlog import merkle, sigsum
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.cosignature import cosign
from comity.tlog.note import MLDSA_COSIGNATURE, Vkey, sign
from tests.conftest import ROOT
from tests.interop.conftest import Programs

Case = dict[str, Any]
TIME = 1_800_000_000
FILE = b"a file\n"

# Sigsum's older syntax has other keys, and cuts a line at any '#'.
KEYS_OF_ANOTHER_KIND = {
    "a witness of ML-DSA-44",
    "a log of ML-DSA-44",
    "a log key as a witness",
    "a witness key (0x04) as a log",
    "a key's id that is not its own",
}
COMMENTS_ELSEWHERE = {"a name that begins as a comment"}
DROPPED = {"a carriage return"}  # at the end of a line it reads past one, which tlog-policy does not allow


def signer(name: str) -> Ed25519Signer:
    """By the rule of docs/vectors/README.md."""
    return Ed25519Signer(sha256(f"test vectors, {name}".encode()).digest())


LOG, SUBMITTER = signer("log"), signer("submitter")
WITNESSES = {one.public: one for one in (signer(f"witness {number}") for number in range(5))}


def cases(reads: bool) -> list[Case]:
    found: list[Case] = json.loads((ROOT / "docs" / "vectors" / "policy.json").read_text())["cases"]
    left_out = KEYS_OF_ANOTHER_KIND | COMMENTS_ELSEWHERE | DROPPED
    return [case for case in found if case["reads"] == reads and case["why"] not in left_out]


def why(case: Case) -> str:
    return str(case["why"]).replace(" ", "-")


def words_of(case: Case) -> list[list[bytes]]:
    return [line.split() for line in b64decode(case["policy"]).split(b"\n")]


def vkey(word: bytes) -> Vkey | None:
    try:
        return Vkey.parse(word.decode())
    except (FormatError, UnicodeError):
        return None


def translated(case: Case) -> bytes:
    """The policy with raw keys in place of verifier keys, and the log of the proof where it names none."""
    data = b64decode(case["policy"])
    for word in {word for words in words_of(case) for word in words}:
        if (key := vkey(word)) is not None and key.algorithm != MLDSA_COSIGNATURE:
            data = data.replace(word, raw_public(key.key).hex().encode())
    named = any(words[:1] == [b"log"] for words in words_of(case))
    return data if named else b"log " + raw_public(LOG.public).hex().encode() + b"\n" + data


def proof(case: Case, names: list[str]) -> str:
    """Of the only file of a log, cosigned by the witnesses that a policy calls by these names."""
    leaf = sigsum.Leaf.of(sha256(FILE).digest(), SUBMITTER)
    head = Checkpoint(sigsum.log_vkey(LOG.public).name, 1, merkle.leaf_hash(bytes(leaf)))
    keys = {words[1].decode(): vkey(words[2]) for words in words_of(case) if words[:1] == [b"witness"]}
    given = []
    for name in names:
        key = keys[name]
        assert key is not None
        line = cosign(str(head), key.name, TIME, WITNESSES[key.key])
        given.append(sigsum.Cosignature(sigsum.key_hash(key.key), TIME, line.signature[8:]))
    signature = sign(str(head), head.origin, LOG).signature
    key_hash = sigsum.key_hash(LOG.public)
    return str(sigsum.Proof(key_hash, leaf.key_hash, leaf.signature, 1, head.root, signature, tuple(given), 0, ()))


def verify(programs: Programs, folder: Path, policy: bytes, proof: str) -> tuple[int, str]:
    (folder / "policy").write_bytes(policy)
    (folder / "key.pub").write_text(sigsum.key_text(SUBMITTER.public, "submitter"))
    (folder / "proof").write_text(proof)
    words = ["-k", folder / "key.pub", "-p", folder / "policy", folder / "proof"]
    return programs.run("sigsum-verify", *words, stdin=FILE)


@pytest.mark.parametrize("case", cases(reads=True), ids=why)
def test_it_finds_the_witnesses_enough_that_are_enough(programs: Programs, tmp_path: Path, case: Case) -> None:
    for asked in case["asked"]:
        status, said = verify(programs, tmp_path, translated(case), proof(case, asked["names"]))
        assert asked["enough"] == (status == 0), (asked, said)
        assert asked["enough"] or "not enough" in said


@pytest.mark.parametrize("case", cases(reads=False), ids=why)
def test_it_refuses_the_policies_that_are_none(programs: Programs, tmp_path: Path, case: Case) -> None:
    status, said = verify(programs, tmp_path, translated(case), proof(case, []))
    assert status != 0
    assert "policy" in said
