"""Against votes and motions: what counts, by whom, when, and on which text."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from comity import canon, dsse
from comity.acts import statement
from comity.acts.charter import Accession, Charter, Rule
from comity.acts.motion import Comment, Motion, Vote
from comity.acts.refs import Ref
from comity.acts.statement import Act
from comity.acts.terms import Terms
from comity.acts.tick import Tick
from comity.assembly.rules.rule import Entry
from comity.assembly.state import State
from comity.model.member import HUB
from tests.attacks.book import Guard, Stopped, always, attack, becomes
from tests.attacks.hosts import follower
from tests.attacks.log.statements import lacking, said_by
from tests.builders.assembly import Assembly, blob, charter_of, host_of, party, signer
from tests.services.node.hub import Hub

NOBODY = "no effect, and a breach that all see"
OUTVOTED = "the members of a true log decide otherwise"


def decided(motion: Ref, assembly: Assembly, place: Path) -> None:
    """Publish the log; Stopped if a member's node does not find the motion adopted."""
    with Hub(assembly) as hub:
        hub.publish(assembly.time + 100)
        member = follower(place, hub)
        member.poll()
        if member.state.motions[motion.index].outcome != "adopted":
            raise Stopped(OUTVOTED)


@attack(
    "vote after the deadline by a backdated hub",
    Guard("assembly.rules.motion._against_open", "a vote comes before the tick that decides", always([])),
    says="A member sees how a motion ended, votes by a statement that names a head from before, and the host logs it.",
    by=NOBODY,
)
def late(place: Path) -> str:
    assembly = Assembly(4)
    motion = assembly.motion("study", b"{}")
    assembly.vote(motion, "yes", "m1", "m2")
    before = assembly.head()
    assembly.decide(motion)
    assembly.smuggle(assembly.leaf("m4", Vote(motion=motion, choice="no"), head=before))
    said_by(lambda state: "m4" in state.motions[motion.index].votes, assembly, place)
    return "a roll on which m4 was against it all along"


@attack(
    "vote counted while the consultation runs",
    Guard(
        "assembly.rules.motion.against_vote",
        "votes begin when the consultation is over",
        lacking("motion.consultation"),
    ),
    says="Members who want no comment vote at once, and the host logs it.",
    by=NOBODY,
)
def early(place: Path) -> str:
    rule = Rule(method="majority", share=50, quorum=50, objections=0, seconds=300, consultation=200)
    assembly = Assembly(4, rules={"norm": rule})
    motion = assembly.motion("norm", b"{}")
    assembly.tick()
    assembly.smuggle(assembly.leaf("m1", Vote(motion=motion, choice="yes")))
    said_by(lambda state: "m1" in state.motions[motion.index].votes, assembly, place)
    return "a vote on a text that nobody could comment on"


@attack(
    "vote by a suspended member",
    Guard("assembly.fold._against_role", "who has left or is suspended says nothing more", always([])),
    says="The members suspended one of them; it votes all the same, and the host logs it.",
    by=NOBODY,
)
def suspended(place: Path) -> str:
    assembly = Assembly(4)
    assembly.adopt("suspension", assembly.parties["m4"], name="m4")
    motion = assembly.motion("study", b"{}")
    assembly.smuggle(assembly.leaf("m4", Vote(motion=motion, choice="yes")))
    said_by(lambda state: "m4" in state.motions[motion.index].votes, assembly, place)
    return "a vote of a member that is out"


def _carried_over(
    original: Callable[[State, Entry[Motion]], State],
) -> Callable[[State, Entry[Motion]], State]:
    """A draft's votes go with it."""

    def moved(state: State, entry: Entry[Motion]) -> State:
        after, amends = original(state, entry), entry.body.amends
        facts = after.motions[entry.ref.index]
        draft = state.motions[amends.index] if amends else facts
        facts = replace(facts, votes=draft.votes, cast=draft.cast)
        return after.having(motions=after.motions.set(entry.ref.index, facts))

    return moved


