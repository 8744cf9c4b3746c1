"""A release as programs of others check it: the files that each of them wants, and the command that checks them.

    spicy   the leaf that published the release, as it stands in the log, for Torchwood's `spicy-torchwood`: it asks for
            the log's signature alone
    sigsum  `release.json`, for Sigsum's `sigsum-verify`: it asks for the hub's signature and the witnesses' quorum

Decides which files these are, and that nothing is handed out that does not hold by our own reading. What either shows
is less than `comity verify` shows: that this was published, not that it follows from its inputs.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from comity import canon
from comity.assembly import twin, witnesses
from comity.errors import Unreachable
from comity.services.node import twin as twins
from comity.services.node.reader import parse
from comity.services.reading import Reading
from comity.tlog import merkle, sigsum, spicy
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.merkle import leaf_hash
from comity.tlog.proof import Proof

RECORD: Final = "release.json"


@dataclass(frozen=True, slots=True)
class Checkable:
    """Files by name, and the command that checks them where they lie."""

    files: Mapping[str, bytes]
    command: str


def spicy_files(reading: Reading, release: int) -> Checkable:
    """The release's leaf and its proof, under the log's newest checkpoint; NotVerified if they do not hold."""
    log = reading.log
    size, entry = Checkpoint.of(log.note).size, log.leaves[release]
    path = merkle.inclusion(release, size, [leaf_hash(leaf) for leaf in log.leaves[:size]])
    proof = Proof(release, path, log.note)
    proof.verify(entry, witnesses.policy(log.state))
    name = f"leaf-{release}.json"
    command = f"spicy-torchwood -verify '{witnesses.log_vkey(log.state)}' {name}"
    return Checkable({name: entry, f"{name}{spicy.SUFFIX}": spicy.text(proof).encode()}, command)


def sigsum_files(reading: Reading, release: int) -> Checkable:
    """The release's record, its proof out of the twin log, and the charter's policy and key.

    Raises:
        Unreachable: the twin does not hold the release yet, or is not served.
        NotVerified, QuorumShort: what is served as the twin is not that of the log's releases.
    """
    state = reading.log.state
    record = reading.get(state.releases[release].release.digest)
    where = f"{reading.client.address}/{sigsum.CHECKPOINT}"
    raw, place = reading.client.moving(sigsum.CHECKPOINT), twin.place(state, release)
    note = parse(raw, where=where) if raw is not None else None
    if note is None or Checkpoint.of(note).size <= place:
        way_out = "ask again when the witnesses have cosigned the twin"
        raise Unreachable("the twin does not hold this release yet", where=where, way_out=way_out)
    policy = twin.policy(state)
    policy.check(note)
    leaves = twins.read(reading.client, note)
    twin.check(state, leaves[: len(state.releases)])  # it may have grown since the log was read
    path = merkle.inclusion(place, len(leaves), [leaf_hash(leaf) for leaf in leaves])
    proof = sigsum.Proof.of(sigsum.Leaf.parse(leaves[place]), place, path, note, policy)
    digest, key = canon.raw_of(canon.digest(record)), twin.submitter(state)
    proof.verify(digest, key, policy)
    files = {
        RECORD: record,
        f"{RECORD}.proof": str(proof).encode(),
        "policy": sigsum.policy_text(policy).encode(),
        "hub.pub": sigsum.key_text(key, f"{witnesses.charter_of(state).origin} hub").encode(),
    }
    return Checkable(files, f"sigsum-verify -k hub.pub -p policy {RECORD}.proof < {RECORD}")


KINDS: Final[Mapping[str, Callable[[Reading, int], Checkable]]] = {"sigsum": sigsum_files, "spicy": spicy_files}
