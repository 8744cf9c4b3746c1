"""Against offices and those who hold them, and against the charter as it stands."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

from comity.acts.charter import Charter, Matter, Office, Rule
from comity.acts.motion import Motion, Vote
from comity.acts.terms import Amendment, Appointment, Terms
from comity.acts.tick import Tick
from comity.assembly import queries
from comity.assembly.state import State
from comity.errors import QuorumShort
from comity.model.member import HUB
from tests.attacks.book import Guard, Stopped, always, attack
from tests.attacks.hosts import follower
from tests.builders.assembly import MAJORITY, START, Assembly, blob, charter_of, encoded, party
from tests.services.node.hub import Hub

AUDITOR: Final = Office(id="auditor", seconds=10_000, terms=0, excludes=("chair",), host=True)
CHAIR: Final = Office(id="chair", seconds=10_000, terms=0, excludes=(), host=True)


def founded(**change: object) -> Charter:
    """Four members of one vote each, a chair, and an auditor that is not to be the chair."""
    return replace(charter_of([party(f"m{i}") for i in range(1, 5)]), offices=(AUDITOR, CHAIR), **change)  # type: ignore[arg-type]


def appointed(office: str, member: str) -> Terms:
    """A term of two hours, from the first tick on."""
    return Terms(office=Appointment(office=office, member=member, starts=START, until=START + 7200))


def elected(assembly: Assembly, office: str, member: str) -> None:
    """By all members; whatever the rules say of it."""
    pushed(assembly, "office", appointed(office, member))


def pushed(assembly: Assembly, matter: Matter, terms: Terms) -> None:
    """Moved past the door, voted for by all, decided: a leaf against the rules has no effect, and no motion comes."""
    closes = assembly.time + 60
    body = Motion(matter=matter, thing=blob(encoded(terms)), name="terms", replaces=None, closes=closes, terms=terms)
    motion = assembly.ref_of(leaf := assembly.leaf("m1", body))
    assembly.smuggle(leaf)
    for member in assembly.members:
        assembly.smuggle(assembly.leaf(member, Vote(motion=motion, choice="yes")))
    for _ in range(8):
        assembly.tick()


def shown(assembly: Assembly, place: Path, effect: Callable[[State], bool], why: str) -> None:
    """Publish the log under its true quorum; Stopped if a member's node does not see the effect."""
    with Hub(assembly) as hub:
        hub.publish(assembly.time + 100)
        member = follower(place, hub)
        member.poll()
        if not effect(member.state):
            raise Stopped(why)


@attack(
    "office assigned without a motion",
    Guard("assembly.fold._against_signature", "motion and votes count by their authors' keys alone", always([])),
    says="The host signs a motion in a member's name, and every member's vote for it, by its own key, and logs them.",
    by="nobody holds the office",
)
def assigned(place: Path) -> str:
    assembly = Assembly(charter=founded())
    terms, host = appointed("chair", "m4"), assembly.signers[HUB, "sign"]
    closes = assembly.time + 60
    body = Motion(matter="office", thing=blob(encoded(terms)), name="m4", replaces=None, closes=closes, terms=terms)
    motion = assembly.ref_of(leaf := assembly.leaf("m1", body, by=host))
    assembly.smuggle(leaf)
    for member in assembly.members:
        assembly.smuggle(assembly.leaf(member, Vote(motion=motion, choice="yes"), by=host))
    for _ in range(8):
        assembly.tick()
    shown(assembly, place, lambda state: queries.holder(state, "chair") is not None, "nobody holds the office")
    return "m4 is chair, and no member said a word"


@attack(
    "office claimed by a motion that nobody voted for",
    Guard("assembly.tally.adopts", "an office is filled by the members' votes alone", always(True)),
    says="A member moves that it be the chair; nobody votes, and the host lets the time pass and calls it elected.",
    by="nobody holds the office",
)
def unelected(place: Path) -> str:
    assembly = Assembly(charter=founded())
    assembly.motion("office", appointed("chair", "m4"), mover="m4")
    for _ in range(8):
        assembly.tick()
    shown(assembly, place, lambda state: queries.holder(state, "chair") is not None, "nobody holds the office")
    return "m4 is chair, and nobody voted for it"