@attack(
    "motion changed after votes",
    Guard("assembly.rules.motion.move", "an amended draft begins without a vote", _carried_over),
    says="A mover waits until all have voted for its draft, and then puts another text in its place.",
    by=OUTVOTED,
)
def changed(place: Path) -> str:
    assembly = Assembly(4)
    draft = assembly.motion("norm", b'{"questions":["harmless"]}')
    assembly.vote(draft, "yes")
    other = assembly.motion("norm", b'{"questions":["harmful"]}', amends=draft)
    assembly.decide(other)
    decided(other, assembly, place)
    return "a norm in force that nobody voted for"


@attack(
    "two votes by one member",
    Guard("assembly.rules.motion.against_vote", "a member votes once on a motion", lacking("act.repeated")),
    says="A member votes no when it sees that its yes decides, and the host logs both.",
    by=NOBODY,
)
def twice(place: Path) -> str:
    assembly = Assembly(4)
    motion = assembly.motion("study", b"{}")
    assembly.vote(motion, "yes", "m1")
    assembly.smuggle(assembly.leaf("m1", Vote(motion=motion, choice="no")))
    said_by(lambda state: state.motions[motion.index].votes["m1"] == "no", assembly, place)
    return "a vote that was changed when the others' were known"


@attack(
    "vote moved to another motion",
    Guard("assembly.fold._against_signature", "a signature covers the motion that is voted on", always([])),
    says="The host puts another motion into a member's signed vote, and keeps the signature.",
    by=NOBODY,
)
def moved_vote(place: Path) -> str:
    assembly = Assembly(4)
    one, other = assembly.motion("study", b"{}"), assembly.motion("study", b"[]")
    signed = dsse.parse(assembly.leaf("m1", Vote(motion=one, choice="yes")), dsse.IN_TOTO)
    act = Act(actor="m1", origin=assembly.origin, head=assembly.head(), body=Vote(motion=other, choice="yes"))
    envelope = dsse.Envelope(payload=statement.payload(act), payloadType=dsse.IN_TOTO, signatures=signed.signatures)
    assembly.smuggle(canon.encode(envelope))
    said_by(lambda state: "m1" in state.motions[other.index].votes, assembly, place)
    return "a vote of m1 on what it never saw"


@attack(
    "vote on the motion that stood at this place in another log",
    Guard(
        "assembly.rules.rule.found",
        "a reference names its leaf by index and digest",
        lambda original: lambda things, ref, digests: things.get(ref.index),
    ),
    says="A member votes on a motion that it was shown; in the log another stands at that place, and the host logs it.",
    by=NOBODY,
)
def other_log(place: Path) -> str:
    assembly = Assembly(4)
    shown = Assembly(4)
    seen, true = shown.motion("study", b"{}"), assembly.motion("study", b"[]")
    assert seen.index == true.index
    assembly.smuggle(assembly.leaf("m1", Vote(motion=seen, choice="yes")))
    said_by(lambda state: "m1" in state.motions[true.index].votes, assembly, place)
    return "a vote of m1 on another text"


@attack(
    "weight overflow",
    Guard("assembly.articles.party_flaws", "a weight is a number that all readers add up alike", always(False)),
    says="The host has a state admitted with 2^53 votes, of which readers with 64-bit floats lose some.",
    by=NOBODY,
)
def huge(place: Path) -> str:
    return _weighed(2**53 - 1, place)


@attack(
    "negative weight",
    Guard("assembly.articles.party_flaws", "a member has one vote or more", always(False)),
    says="The host has a state admitted with less than no votes, so that its no makes a majority of few.",
    by=NOBODY,
)
def negative(place: Path) -> str:
    return _weighed(-3, place)


def _weighed(weight: int, place: Path) -> str:
    assembly = Assembly(4)
    one = party("heavy", weight=weight)
    assembly.adopt("member", one, name="heavy")
    assembly.smuggle(assembly.leaf("heavy", Accession(charter=pinned(assembly), party=one), by=signer("heavy", "sign")))
    said_by(lambda state: "heavy" in state.actors, assembly, place)
    return f"a member with {weight} votes"


