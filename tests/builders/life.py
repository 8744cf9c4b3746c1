"""What an assembly might do, out of a list of numbers: each is a deed, and whatever the rules refuse becomes a breach.

Deeds meet each other in every order: votes before and after a closing, members who leave, are suspended, lose their
key or come back, amendments of a text that another amendment has replaced, ticks by some of the witnesses.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from comity.acts.charter import Accession, Matter, Rule, Succession, Withdrawal
from comity.acts.consent import ConsentGiven, ConsentRefused, ConsentRevoked
from comity.acts.key import KeyRevoked
from comity.acts.motion import Choice, Comment, CommentAnswered, Motion, MotionWithdrawn, Vote
from comity.acts.refs import Ref
from comity.acts.statement import Body
from comity.acts.terms import Amendment, Terms
from comity.acts.tick import Tick
from comity.assembly import hosts
from comity.assembly.witnesses import charter_of as charter_as_it_stands
from comity.canon import Digest, digest, encode
from comity.model.reason import Reason
from comity.tlog.note import Note
from tests.builders.assembly import Assembly, blob, charter_of, host_of, host_signer, naming, party, recovering, signer

Deed = tuple[int, int, int]  # what, by whom, about what
DEEDS: Final = 14
GOVERNED: Final = DEEDS + 10  # deeds of an assembly that changes its own charter
WEIGHTS: Final = (1, 1, 2, 3, 5)
CONSENSUS: Final = Rule(method="consensus", share=0, quorum=0, objections=2, seconds=30)
STRICT: Final = Rule(method="majority", share=66, quorum=60, objections=0, seconds=20)
CHOICES: Final[tuple[Choice, ...]] = ("yes", "yes", "no", "abstain")
CHANGES: Final = (
    Amendment(rules={"norm": replace(STRICT, share=20, consultation=0)}),
    Amendment(rules={"study": replace(STRICT, groups=2), "norm": replace(STRICT, consultation=15)}),
    Amendment(rules={}, recused=("norm",)),
    Amendment(rules={}, recused=(), groups={"west": ("072", "246")}),
    Amendment(rules={"norm-recognised": replace(CONSENSUS, objections=1)}, groups={"all": ("072", "246", "710")}),
)
NONE: Final = digest(b"")


def lived(deeds: Sequence[Deed]) -> Assembly:
    """Five members with 1, 1, 2, 3 and 5 votes, and a custodian, after these deeds and a last tick."""
    members = [party(f"m{i}", weight=weight) for i, weight in enumerate(WEIGHTS, start=1)]
    rules = {"norm": STRICT, "norm-recognised": CONSENSUS}
    assembly = Assembly(members, others=[party("agency", role="custodian")], rules=rules)
    for what, who, which in deeds:
        actor = ("m1", "m2", "m3", "m4", "m5", "agency", "m9")[who % 7]
        _do(assembly, what % DEEDS, actor, which)
    return assembly


def governed(deeds: Sequence[Deed]) -> Assembly:
    """The same five, m5's state hosting the hub, in two groups, with consultations; they change all that, too."""
    areas = ("246", "752", "710", "072", "036")
    members = [party(f"m{i}", weight=w, area=a) for i, (w, a) in enumerate(zip(WEIGHTS, areas, strict=True), start=1)]
    rules = {
        "norm": replace(STRICT, share=50, quorum=20, seconds=60, consultation=10),
        "norm-recognised": CONSENSUS,
        "study": replace(STRICT, groups=1, counted="members"),
    }
    founders = charter_of([*members, party("agency", role="custodian")], rules=rules)
    groups = {"north": areas[:2], "south": areas[3:1:-1]}
    assembly = Assembly(charter=replace(founders, host="m5", recused=("hub", "study"), groups=groups))
    for what, who, which in deeds:
        actor = ("m1", "m2", "m3", "m4", "m5", "agency", "m9")[who % 7]
        if what % GOVERNED < DEEDS:
            _do(assembly, what % GOVERNED, actor, which)
        else:
            _govern(assembly, what % GOVERNED - DEEDS, actor, which)
    return assembly


