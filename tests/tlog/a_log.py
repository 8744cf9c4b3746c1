"""Small logs for tests: keys by number, entries by number, checkpoints signed and cosigned."""

from functools import cache
from hashlib import sha256

from hypothesis import strategies as st

from comity.keys import Ed25519Signer, MlDsa44Signer
from comity.tlog import merkle
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.cosignature import cosign
from comity.tlog.note import COSIGNATURE, MLDSA_COSIGNATURE, Note, SignatureLine, Vkey, sign, vkey
from comity.tlog.quorum import Log, Policy, charter_quorum

ORIGIN = "log.example/assembly"

hashes = st.binary(min_size=32, max_size=32)
entries = st.lists(st.binary(max_size=40), max_size=80)
times = st.integers(0, 2**63 - 1)
names = st.text(
    st.characters(codec="utf-8", exclude_categories=["Z", "C"], exclude_characters="+"), min_size=1, max_size=30
)
signatures = st.builds(SignatureLine, names, st.binary(min_size=4, max_size=4), st.binary(min_size=1, max_size=80))


def signer(number: int) -> Ed25519Signer:
    """A key that is the same in every run."""
    return Ed25519Signer(sha256(b"test key %d" % number).digest())


@cache
def lattice_signer(number: int) -> MlDsa44Signer:
    """The same of ML-DSA-44; its signatures differ from run to run."""
    return MlDsa44Signer(sha256(b"test seed %d" % number).digest())


HUB = signer(0)
HUB_KEY = vkey(ORIGIN, HUB.public)


def witness_key(number: int) -> Vkey:
    """Witness `number`, from 1."""
    return vkey(f"witness.example/w{number}", signer(number).public, COSIGNATURE)


def lattice_key(number: int) -> Vkey:
    """The ML-DSA-44 key of witness `number`, under the same name."""
    return vkey(f"witness.example/w{number}", lattice_signer(number).public, MLDSA_COSIGNATURE)


def leaf_hashes(count: int) -> list[bytes]:
    """Hashes of the entries 0, 1, ..."""
    return [merkle.leaf_hash(b"entry %d" % i) for i in range(count)]


def checkpoint(hashes: list[bytes], origin: str = ORIGIN) -> Checkpoint:
    """The checkpoint of leaf hashes."""
    return Checkpoint(origin, len(hashes), merkle.root(hashes))


def signed(head: Checkpoint, *witnesses: int, time: int = 1_800_000_000) -> Note:
    """A checkpoint under the hub's signature and those of witnesses, each a second later than the one before."""
    lines = [cosign(str(head), f"witness.example/w{number}", time + number, signer(number)) for number in witnesses]
    return Note(str(head), (sign(str(head), head.origin, HUB), *lines))


def policy(witnesses: int) -> Policy:
    """The hub's key, and the charter's quorum of witnesses 1 to `witnesses`."""
    return Policy((Log(HUB_KEY),), charter_quorum([witness_key(i) for i in range(1, witnesses + 1)]))