@attack(
    "terms other than those that were voted on",
    Guard("assembly.terms.against", "the thing of a motion is the digest of the terms in its leaf", always([])),
    says="The mover shows the members a text that makes m2 chair; the leaf names its digest, and holds terms for m4.",
    by="nobody holds the office",
)
def exchanged(place: Path) -> str:
    assembly = Assembly(charter=founded())
    thing, held = blob(encoded(appointed("chair", "m2"))), appointed("chair", "m4")
    closes = assembly.time + 60
    body = Motion(matter="office", thing=thing, name="chair: m2", replaces=None, closes=closes, terms=held)
    motion = assembly.ref_of(leaf := assembly.leaf("m1", body))
    assembly.smuggle(leaf)
    for member in assembly.members:
        assembly.smuggle(assembly.leaf(member, Vote(motion=motion, choice="yes")))
    for _ in range(8):
        assembly.tick()
    shown(assembly, place, lambda state: queries.holder(state, "chair") is not None, "nobody holds the office")
    return "m4 is chair by votes for m2"


@attack(
    "conflict of offices",
    Guard("assembly.offices._are_apart", "who is chair is not auditor as well", always(False)),
    says="The chair's friends, a majority, elect it auditor too, for the same time, and the host logs their motion.",
    by="it holds one office",
)
def both(place: Path) -> str:
    assembly = Assembly(charter=founded())
    elected(assembly, "chair", "m2")
    elected(assembly, "auditor", "m2")
    shown(assembly, place, lambda state: len(queries.in_office(state, "m2")) > 1, "it holds one office")
    return "m2 audits what m2 chairs"


@attack(
    "charter amended to a rule that leaf 0 could not hold",
    Guard("assembly.articles.flaws", "an amendment holds only what leaf 0 could hold", always([])),
    says="An amendment asks for more than -1 per cent; from then on whatever is moved is adopted against every vote.",
    by="the charter is as it was",
)
def amended(place: Path) -> str:
    assembly = Assembly(charter=founded())
    rule = Rule(method="majority", share=-1, quorum=0, objections=0, seconds=60)
    pushed(assembly, "charter", Terms(charter=Amendment(rules={"norm": rule})))
    norm = assembly.motion("norm", b"{}")
    assembly.vote(norm, "no")
    assembly.decide(norm)
    shown(assembly, place, lambda state: bool(state.in_force), "the charter is as it was")
    return "a norm in force that all members voted against"


@attack(
    "witnesses replaced without votes",
    Guard("assembly.tally.adopts", "who witnesses is decided by the members' votes alone", always(True)),
    says="A colluding member moves that it be the only witness; nobody votes, and the next head bears its line alone.",
    by="quorum.short",
)
def alone(place: Path) -> str:
    assembly = Assembly(charter=founded())
    motion = assembly.motion("witnesses", Terms(witnesses=("m4",)), mover="m4")
    assembly.decide(motion)
    with Hub(assembly) as hub:
        hub.publish(assembly.time + 100, by=["m4"])
        follower(place, hub).poll()
    return "a head that one witness of its own choice stands under"


@attack(
    "witnesses who were voted out go on",
    Guard(
        "assembly.terms.apply",
        "the quorum is that of the charter as it stands",
        lambda original: lambda state, motion, tick: state,
    ),
    says="The members replace three witnesses that collude with the host; the three, a quorum once, cosign on.",
    by="quorum.short",
)
def outvoted(place: Path) -> str:
    assembly = Assembly(charter=founded())
    assembly.adopt("witnesses", Terms(witnesses=("m1", "m2")))
    with Hub(assembly) as hub:
        hub.publish(assembly.time + 100, by=["m2", "m3", "m4"])
        follower(place, hub).poll()
    return "a head that the old witnesses alone stand under"