def _govern(assembly: Assembly, what: int, actor: str, which: int) -> None:
    """One deed that is about drafts, dates, the charter, the hub or lost keys."""
    state = assembly.state
    open_ = [state.motions[index] for index in state.pending]
    chosen = open_[which % len(open_)] if open_ else None
    match what:
        case 0:
            _move_terms(assembly, actor, Terms(charter=CHANGES[which % len(CHANGES)]))
        case 1 if chosen:
            _say(assembly, actor, Comment(motion=chosen.ref, text=blob(b"%d" % which), language="en"))
        case 2 if chosen and chosen.comments:
            for place in chosen.comments if which % 2 else [max(chosen.comments)]:
                answer = CommentAnswered(comment=assembly.ref(place), answer="noted", text=blob(b"so"), language="en")
                _say(assembly, chosen.mover, answer)
        case 3 if chosen:
            text = blob(f"draft {which}".encode())
            body = Motion(
                matter=chosen.matter, thing=text, name="text", replaces=None, closes=_soon(assembly), amends=chosen.ref
            )
            _say(assembly, chosen.mover, body)
        case 4 | 5:
            _succeeding(assembly, actor, which)
        case 6:
            ids = tuple(f"m{i}" for i in range(1, 6) if i != 1 + which % 5)
            _move_terms(assembly, actor, Terms(witnesses=ids))
        case 7:
            _hub(assembly, actor, which)
        case 8 if actor in state.actors and which % 4 == 0:
            _recover(assembly, actor)
        case 9 if chosen:  # behind its consultation everyone votes
            _tick(assembly, 5, which)
            _tick(assembly, 16, which)
            for id in assembly.members:
                _say(assembly, id, Vote(motion=chosen.ref, choice="yes"))


def _move_terms(assembly: Assembly, actor: str, terms: Terms) -> None:
    matter: Matter = "charter" if terms.charter else "witnesses" if terms.witnesses else "hub"
    thing = assembly.body(encode(terms))
    _say(
        assembly,
        actor,
        Motion(matter=matter, thing=thing, name="t", replaces=None, closes=_soon(assembly), terms=terms),
    )


def _succeeding(assembly: Assembly, actor: str, which: int) -> None:
    """A version that is to take the place of one in force, or of one to come, on a date; everyone votes if it may."""
    things = [
        thing for thing in assembly.state.in_force.values() if thing.matter in ("norm", "norm-recognised", "study")
    ]
    if not things:
        return
    old, starts = things[which % len(things)], assembly.time + 5 * which
    text = blob(f"version {which} {assembly.state.size}".encode())
    body = Motion(
        matter=old.matter, thing=text, name="text", replaces=old.motion, closes=_soon(assembly), starts=starts
    )
    _say(assembly, actor, body)


def _hub(assembly: Assembly, actor: str, which: int) -> None:
    """A hub is moved; or the one that was chosen takes the log over."""
    chosen = hosts.awaited(assembly.state)
    if chosen is None:
        host = host_of(f"h{assembly.state.size}", host=("", "m1", "m2")[which % 3])
        _move_terms(assembly, actor, Terms(hub=host))
        return
    times = dict.fromkeys(_witnesses(assembly), assembly.time + 1)
    before, size = assembly.signers.copy(), len(assembly.state.successions)
    assembly.smuggle(
        assembly.leaf(
            "hub",
            Succession(motion=chosen.motion, final=cosigned_at(assembly, times)),
            by=host_signer(chosen.host, "sign"),
        )
    )
    if len(assembly.state.successions) > size:
        assembly.signers = before | {("hub", purpose): host_signer(chosen.host, purpose) for purpose in ("sign", "log")}


def _recover(assembly: Assembly, actor: str) -> None:
    """All three keys of an actor are lost, and others take their place."""
    new = {purpose: signer(actor, f"{purpose} {assembly.state.size}") for purpose in ("sign", "officer", "witness")}
    body = recovering(actor, new, assembly.origin)
    before = assembly.state.actors[actor].recovered
    assembly.smuggle(assembly.leaf(actor, body, by=assembly.signers[actor, "officer"]))
    if assembly.state.actors[actor].recovered != before:
        assembly.signers |= {(actor, purpose): key for purpose, key in new.items()}


def _witnesses(assembly: Assembly) -> tuple[str, ...]:
    return charter_as_it_stands(assembly.state).witnesses


