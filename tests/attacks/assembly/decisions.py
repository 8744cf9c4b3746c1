"""Against decisions: by checkpoints that a host keeps back, by who leaves and comes back, by what may be adopted."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from comity import canon
from comity.acts.charter import Accession, Rule
from comity.acts.motion import Motion, MotionWithdrawn
from comity.acts.terms import Amendment, Terms
from comity.acts.tick import Tick
from comity.assembly import queries
from comity.assembly.state import State
from comity.model.member import HUB, Party
from tests.attacks.assembly.motions import NOBODY, OUTVOTED, decided, pinned
from tests.attacks.book import Guard, Stopped, always, attack, becomes
from tests.attacks.log.statements import said_by
from tests.builders.assembly import Assembly, blob, party, signer


def _as_it_is(original: Callable[..., State]) -> Callable[..., State]:
    """Nothing changes."""
    return lambda state, *given: state


@attack(
    "votes begun and ended by ticks kept back",
    Guard(
        "assembly.rules.motion.closing",
        "the time to vote runs from the first tick that shows that it has begun",
        lambda original: lambda motion: None if motion.opened is None else max(motion.closes, motion.opened + 300),
    ),
    says="The host keeps the tick that ends a consultation back, and logs it beside the one that ends the votes.",
    by=OUTVOTED,
)
def kept_back(place: Path) -> str:
    rule = Rule(method="consensus", share=0, quorum=0, objections=1, seconds=300, consultation=200)
    assembly = Assembly(4, rules={"norm": rule})
    motion = assembly.motion("norm", b"{}")
    assembly.tick()
    opened = assembly.time
    consulted = assembly.cosigned(opened + 200)
    assembly.comment(motion, "m1")
    assembly.reply(assembly.ref(assembly.state.size - 1))
    ended = assembly.cosigned(opened + 300)
    for checkpoint in (consulted, ended):
        assembly.say(HUB, Tick(checkpoint=checkpoint))
    decided(motion, assembly, place)
    return "a norm in force to which nobody could object for a second"


@attack(
    "votes slipped in behind the deciding checkpoint",
    Guard(
        "assembly.tally.in_time",
        "votes count that the deciding checkpoint holds",
        lambda original: lambda motion: motion.votes,
    ),
    says="The host keeps the checkpoint back that ends a motion, asks its friends to vote, and logs it behind them.",
    by=OUTVOTED,
)
def behind(place: Path) -> str:
    assembly = Assembly(5)
    motion = assembly.motion("study", b"{}")
    assembly.tick()
    assembly.vote(motion, "no", "m1", "m2")
    assembly.vote(motion, "yes", "m3")
    ended = assembly.cosigned(assembly.time + 60)
    assembly.vote(motion, "yes", "m4", "m5")
    assembly.say(HUB, Tick(checkpoint=ended))
    decided(motion, assembly, place)
    return "a study adopted by votes that came when the count was known"


@attack(
    "motion taken back when its end was cosigned",
    Guard(
        "assembly.rules.tick._has_ended",
        "a mover's end counts that the deciding checkpoint holds",
        lambda original: lambda motion, size: motion.ended is not None,
    ),
    says="A mover sees its study adopted, wants it no more and takes it back, and the host waits for that.",
    by=NOBODY,
)
def taken_back(place: Path) -> str:
    assembly = Assembly(4)
    motion = assembly.motion("study", b"{}", mover="m4")
    assembly.tick()
    assembly.vote(motion, "yes", "m1", "m2", "m3")
    ended = assembly.cosigned(assembly.time + 60)
    assembly.say("m4", MotionWithdrawn(motion=motion))
    assembly.say(HUB, Tick(checkpoint=ended))
    if assembly.state.motions[motion.index].outcome == "adopted":
        raise Stopped(NOBODY)
    return "a decision of the members undone by one of them"


@attack(
    "suspended member comes back by an old admission",
    Guard("assembly.rules.rule.unadmitted", "who leaves or is suspended is admitted anew", _as_it_is),
    says="A member has its own other keys agreed on, keeps them, and joins by them when the others suspend it.",
    by=NOBODY,
)
def readmitted(place: Path) -> str:
    assembly = Assembly(5)
    other = replace(assembly.parties["m5"], keys=party("other").keys)
    assembly.adopt("member", other, name="m5")
    out = assembly.motion("suspension", assembly.parties["m5"], name="m5")
    assembly.vote(out, "yes", "m1", "m2", "m3", "m4")
    assembly.decide(out)
    return _back(assembly, other, place)


@attack(
    "suspended member comes back by a motion moved before",
    Guard("assembly.rules.tick._is_seated_since", "no motion about a seat outlives a change of it", always(False)),
    says="A member has a friend move its admission under other keys, to be decided when the others have suspended it.",
    by=NOBODY,
)
def foreseen(place: Path) -> str:
    assembly = Assembly(5)
    other = replace(assembly.parties["m5"], keys=party("other").keys)
    in_ = assembly.motion("member", other, name="m5", closes=assembly.time + 900)
    assembly.vote(in_, "yes")
    out = assembly.motion("suspension", assembly.parties["m5"], name="m5")
    assembly.vote(out, "yes", "m1", "m2", "m3", "m4")
    assembly.decide(out)
    assembly.decide(in_)
    return _back(assembly, other, place)


def _back(assembly: Assembly, other: Party, place: Path) -> str:
    body = Accession(charter=pinned(assembly), party=other)
    assembly.smuggle(assembly.leaf("m5", body, by=signer("other", "sign")))
    said_by(lambda state: "m5" in state.members, assembly, place)
    return "a suspension that lasted for one leaf"


@attack(
    "motion of a suspended member goes on",
    Guard("assembly.rules.tick._is_left", "a motion ends with its mover's leaving", always(False)),
    says="A member is suspended while its motion is open, which nobody else can take back.",
    by=OUTVOTED,
)
def orphaned(place: Path) -> str:
    rule = Rule(method="consensus", share=0, quorum=0, objections=4, seconds=60)
    assembly = Assembly(5, rules={"norm": rule})
    motion = assembly.motion("norm", b"{}", mover="m5", closes=assembly.time + 900)
    out = assembly.motion("suspension", assembly.parties["m5"], name="m5")
    assembly.vote(out, "yes", "m1", "m2", "m3", "m4")
    assembly.decide(out)
    assembly.decide(motion)
    decided(motion, assembly, place)
    return "a norm of one who is out"


@attack(
    "motion flood",
    Guard("assembly.rules.motion.MOST_OPEN", "an actor has so many motions at a time", becomes(10**9)),
    says="A custodian moves norms without end, so that each tick weighs them all.",
    by=NOBODY,
)
def moving(place: Path) -> str:
    assembly = Assembly(4, others=[party("agency", role="custodian")])
    for number in range(40):
        text, closes = blob(b"%d" % number), assembly.time + 60
        body = Motion(matter="norm", thing=text, name="n", replaces=None, closes=closes)
        assembly.smuggle(assembly.leaf("agency", body))
    said_by(lambda state: len(state.pending) > 32, assembly, place)
    return "as many open motions as a custodian likes"


@attack(
    "norm put off by the same text for a later date",
    Guard("assembly.rules.tick._hindrance", "what is in force is not brought there twice", always(None)),
    says="A member moves the very norm that others are about to adopt, to begin in seventy years, and is decided last.",
    by=OUTVOTED,
)
def put_off(place: Path) -> str:
    assembly = Assembly(4)
    later = assembly.time + 70 * 365 * 86_400
    late = assembly.motion("norm", b"{}", starts=later, closes=assembly.time + 900)
    now = assembly.motion("norm", b"{}", mover="m2")
    for motion in (late, now):
        assembly.vote(motion, "yes")
    assembly.decide(now)
    assembly.decide(late)
    decided(late, assembly, place)
    assert queries.adopted(assembly.state, canon.digest(b"{}"), "norm") is None
    return "a norm in force no more, and nothing in its place"


@attack(
    "amendment after which nothing is ever adopted",
    Guard(
        "assembly.tally.asked",
        "a group in which nobody has a vote is not asked for",
        lambda original: lambda rule, tally: rule.groups,
    ),
    says="A passing majority names a group of areas without a member, and asks for its majority in every matter.",
    by="the next amendment is adopted",
)
def bricked(place: Path) -> str:
    assembly = Assembly(4)
    rules: dict[str, Rule] = {matter: replace(rule, groups=1) for matter, rule in assembly.charter.rules.items()}
    assembly.adopt("charter", Terms(charter=Amendment(rules=rules, groups={"nobody": ("999",)})))
    undone = assembly.motion("charter", Terms(charter=Amendment(rules=dict(assembly.charter.rules))))
    assembly.vote(undone, "yes")
    assembly.decide(undone)
    if assembly.state.motions[undone.index].outcome == "adopted":
        raise Stopped("the next amendment is adopted")
    return "an assembly that can decide nothing any more"
