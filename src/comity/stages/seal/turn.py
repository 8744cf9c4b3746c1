"""What the hub's side of an exchange asks its service to do: the types of `seal.hub`, without any behaviour.

    hub.next(state, study, period, now, bodies) -> tuple[Turn, ...]
    hub.parcel(state, exchange, member, bodies) -> tuple[bytes, ...]

`next` is pure. The service carries the turns out in order: `Say` stores the bodies durably, then signs and logs the
statement; then it folds the log and calls `next` again, until the turns end with `Wait` (nothing by time before that; a
new leaf or body may change it) or are empty (nothing more will come of this study and period).
"""

from dataclasses import dataclass, field
from typing import Protocol

from comity.acts.statement import Body
from comity.canon import Digest


class Bodies(Protocol):
    """Bodies that were put at the hub, each by its own SHA-256; `get` gives what hashes to the digest, or raises."""

    def has(self, digest: Digest, /) -> bool: ...

    def get(self, digest: Digest, /) -> bytes: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """Store the bodies, then sign and log the statement that names them."""

    body: Body
    bodies: tuple[bytes, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Nothing by time before this second, POSIX."""

    until: int


Turn = Say | Wait