@attack(
    "recusal evaded by an amendment",
    Guard("assembly.tally.recused", "the host's office has no vote on what it is recused from", always("")),
    says="The host state's office, with more votes than all others, moves and votes for an amendment that lifts its "
    "recusal; the charter recuses it from amendments too, and the name of the host is nothing that one can change.",
    by="it is recused",
)
def unrecused(place: Path) -> str:
    members = [party(f"m{i}", weight=10 if i == 4 else 1) for i in range(1, 5)]
    charter = replace(charter_of(members, rules={"charter": replace(MAJORITY, quorum=0)}), host="m4")
    assembly = Assembly(charter=replace(charter, recused=("charter", "hub")))
    motion = assembly.motion("charter", Terms(charter=Amendment(rules={}, recused=())), mover="m4")
    assembly.smuggle(assembly.leaf("m4", Vote(motion=motion, choice="yes")))
    assembly.vote(motion, "no", "m1", "m2", "m3")
    assembly.decide(motion)
    shown(assembly, place, lambda state: bool(state.charter and not state.charter.recused), "it is recused")
    return "the host decides on the hub"


@attack(
    "two offices in one hand by an amendment",
    Guard(
        "assembly.offices._clash",
        "of two terms that an amendment sets apart the later one does not bind",
        always(False),
    ),
    says="A member is elected to both offices before the charter sets them apart, and keeps both afterwards.",
    by="it holds one office",
)
def amended_apart(place: Path) -> str:
    assembly = Assembly(charter=replace(founded(), offices=(replace(AUDITOR, excludes=()), CHAIR)))
    elected(assembly, "chair", "m2")
    elected(assembly, "auditor", "m2")
    pushed(assembly, "charter", Terms(charter=Amendment(rules={}, offices=(AUDITOR, CHAIR))))
    shown(assembly, place, lambda state: len(queries.in_office(state, "m2")) > 1, "it holds one office")
    return "m2 audits what m2 chairs"


@attack(
    "a friend's hour between two terms",
    Guard("assembly.offices._in_a_row", "a row ends behind a whole term without the member alone", always(1)),
    says="The chair may not be elected twice in a row: its friends put one of them in between for an hour.",
    by="another is chair",
)
def friends_hour(place: Path) -> str:
    assembly = Assembly(charter=replace(founded(), offices=(AUDITOR, replace(CHAIR, terms=1))))
    for member, starts, until in (("m2", 0, 7200), ("m3", 7200, 10_800), ("m2", 10_800, 18_000)):
        term = Appointment(office="chair", member=member, starts=START + starts, until=START + until)
        pushed(assembly, "office", Terms(office=term))
    shown(assembly, place, lambda state: len([t for t in state.offices if t.member == "m2"]) > 1, "another is chair")
    return "m2 is chair for good"


@attack(
    "witnesses who never cosign",
    Guard(
        "assembly.witnesses.stand_under",
        "the tick that names witnesses bears the cosignatures of their quorum, too",
        always(True),
    ),
    says="A majority names a witness that never cosigns: from then on no checkpoint counts, and no vote puts it out.",
    by="the old ones go on",
)
def absent(place: Path) -> str:
    assembly = Assembly(charter=founded())
    motion = assembly.motion("witnesses", Terms(witnesses=("m4",)))
    assembly.vote(motion, "yes", "m1", "m2", "m3")
    for seconds in (10, 100, 200):
        tick = Tick(checkpoint=assembly.cosigned(assembly.time + seconds, by=["m1", "m2", "m3"]))
        assembly.smuggle(assembly.leaf(HUB, tick))
    with Hub(assembly) as hub:
        hub.publish(assembly.time + 100, by=["m1", "m2", "m3"])
        with suppress(QuorumShort):
            follower(place, hub).poll()
            raise Stopped("the old ones go on")
    return "a log that no member can follow any more"