def _do(assembly: Assembly, what: int, actor: str, which: int) -> None:
    """One deed; those that need something which is not there are left undone."""
    motions, consents = list(assembly.state.motions.values()), list(assembly.state.consents.values())
    charter = assembly.state.charter_digest or NONE
    chosen = motions[which % len(motions)].ref if motions else None
    match what:
        case 0 | 1:
            about = ("norm", "norm-recognised", "study")[which % 3]
            replaces = chosen if what == 1 and motions and motions[which % len(motions)].matter == about else None
            thing = blob(f"text {which}".encode())
            _say(
                assembly,
                actor,
                Motion(matter=about, thing=thing, name="text", replaces=replaces, closes=_soon(assembly)),
            )  # type: ignore[arg-type]
        case 3 if chosen:
            for id in assembly.members:
                _say(assembly, id, Vote(motion=chosen, choice="yes"))
        case 2 | 4 if chosen:
            _say(assembly, actor, Vote(motion=chosen, choice=CHOICES[(which // 7) % 4]))
        case 5:
            _tick(assembly, 70, which)
        case 6:
            _tick(assembly, 10, which)
        case 7 if which % 3 == 0:
            _say(assembly, actor, Withdrawal(charter=charter))
        case 8:
            _key(assembly, actor, which)
        case 9:
            _about_party(assembly, actor, which)
        case 10 if chosen and which % 3 == 0:
            _say(assembly, motions[which % len(motions)].mover, MotionWithdrawn(motion=chosen))
        case 11:
            _answer(assembly, actor, which)
        case 12 if consents:
            consent = consents[which % len(consents)]
            _say(assembly, consent.member, ConsentRevoked(consent=consent.ref))
        case 13 if which % 2:
            assembly.smuggle(f"nonsense {which}".encode())


def _say(assembly: Assembly, actor: str, body: Body) -> None:
    """Logged, whatever the rules say."""
    if (actor, "sign") in assembly.signers:
        assembly.smuggle(assembly.leaf(actor, body))


def _soon(assembly: Assembly) -> int:
    return assembly.time + 60


def _tick(assembly: Assembly, seconds: int, which: int) -> None:
    """All witnesses cosign, or all but one, each some seconds after the other; at times a checkpoint kept back."""
    ids = _witnesses(assembly) if which % 5 == 0 else assembly.cosigners()  # those who may become some, mostly too
    by = [id for id in ids if id != f"m{which % 7}"]
    times = {id: assembly.time + seconds + place * (which % 20) for place, id in enumerate(by)}
    size = max(assembly.state.size - (which % 10 if which % 3 == 0 else 0), 1)
    _say(assembly, "hub", Tick(checkpoint=cosigned_at(assembly, times, size)))


def cosigned_at(assembly: Assembly, times: Mapping[str, int], size: int | None = None) -> str:
    """The newest checkpoint, or that of a size, cosigned by each at its own time (POSIX seconds)."""
    notes = [Note.parse(assembly.cosigned(time, size=size, by=[id])) for id, time in times.items()]
    lines = [line for note in notes for line in note.signatures[1:]]  # the first is the log's own
    return str(Note(notes[0].text, (notes[0].signatures[0], *lines)))


def _key(assembly: Assembly, actor: str, which: int) -> None:
    """A signing key is revoked, or another one registered."""
    known = assembly.state.actors.get(actor)
    if known is None:
        return
    if which % 2:
        _say(assembly, actor, KeyRevoked(purpose="sign", key=known.keys.sign))
        return
    new = signer(actor, f"sign {assembly.state.size}")
    before = assembly.state
    _say(assembly, actor, naming(actor, "sign", new, assembly.origin))
    if len(before.breached) == len(assembly.state.breached):
        assembly.signers[actor, "sign"] = new


def _about_party(assembly: Assembly, actor: str, which: int) -> None:
    """A newcomer is moved or accedes, or a member's suspension is moved."""
    newcomer = party("m9", weight=4)
    if which % 3 == 0:
        thing = assembly.body(encode(newcomer))
        _say(assembly, actor, Motion(matter="member", thing=thing, name="m9", replaces=None, closes=_soon(assembly)))
    elif which % 3 == 1:
        assembly.signers |= {("m9", purpose): signer("m9", purpose) for purpose in ("sign", "officer", "witness")}
        _say(assembly, "m9", Accession(charter=assembly.state.charter_digest or NONE, party=newcomer))
    else:
        id = f"m{1 + which % 5}"
        thing = assembly.body(encode(assembly.parties[id]))
        _say(assembly, actor, Motion(matter="suspension", thing=thing, name=id, replaces=None, closes=_soon(assembly)))


def _answer(assembly: Assembly, actor: str, which: int) -> None:
    """Consent to a national table of a study in force, or a refusal."""
    studies = [thing.thing.digest for thing in assembly.state.in_force.values() if thing.matter == "study"]
    study = studies[which % len(studies)] if studies else Digest(NONE)
    period = str(which % 2)
    if which % 3:
        body: Body = ConsentGiven(study=study, period=period, sealed=None, national=True, binding=NONE, policy=NONE)
    else:
        codes = ("policy.noise-below-floor", "policy.officer")[: 1 + which % 2]
        body = ConsentRefused(study=study, period=period, reasons=tuple(Reason(code=code) for code in codes))
    _say(assembly, actor, body)


def summed_without_the_last(assembly: Assembly, study: Digest) -> Ref:
    """An exchange in which all members answer and the hub's sum leaves the last one out; the leaf that closes it."""
    for member in assembly.members:
        assembly.consent(member, study)
    exchange = assembly.open(study)
    for member in assembly.members:
        assembly.shares(exchange, member)
    assembly.shared(exchange)
    answers = [assembly.answer(exchange, member).index for member in assembly.members]
    assembly.survivors(exchange, tuple(answers[:-1]))
    for member in assembly.members[:-1]:
        assembly.unmask(exchange, member)
    return assembly.close(exchange)