@attack(
    "comment flood",
    Guard("assembly.rules.motion.MOST_COMMENTS", "an actor has so many comments on a motion", becomes(10**9)),
    says="An observer comments for ever, so that a mover can never answer all, and its motion fails.",
    by=NOBODY,
)
def flood(place: Path) -> str:
    assembly = Assembly(4, others=[party("watch", role="observer")])
    motion = assembly.motion("study", b"{}")
    for time in range(40):
        body = Comment(motion=motion, text=blob(b"remark %d" % time), language="en")
        assembly.smuggle(assembly.leaf("watch", body))
    said_by(lambda state: len(state.motions[motion.index].comments) > 32, assembly, place)
    return "forty answers that a mover owes one observer"


@attack(
    "consensus claimed before the time",
    Guard(
        "assembly.rules.motion.closing",
        "the time to object runs from the first tick that holds the motion",
        lambda original: lambda motion: motion.closes,
    ),
    says="Nobody objects to what nobody saw: the host holds a motion back until it closes, and decides it at once.",
    by=OUTVOTED,
)
def unseen(place: Path) -> str:
    rule = Rule(method="consensus", share=0, quorum=0, objections=1, seconds=3600)
    assembly = Assembly(4, rules={"norm": rule})
    motion = assembly.motion("norm", b"{}")
    assembly.say(HUB, Tick(checkpoint=assembly.cosigned(assembly.state.motions[motion.index].closes)))
    decided(motion, assembly, place)
    return "a norm in force to which nobody could object"


@attack(
    "stranger's accession",
    Guard(
        "assembly.rules.charter.against_accession",
        "who joins was named by the charter or a motion",
        lacking("charter.keys"),
    ),
    says="Somebody whom nobody admitted joins by a key of its own, and the host logs it.",
    by=NOBODY,
)
def stranger(place: Path) -> str:
    assembly = Assembly(4)
    one = party("stranger")
    body = Accession(charter=pinned(assembly), party=one)
    assembly.smuggle(assembly.leaf("stranger", body, by=signer("stranger", "sign")))
    said_by(lambda state: "stranger" in state.members, assembly, place)
    return "a member more, with a vote"


@attack(
    "host's office votes on a hub question",
    Guard("assembly.rules.motion.against_vote", "a vote of the recused office is refused", lacking("vote.recused")),
    Guard(
        "assembly.tally.voters",
        "the votes of the recused office are counted nowhere",
        lambda original: lambda charter, matter, members: members,
    ),
    says="The office of the state that hosts the hub has most votes, and votes for its own next hub.",
    by=OUTVOTED,
)
def recused(place: Path) -> str:
    parties = [party("m1", weight=9), party("m2"), party("m3"), party("m4")]
    assembly = Assembly(charter=_hosted(charter_of(parties)))
    motion = assembly.motion("hub", Terms(hub=host_of("mine", host="m1")), mover="m2")
    assembly.smuggle(assembly.leaf("m1", Vote(motion=motion, choice="yes")))
    assembly.vote(motion, "no", "m2", "m3", "m4")
    assembly.decide(motion)
    decided(motion, assembly, place)
    return "the hub that its host chose against all others"


@attack(
    "motion adopted with a comment that nobody answered",
    Guard("assembly.rules.tick._hindrance", "after a consultation every comment has its answer", always(None)),
    says="A mover with a majority lets the comments of the others lie.",
    by=OUTVOTED,
)
def unanswered(place: Path) -> str:
    rule = Rule(method="majority", share=50, quorum=50, objections=0, seconds=300, consultation=200)
    assembly = Assembly(4, rules={"norm": rule})
    motion = assembly.motion("norm", b"{}")
    assembly.comment(motion, "m4")
    assembly.consult(motion)
    assembly.vote(motion, "yes", "m1", "m2", "m3")
    assembly.decide(motion)
    decided(motion, assembly, place)
    return "a norm in force whose consultation was for show"


def _hosted(charter: Charter) -> Charter:
    return replace(charter, host="m1")


def pinned(assembly: Assembly) -> canon.Digest:
    return canon.digest(canon.encode(assembly.charter))
