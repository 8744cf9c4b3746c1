"""Against a country that an estimate is about: shown to others, answered in its name, ended against its word."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from comity import canon, dsse
from comity.acts.estimate import Sealed
from comity.acts.motion import Comment
from comity.acts.request import Request
from comity.acts.terms import Amendment, Terms
from comity.adapters.blobs import Blobs
from comity.adapters.held import Held
from comity.assembly.facts import EstimateFacts
from comity.assembly.state import State
from comity.assembly.witnesses import charter_of
from comity.errors import FormatError
from comity.model import estimate
from comity.model.estimate import Draft
from comity.services.hub.keeper import Keeper
from comity.stages import estimate as boxes
from comity.stages.estimate import Way
from tests.attacks.book import Guard, Stopped, always, attack
from tests.attacks.log.statements import said_by
from tests.builders.estimates import Estimates, draft, secret, way

BREACH = "no effect, and a breach that all see"
DRAFT, OTHER = draft("12.5"), draft("99.9")


def _clear(original: Callable[[Draft, str, Way], bytes]) -> Callable[[Draft, str, Way], bytes]:
    return lambda draft, key, way: boxes.LINE + draft.data


def _to_all(original: Callable[[State, EstimateFacts, str], object]) -> Callable[[State, EstimateFacts, str], object]:
    return lambda state, facts, actor: original(state, facts, facts.member)


def _shows_all(original: Callable[..., None]) -> Callable[..., None]:
    return lambda keeper, name: keeper._true.show(name, keeper._public)


SEALED = Guard("stages.estimate.seal", "a draft is sealed to the key of its country alone", _clear)


def read_by(member: str, box: bytes) -> str:
    """What another member makes of a box: it stands there in clear, or opens by that member's own key."""
    try:
        found = estimate.read(box.removeprefix(boxes.LINE))
    except FormatError:
        found = boxes.open_(box, (secret(member),), way("un", "m1"), DRAFT.digest)
    return f"{member} reads {found.rows[0].value}, which was put to m1"


def hub_with(log: Estimates, place: Path) -> Keeper:
    """The hub's bodies, as it starts on this folder; it has every box."""
    files, public = Blobs(place / "blobs"), Blobs(place / "public")
    files.put_all(log.bodies[name] for name in log.state.boxes)
    keeper = Keeper(lambda: log.state, Held(place, files), files, public)
    keeper.show()
    return keeper


@attack(
    "estimate shown to another country",
    Guard("services.hub.keeper._addressed", "the hub gives a box to its addressee alone", _to_all),
    SEALED,
    says="A member asks the hub for the box of an estimate that was put to another country, and opens what it gets.",
    by="the hub gives no box",
    alone={"stages.estimate.seal": "seal.broken"},
)
def shown(place: Path) -> str:
    log = Estimates()
    ref = log.propose(DRAFT)
    asked = Request(actor="m2", exchange=ref.index, head=log.head(), origin=log.charter.origin)
    got = hub_with(log, place).boxes(dsse.seal(canon.encode(asked), dsse.REQUEST, log.signers["m2", "sign"]))
    if not got:
        raise Stopped("the hub gives no box")
    return read_by("m2", got[0])


@attack(
    "box of an estimate named as a public body",
    Guard("services.hub.keeper.Keeper._show", "the hub shows no box, whatever else names it", _shows_all),
    SEALED,
    says="A member comments on a motion with the digest of another country's box, so that the hub shows it to all.",
    by="the hub shows no box",
    alone={"stages.estimate.seal": "seal.broken"},
)
def named(place: Path) -> str:
    log = Estimates()
    box = log.facts(log.propose(DRAFT)).value.box
    log.say("m2", Comment(motion=log.motion("study", b"{}"), text=box, language="en"))
    keeper = hub_with(log, place)
    keeper.publish([log.bodies[box.digest]])
    found = Blobs(place / "public").get(box.digest)
    if found is None:
        raise Stopped("the hub shows no box")
    return read_by("m2", found)


