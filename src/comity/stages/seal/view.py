"""What an opened sum was opened from: the lists of unmasking shares, and the view that names every body behind it.

Whoever holds the bodies of a view computes the sum again. Bodies named here are public once the exchange is closed;
nothing else of it ever is (SEAL, What is published).
"""

from dataclasses import dataclass
from typing import Final, Literal

from comity.acts.refs import Blob, Ref
from comity.canon import Digest, is_digest
from comity.errors import SealBroken
from comity.stages.seal.spelling import Spelling


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One share that its holder gives away: of b_v ("self") for a survivor, of root_d ("root") for a drop-out."""

    member: str  # whose secret it is a share of
    kind: Literal["self", "root"]
    share: bytes  # 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmasked:
    """A survivor's list: one share of each member of U2, in order of ids, never both kinds of one."""

    exchange: Ref
    sender: str
    shares: tuple[Shown, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A body and the member that logged it."""

    member: str
    body: Blob


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedBox:
    """A seed box that a survivor sealed to a drop-out; the rebuilt root of the drop-out opens it."""

    sender: str
    receiver: str
    box: Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Everything that the sum was opened from, in order of ids.

    manifests: of U2. vectors: of U3. lists: of the survivors whose list was used. seeds: from U3 to U2 without U3.
    """

    exchange: Ref
    manifests: tuple[Part, ...]
    vectors: tuple[Part, ...]
    lists: tuple[Part, ...]
    seeds: tuple[SeedBox, ...]

    def __post_init__(self) -> None:
        """Whoever shows or copies a view's bodies looks for them by these names, whoever wrote it."""
        if wrong := [name for name in self.named() if not is_digest(name)]:
            raise ValueError(f"{wrong[0][:80]!r} is not a digest")
        if any(part.body.size < 0 for part in (*self.manifests, *self.vectors, *self.lists)):
            raise ValueError("a body of less than nothing")

    def named(self) -> tuple[Digest, ...]:
        """Every body that the view names."""
        parts = (*self.manifests, *self.vectors, *self.lists)
        return (*(part.body.digest for part in parts), *(seed.box for seed in self.seeds))


_UNMASKED: Final = Spelling(Unmasked)


def read_unmasked(
    data: bytes, *, exchange: Ref, sender: str, shared: tuple[str, ...], survivors: tuple[str, ...]
) -> Unmasked:
    """A survivor's list for these U2 and U3 (sorted ids); SealBroken for anything else."""
    where = f"list of {sender}"
    listed = _UNMASKED.decode(data, where=where)
    if (listed.exchange, listed.sender) != (exchange, sender):
        raise SealBroken("made for another exchange", where=where, found=f"{listed.exchange} {listed.sender}")
    alive = frozenset(survivors)
    wanted = [(member, "self" if member in alive else "root") for member in shared]
    if [(shown.member, shown.kind) for shown in listed.shares] != wanted:
        raise SealBroken("not one share of each member of U2, of the right kind", where=where)
    if any(len(shown.share) != 32 for shown in listed.shares):
        raise SealBroken("a share has another length", where=where, wanted="32 bytes")
    return listed
