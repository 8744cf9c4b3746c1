"""What a host does with statements: says them for others, again, elsewhere, or never; and false accusations of it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from comity import canon
from comity.acts.charter import Withdrawal
from comity.acts.consent import PolicyPublished
from comity.acts.motion import Motion, Vote
from comity.acts.tick import Tick
from comity.adapters.client import Acknowledged, Client
from comity.adapters.journal import Journal
from comity.assembly.state import State
from comity.errors import Refused
from comity.keys import Signer
from comity.model.member import HUB
from comity.model.reason import Reason
from comity.pages import feed
from comity.services.monitor import Monitor
from comity.services.node import receipts, say
from comity.tlog import merkle, receipt
from comity.tlog.evidence import Evidence
from comity.tlog.merkle import leaf_hash
from comity.tlog.note import Note, sign
from comity.tlog.receipt import Receipt
from tests.attacks.book import Guard, Stopped, Weaker, always, attack
from tests.attacks.hosts import follower, log_key, sequencer, signed, text_of
from tests.attacks.log.views import QUORUM
from tests.builders.assembly import START, Assembly, blob, charter_of, naming, party, signer
from tests.services.node.hub import Hub


def lacking(code: str) -> Weaker:
    """A judgement that leaves one reason out."""

    def weaker(original: Callable[..., list[Reason]]) -> Callable[..., list[Reason]]:
        return lambda *given: [reason for reason in original(*given) if reason.code != code]

    return weaker


def said_by(effect: Callable[[State], bool], assembly: Assembly, place: Path) -> None:
    """Publish the log with all its leaves under a true quorum; Stopped if a member's state does not show the effect."""
    with Hub(assembly) as hub:
        hub.publish(assembly.time + 100)
        member = follower(place, hub)
        member.poll()
        if not effect(member.state):
            assert member.state.breaches
            raise Stopped("no effect, and a breach that all see")


@attack(
    "statement replayed in another log",
    Guard("assembly.fold._against_place", "a statement names the origin of its log", lacking("act.origin")),
    Guard("assembly.fold._is_head", "a statement names a head that this log had", always(True)),
    says="A host posts a member's statement to a second log that the same members founded.",
    by="act.not-admitted",
)
def elsewhere(place: Path) -> str:
    one = Assembly(4)
    two = Assembly(charter=charter_of([party(f"m{i}") for i in range(1, 5)], origin="example.org/second"))
    said = one.leaf("m1", PolicyPublished(policy=blob(b"a policy")))
    with sequencer(place, two) as hub:
        return f"leaf {hub.accept(said).index} of a log that m1 said nothing in"


@attack(
    "statement replayed later in the same log",
    Guard("assembly.fold._against_place", "the same leaf counts once", lacking("act.replayed")),
    says="A member left and was admitted again; the host appends its old withdrawal a second time.",
    by="no effect, and a breach that all see",
)
def again(place: Path) -> str:
    assembly = Assembly(4)
    leaves = assembly.leaf("m4", Withdrawal(charter=canon.digest(canon.encode(assembly.charter))))
    assembly.append(leaves)
    assembly.adopt("member", party("m4"), name="m4")
    assembly.join(party("m4"))
    assembly.smuggle(leaves)
    said_by(lambda state: not state.actors["m4"].standing, assembly, place)
    return "m4 is out, by what it said before it came back"


@attack(
    "hub smuggles an inadmissible leaf",
    Guard("assembly.fold._against_signature", "an act counts by the key of the actor that it names", always([])),
    says="The host signs a vote in a member's name by its own key, and appends it past the door, under a true quorum.",
    by="no effect, and a breach that all see",
)
def smuggled(place: Path) -> str:
    assembly = Assembly(4)
    motion = assembly.motion("study", b"{}")
    assembly.smuggle(assembly.leaf("m1", Vote(motion=motion, choice="yes"), by=assembly.signers[HUB, "sign"]))
    said_by(lambda state: "m1" in state.motions[motion.index].votes, assembly, place)
    return "a vote of m1 that m1 never gave"


