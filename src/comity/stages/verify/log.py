"""The log first: all leaves, their root, who cosigned it, which charter it is under, and what the leaves mean.

Everything else is read out of the state that is folded here; no file of the folder is believed about the log.
"""

from dataclasses import dataclass

from comity.assembly import fold, witnesses
from comity.assembly.facts import Breach
from comity.assembly.state import State
from comity.canon import Digest
from comity.errors import ComityError, NotVerified
from comity.model import moment
from comity.stages.publish import folder
from comity.stages.verify.reading import Folder
from comity.stages.verify.report import Claim, no, yes
from comity.tlog import beside
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.merkle import leaf_hash, root
from comity.tlog.note import Note, SignatureLine
from comity.tlog.quorum import Policy
from comity.tlog.spelling import b64
from comity.tlog.tile import bundles, decode_bundle


@dataclass(frozen=True, slots=True)
class Log:
    """The leaves of the checkpoint, and the state after each number of them: `states[n]` after n leaves."""

    note: Note
    checkpoint: Checkpoint
    leaves: tuple[bytes, ...]
    states: tuple[State, ...]
    beside: tuple[SignatureLine, ...] = ()  # cosignatures of the side file, which only a reader's own policy counts

    @property
    def state(self) -> State:
        """After all leaves."""
        return self.states[-1]


def read(files: Folder) -> Log:
    """Checkpoint and leaves as they lie in the folder; NotVerified or FormatError if a file is missing or broken."""
    note = Note.parse(files.read(folder.CHECKPOINT))
    checkpoint = Checkpoint.of(note)
    leaves: list[bytes] = []
    for tile in bundles(checkpoint.size):
        leaves += decode_bundle(files.read(folder.entries(tile)), tile.width)
    states = [fold.start()]
    for leaf in leaves:
        states.append(fold.step(states[-1], leaf)[0])
    side = folder.cosignatures(checkpoint.size)
    lines = beside.parse(files.read(side)) if side in files else ()
    return Log(note, checkpoint, tuple(leaves), tuple(states), lines)


def claims(log: Log, pin: Digest | None, policy: Policy | None) -> list[Claim]:
    """What holds of the log itself."""
    return [_root(log), _quorum(log, policy), _charter(log, pin), _acts(log)]


def _root(log: Log) -> Claim:
    """The leaves make the checkpoint's root."""
    head, found = log.checkpoint, root([leaf_hash(leaf) for leaf in log.leaves])
    if found != head.root:
        detail = f"the {len(log.leaves)} leaves do not make the checkpoint's root: one was changed, left out or added"
        first = f"; the first one against the rules is {_told(log.state.breaches[0])}" if log.state.breaches else ""
        return no("log", f"{detail}{first}; found {b64(found)}; wanted {b64(head.root)}")
    return yes("log", f"{len(log.leaves)} leaves of {head.origin} make the checkpoint's root")


def _quorum(log: Log, policy: Policy | None) -> Claim:
    """The checkpoint stands under the reader's policy, or under the quorum of the log's own charter."""
    try:
        if log.state.charter is None:
            raise NotVerified("the log has no charter", where="leaf 0", wanted="a charter")
        if log.checkpoint.origin != log.state.charter.origin:
            raise NotVerified(
                "the checkpoint is of another log than the charter founds",
                where=folder.CHECKPOINT,
                found=log.checkpoint.origin,
                wanted=log.state.charter.origin,
            )
        given = policy or witnesses.policy(log.state)
        cosigned = given.check(beside.joined(log.note, log.beside, given.quorum) if policy else log.note)
    except ComityError as e:
        return no("quorum", str(e))
    whose, known = "your policy" if policy else "the charter", len(given.quorum.witnesses)
    least = next((group.least for group in given.quorum.groups if group.name == given.quorum.name), 1)
    when = f"{moment.plain(cosigned.time)} UTC" if cosigned.times else "no time"
    return yes("quorum", f"{len(cosigned.names)} of {known} witnesses of {whose} cosigned, {least} wanted; at {when}")


def _charter(log: Log, pin: Digest | None) -> Claim:
    """Which charter it is, and whether it is the reader's."""
    found = log.state.charter_digest
    if found is None:
        return no("charter", "the log has none")
    if pin is None:
        return yes("charter", f"{found}, which you did not pin")
    if found != pin:
        return no("charter", f"this log has another charter than you pinned; found {found}; wanted {pin}")
    return yes("charter", f"{found}, as you pinned it")


def _acts(log: Log) -> Claim:
    """Leaves against the rules have no effect; they are evidence against the hub, and listed."""
    breaches = log.state.breaches
    if not breaches:
        return yes("acts", f"each of {log.state.size} leaves is signed by who may say it, and keeps the rules")
    told = [_told(breach) for breach in breaches[:8]]
    more = f" and {len(breaches) - 8} more" if len(breaches) > 8 else ""
    return yes("acts", f"{len(breaches)} leaves are against the rules and have no effect: {', '.join(told)}{more}")


def _told(breach: Breach) -> str:
    return f"leaf {breach.index} ({', '.join(reason.code for reason in breach.reasons)})"
