"""How a log goes over to another hub: out of public files alone, behind the checkpoint that its witnesses left.

Decides nothing that the log does not say: every leaf is hashed and folded, the checkpoint stands under the quorum, the
charter is the one that is pinned, and the motion that the members adopted last names this folder's keys. What shows at
leaf 0 is asked before the second bundle is, and leaves wait on disk: memory grows with the state alone. The succession
is one leaf behind what was copied, and with it the log has a head by this hub's key: before that `comity hub run`
refuses the folder, so a copy that was cut short serves nobody. Given again, the command goes on where it was.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Final

from comity import canon
from comity.acts.charter import Hub, Succession
from comity.acts.key import possession
from comity.acts.refs import Head
from comity.acts.statement import Act, sign
from comity.acts.terms import Host
from comity.adapters.blobs import Blobs
from comity.adapters.folder import Folder
from comity.adapters.keyring import HUB, Keyring
from comity.adapters.log import LogStore
from comity.adapters.spool import Spool
from comity.assembly import fold, hosts, queries, witnesses
from comity.assembly.state import State
from comity.canon import Digest
from comity.errors import ComityError, ConfigError, FormatError, NotAdmitted, NotVerified
from comity.keys import Signer
from comity.model.job import Tell
from comity.model.member import HUB as OPERATOR
from comity.model.release import Release
from comity.services.audit.files import Files
from comity.services.audit.walk import CHECKPOINT, Walk, decode, read
from comity.services.hub.found import CARD, LOG
from comity.stages.seal.view import View
from comity.tlog import note
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.note import Note, Vkey
from comity.tlog.tile import bundles

CHUNK: Final = 1024  # leaves of one transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Succeeded:
    """What this hub has taken over.

    size: leaves of the old log; the succession is the next. bodies: files that leaves name, and that are here.
    missing: bodies that the log names and nobody showed: such as were never public, or not kept any more.
    """

    before: str  # origin
    after: str  # origin
    size: int
    bodies: int
    missing: int


@dataclass(frozen=True, slots=True)
class _Log:
    """A log as it was found at its source, whole and under the quorum."""

    note: Note
    leaves: Spool
    state: State

    @property
    def size(self) -> int:
        return self.state.size


def offer(home: Path, *, origin: str, host: str = "") -> Host:
    """What the members vote on when the log is to go to this folder's hub."""
    Folder.open(home, "hub")
    hub = canon.decode((home / CARD).read_bytes(), Hub, where=str(home / CARD))
    signers = {purpose: Keyring(home).signer(purpose) for purpose in HUB}
    sign_, log = (one.sign(possession(origin, OPERATOR, what, one.public)) for what, one in signers.items())
    return Host(origin=origin, hub=hub, host=host, proofs=(sign_, log))


def succeed(home: Path, files: Files, charter: Digest, *, tell: Tell) -> Succeeded:
    """Take the log over, as the members decided.

    Raises:
        NotVerified, QuorumShort: the files are not this assembly's log, whole and under the quorum.
        NotAdmitted: no adopted motion moves the log, or its rules speak against it now.
        ConfigError: the members chose another hub than this folder's, or it keeps another log already.
    """
    with Folder.open(home, "hub").lock():
        keyring = Keyring(home)
        with Spool(home) as leaves:
            found = _read(files, charter, leaves, tell)
            if not (home / LOG).exists():  # whoever may not take the log over leaves nothing behind
                _succession(found, *(keyring.signer(purpose) for purpose in HUB))
            with LogStore.open(home / LOG) if (home / LOG).exists() else LogStore.create(home / LOG) as store:
                state = _take(store, found, keyring, tell, where=files.place(CHECKPOINT))
        change = state.successions[-1]
        bodies, missing = _bodies(state, files, Blobs(home / "blobs"), tell)
    return Succeeded(before=change.before, after=change.after, size=change.size, bodies=bodies, missing=missing)


def _read(files: Files, charter: Digest, leaves: Spool, tell: Tell) -> _Log:
    """Every leaf, under a checkpoint that the log's key of that moment signed and the quorum cosigned."""
    data = files.read(CHECKPOINT)
    if data is None:
        raise NotVerified("there is no checkpoint", where=files.place(CHECKPOINT), wanted="a log's public files")
    signed = Note.parse(data)
    head = Checkpoint.of(signed)
    _check_begin(files, signed, head, charter)
    walk = Walk(files, head, fold.start(), None, keep=leaves.add)
    walk.through(tell)
    state = walk.state or fold.start()
    witnesses.policy(state).check(signed)
    return _Log(signed, leaves, state)


def _check_begin(files: Files, signed: Note, head: Checkpoint, charter: Digest) -> None:
    """The pinned charter at leaf 0; and while the log has the name that it was founded with, its key below the head."""
    state = fold.start()
    for bundle in islice(bundles(head.size), 1):
        state, _ = fold.step(state, decode(files, bundle, read(files, bundle))[0])
    if state.charter is None or state.charter_digest != charter:
        found = state.charter_digest or "none"
        raise NotVerified("the log begins with another charter", where="leaf 0", found=found, wanted=charter)
    if head.origin == state.charter.origin and not signed.signed_by(log := Vkey.parse(witnesses.log_vkey(state))):
        found = ", ".join(line.name for line in signed.signatures)
        where = files.place(CHECKPOINT)
        raise NotVerified("the checkpoint is not signed by the log", where=where, found=found, wanted=str(log))


