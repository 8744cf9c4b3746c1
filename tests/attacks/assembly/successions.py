"""Against a change of hub, and against members who lost their keys."""

from collections.abc import Callable
from pathlib import Path

from comity import canon
from comity.acts.charter import Accession, Succession
from comity.acts.consent import PolicyPublished
from comity.acts.key import KeyRegistered, KeyRevoked
from comity.acts.motion import Vote
from comity.adapters.client import Client
from comity.assembly import fold, hosts
from comity.assembly.hosts import Awaited
from comity.assembly.state import State
from comity.keys import Ed25519Signer
from comity.model.member import HUB, Keys
from comity.services.node.follow import Follower
from comity.services.node.reader import parse
from comity.tlog.note import Note
from tests.attacks.book import Guard, Stopped, always, attack
from tests.attacks.hosts import Member, follower
from tests.attacks.log.statements import lacking, said_by
from tests.builders.assembly import PURPOSES, Assembly, blob, host_of, host_signer, party, recovering, signer
from tests.services.node.hub import Hub

SECOND = host_of("second")
SEEN = "no effect, and a breach that all see"


def moved_is_enough(original: Callable[[State], Awaited | None]) -> Callable[[State], Awaited | None]:
    """The hub that somebody moved last, whatever the votes say."""

    def weaker(state: State) -> Awaited | None:
        named = [motion for _, motion in sorted(state.motions.items()) if motion.terms and motion.terms.hub]
        last = named[-1] if named else None
        if last is None or last.terms is None or last.terms.hub is None:
            return None
        return Awaited(motion=last.ref, host=last.terms.hub, starts=0)

    return weaker


def unread(original: Callable[[Follower], Note | None]) -> Callable[[Follower], Note | None]:
    """Whatever is asked is taken for the log's next head."""

    def weaker(self: Follower) -> Note | None:
        raw = self.client.moving("checkpoint.pending")
        return parse(raw, where="checkpoint.pending") if raw else None

    return weaker


def forgetful(original: Callable[[Follower], State]) -> Callable[[Follower], State]:
    """Nothing that was followed is held on to."""

    def weaker(self: Follower) -> State:
        self.state = fold.start()
        return self.state

    return weaker


def says(assembly: Assembly) -> None:
    """A member says something new."""
    assembly.say("m1", PolicyPublished(policy=blob(b"policy %d" % len(assembly.leaves))))


def fresh(id: str, name: str) -> tuple[Keys, dict[str, Ed25519Signer]]:
    """Keys that no log has seen, and who signs by them."""
    made = {purpose: signer(f"{id} {name}", purpose) for purpose in PURPOSES}
    return Keys(**{purpose: one.public for purpose, one in made.items()}), made


@attack(
    "succession without a vote",
    Guard("assembly.hosts.awaited", "only the hub of an adopted motion takes the log over", moved_is_enough),
    says="A host has a member move that the log go to it, and says before any vote that it takes the log over.",
    by=SEEN,
)
def unchosen(place: Path) -> str:
    assembly = Assembly(4)
    motion = assembly.motion_of(SECOND)
    body = Succession(motion=motion, final=assembly.cosigned(assembly.time))
    assembly.smuggle(assembly.leaf(HUB, body, by=host_signer(SECOND, "sign")))
    if hosts.origin_at(assembly.state, assembly.state.size) == SECOND.origin:
        assembly.signers[HUB, "log"] = host_signer(SECOND, "log")
    said_by(lambda state: bool(state.successions), assembly, place)
    return "the log is at a hub that nobody chose"


@attack(
    "old hub goes on after succession",
    Guard(
        "services.node.follow.Follower.pending",
        "a member reads what it cosigns, and under the name that the log has now",
        unread,
    ),
    says="The hub that was voted out takes more leaves under the old name and key, and asks a witness to cosign them.",
    by="not cosigned",
)
def goes_on(place: Path) -> str:
    assembly = Assembly(4)
    motion = assembly.choose(SECOND)
    new = assembly.copied()
    new.take_over(SECOND, motion, new.cosigned(new.time))
    says(new)
    says(assembly)
    says(assembly)
    with Hub(new) as second, Hub(assembly) as first:
        second.publish(new.time + 5)
        member = Member("m1", place, second)
        member.follower.poll()
        first.ask()
        member.sees(first)
        if member.cosigns(assembly.time + 60) is None:
            raise Stopped("not cosigned")
        return "a witness stands under the log of a hub that was voted out"


