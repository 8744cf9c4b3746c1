"""A whole log, read once from its first leaf to its last: its files, its head, and what follows from its leaves.

Every file must agree with every other (`walk`); the checkpoint must be signed by the log, stand under a quorum, and
have grown from an earlier one. Memory does not grow with the log, but for the state into which an assembly's leaves
are folded (docs/adr/0015); `structure` leaves that out and reads their envelopes alone.

Decides which key and which quorum the log is believed by. What a leaf means is `assembly.fold`'s.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from comity import canon
from comity.acts import statement
from comity.acts.charter import Charter
from comity.assembly import fold, hosts, witnesses
from comity.assembly.state import State
from comity.canon import Digest
from comity.errors import ComityError, FormatError, NotVerified, QuorumShort, UsageError
from comity.model.job import Tell
from comity.services.audit.files import Files
from comity.services.audit.signers import Signers
from comity.services.audit.walk import CHECKPOINT, NoPrefix, Walk, decode, read
from comity.tlog import beside as side
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.cosignature import signed_by_one, time_of
from comity.tlog.evidence import Evidence, convict
from comity.tlog.note import Note, SignatureLine, Vkey
from comity.tlog.quorum import Cosigned, Policy, Quorum
from comity.tlog.tile import ENTRIES, WIDTH, Tile, node_reader

POLICY: Final = "policy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """What was found to hold.

    charter: of an assembly's log; pinned: whether the reader named it.
    quorum: the reader's or the charter's; seen: who of it cosigned, and when.
    volume: bytes of all entries.
    beside: cosignatures in the side file that hold, of keys which the log or the policy names.
    since: size of the earlier checkpoint from which this log grew, None if none was given.
    state: what follows from the leaves, None where they were not folded.
    unsigned: the first leaves that are no envelope under a key which the log names; unsigned_count: how many.
    """

    note: Note
    charter: Digest | None
    pinned: bool
    quorum: Quorum
    seen: Cosigned
    beside: int
    since: int | None
    state: State | None
    bundles: int
    tiles: int
    volume: int
    unsigned: tuple[int, ...] = ()
    unsigned_count: int = 0

    @property
    def checkpoint(self) -> Checkpoint:
        """The head that was audited."""
        return Checkpoint.of(self.note)


def audit(
    files: Files,
    *,
    tell: Tell,
    charter: Digest | None = None,
    policy: Policy | None = None,
    since: Note | None = None,
    structure: bool = False,
) -> Audited:
    """Read all; every flaw is an error that names file and place.

    Args:
        charter: pinned; the log must begin with it.
        policy: the reader's own quorum; else the charter's, whose keys the fold follows. A log that is no assembly's
            wants one.
        since: an earlier checkpoint of this log; it must be a prefix of it.
        structure: envelopes only, no fold. Whose key counts once a witness of the charter changed its own follows from
            the fold, so such a log wants a policy.

    Raises:
        NoPrefix: the log does not begin as `since` says; with the evidence that its key signed both.
        NotVerified: a file is missing, torn or another than its neighbours say; or a signature does not hold.
        QuorumShort: too few witnesses.
        UsageError: no key is known by which the checkpoint could be believed; or none that is known still counts.
    """
    note = _note(files)
    head, found = Checkpoint.of(note), _charter(files, Checkpoint.of(note).size)
    moved = found is not None and policy is None and head.origin != found.origin
    digest = canon.digest(canon.encode(found)) if found else None
    if charter not in (None, digest):
        raise NotVerified(
            "the log begins with another charter",
            where=files.place("leaf 0"),
            found=digest or "none",
            wanted=charter or "",
        )
    if found is None and policy is None:
        raise UsageError(
            "the log is no assembly's: nothing names its key",
            where=files.place(CHECKPOINT),
            wanted="--policy FILE",
            way_out="a policy (c2sp.org/tlog-policy) names log, witnesses and quorum",
        )
    if moved and structure:
        raise UsageError(
            "the log is called otherwise than its charter says: whose key counts follows from what the leaves mean",
            where=files.place(CHECKPOINT),
            found=head.origin,
            wanted="--policy FILE, or no --structure-only",
            way_out="a policy from a source that you trust names the key as it stands",
        )
    if not moved:
        _check_signed(note, found, policy)
    walk = Walk(
        files, head, fold.start() if found and not structure else None, Signers() if found and structure else None
    )
    if since is not None:
        walk.expect(_earlier(since, head, found, policy, moved=moved))
    try:
        walk.through(tell)
    except NoPrefix as e:
        e.evidence = _evidence(files, since, note) if since else None
        raise
    beside = _beside(files, head.size)
    if policy is not None:
        quorum = policy.quorum
        seen = policy.check(side.joined(note, beside, quorum))
    elif walk.signers is not None and walk.signers.changed is not None:
        raise UsageError(
            "a witness changed its key, and which keys count follows from what the leaves mean",
            where=files.place(f"leaf {walk.signers.changed}"),
            wanted="--policy FILE, or no --structure-only",
            way_out="a policy from a source that you trust names the keys as they stand",
        )
    else:
        standing = _standing(walk.state, found)
        quorum, seen = witnesses.quorum(standing), witnesses.policy(standing).check(note)
    if moved and since is not None and walk.state is not None:
        _check_earlier(since, walk.state)
    if walk.state is not None:
        _check_policy(files, walk.state)
    return Audited(
        note=note,
        charter=digest,
        pinned=charter is not None,
        quorum=quorum,
        seen=seen,
        beside=_count_beside(files, note, beside, _known(walk.state, found, policy)),
        since=Checkpoint.of(since).size if since else None,
        state=walk.state,
        bundles=walk.bundles,
        tiles=walk.tiles,
        volume=walk.volume,
        unsigned=tuple(walk.unsigned),
        unsigned_count=walk.unsigned_count,
    )


def _note(files: Files) -> Note:
    data = files.read(CHECKPOINT)
    if data is None:
        raise NotVerified("there is no checkpoint", where=files.place(CHECKPOINT), wanted="a log's public files")
    try:
        note = Note.parse(data)
        Checkpoint.of(note)
    except FormatError as e:
        raise NotVerified(e.what, where=files.place(CHECKPOINT), found=e.found, wanted=e.wanted) from None
    return note


def _charter(files: Files, size: int) -> Charter | None:
    """What leaf 0 says, if it is a charter: whether it is an assembly's log at all."""
    if size == 0:
        return None
    bundle = Tile(ENTRIES, 0, min(size, WIDTH))
    leaf = decode(files, bundle, read(files, bundle))[0]
    try:
        body = statement.read(leaf).act.body
    except FormatError:
        return None
    return body if isinstance(body, Charter) else None


