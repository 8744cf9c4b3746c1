"""Sigsum's sigsum-verify enforces a quorum on a twin of ours, offline; sigsum-key reads our keys."""

from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from comity.keys import Ed25519Signer
from comity.tlog import merkle, sigsum
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.cosignature import cosign
from comity.tlog.note import Note, sign
from comity.tlog.quorum import Group, Log, Policy, charter_quorum
from tests.interop.conftest import Programs
from tests.tlog import a_log

SUBMITTER, LOG = a_log.signer(50), a_log.signer(51)
VKEY = sigsum.log_vkey(LOG.public)
FILES = [b"release %d\n" % number for number in range(300)]
LEAVES = [sigsum.Leaf.of(sha256(file).digest(), SUBMITTER) for file in FILES]
HASHES = [merkle.leaf_hash(bytes(leaf)) for leaf in LEAVES]
TWO_OF_THREE = Policy((Log(VKEY),), charter_quorum([a_log.witness_key(number) for number in (1, 2, 3)]))


def proof(place: int, size: int, *witnesses: int) -> str:
    """Sigsum's proof of a file, whatever the number of its cosignatures."""
    text = str(Checkpoint(VKEY.name, size, merkle.root(HASHES[:size])))
    lines = [cosign(text, f"witness.example/w{n}", 1_800_000_000 + n, a_log.signer(n)) for n in witnesses]
    path = merkle.inclusion(place, size, HASHES)
    group = Group("any", 1, tuple(witness.name for witness in TWO_OF_THREE.quorum.witnesses))
    anyone = replace(TWO_OF_THREE, quorum=replace(TWO_OF_THREE.quorum, groups=(group,), name="any"))
    return str(sigsum.Proof.of(LEAVES[place], place, path, Note(text, (sign(text, VKEY.name, LOG), *lines)), anyone))


def verify(programs: Programs, folder: Path, proof: str, file: bytes) -> tuple[int, str]:
    """What sigsum-verify says, under the policy of 2 of 3."""
    (folder / "policy").write_text(sigsum.policy_text(TWO_OF_THREE))
    (folder / "key.pub").write_text(sigsum.key_text(SUBMITTER.public, "submitter"))
    (folder / "proof").write_text(proof)
    words = ["-k", folder / "key.pub", "-p", folder / "policy", folder / "proof"]
    return programs.run("sigsum-verify", *words, stdin=file)


@pytest.mark.parametrize(("place", "size"), [(0, 1), (1, 2), (6, 7), (255, 257), (299, 300)])
@pytest.mark.parametrize("witnesses", [(1, 2, 3), (1, 3)])
def test_it_accepts_a_file_under_the_quorum(
    programs: Programs, tmp_path: Path, place: int, size: int, witnesses: tuple[int, ...]
) -> None:
    assert (0, "") == verify(programs, tmp_path, proof(place, size, *witnesses), FILES[place])


def test_it_refuses_one_cosignature_of_three(programs: Programs, tmp_path: Path) -> None:
    status, said = verify(programs, tmp_path, proof(6, 7, 2), FILES[6])

    assert 0 != status
    assert "not enough" in said


def test_it_refuses_a_changed_file(programs: Programs, tmp_path: Path) -> None:
    assert 0 != verify(programs, tmp_path, proof(6, 7, 1, 2, 3), FILES[6] + b" ")[0]


def test_it_refuses_the_proof_of_another_file(programs: Programs, tmp_path: Path) -> None:
    assert 0 != verify(programs, tmp_path, proof(5, 7, 1, 2, 3), FILES[6])[0]


def test_it_refuses_a_proof_with_a_changed_place_time_or_root(programs: Programs, tmp_path: Path) -> None:
    good = proof(6, 7, 1, 2)
    assert 0 == verify(programs, tmp_path, good, FILES[6])[0]
    for old, new in (("leaf_index=6", "leaf_index=5"), (" 1800000002 ", " 1800000003 "), ("size=7", "size=8")):
        assert old in good
        assert 0 != verify(programs, tmp_path, good.replace(old, new), FILES[6])[0]


def test_what_sigsum_key_reads_and_writes_of_our_keys_is_what_we_write(programs: Programs, tmp_path: Path) -> None:
    ssh, hexed = sigsum.key_text(LOG.public, "log"), sigsum.raw_public(LOG.public).hex()
    (tmp_path / "key.pub").write_text(ssh)
    (tmp_path / "vkey").write_text(f"{VKEY}\n")

    assert f"{hexed}\n" == programs.must("sigsum-key", "to-hex", "-k", tmp_path / "key.pub")
    assert f"{VKEY}\n" == programs.must("sigsum-key", "to-vkey", "-k", tmp_path / "key.pub")
    assert ssh.split()[:2] == programs.must("sigsum-key", "from-vkey", "-k", tmp_path / "vkey").split()[:2]


def test_sigsum_key_reads_the_keys_of_our_logs_and_witnesses(programs: Programs, tmp_path: Path) -> None:
    for vkey in (a_log.HUB_KEY, a_log.witness_key(1)):
        (tmp_path / "vkey").write_text(f"{vkey}\n")

        found = programs.must("sigsum-key", "from-vkey", "-k", tmp_path / "vkey")

        assert sigsum.key_text(vkey.key, "").split() == found.split()[:2]


def test_a_leaf_that_sigsum_submit_signs_is_the_leaf_that_we_write(programs: Programs, tmp_path: Path) -> None:
    """The same key and file: the same signature, for Ed25519 throws no dice."""
    secret = Ed25519PrivateKey.from_private_bytes(sha256(b"a submitter").digest())
    key, signer = tmp_path / "key", Ed25519Signer(secret.private_bytes_raw())
    key.write_bytes(secret.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()))
    key.chmod(0o600)

    request = programs.must("sigsum-submit", "-k", key, stdin=FILES[0])

    digest = sha256(FILES[0]).digest()
    leaf = sigsum.Leaf.of(digest, signer)
    raw = sigsum.raw_public(signer.public)
    assert f"message={digest.hex()}\nsignature={leaf.signature.hex()}\npublic_key={raw.hex()}\n" == request
