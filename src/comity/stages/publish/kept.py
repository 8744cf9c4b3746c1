"""One figure of a release as one file that a person keeps: a C2SP tlog-proof that says the figure in its extra data.

The proof is of the leaf `release/published`, under a checkpoint with its cosignatures; any reader of tlog-proof checks
that much. The extra data are canonical JSON: the figure with its path among the release's figures, what is said over
them, the leaf, the key that signed it, and the quorum, so that the file stands alone. Decides what the file holds and
how it is spelt; what of it holds is `stages.verify.figure`. Source: c2sp.org/tlog-proof, c2sp.org/tlog-policy.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, Self

from comity import canon, dsse
from comity.acts import statement
from comity.assembly import witnesses
from comity.assembly.facts import ReleaseFacts
from comity.assembly.state import State
from comity.canon import Digest
from comity.errors import FormatError, NotVerified
from comity.keys import key_id, public_text, raw_public
from comity.model.norm import Norm
from comity.model.release import Release
from comity.model.study import Study
from comity.stages.publish import figures
from comity.stages.publish.figures import Entry, Heading
from comity.tlog import merkle
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.note import COSIGNATURE, Note, SignatureLine, Vkey
from comity.tlog.proof import Proof
from comity.tlog.quorum import Group, Log, Policy, Quorum, Witness
from comity.tlog.spelling import HASH

SMALL: Final = 8 * 1024  # bytes that a file keeps to, by leaving out cosignatures beyond the quorum
LARGEST: Final = 64 * 1024  # bytes of a file that is read

GROUP: Final = "charter-quorum"


def digest(policy: Policy) -> Digest:
    """Of a policy as a file: what `sha256sum` prints of the log's own."""
    return canon.digest(str(policy).encode())


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """Whose checkpoints count: the log's key, and how many of which witnesses. A policy without the names that follow.

    The log's key is called by its origin, a witness's key by origin and member id (`assembly.witnesses`). Keys are raw:
    a charter counts Ed25519 alone.

    digest: of the policy's text. Nothing signs what is here, so damage to it would show nowhere else.
    """

    digest: Digest
    log: bytes
    least: int
    witnesses: tuple[tuple[str, bytes], ...]  # member id, key

    @classmethod
    def of(cls, policy: Policy, origin: str) -> Self:
        """What is written of a log's own policy; FormatError for one that is not a charter's."""
        head = f"{origin}/"
        named = tuple((one.name.removeprefix(head), raw_public(one.vkey.key)) for one in policy.quorum.witnesses)
        least = next((group.least for group in policy.quorum.groups), 0)
        made = cls(digest=digest(policy), log=raw_public(policy.logs[0].vkey.key), least=least, witnesses=named)
        if made.policy(origin) != policy:
            raise FormatError("not the policy of a charter", where=origin, wanted="one log, and so many of its members")
        return made

    def policy(self, origin: str) -> Policy:
        """The policy in full; FormatError if a key stands twice, the quorum is out of reach, or the digest differs."""
        vkeys = [Vkey(witnesses.key_name(origin, id), public_text(key), COSIGNATURE) for id, key in self.witnesses]
        group = Group(GROUP, self.least, tuple(vkey.name for vkey in vkeys))
        quorum = Quorum(tuple(Witness(vkey.name, vkey) for vkey in vkeys), (group,), GROUP)
        policy = Policy((Log(Vkey(origin, public_text(self.log))),), quorum)
        if digest(policy) != self.digest:
            raise FormatError("not the policy of its digest", where="policy", found=digest(policy), wanted=self.digest)
        return policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """The extra data: nothing here is shown by itself, all of it by the leaf and the quorum."""

    format: Literal["w3id.org/comity/figure@v1"]
    heading: Heading
    entry: Entry
    place: int  # among the release's figures, from 0
    path: bytes  # 32 bytes a hash, from the entry's sibling to the root's child
    leaf: dsse.Envelope
    key: str  # that signed the leaf
    trust: Trust

    @property
    def steps(self) -> tuple[bytes, ...]:
        """The path's hashes."""
        return tuple(self.path[at : at + HASH] for at in range(0, len(self.path), HASH))

    @property
    def entry_of_log(self) -> bytes:
        """The leaf's bytes: what a reader of tlog-proof calls the entry."""
        return canon.encode(self.leaf)