@attack(
    "public text named as the box of an estimate",
    Guard("stages.estimate.is_box", "a box is what says so itself, whatever a leaf names so", always(True)),
    says="A custodian knows a norm before it is moved, and names its digest as a box, so that the hub hides the text.",
    by="everyone reads the norm",
)
def hidden(place: Path) -> str:
    log, text = Estimates(), b"a norm that circulated before it was moved"
    log.say("un", log.proposal(value=Sealed(draft=DRAFT.digest, box=log.body(text))))
    log.motion("norm", text)
    keeper = hub_with(log, place)
    keeper.publish([text])
    if Blobs(place / "public").has(canon.digest(text)):
        raise Stopped("everyone reads the norm")
    return "members vote on a norm that the hub shows to nobody"


@attack(
    "body of a sealed exchange fetched as the box of an estimate",
    Guard("stages.estimate.is_box", "a box is what says so itself, whatever a leaf names so", always(True)),
    says="A custodian names a body that the hub holds privately as its box, and the country it is addressed to asks.",
    by="the hub gives no box",
)
def fetched(place: Path) -> str:
    log, vector = Estimates(), b"a masked vector, which the hub holds until the exchange is closed"
    ref = log.say("un", log.proposal(value=Sealed(draft=DRAFT.digest, box=log.body(vector))))
    asked = Request(actor="m1", exchange=ref.index, head=log.head(), origin=log.charter.origin)
    got = hub_with(log, place).boxes(dsse.seal(canon.encode(asked), dsse.REQUEST, log.signers["m1", "sign"]))
    if not got:
        raise Stopped("the hub gives no box")
    return f"m1 gets {got[0].decode()}"


@attack(
    "estimate settled against the country's answer",
    Guard(
        "assembly.queries.may_settle",
        "a settlement is one that the country's answer allows",
        always(frozenset({"published", "withheld"})),
    ),
    says="A country objects to an estimate; its custodian publishes it all the same, and the host logs that.",
    by=BREACH,
)
def against(place: Path) -> str:
    log = Estimates()
    ref = log.propose(DRAFT)
    log.say("m1", log.answered(ref, "objected", "definition"))
    log.smuggle(log.leaf("un", log.settled(ref, "published", opened=DRAFT)))
    said_by(lambda state: state.estimates[ref.index].settled is not None, log, place)
    return "a value for m1 is published that m1 objected to"


@attack(
    "estimate answered by the agency in the country's name",
    Guard("assembly.fold._against_signature", "an act counts by the key of the actor that it names", always([])),
    says="A custodian accepts its own estimate in the country's name, by its own key, and the host logs that.",
    by=BREACH,
)
def in_its_name(place: Path) -> str:
    log = Estimates()
    ref = log.propose(DRAFT)
    log.smuggle(log.leaf("m1", log.answered(ref, "accepted"), by=log.signers["un", "sign"]))
    said_by(lambda state: state.estimates[ref.index].answer is not None, log, place)
    return "m1 has accepted what it never saw"


@attack(
    "estimate opened to another value than the country saw",
    Guard("assembly.rules.estimate._shows", "what is opened is the record whose digest was put", always(True)),
    says="The country accepts 12.5; the custodian opens another record, which says 99.9, as the estimate it accepted.",
    by=BREACH,
)
def opened(place: Path) -> str:
    log = Estimates()
    ref = log.propose(DRAFT)
    log.say("m1", log.answered(ref, "accepted"))
    log.smuggle(log.leaf("un", log.settled(ref, "published", opened=OTHER)))
    said_by(lambda state: state.estimates[ref.index].settled is not None, log, place)
    return "99.9 is published as what m1 accepted"


@attack(
    "estimate shown as one value and logged as another",
    Guard(
        "stages.estimate._check_logged",
        "a box is believed only if it holds the record that the log names",
        always(None),
    ),
    says="A custodian logs the digest of one record and seals another one for the country, which is to accept that.",
    by="verify.failed",
)
def swapped(place: Path) -> str:
    log = Estimates()
    value = replace(log.sealed(DRAFT, "un", "m1"), draft=OTHER.digest)
    ref = log.say("un", log.proposal(value=value))
    facts = log.facts(ref)
    box = log.bodies[facts.value.box.digest]
    seen = boxes.open_(box, (secret("m1"),), way("un", "m1"), facts.value.draft)
    log.say("m1", log.answered(ref, "accepted"))
    log.say("un", log.settled(ref, "published", opened=OTHER))
    return f"m1 saw {seen.rows[0].value}, and {OTHER.rows[0].value} is published"