@attack(
    "hub replaces the witnesses' keys",
    Guard("assembly.fold._against_signature", "a key is changed by its owner's officer key alone", always([])),
    says="The host logs new witness keys for all members, which it holds, and cosigns that very checkpoint by them.",
    by="quorum.short",
)
def replaced(place: Path) -> str:
    assembly = Assembly(4)
    for id in assembly.members:
        own = signer("the host", id)
        assembly.smuggle(assembly.leaf(id, naming(id, "witness", own), by=assembly.signers[HUB, "sign"]))
        assembly.signers[id, "witness"] = own
    with Hub(assembly) as hub:
        hub.publish(assembly.time + 100)
        member = follower(place, hub)
        member.poll()
        return "a member follows a log that no witness has seen"


@attack(
    "hub votes itself",
    Guard(
        "assembly.rules.rule.by_actor",
        "only an actor that acceded says what actors say",
        lambda original: (
            lambda state, entry: (
                state.charter.hub.sign if state.charter and entry.actor == HUB else original(state, entry)
            )
        ),
    ),
    says="The host votes in its own name, by its own key.",
    by="no effect, and a breach that all see",
)
def hub_votes(place: Path) -> str:
    assembly = Assembly(4)
    motion = assembly.motion("study", b"{}")
    assembly.smuggle(assembly.leaf(HUB, Vote(motion=motion, choice="yes")))
    said_by(lambda state: HUB in state.motions[motion.index].votes, assembly, place)
    return "a vote of the host"


@attack(
    "hub tells the time alone",
    QUORUM,
    says="The host logs a tick that one of four witnesses cosigned, an hour ahead.",
    by="tick.quorum",
)
def alone(place: Path) -> str:
    assembly = Assembly(4)
    tick = Tick(checkpoint=assembly.cosigned(START + 3600, by=["m4"]))
    reasons = assembly.smuggle(assembly.leaf(HUB, tick))
    if reasons:
        raise Stopped(", ".join(reason.code for reason in reasons))
    return f"it is {assembly.time - START} seconds later"


def convicted(assembly: Assembly, promise: Note, index: int) -> receipt.Dropped:
    """A receipt beside the newest checkpoint, and what stands at the index."""
    hashes = [leaf_hash(leaf) for leaf in assembly.leaves]
    shown = Note.parse(assembly.cosigned(assembly.time))
    return receipt.convict(promise, shown, index, lambda level, i: merkle.root(hashes[i << level : (i + 1) << level]))


def unsigned(original: Any) -> Callable[[Receipt, Signer], Note]:
    """An acknowledgement that is not by the log's key."""
    stranger = Assembly(1, ready=False).signers["m1", "sign"]
    return lambda self, log: Note(str(self), (sign(str(self), self.origin, stranger),))


@attack(
    "hub drops a statement that it acknowledged",
    Guard("tlog.receipt.Receipt.signed", "an acknowledgement is a promise by the log's own key", unsigned),
    says="The host acknowledges a vote, logs another leaf at its place, and says that it never had it.",
    by="the sender proves it",
)
def dropped(place: Path) -> str:
    assembly = Assembly(4)
    motion = assembly.motion("study", b"{}")
    vote = assembly.leaf("m1", Vote(motion=motion, choice="no"))
    index = assembly.state.size
    promise = Receipt(assembly.charter.origin, index, (leaf_hash(vote),)).signed(assembly.signers[HUB, "log"])
    assembly.tick()
    try:
        receipt.Dropped.parse(str(convicted(assembly, promise, index))).verify(log_key(assembly))
    except Refused:
        return "nothing convicts the host"
    raise Stopped("the sender proves it")


@attack(
    "hub drops a statement, and hopes that its sender does not look",
    Guard(
        "services.node.receipts.Watch.broken",
        "a node holds each promise against the leaf that it reads at that place",
        always(None),
    ),
    says="The host gives a receipt for a vote, and goes on with a log without it, under a true quorum.",
    by="the node has the proof",
)
def unseen(place: Path) -> str:
    assembly = Assembly(4)
    body = Vote(motion=assembly.motion("study", b"{}"), choice="no")
    state, leaves = assembly.state, list(assembly.leaves)
    journal = Journal(place / "journal.db")
    with Hub(assembly) as hub, Client(hub.address) as client:
        say.say(body, "m1", state, assembly.signers["m1", "sign"], journal, client, now=1)
        assembly.state, assembly.leaves = state, leaves
        assembly.tick()
        hub.publish(assembly.time)
        member = follower(place, hub)
        member.poll()
        evidence = receipts.Watch().broken(journal, member.reader)
        journal.close()
    if evidence is not None:
        evidence.verify(log_key(assembly))
        raise Stopped("the node has the proof")
    return "m1 goes on without its vote"


