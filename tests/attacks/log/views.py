"""What a host shows to one member and not to another: forks, old heads, leaves that nobody signed."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from comity.adapters.client import Client
from comity.adapters.growth import Growth
from comity.assembly.state import State
from comity.errors import Unreachable
from comity.services.node.follow import Follower
from comity.services.node.reader import Reader
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.follow import Followed
from comity.tlog.merkle import leaf_hash
from comity.tlog.note import Note
from comity.tlog.tile import encode_bundle
from comity.tlog.witness import Memory
from tests.attacks.book import Guard, Stopped, always, attack
from tests.attacks.hosts import Member, ask, follower, line, rewritten, signed, text_of
from tests.builders.assembly import START, Assembly, charter_of, party
from tests.services.node.hub import Hub


def believing(original: Any) -> Callable[..., Followed]:
    """A follower that takes whatever leaves it is given for those of the checkpoint."""

    def advance(followed: Followed, checkpoint: Checkpoint, leaves: Sequence[bytes]) -> Followed:
        return Followed(followed.range.extend(leaf_hash(leaf) for leaf in leaves))

    return advance


def forgetful(original: Callable[..., Checkpoint]) -> Callable[..., Checkpoint]:
    """A reader that does not compare a checkpoint with the leaves it has read."""

    def read(self: Reader, note: Note, since: State | None = None) -> Checkpoint:
        checkpoint = self.check(note)
        return checkpoint if checkpoint.size <= self.size else original(self, note, since)

    return read


def overwriting(original: Any) -> Callable[..., None]:
    """A memory that is written without being compared."""

    def advance(self: Growth, origin: str, since: Memory, memory: Memory, *, time: int, note: str = "") -> None:
        with self._database.write() as transaction:
            row = (origin, memory.size, memory.root, time, note)
            transaction.execute("INSERT OR REPLACE INTO cosigned VALUES (?, ?, ?, ?, ?)", row)

    return advance


def simple_majority(original: Any) -> Callable[[int], int]:
    """A threshold of half the witnesses, whatever share of them may be bad."""
    return lambda count: count // 2


QUORUM = Guard(
    "tlog.quorum.Quorum.satisfied_by", "a checkpoint counts only under the charter's quorum of witnesses", always(True)
)
EVERY_LEAF = Guard(
    "tlog.follow.advance", "every leaf is hashed, and the checkpoint's root must come out of them", believing
)
READ_BEFORE = Guard(
    "services.node.reader.Reader.read", "a checkpoint is compared with the leaves that were read before", forgetful
)


@attack(
    "same size, other root",
    READ_BEFORE,
    QUORUM,
    says="The host shows a member a second root of the size that it has read already, under the log's true signature.",
    by="verify.failed",
    alone={"tlog.quorum.Quorum.satisfied_by": "quorum.short"},
)
def same_size(place: Path) -> str:
    assembly = Assembly(4)
    with Hub(assembly) as hub:
        hub.publish(START)
        member = follower(place, hub)
        member.poll()
        other = signed(assembly, text_of(assembly, rewritten(assembly.leaves)))
        hub.files["checkpoint"] = str(other).encode()
        member.poll()
        assert member.seen
        if member.seen.checkpoint == assembly.checkpoint():
            raise Stopped("the member stays with its root")
        return "the member follows a second root of one size"


@attack(
    "rewritten past leaf",
    EVERY_LEAF,
    QUORUM,
    says="The host replaces a leaf that members have read, lets the log grow on, and serves only what is new.",
    by="verify.failed",
    alone={"tlog.quorum.Quorum.satisfied_by": "quorum.short"},
)
def rewritten_past(place: Path) -> str:
    assembly = Assembly(4)
    with Hub(assembly) as hub:
        hub.publish(START)
        member = follower(place, hub)
        member.poll()
        other = [*rewritten(assembly.leaves), assembly.leaves[2]]
        hub.tiles(other)
        hub.files["checkpoint"] = str(signed(assembly, text_of(assembly, other))).encode()
        member.poll()
        return f"the member follows {member.reader.size} leaves whose past is not the one it read"


@attack(
    "older view after a newer one",
    Guard("services.node.follow.Follower._refuse_the_past", "a published checkpoint never goes back", always(None)),
    says="The host shows a member a true, cosigned checkpoint again that is older than the one it follows.",
    by="verify.failed",
)
def older(place: Path) -> str:
    assembly = Assembly(4)
    with Hub(assembly) as hub:
        old = assembly.cosigned(START)
        assembly.tick()
        hub.publish(assembly.time)
        member = follower(place, hub)
        member.poll()
        before = member.seen
        hub.files["checkpoint"] = old.encode()
        member.poll()
        assert member.seen
        assert before
        if member.seen.checkpoint.size >= before.checkpoint.size:
            raise Stopped("the member keeps the newer view")
        return "the member goes back to an older view"


@attack(
    "frozen view to one member",
    Guard(
        "services.node.cosign._refuse_other",
        "a witness compares what is pending with what it signed last",
        always(None),
    ),
    Guard(
        "adapters.growth.Growth.advance",
        "a witness's memory on disk never shrinks, in one step with the comparison",
        overwriting,
    ),
    says="The host keeps a member at an old size, and wants fresh cosignatures of it, so that it looks like today's.",
    by="no fresh time for the old size",
)
def frozen(place: Path) -> str:
    assembly = Assembly(4)
    with Hub(assembly) as hub:
        hub.publish(START)
        victim = follower(place / "victim", hub)
        victim.poll()
        old, honest = list(assembly.leaves), [Member(id, place / id, hub) for id in ("m1", "m2", "m3")]
        assembly.tick(START + 100)
        ask(hub, assembly.leaves)
        assert all(member.cosigns(START + 200) for member in honest)
        ask(hub, old)
        text, later = text_of(assembly, old), START + 86_400
        lines = [found for member in honest if (found := member.cosigns(later))]
        if len(lines) < 3:
            raise Stopped("no fresh time for the old size")
        hub.files["checkpoint"] = str(signed(assembly, text).with_lines(*lines)).encode()
        victim.poll()
        assert victim.seen
        return f"the member believes that nothing was said for {victim.seen.time - START} seconds"


@attack(
    "fork shown to two members",
    Guard(
        "tlog.quorum.charter_least",
        "more than (W+f)/2 must cosign, so that two quorums share an honest witness",
        simple_majority,
    ),
    says="The host shows half of the witnesses one log and half another, and one that colludes signs both.",
    by="quorum.short",
)
def fork(place: Path) -> str:
    assembly = Assembly(4)
    one, other = list(assembly.leaves), rewritten(assembly.leaves)
    with Hub(assembly) as left, Hub(assembly) as right:
        believed = [_shown(place, left, one, ("m1", "m2")), _shown(place, right, other, ("m3",))]
    return f"two members follow {believed[0]} and {believed[1]}, of one size"


def _shown(place: Path, hub: Hub, leaves: Sequence[bytes], honest: tuple[str, ...]) -> str:
    """Honest witnesses cosign what they are shown, m4 what it is told; a member then follows it."""
    assembly = hub.assembly
    asked = ask(hub, leaves)
    lines = [found for id in honest if (found := Member(id, place / id, hub).cosigns(START + 50))]
    note = asked.with_lines(*lines, line(assembly, asked.text, "m4", START + 50))
    hub.files["checkpoint"] = str(note).encode()
    member = follower(place / f"reader-{honest[0]}", hub)
    member.poll()
    return member.reader.root(len(leaves)).hex()[:8]


@attack(
    "two pending checkpoints to one witness",
    Guard(
        "services.node.reader.Reader.read", "a node keeps what it read, and compares every later checkpoint", forgetful
    ),
    Guard("adapters.growth.Growth.advance", "the memory on disk takes no second root of one size", overwriting),
    says="The host asks a witness for a second root of the size that it cosigned, to make two quorums out of one.",
    by="no second line",
)
def two_pending(place: Path) -> str:
    assembly = Assembly(4)
    with Hub(assembly) as hub:
        member = Member("m1", place / "m1", hub)
        ask(hub, assembly.leaves)
        assert member.cosigns(START + 1)
        ask(hub, rewritten(assembly.leaves))
        if member.cosigns(START + 5) is None:
            raise Stopped("no second line")
        return "a witness's lines under two roots of one size"


def unread(original: Callable[[Follower, Note], Checkpoint]) -> Callable[[Follower, Note], Checkpoint]:
    """A node that believes a checkpoint whose leaves it cannot get."""

    def read(self: Follower, note: Note) -> Checkpoint:
        try:
            return original(self, note)
        except Unreachable:
            return self.reader.check(note)

    return read


@attack(
    "checkpoint whose leaves nobody serves",
    Guard("services.node.follow.Follower.read", "nothing is cosigned whose every leaf was not read", unread),
    says="The host asks for cosignatures of a log that it shows to nobody, to fill it with leaves afterwards.",
    by="not cosigned",
)
def unserved(place: Path) -> str:
    assembly = Assembly(4)
    with Hub(assembly) as hub:
        hub.publish(START)
        member = Member("m1", place / "m1", hub)
        member.follower.poll()
        hub.files["checkpoint.pending"] = str(
            signed(assembly, str(Checkpoint(assembly.charter.origin, 2**63 - 1, b"\1" * 32)))
        ).encode()
        if member.cosigns(START + 1) is None:
            raise Stopped("not cosigned")
        return "a cosignature of 2^63 - 1 leaves that do not exist"


@attack(
    "bundle differs from tile",
    EVERY_LEAF,
    says="The host serves true tiles and a true, cosigned checkpoint, and other entries than were hashed into them.",
    by="verify.failed",
)
def bundle(place: Path) -> str:
    assembly = Assembly(4)
    with Hub(assembly) as hub:
        hub.publish(START)
        false = rewritten(assembly.leaves)
        hub.files[hub.partial_of(0, len(false))] = encode_bundle(false)
        member = follower(place, hub)
        member.poll()
        return "the member acts by a leaf that is in no tree"


def lengthened(original: Any) -> Callable[..., tuple[bytes, ...]]:
    """A reader of bundles that takes as many entries as there are."""

    def decode(data: bytes, width: int) -> tuple[bytes, ...]:
        found, at = [], 0
        while at < len(data):
            stop = at + 2 + int.from_bytes(data[at : at + 2], "big")
            found.append(data[at + 2 : stop])
            at = stop
        return tuple(found)

    return decode


@attack(
    "partial tile longer than its name",
    Guard("tlog.tile.decode_bundle", "a bundle holds as many entries as its name says", lengthened),
    EVERY_LEAF,
    says="The host serves a partial bundle with an entry more than its name and the cosigned size allow.",
    by="verify.failed",
)
def long_partial(place: Path) -> str:
    assembly = Assembly(4)
    with Hub(assembly) as hub:
        hub.publish(START)
        size = len(assembly.leaves)
        hub.files[hub.partial_of(0, size)] = encode_bundle([*assembly.leaves, assembly.leaves[1]])
        member = follower(place, hub)
        member.poll()
        if member.reader.size == size:
            raise Stopped("the entry is not read")
        return "the member reads an entry beyond the cosigned size"


def unpinned(original: Callable[[Reader, bytes], None]) -> Callable[[Reader, bytes], None]:
    """A reader that takes whatever charter it is shown."""

    def found(self: Reader, leaf: bytes) -> None:
        self._pinned = None
        original(self, leaf)

    return found


ALIKE = "ex\u0430mple.org/assembly"  # the third letter is Cyrillic


@attack(
    "origin with look-alike characters",
    Guard("services.node.reader.Reader._found", "the log begins with the very charter that an office pinned", unpinned),
    says="Another host runs its own log, whose origin looks like the assembly's, with a letter of another script.",
    by="verify.failed",
)
def look_alike(place: Path) -> str:
    pinned = Assembly(4)
    false = Assembly(charter=charter_of([party(f"m{i}") for i in range(1, 5)], origin=ALIKE))
    with Hub(pinned) as true, Hub(false) as other:
        member = follower(place, true)
        other.publish(START)
        member.client = member.reader.client = Client(other.address)
        member.poll()
        return f"the member follows {ALIKE!a}"