def read(data: bytes) -> tuple[Proof, Kept]:
    """Read what `spelt` writes; FormatError for every other spelling, and for a file beyond LARGEST."""
    if len(data) > LARGEST:
        raise FormatError("too large for one figure", where="file", found=f"{len(data)} bytes", wanted=f"{LARGEST}")
    proof = Proof.parse(data)
    if not proof.extra:
        way_out = "a leaf's proof is checked by comity log verify --proof FILE"
        raise FormatError("a proof that says no figure", where="file", wanted="extra data", way_out=way_out)
    return proof, canon.decode(proof.extra, Kept, where="figure")


def spelt(index: int, path: tuple[bytes, ...], note: Note, kept: Kept) -> bytes:
    """The file, with the lines of the log and of the quorum's witnesses; of these only as many as are needed, if it
    would be larger than SMALL."""
    policy, extra = kept.trust.policy(Checkpoint.of(note).origin), canon.encode(kept)
    whole = str(Proof(index, path, Note(note.text, own(note, policy)), extra)).encode()
    if len(whole) <= SMALL:
        return whole
    return str(Proof(index, path, _enough(note, policy), extra)).encode()


def own(note: Note, policy: Policy) -> tuple[SignatureLine, ...]:
    """The lines that say to be the log's or a witness's of the policy."""
    known = [log.vkey for log in policy.logs] + [witness.vkey for witness in policy.quorum.witnesses]
    return tuple(line for line in note.signatures if any(line.names(vkey) for vkey in known))


def keep(
    place: int,
    release: Release,
    named: tuple[Study, Norm],
    *,
    state: State,
    facts: ReleaseFacts,
    leaves: Sequence[bytes],
    note: Note,
) -> bytes:
    """The file of one figure, by its place in `release.json`.

    Args:
        named: the release's study and norm.
        state: of the log up to the note.
        facts: the release in that state.
        leaves: all leaves up to the note.
        note: the checkpoint with its cosignatures.

    Raises:
        NotVerified: record or texts are not those of the leaf, or the log is shorter than its checkpoint.
    """
    size, index = Checkpoint.of(note).size, facts.ref.index
    if not index < size <= len(leaves):
        raise NotVerified("the checkpoint does not hold the release", where="log", found=f"{size} leaves")
    entries = list(figures.entries(release, named[1]))
    hashes = [figures.entry_hash(entry) for entry in entries]
    above = figures.heading(release, *named, figures.area_of(state, release))
    envelope = statement.read(leaves[index]).envelope
    kept = Kept(
        format="w3id.org/comity/figure@v1",
        heading=above,
        entry=entries[place],
        place=place,
        path=b"".join(merkle.inclusion(place, len(hashes), hashes)),
        leaf=envelope,
        key=_signer(state, envelope.signatures[0].keyid),
        trust=Trust.of(witnesses.policy(state), Checkpoint.of(note).origin),
    )
    within = merkle.inclusion(index, size, [merkle.leaf_hash(leaf) for leaf in leaves[:size]])
    return spelt(index, within, note, kept)


def texts(release: Release, get: Callable[[Digest], bytes]) -> tuple[Study, Norm]:
    """A release's study and norm, from their bodies by digest."""
    study = canon.decode(get(release.study), Study, where="study")
    return study, canon.decode(get(release.norm), Norm, where="norm")


def _signer(state: State, keyid: str) -> str:
    """The key with this id, of all that anybody ever signed with."""
    found = next((key for key in state.owners if key_id(key) == keyid), None)
    if found is None:
        raise NotVerified("the leaf is signed by a key that the log does not know", where="leaf", found=keyid)
    return found


def _enough(note: Note, policy: Policy) -> Note:
    """The note with the log's own line and the first cosignatures that make the quorum."""
    lines = [line for line in note.signatures if any(line.names(log.vkey) for log in policy.logs)]
    names: list[str] = []
    for witness in policy.quorum.witnesses:
        mine = [line for line in note.signatures if line.names(witness.vkey)]
        if mine and not policy.quorum.satisfied_by(names):
            lines, names = [*lines, *mine], [*names, witness.name]
    return Note(note.text, tuple(lines))
