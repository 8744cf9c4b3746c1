"""The twin log: every release's record once more, as a log that Sigsum's programs read (`tlog.sigsum`).

Decides what that log must hold: one leaf for each release that the log admitted, in the log's order, over the SHA-256
of its `release.json`, signed by the hub's `sign` key, under the hub's `log` key and the charter's witnesses. So the
twin follows from the log, states nothing of its own, and whoever cosigns it checks it against the log. It is no second
truth: a vote, a consent or a withdrawal stands in the log alone.
"""

from collections.abc import Sequence
from hashlib import sha256

from comity import canon
from comity.acts.charter import Charter
from comity.assembly import witnesses
from comity.assembly.state import State
from comity.errors import NotVerified
from comity.keys import PublicKey
from comity.tlog import sigsum
from comity.tlog.note import Vkey
from comity.tlog.quorum import Log, Policy


def log(of: Charter | State) -> Vkey:
    """The twin's key; its name is the twin's origin."""
    return sigsum.log_vkey(PublicKey(witnesses.charter_of(of).hub.log))


def submitter(of: Charter | State) -> PublicKey:
    """The key that signs its leaves."""
    return PublicKey(witnesses.charter_of(of).hub.sign)


def policy(of: Charter | State) -> Policy:
    """The twin's log under the charter's quorum."""
    return Policy((Log(log(of)),), witnesses.quorum(of))


def files(state: State, size: int | None = None) -> tuple[bytes, ...]:
    """SHA-256 of each `release.json`, in the order of the twin's leaves.

    Args:
        size: releases among so many leaves of the log; all, if None.
    """
    through = state.size if size is None else size
    releases = sorted((index, facts) for index, facts in state.releases.items() if index < through)
    return tuple(bytes.fromhex(canon.hex_of(facts.release.digest)) for _, facts in releases)


def place(state: State, release: int) -> int:
    """Index of a release's leaf in the twin, by its leaf index in the log."""
    return sorted(state.releases).index(release)


def check(state: State, leaves: Sequence[bytes], since: int = 0) -> None:
    """NotVerified unless the leaves, from the twin's leaf `since` on, are those of the log's releases there."""
    key = submitter(state)
    wanted = files(state)[since : since + len(leaves)]
    for index, (leaf, digest) in enumerate(zip(leaves, wanted, strict=False), start=since):
        if len(leaf) != sigsum.LENGTH or not sigsum.Leaf.parse(leaf).says(digest, key):
            raise _other(state, index, sha256(leaf).hexdigest(), f"the leaf of release.json sha256:{digest.hex()}")
    if len(leaves) > len(wanted):
        raise _other(state, since + len(wanted), f"{since + len(leaves)} leaves", f"{len(files(state))} at most")


def _other(state: State, index: int, found: str, wanted: str) -> NotVerified:
    where = f"leaf {index} of {log(state).name}"
    return NotVerified("the twin is not that of the log's releases", where=where, found=found, wanted=wanted)