def _hasty(original: Callable[[State, EstimateFacts], str]) -> Callable[[State, EstimateFacts], str]:
    return lambda state, facts: "silent" if original(state, facts) == "open" else original(state, facts)


@attack(
    "silence claimed before the deadline",
    Guard("assembly.queries.estimate_stage", "silence begins behind a tick that is past the deadline", _hasty),
    says="A custodian puts an estimate to a country and settles it a minute later, as if that had been silent.",
    by=BREACH,
)
def early(place: Path) -> str:
    log = Estimates(silence="accepted")
    ref = log.propose(DRAFT)
    log.tick()
    log.smuggle(log.leaf("un", log.settled(ref, "published", opened=DRAFT)))
    said_by(lambda state: state.estimates[ref.index].settled is not None, log, place)
    return "a value for m1 is published, and m1 had a minute"


def _unmoved(original: Callable[[State, int, int], State]) -> Callable[[State, int, int], State]:
    def told(state: State, since: int, size: int) -> State:
        for facts in list(state.estimates.values())[-1:]:
            begun = replace(facts, opened=state.time)
            state = state.having(estimates=state.estimates.set(facts.ref.index, begun))
        return state

    return told


@attack(
    "estimate whose time is over before its country can see it",
    Guard("assembly.rules.estimate.told", "the time to answer runs from the first tick that holds it", _unmoved),
    says="The log rested for weeks, so its time is weeks old; a custodian's deadline counts from there and is past.",
    by=BREACH,
)
def rested(place: Path) -> str:
    log = Estimates(silence="accepted")
    ref = log.propose(DRAFT)
    log.tick(log.facts(ref).deadline + 1)
    log.smuggle(log.leaf("un", log.settled(ref, "published", opened=DRAFT)))
    said_by(lambda state: state.estimates[ref.index].settled is not None, log, place)
    return "a value for m1 is published that m1 had no second to answer"


def _as_it_stands(original: Callable[[State, EstimateFacts], object]) -> Callable[[State, EstimateFacts], object]:
    return lambda state, facts: original(state, replace(facts, silence=charter_of(state).silence))


@attack(
    "silence given another meaning afterwards",
    Guard("assembly.queries.may_settle", "silence means what the charter said when its time began", _as_it_stands),
    says="Silence was an objection when a country was asked; a majority makes it acceptance when its time is over.",
    by=BREACH,
)
def afterwards(place: Path) -> str:
    log = Estimates(silence="objected")
    ref = log.propose(DRAFT)
    log.tick()
    log.tick(log.facts(ref).deadline + 1)
    log.adopt("charter", Terms(charter=Amendment(rules={}, silence="accepted")))
    log.smuggle(log.leaf("un", log.settled(ref, "published", opened=DRAFT)))
    said_by(lambda state: state.estimates[ref.index].settled is not None, log, place)
    return "a value for m1 is published that m1 was right to think it had objected to"


def _unseen(original: Callable[[State, int], State]) -> Callable[[State, int], State]:
    return lambda state, time: state


@attack(
    "country suspended so that it cannot answer an estimate",
    Guard("assembly.rules.estimate.over", "whoever is out when its time is over accepted nothing", _unseen),
    says="Silence is acceptance. A country is suspended while an estimate waits for it, and may not object.",
    by=BREACH,
)
def muted(place: Path) -> str:
    log = Estimates(silence="accepted")
    ref = log.say("un", log.proposal(DRAFT, seconds=1000))
    log.adopt("suspension", log.parties["m1"], name="m1")
    log.tick(log.facts(ref).deadline + 1)
    log.smuggle(log.leaf("un", log.settled(ref, "published", opened=DRAFT)))
    said_by(lambda state: state.estimates[ref.index].settled is not None, log, place)
    return "a value for m1 is published that m1 was kept from objecting to"