@attack(
    "final checkpoint cut short",
    Guard("services.node.follow.Follower._certain", "what stood under the quorum is never given up", forgetful),
    says="The chosen hub begins behind an older checkpoint than the last one, and drops what was published since.",
    by="verify.failed",
)
def cut_short(place: Path) -> str:
    assembly = Assembly(4)
    motion = assembly.choose(SECOND)
    new = assembly.copied()
    new.take_over(SECOND, motion, new.cosigned(new.time))
    says(assembly)
    says(new)
    with Hub(assembly) as first, Hub(new) as second:
        first.publish(assembly.time + 1)
        member = follower(place, first)
        member.poll()
        second.publish(new.time + 5)
        member.client = member.reader.client = Client(second.address)
        member.poll()
        assert new.state == member.state
        return "a leaf that every member had seen under the quorum is gone"


@attack(
    "recovery used to vote twice",
    Guard("assembly.rules.motion.against_vote", "a member votes once on a motion", lacking("act.repeated")),
    says="A member votes, says that it lost its keys, and votes again by its new ones.",
    by=SEEN,
)
def twice(place: Path) -> str:
    assembly = Assembly(4)
    motion = assembly.motion("study", b"{}")
    assembly.vote(motion, "yes", "m1")
    assembly.recover("m1")
    assembly.smuggle(assembly.leaf("m1", Vote(motion=motion, choice="no")))
    said_by(lambda state: state.motions[motion.index].votes["m1"] == "no", assembly, place)
    return "a member has changed its vote"


@attack(
    "recovery by another's officer key",
    Guard(
        "assembly.rules.succession.by_recovering",
        "new keys are named by the actor's own officer key",
        always(signer("m2", "officer").public),
    ),
    says="A member says for another that it lost its keys, and names keys of its own.",
    by=SEEN,
)
def taken_over(place: Path) -> str:
    assembly = Assembly(4)
    keys, made = fresh("m1", "stolen")
    assembly.smuggle(assembly.leaf("m1", recovering("m1", made), by=signer("m2", "officer")))
    said_by(lambda state: state.actors["m1"].keys == keys, assembly, place)
    return "one member speaks for another"


@attack(
    "another's key registered first",
    Guard("assembly.possession.is_shown", "whoever names a key shows by the key itself that it holds it", always(True)),
    says="A candidate reads in a motion by which key a newcomer will join, and registers it as its own before that.",
    by="the newcomer joins",
)
def kept_out(place: Path) -> str:
    assembly = Assembly(4, others=[party("waits", role="candidate")])
    newcomer = party("m9")
    assembly.adopt("member", newcomer, name="m9")
    stolen = KeyRegistered(purpose="witness", key=newcomer.keys.officer, proof=bytes(64))
    assembly.smuggle(assembly.leaf("waits", stolen, by=assembly.signers["waits", "officer"]))
    joins = Accession(charter=assembly.state.charter_digest or canon.digest(b""), party=newcomer)
    if not assembly.refused("m9", joins, by=signer("m9", "sign")):
        raise Stopped("the newcomer joins")
    return "a candidate keeps out whom the members admitted"


@attack(
    "key that was laid down signs again",
    Guard("assembly.rules.charter._is_free", "nobody joins by a key that was revoked or replaced", always(True)),
    says="A candidate revokes its stolen signing key; the thief joins by it as the member that was agreed on.",
    by=SEEN,
)
def laid_down(place: Path) -> str:
    assembly = Assembly(4, others=[party("waits", role="candidate")])
    promoted = party("waits")
    assembly.adopt("member", promoted, name="waits")
    assembly.say("waits", KeyRevoked(purpose="sign", key=promoted.keys.sign))
    joins = Accession(charter=assembly.state.charter_digest or canon.digest(b""), party=promoted)
    assembly.smuggle(assembly.leaf("waits", joins, by=signer("waits", "sign")))
    said_by(lambda state: "waits" in state.members, assembly, place)
    return "a thief has a vote"
