"""What an assembly might do, out of a list of numbers: each is a deed, and whatever the rules refuse becomes a breach.

Deeds meet each other in every order: votes before and after a closing, members who leave, are suspended, lose their
key or come back, amendments of a text that another amendment has replaced, ticks by some of the witnesses.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from comity.acts.charter import Accession, Rule, Withdrawal
from comity.acts.consent import ConsentGiven, ConsentRefused, ConsentRevoked
from comity.acts.key import KeyRegistered, KeyRevoked
from comity.acts.motion import Choice, Motion, MotionWithdrawn, Vote
from comity.acts.refs import Ref
from comity.acts.statement import Body
from comity.acts.tick import Tick
from comity.canon import Digest, digest, encode
from comity.model.reason import Reason
from comity.tlog.note import Note
from tests.builders.assembly import Assembly, blob, party, signer

Deed = tuple[int, int, int]  # what, by whom, about what
DEEDS: Final = 14
WEIGHTS: Final = (1, 1, 2, 3, 5)
CONSENSUS: Final = Rule(method="consensus", share=0, quorum=0, objections=2, seconds=30)
STRICT: Final = Rule(method="majority", share=66, quorum=60, objections=0, seconds=20)
CHOICES: Final[tuple[Choice, ...]] = ("yes", "yes", "no", "abstain")
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
    """All witnesses cosign, or all but one, each some seconds after the other."""
    by = [id for id in assembly.charter.witnesses if id != f"m{which % 7}"]
    times = {id: assembly.time + seconds + place * (which % 20) for place, id in enumerate(by)}
    _say(assembly, "hub", Tick(checkpoint=cosigned_at(assembly, times)))


def cosigned_at(assembly: Assembly, times: Mapping[str, int]) -> str:
    """The newest checkpoint, cosigned by each at its own time (POSIX seconds)."""
    notes = [Note.parse(assembly.cosigned(time, by=[id])) for id, time in times.items()]
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
    _say(assembly, actor, KeyRegistered(purpose="sign", key=new.public))
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