def _check_signed(note: Note, charter: Charter | None, policy: Policy | None) -> None:
    """The log's own signature, before hours are spent on leaves; by the charter's key and by the policy's.

    Where the log went to another hub, the charter's key signs no more: then the policy's alone.
    """
    origin = Checkpoint.of(note).origin
    keys = [[Vkey.parse(witnesses.log_vkey(charter))]] if charter and (not policy or origin == charter.origin) else []
    keys += [[log.vkey for log in policy.logs]] if policy else []
    for vkeys in keys:
        if not signed_by_one(note, [vkey for vkey in vkeys if vkey.name == origin]):
            raise NotVerified(
                "the checkpoint is not signed by the log",
                where=f"checkpoint of {origin}",
                found=", ".join(line.name for line in note.signatures),
                wanted=", ".join(map(str, vkeys)),
            )


def _earlier(
    since: Note, head: Checkpoint, charter: Charter | None, policy: Policy | None, *, moved: bool
) -> Checkpoint:
    """The earlier checkpoint, signed by the same log and no longer than this one.

    moved: the log went to another hub, so whose signature it must bear is asked once its leaves were read.
    """
    before = Checkpoint.of(since)
    if not moved:
        _check_signed(since, charter, policy)
    if (before.origin != head.origin and not moved) or before.size > head.size:
        raise NotVerified(
            "the log is shorter than it was, or another",
            where="--since",
            found=f"{head.size} leaves of {head.origin}",
            wanted=f"{before.size} at least of {before.origin}",
            way_out="keep both checkpoints and ask another mirror",
        )
    return before


def _check_earlier(since: Note, state: State) -> None:
    """The earlier checkpoint of a log that went to another hub, by the key and name that it had at that size."""
    before = Checkpoint.of(since)
    log = hosts.log_at(state, before.size)
    if before.origin != log.name or not since.signed_by(log):
        raise NotVerified(
            "the earlier checkpoint is not of this log, as it was called at that size",
            where="--since",
            found=before.origin,
            wanted=str(log),
        )


def _evidence(files: Files, since: Note, note: Note) -> Evidence | None:
    """Both heads with the proof out of the files; None where the files do not make one."""
    try:
        return convict(since, note, node_reader(Checkpoint.of(note).size, lambda tile: read(files, tile)))
    except ComityError:
        return None


def _beside(files: Files, size: int) -> tuple[SignatureLine, ...]:
    """The lines of the side file of this size; none if there is no file."""
    data = files.read(side.path(size))
    try:
        return side.parse(data) if data is not None else ()
    except FormatError as e:
        raise NotVerified(e.what, where=files.place(side.path(size)), found=e.found, wanted=e.wanted) from None


def _check_policy(files: Files, state: State) -> None:
    """The charter's quorum as the log publishes it, if it does: readers begin with it."""
    data = files.read(POLICY)
    if data is None:
        return
    try:
        published, made = Policy.parse(data), witnesses.policy(state)
    except FormatError as e:
        raise NotVerified(e.what, where=files.place(POLICY), found=e.found, wanted=e.wanted) from None
    except QuorumShort:  # no quorum stands: only a reader's own policy can
        return
    if published != made:
        raise NotVerified(
            "the policy is not the one that the log's leaves make",
            where=files.place(POLICY),
            found=canon.digest(data),
            wanted=canon.digest(str(made).encode()),
            way_out="ask again, if the log grows while it is read; else whoever serves the file says what is not so",
        )


def _standing(state: State | None, charter: Charter | None) -> State | Charter:
    """Whose keys make the charter's quorum: as they stand, or as leaf 0 names them where nothing was folded."""
    if state is not None:
        return state
    if charter is None:
        raise UsageError("no quorum is known", wanted="--policy FILE")
    return charter


def _known(state: State | None, charter: Charter | None, policy: Policy | None) -> Iterator[Vkey]:
    """Every key that may cosign, as far as log and policy name it."""
    if charter is not None:
        yield from witnesses.vkeys(_standing(state, charter))
    if policy is not None:
        yield from (witness.vkey for witness in policy.quorum.witnesses)


def _count_beside(files: Files, note: Note, lines: tuple[SignatureLine, ...], known: Iterator[Vkey]) -> int:
    """How many side lines hold; NotVerified for one that names a known key and does not."""
    vkeys: Mapping[tuple[str, bytes], Vkey] = {(vkey.name, vkey.id): vkey for vkey in known}
    count = 0
    for line in lines:
        vkey = vkeys.get((line.name, line.id))
        if vkey is None:
            continue
        if time_of(line, vkey, note.text) is None:
            where = files.place(side.path(Checkpoint.of(note).size))
            raise NotVerified("a cosignature does not hold", where=where, found=f"a line of {line.name}")
        count += 1
    return count
