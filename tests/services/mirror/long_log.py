"""A long log for tests of mirrors: a charter, then entries that nobody can read, under the log's own signature."""

from comity.tlog import note
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.merkle import leaf_hash, root
from comity.tlog.note import Note, Vkey
from tests.builders.assembly import Assembly


def leaves(assembly: Assembly, size: int, *, other_from: int | None = None) -> list[bytes]:
    """The charter and made-up entries of some 60 to 260 bytes; from `other_from` on, those of another view."""
    made = [assembly.leaves[0]]
    for i in range(1, size):
        view = b"another" if other_from is not None and i >= other_from else b"the"
        made.append(b"%s entry %d " % (view, i) + bytes(50 + i % 200))
    return made


def signed(assembly: Assembly, entries: list[bytes]) -> Note:
    """The checkpoint over them; its root by RFC 6962's own recursion over all leaf hashes."""
    origin = assembly.charter.origin
    text = str(Checkpoint(origin, len(entries), root([leaf_hash(entry) for entry in entries])))
    return Note(text, (note.sign(text, origin, assembly.signers["hub", "log"]),))


def key(assembly: Assembly) -> Vkey:
    """The log's."""
    return Vkey(assembly.charter.origin, assembly.signers["hub", "log"].public)