def _take(store: LogStore, found: _Log, keyring: Keyring, tell: Tell, *, where: str) -> State:
    """The leaves, then the succession: what is there already is left as it is. The state behind all that is there."""
    sign_key, log_key = (keyring.signer(purpose) for purpose in HUB)
    begun = _begun(store, sign_key.public)
    mine = None if begun is None else begun.successions[-1].size
    same = min(store.size if mine is None else mine, found.size)
    leaves = found.leaves.leaves()
    for start, stop in _pieces(0, same):
        if store.leaves(start, stop) != list(islice(leaves, stop - start)):
            raise ConfigError(
                "this folder keeps another log", where=str(store.path), way_out="comity hub init a new one"
            )
    if begun is not None and mine is not None:
        _refuse_later(found, begun, where)
        return begun
    if store.size > found.size:
        raise NotVerified(
            "these files are older than what was copied before",
            where=where,
            found=f"{found.size} leaves",
            wanted=f"{store.size} at least",
            way_out="take them from a mirror that has followed the log to its end",
        )
    leaf = _succession(found, sign_key, log_key)
    for start, stop in _pieces(store.size, found.size):
        store.append(list(islice(leaves, stop - start)))
        tell(store.size, found.size, "writing the log")
    state, _ = fold.step(found.state, leaf)
    origin = witnesses.charter_of(state).origin

    def seal(size: int, root: bytes) -> str:
        text = str(Checkpoint(origin, size, root))
        return str(Note(text, (note.sign(text, origin, log_key),)))

    store.append([leaf], seal)
    return state


def _begun(store: LogStore, key: str) -> State | None:
    """The state of the log, if this hub has taken it over; None if it has not yet."""
    if not store.note():
        return None
    state = fold.replay(chain.from_iterable(store.leaves(*piece) for piece in _pieces(0, store.size)))
    if not state.successions or witnesses.charter_of(state).hub.sign != key:
        raise ConfigError("this hub keeps a log of its own", where=str(store.path), way_out="comity hub init a new one")
    return state


def _pieces(start: int, stop: int) -> Iterator[tuple[int, int]]:
    """Leaves from start to before stop, as many at a time as are held in memory."""
    return ((at, min(at + CHUNK, stop)) for at in range(start, stop, CHUNK))


def _refuse_later(found: _Log, begun: State, where: str) -> None:
    """NotVerified if the old log went on under its quorum behind the end that this hub took for its own beginning.

    Files that tell of this hub's own succession, or of a later one, are its log and not the old one's.
    """
    size = begun.successions[-1].size
    if found.size > size and found.state.successions == begun.successions[:-1]:
        raise NotVerified(
            "the old hub published more, under the quorum, after this one had taken the log over",
            where=where,
            found=f"{found.size} leaves",
            wanted=f"{size}",
            way_out="nodes that saw it will not follow; if nobody has cosigned this hub's log yet, move log.db and "
            "public/ away and give the command again",
        )


def _succession(found: _Log, signer: Signer, log: Signer) -> bytes:
    """The leaf that says it; refused if the members did not choose this hub, or the log's rules speak against it."""
    state, chosen = found.state, hosts.awaited(found.state)
    if chosen is None:
        raise NotAdmitted(
            "no adopted motion moves this log to another hub",
            where=f"{found.size} leaves of {witnesses.charter_of(state).origin}",
            way_out="comity hub offer, then comity motion move hub and the members' votes",
        )
    wanted = chosen.host.hub
    if (wanted.sign, wanted.log) != (signer.public, log.public):
        raise ConfigError(
            "the members chose another hub",
            where=f"motion at leaf {chosen.motion.index}",
            found=wanted.address,
            wanted="the keys of this folder's hub.json",
            way_out="use the folder whose hub.json was voted on",
        )
    head = Head(size=state.size, root=state.roots[state.size])
    body = Succession(motion=chosen.motion, final=str(found.note))
    leaf = sign(Act(actor=OPERATOR, origin=witnesses.charter_of(state).origin, head=head, body=body), signer)
    if reasons := fold.admit(state, leaf):
        told = ", ".join(f"{reason.code} {reason.params or ''}".strip() for reason in reasons)
        raise NotAdmitted("the log's rules speak against the succession", where=f"leaf {state.size}", found=told)
    return leaf


def _bodies(state: State, files: Files, blobs: Blobs, tell: Tell) -> tuple[int, int]:
    """Public bodies, each what its digest says: how many are here now, and how many nobody showed."""
    private = {name for facts in state.exchanges.values() for name in queries.stated(facts)}
    wanted = list(dict.fromkeys([*(name for name in state.bodies if name not in private)]))
    here, missing, done = 0, 0, set[Digest]()
    while wanted:
        for name in wanted:
            done.add(name)
            tell(len(done), len(state.bodies), "fetching bodies")
            if _fetch(name, files, blobs):
                here += 1
            else:
                missing += 1
        wanted = [name for name in dict.fromkeys(_named(state, blobs)) if name not in done]
    return here, missing


def _fetch(name: Digest, files: Files, blobs: Blobs) -> bool:
    """Whether a body is here now; NotVerified if what is shown is another one."""
    if blobs.has(name):
        return True
    digits = canon.hex_of(name)
    path = f"blobs/sha256/{digits[:2]}/{digits}"
    body = files.read(path)
    if body is None:
        return False
    if (found := canon.digest(body)) != name:
        raise NotVerified("a body is not what its name says", where=files.place(path), found=found, wanted=name)
    blobs.put(body, digest=name)
    return True


def _named(state: State, blobs: Blobs) -> Iterator[Digest]:
    """What records and views name in turn: files of releases, and the bodies that a sum was opened from."""
    for release in state.releases.values():
        with suppress(ComityError):
            data = blobs.get(release.release.digest)
            yield from () if data is None else (f.digest for f in canon.decode(data, Release, where="release").files)
    for facts in state.exchanges.values():
        if facts.closed is not None and facts.closed.view is not None:
            with suppress(FormatError):
                data = blobs.get(facts.closed.view.digest)
                yield from () if data is None else canon.decode(data, View, where="view").named()
