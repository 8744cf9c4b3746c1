"""Under which name and key a log goes on, as its leaves say it; nothing is asked of what the members decided.

A mirror folds nothing. It believes a succession that hangs together: it is signed by the key that a motion in the log
named for the next hub, it stands right behind the old log's last checkpoint, and the old log's key signed that. Whether
the motion was adopted, and the quorum, is for the reader to ask, and for the policy that a mirror's operator pins.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Self

from comity import dsse
from comity.acts import statement
from comity.acts.charter import Succession
from comity.acts.motion import Motion
from comity.acts.refs import Ref
from comity.acts.terms import Host
from comity.errors import FormatError
from comity.keys import PublicKey, Verifier
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.note import Note, Vkey


@dataclass(slots=True)
class Lineage:
    """Hubs that motions named, and the changes that were said, in order: index of the leaf, the log's key after it."""

    named: dict[Ref, Host] = field(default_factory=dict)
    changes: list[tuple[int, Vkey]] = field(default_factory=list)

    def copy(self) -> Self:
        """The same, to read on from without changing this one."""
        return type(self)(dict(self.named), list(self.changes))

    def key(self, first: Vkey, size: int) -> Vkey:
        """The log's key for a checkpoint of a size, where `first` is the one that leaf 0 names."""
        return next((key for index, key in reversed(self.changes) if index < size), first)

    def read(self, first: Vkey, start: int, leaves: Iterable[bytes]) -> None:
        """Leaves from `start` on; those that were read before say nothing new."""
        for index, leaf in enumerate(leaves, start):
            try:
                said = statement.read(leaf)
            except FormatError:
                continue
            body = said.act.body
            if isinstance(body, Motion) and body.terms is not None and body.terms.hub is not None:
                self.named[Ref(index=index, digest=said.digest)] = body.terms.hub
            elif isinstance(body, Succession) and all(index > known for known, _ in self.changes):
                host = self.named.get(body.motion)
                if host is not None and _holds(said, body, host, index, self.key(first, index)):
                    self.changes.append((index, Vkey(host.origin, PublicKey(host.hub.log))))


def _holds(said: statement.Leaf, body: Succession, host: Host, index: int, old: Vkey) -> bool:
    """Whether the next hub says it, behind a checkpoint of just so many leaves that the old log's key signed."""
    try:
        final = Note.parse(body.final)
        head = Checkpoint.of(final)
        return (
            (head.origin, head.size) == (old.name, index)
            and final.signed_by(old)
            and dsse.signed_by(said.envelope, Verifier(host.hub.sign))
        )
    except FormatError:
        return False