@attack(
    "hub promises a place that the log never reaches",
    Guard(
        "services.node.receipts._refuse_never",
        "a receipt counts for a place where the log could take a statement made at its head",
        always(None),
    ),
    says="The host drops a vote, and gives a true receipt for an index so far ahead that it is never seen broken.",
    by="verify.failed",
)
def never(place: Path) -> str:
    assembly = Assembly(4)
    vote = assembly.leaf("m1", Vote(motion=assembly.motion("study", b"{}"), choice="no"))
    promise = Receipt(assembly.charter.origin, 2**62, (leaf_hash(vote),)).signed(assembly.signers[HUB, "log"])
    ack = Acknowledged(index=2**62, leaf=leaf_hash(vote).hex(), receipt=str(promise))
    journal = Journal(place / "journal.db")
    try:
        return f"m1 counts its vote as said, at index {receipts.keep(ack, vote, assembly.state, journal)}"
    finally:
        journal.close()


@attack(
    "hub says that it has a statement already",
    Guard("services.node.say._read", "a statement is in the log by a receipt, or as it was read there", always(0)),
    says="The host drops a vote, and answers that it stands in the log already.",
    by="verify.failed",
)
def already(place: Path) -> str:
    assembly = Assembly(4)
    body = Vote(motion=assembly.motion("study", b"{}"), choice="no")
    journal = Journal(place / "journal.db")
    with Hub(assembly) as hub, Client(hub.address) as client:
        given = (body, "m1", assembly.state, assembly.signers["m1", "sign"], journal, client)
        try:
            say.say(*given, now=1)
            return f"m1 counts its vote as said, at index {say.say(*given, now=2).index}"
        finally:
            journal.close()


@attack(
    "one motion blinds all who follow the log",
    Guard("model.moment.has_date", "a second that no calendar holds is written as a number", always(True)),
    Guard("services.monitor.entry", "a leaf that words fail at is told as such a leaf", lambda _: feed.entry),
    says="The host logs, against the rules, a motion until the year 285428751: a monitor falls over it for ever.",
    by="the feeds tell it",
)
def blinded(place: Path) -> str:
    assembly = Assembly(4)
    body = Motion(matter="norm", thing=blob(b"{}"), name="trust/1.0.0", replaces=None, closes=2**53 - 1)
    assert assembly.smuggle(assembly.leaf("m1", body))
    assembly.tick()
    pinned = canon.digest(canon.encode(assembly.charter))
    with Hub(assembly) as hub, Monitor(hub.address, pinned, place) as monitor:
        hub.publish(assembly.time + 100)
        try:
            looked = monitor.look()
        except ValueError as e:
            return f"no monitor tells this leaf, or any behind it: {e}"
    assert looked is not None
    assert len(assembly.leaves) == looked.new
    raise Stopped("the feeds tell it")


@attack(
    "a host that kept its promise is accused",
    Guard("tlog.receipt.check", "a receipt is the log's own signature", lambda _: lambda note, log: Receipt.of(note)),
    says="A member makes a receipt itself, for a statement that it never sent.",
    by="verify.failed",
)
def accused(place: Path) -> str:
    assembly = Assembly(4)
    never = Receipt(assembly.charter.origin, 3, (leaf_hash(b"never sent"),))
    convicted(assembly, never.signed(assembly.signers["m1", "sign"]), 3).verify(log_key(assembly))
    return "an honest host is convicted of a statement that nobody sent"


@attack(
    "an honest log is accused of a split view",
    Guard(
        "tlog.evidence.verify_consistency", "the other past must be bound to the newer root by a proof", always(True)
    ),
    says="A member joins two true checkpoints with a past that it made up.",
    by="verify.failed",
)
def split(place: Path) -> str:
    assembly = Assembly(4)
    older = signed(assembly, text_of(assembly, assembly.leaves))
    assembly.tick()
    newer = signed(assembly, text_of(assembly, assembly.leaves))
    Evidence(older, newer, prefix=bytes(32), proof=(bytes(32),) * 3).verify(log_key(assembly))
    return "an honest host is convicted of a second view"
