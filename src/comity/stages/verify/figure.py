"""One figure out of one file (`stages.publish.kept`), checked offline: a pure function of the file and a policy.

Shows that the figure is one of a release that its publisher's key signed, and that the leaf which says so stands in a
log under a quorum. Not shown by one file, and said so: whose key it is and that the act was admissible, which follow
from the whole log; that the figure follows from what the offices sent, which `stages.verify.check` recomputes; truth.
"""

from dataclasses import dataclass
from typing import Final

from comity import canon, dsse
from comity.acts import statement
from comity.acts.release import ReleasePublished
from comity.acts.statement import Act
from comity.canon import Digest
from comity.errors import ComityError, NotVerified
from comity.keys import Verifier
from comity.model import moment
from comity.model.member import HUB
from comity.stages.publish import figures, kept
from comity.stages.publish.kept import Kept
from comity.stages.verify.report import FAILED, Claim, no, yes
from comity.tlog import merkle
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.proof import Proof
from comity.tlog.quorum import Policy

SHOWN: Final = "verified: this figure was published in the log that this quorum stands for"
UNPINNED: Final = "consistent under a policy that came with the file"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a file says and what of it holds.

    kept: what it says; None if it cannot be read. Worth nothing unless every claim holds.
    policy: under which it was checked: the reader's own, or the one that the file says.
    seen: POSIX seconds at which the quorum had seen the leaf; None if it has not.
    """

    claims: tuple[Claim, ...]
    trusted: bool
    kept: Kept | None = None
    origin: str = ""
    index: int | None = None
    release: Digest | None = None
    count: int | None = None
    policy: Policy | None = None
    seen: int | None = None

    @property
    def holds(self) -> bool:
        """Whether nothing that was checked fails."""
        return bool(self.claims) and all(claim.holds for claim in self.claims)

    @property
    def last(self) -> str:
        """The last line."""
        if not self.holds:
            return f"{FAILED}: {', '.join(dict.fromkeys(claim.name for claim in self.claims if not claim.holds))}"
        return SHOWN if self.trusted else UNPINNED


def verify(data: bytes, *, policy: Policy | None = None) -> Found:
    """Check the file of one figure.

    Args:
        policy: logs and quorum that the reader trusts (c2sp.org/tlog-policy); without it the file's own is taken.

    Never raises for what is in the file: whatever is wrong is a claim that does not hold.
    """
    try:
        proof, said = kept.read(data)
        return _verify(proof, said, policy)
    except ComityError as e:
        return Found(claims=(no("file", str(e)),), trusted=False)
    except Exception as e:  # whoever made the file may have thought of what we did not: that is no yes
        return Found(claims=(no("file", f"cannot be read to its end: {type(e).__name__}: {e}"),), trusted=False)


def _verify(proof: Proof, said: Kept, pinned: Policy | None) -> Found:
    origin = Checkpoint.of(proof.note).origin
    mine = said.trust.policy(origin)
    policy = pinned or mine
    act = statement.read(said.entry_of_log).act
    if not isinstance(act.body, ReleasePublished):
        raise NotVerified("the leaf publishes no release", where=f"leaf {proof.index}", found=act.kind)
    quorum, seen = _quorum(proof, said, mine, pinned)
    return Found(
        claims=(quorum, _leaf(act, origin, proof.index, said), _signature(said), _figure(act.body, said)),
        trusted=pinned is not None,
        kept=said,
        origin=origin,
        index=proof.index,
        release=act.body.release.digest,
        count=act.body.figures.count,
        policy=policy,
        seen=seen,
    )


def _quorum(proof: Proof, said: Kept, mine: Policy, pinned: Policy | None) -> tuple[Claim, int | None]:
    """The leaf stands under a checkpoint, and the checkpoint under the policy; when its quorum had seen it.

    The file must hold by its own policy too, every line of it: there is one way to write it.
    """
    policy = pinned or mine
    try:
        if kept.own(proof.note, mine) != proof.note.signatures:
            raise NotVerified("a signature of nobody that the file names", where="checkpoint")
        cosigned = proof.verify(said.entry_of_log, policy)
        if policy != mine:
            mine.check(proof.note)
    except ComityError as e:
        return no("quorum", str(e)), None
    head, known = cosigned.checkpoint, len(policy.quorum.witnesses)
    whose = "your policy" if pinned else "the file's own policy"
    rule = f"{len(cosigned.names)} of {known} witnesses of {whose} cosigned, and that is its quorum"
    seen = cosigned.time if cosigned.times else None
    when = f"{moment.plain(seen)} UTC" if seen is not None else "no time"
    return yes("quorum", f"leaf {proof.index} is one of {head.size} of {head.origin}; {rule}; at {when}"), seen


def _leaf(act: Act, origin: str, index: int, said: Kept) -> Claim:
    """The leaf is of this log, and publishes a release in the name that the heading has."""
    if act.origin != origin or act.head.size > index:
        return no("leaf", f"signed for {act.origin} at {act.head.size} leaves; found as leaf {index} of {origin}")
    kind = "joint" if act.actor == HUB else "national"
    if (act.actor, kind) != (said.heading.publisher, said.heading.kind):
        return no("leaf", f"published by {act.actor}; the heading says {said.heading.kind}, {said.heading.publisher}")
    return yes("leaf", f"{act.actor} says in leaf {index} that it published this release")


def _signature(said: Kept) -> Claim:
    """The leaf's one signature is by the key in the file."""
    if not dsse.signed_by(said.leaf, Verifier(said.key, where="key of the leaf")):
        return no("signature", f"the leaf is not signed by {said.key}")
    return yes("signature", f"the leaf is signed by {said.key}; whose key that is, the whole log says")


def _figure(body: ReleasePublished, said: Kept) -> Claim:
    """Figure and heading are those that the leaf names."""
    tree, place = body.figures, f"figure {said.place + 1} of {body.figures.count}"
    if canon.digest(canon.encode(said.heading)) != tree.heading:
        return no("figure", "what is said over the figures is not what the leaf names")
    hashed = figures.entry_hash(said.entry)
    if not merkle.verify_inclusion(hashed, said.place, tree.count, canon.raw_of(tree.root), said.steps):
        return no("figure", f"not {place} of the release that the leaf names")
    if not len(said.entry.names) == len(said.entry.figure.key) == len(said.heading.axes):
        return no("figure", f"{place}, but its key does not fit the dimensions")
    return yes("figure", f"{place} of release {body.release.digest}")
