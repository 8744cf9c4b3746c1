"""The log behind all that is handed out: read whole, hashed, folded and held against its quorum before anything else.

Decides that a log which does not hold is not read at all: leaves that do not make the root, too few witnesses, another
charter than the one pinned. Rules are those of `comity verify`; what is weaker, a charter that nobody pinned, is said
by `Standing` on everything that comes out of it.
"""

from dataclasses import dataclass

from comity import canon
from comity.assembly.state import State
from comity.canon import Digest
from comity.errors import FormatError, NotVerified, QuorumShort, Unreachable, visible
from comity.model.norm import Norm
from comity.model.study import Study
from comity.research.place import Place
from comity.stages.publish import folder
from comity.stages.verify import log as logs
from comity.stages.verify.reading import Folder
from comity.stages.verify.report import Claim
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.note import Note
from comity.tlog.tile import Tile, bundles, served


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What was checked of the log that something comes from, and whose word it stands on.

    origin: of the log. charter: its digest. pinned: whether the reader named that charter, from elsewhere.
    leaves: read and hashed here. claims: of log, quorum, charter and acts, all of which hold.
    """

    origin: str
    charter: Digest
    pinned: bool
    leaves: int
    claims: tuple[Claim, ...]

    def __str__(self) -> str:
        pinned = "the one you pinned" if self.pinned else "not pinned: it is only consistent with itself"
        told = f"log {self.origin}, checked: {self.leaves} leaves under its quorum; charter {self.charter}, {pinned}"
        return visible(told)

    @property
    def metadata(self) -> dict[str, str]:
        """The same for a file: keys and texts."""
        return {
            "comity.origin": self.origin,
            "comity.charter": self.charter,
            "comity.charter-pinned": "yes" if self.pinned else "no",
            "comity.leaves": str(self.leaves),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """A log that holds: its leaves, the state that follows from them, and the head as it was served."""

    state: State
    leaves: tuple[bytes, ...]
    note: Note
    name: str  # of the assembly
    standing: Standing


def read(place: Place, pin: Digest | None) -> Log:
    """The log of a place.

    Raises:
        NotVerified: leaves, signature or charter do not hold. QuorumShort: too few witnesses cosigned.
        Unreachable: a part of it is not here.
    """
    raw = place.checkpoint()
    if raw is None:
        raise Unreachable(
            "no checkpoint was published yet", where=place.address, way_out="ask again when the witnesses have cosigned"
        )
    files = {folder.CHECKPOINT: raw}
    for tile in bundles(Checkpoint.of(Note.parse(raw)).size):
        files[folder.entries(tile)] = _bundle(place, tile)
    found = logs.read(Folder(files))
    claims = tuple(logs.claims(found, pin, None))
    if wrong := [claim for claim in claims if not claim.holds]:
        raise (QuorumShort if wrong[0].name == "quorum" else NotVerified)(
            f"the {wrong[0].name} does not hold: {wrong[0].detail}",
            where=place.address,
            way_out="check the address and the charter's digest, and ask another mirror",
        )
    state = found.state
    if state.charter is None or state.charter_digest is None:
        raise NotVerified("the log has no charter", where=place.address, wanted="a charter in leaf 0")
    standing = Standing(
        origin=state.charter.origin,
        charter=state.charter_digest,
        pinned=pin is not None,
        leaves=len(found.leaves),
        claims=claims,
    )
    return Log(state=state, leaves=found.leaves, note=found.note, name=state.charter.name, standing=standing)


def _bundle(place: Place, tile: Tile) -> bytes:
    """Entries of a bundle; a partial one is cut out of the full one that has taken its place."""
    data = served(tile, place.tile)
    if data is None:
        raise Unreachable(
            "a part of the log is missing", where=f"{place.address}: {tile}", way_out="ask another mirror"
        )
    return data


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """A log that holds, and the place that keeps the bodies which its leaves name."""

    place: Place
    log: Log

    def body(self, digest: Digest, what: str) -> bytes:
        """A body by digest; Unreachable if it is not here, NotVerified if it is another one."""
        data = self.place.body(digest)
        if data is None:
            way_out = (
                "connect to the hub or a mirror: they hold every body" if self.place.about else "ask another mirror"
            )
            raise Unreachable("not here", where=f"{self.place.address}: {what}", found=digest, way_out=way_out)
        return data

    def study(self, digest: Digest) -> Study:
        """The text of a study."""
        return canon.decode(self.body(digest, "the study"), Study, where="study")

    def norm(self, digest: Digest) -> Norm:
        """The text of a norm."""
        return canon.decode(self.body(digest, "the norm"), Norm, where="norm")

    def held(self, digest: Digest) -> Norm | None:
        """The text of an earlier norm, or None if it is not here or is no norm."""
        try:
            return self.norm(digest)
        except (FormatError, Unreachable):
            return None
