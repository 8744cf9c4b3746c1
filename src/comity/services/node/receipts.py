"""What the log promised this office: a receipt for each statement, kept before the statement counts as said, and held
against the log as it is read.

Decides which acknowledgement is believed: one that the log's key signed, for this leaf, at this index, where a log that
keeps its rules could take it. Another leaf at that index, under a checkpoint of the same key, is evidence that convicts
by itself (`tlog.receipt.Dropped`); after that the node says nothing more (`conflict`). What an old hub promised behind
the end of its log is nobody's promise any more: the office says it anew (`successor`).
"""

from dataclasses import dataclass, field

from comity.acts import statement
from comity.adapters.client import Acknowledged
from comity.adapters.journal import Journal, Promise
from comity.assembly import witnesses
from comity.assembly.fold import RECENT
from comity.assembly.state import State
from comity.errors import FormatError, NotVerified
from comity.services.node.reader import Reader
from comity.tlog import receipt as receipts
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.merkle import leaf_hash
from comity.tlog.note import Note, Vkey
from comity.tlog.receipt import Dropped


def keep(ack: Acknowledged, leaf: bytes, state: State, journal: Journal) -> int:
    """The index that the log promised for this leaf, once the promise is on disk.

    NotVerified if the acknowledgement carries no receipt of the log for it: then the statement was not said.
    """
    where, promised = f"receipt for leaf {ack.index}", leaf_hash(leaf)
    try:
        receipt = receipts.check(Note.parse(ack.receipt), Vkey.parse(witnesses.log_vkey(state)))
    except FormatError as e:
        raise NotVerified(
            "the hub acknowledged a statement without a receipt of the log",
            where=where,
            found=e.found or e.what,
            way_out="the statement is posted again; ask the hub's operator",
        ) from None
    if receipt.at(ack.index) != promised:
        raise NotVerified("the receipt is for another statement or place", where=where, wanted=promised.hex())
    _refuse_never(ack.index, leaf, where)
    journal.promise(Promise(index=ack.index, leaf=promised, note=ack.receipt))
    return ack.index


def _refuse_never(index: int, leaf: bytes, where: str) -> None:
    """NotVerified for a place where no rule takes such a leaf: a promise far ahead could never be seen broken."""
    size = statement.read(leaf).act.head.size
    if not size <= index <= size + RECENT:
        raise NotVerified(
            "the receipt is for a place where the log takes no statement made at this head",
            where=where,
            found=f"leaf {index}",
            wanted=f"{size} to {size + RECENT}",
            way_out="the statement is posted again; ask the hub's operator",
        )


@dataclass(slots=True)
class Watch:
    """Holds each promise against the log, once, as soon as the log was read that far."""

    _since: int = 0  # number of the last promise that was taken out of the journal
    _waiting: list[Promise] = field(default_factory=list)

    def broken(self, journal: Journal, reader: Reader) -> Dropped | None:
        """Evidence of a promise that the log, as read, did not keep. Asked again, it says the same again."""
        for number, promise in journal.promises(self._since):
            self._waiting.append(promise)
            self._since = number
        still: list[Promise] = []
        for promise in self._waiting:
            note = Note.parse(promise.note)
            origin = receipts.Receipt.of(note).origin
            head = reader.last(origin)
            if head is None or promise.index >= Checkpoint.of(head).size:
                still += [promise] if reader.log is None or origin == reader.log.name else []
            elif leaf_hash(reader.leaves(promise.index, promise.index + 1)[0]) != promise.leaf:
                return receipts.convict(note, head, promise.index, reader.node)
        self._waiting = still
        return None
