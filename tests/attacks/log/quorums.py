"""What a host and a minority of witnesses put under a checkpoint, so that it counts as the quorum's."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from comity import canon
from comity.acts import statement
from comity.acts.refs import Head
from comity.acts.statement import Act
from comity.acts.tick import Tick
from comity.adapters.client import Client
from comity.assembly import fold, witnesses
from comity.errors import NotAdmitted, NotVerified
from comity.keys import Ed25519Signer, public_text
from comity.model.member import HUB
from comity.services.audit import whole
from comity.services.audit.files import AtAddress
from comity.tlog import cosignature, merkle
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.note import COSIGNATURE, Note, SignatureLine, Vkey, sign
from comity.tlog.quorum import Cosigned, Log, Policy, Quorum, charter_quorum
from tests.attacks.book import Guard, Stopped, Weaker, always, attack, becomes
from tests.attacks.hosts import follower, line, rewritten, signed, text_of
from tests.builders.assembly import START, Assembly, charter_of, naming, party, signer
from tests.services.node.hub import Hub

ORIGIN = "log.example/assembly"
LOG = Ed25519Signer(bytes(32))
SECRETS = [Ed25519Signer(bytes([number]) * 32) for number in range(1, 6)]
VKEYS = [Vkey(f"w{number}", signer.public, COSIGNATURE) for number, signer in enumerate(SECRETS, 1)]
TRUE, FALSE = (
    str(Checkpoint(ORIGIN, size, merkle.root([merkle.leaf_hash(bytes([i])) for i in range(size)]))) for size in (9, 12)
)


def policy(quorum: Quorum | None = None) -> Policy:
    """What a reader trusts: four witnesses by the charter's rule, three of whom are wanted, unless told otherwise."""
    return Policy((Log(Vkey(ORIGIN, LOG.public)),), quorum or charter_quorum(VKEYS[:4]))


def note(text: str, *lines: SignatureLine) -> Note:
    """A checkpoint under the log's signature and these lines."""
    return Note(text, (sign(text, ORIGIN, LOG), *lines))


def cosigned(text: str, number: int, time: int = START) -> SignatureLine:
    """Witness `number`'s line, from 1."""
    return cosignature.cosign(text, f"w{number}", time, SECRETS[number - 1])


def counted(found: Cosigned) -> str:
    """What the attacker got."""
    return f"{len(found.names)} witnesses count: {', '.join(found.names)}"


def one_less(original: Callable[[int], int]) -> Callable[[int], int]:
    """A threshold that is one too low."""
    return lambda count: original(count) - 1


@attack(
    "k-1 colluding witnesses",
    Guard("tlog.quorum.charter_least", "more than (W+f)/2 witnesses must cosign: three of four", one_less),
    says="The host and two of four witnesses show a member a log that nobody else has seen.",
    by="quorum.short",
)
def colluding(place: Path) -> str:
    assembly = Assembly(4)
    with Hub(assembly) as hub:
        other = rewritten(assembly.leaves)
        hub.tiles(other)
        hub.files["checkpoint"] = str(signed(assembly, text_of(assembly, other), "m3", "m4")).encode()
        member = follower(place, hub)
        member.poll()
        return "a member follows what two of four witnesses signed"


def by_line(original: Any) -> Callable[..., Cosigned]:
    """A count of lines instead of witnesses."""

    def found(given: Note, quorum: Quorum) -> Cosigned:
        times = [
            (witness.name, time)
            for line in given.signatures
            for witness in quorum.witnesses
            if (time := cosignature.time_of(line, witness.vkey, given.text)) is not None
        ]
        if len(times) < quorum.groups[0].least:
            raise NotVerified("too few lines", where="note")
        return Cosigned(Checkpoint.of(given), tuple(times))

    return found


@attack(
    "one key counted twice",
    Guard("tlog.quorum.cosigned", "a witness counts once, however many lines of its name there are", by_line),
    says="The host puts two lines of one witness, of two times, beside one of another: three lines of two witnesses.",
    by="quorum.short",
)
def twice(place: Path) -> str:
    lines = (cosigned(TRUE, 1), cosigned(TRUE, 1, START + 1), cosigned(TRUE, 2))
    return counted(policy().check(note(TRUE, *lines)))


@attack(
    "one key under two names in a policy",
    Guard("tlog.quorum._check_keys", "a policy names each key once", always(None)),
    says="Whoever writes a policy for others gives one witness three names, so that its word alone is the quorum.",
    by="format.bad",
)
def two_names(place: Path) -> str:
    names = [Vkey(name, SECRETS[0].public, COSIGNATURE) for name in ("w1", "twin", "triplet")]
    lines = [cosignature.cosign(TRUE, vkey.name, START, SECRETS[0]) for vkey in names]
    trusted = policy(charter_quorum([*names, VKEYS[3]]))
    return counted(trusted.check(note(TRUE, *lines)))


@attack(
    "one key under two names in a charter",
    Guard("assembly.rules.charter.against_charter", "no key is named twice in a log", always([])),
    Guard("tlog.quorum._check_keys", "a quorum names each key once", always(None)),
    says="A convenor's charter gives two founders one witness key, so that one machine is two of a quorum's three.",
    by="act.not-admitted",
    alone={"tlog.quorum._check_keys": "format.bad"},
)
def two_founders(place: Path) -> str:
    parties = [party(f"m{i}") for i in range(1, 5)]
    shared = replace(parties[1], keys=replace(parties[1].keys, witness=parties[0].keys.witness))
    charter = charter_of([parties[0], shared, *parties[2:]])
    head = Head(size=0, root=canon.digest(b""))
    act = Act(actor="m1", origin=charter.origin, head=head, body=charter)
    state, reasons = fold.step(fold.start(), statement.sign(act, signer("m1", "sign")))
    if reasons:
        raise NotAdmitted("the charter does not hold", found=", ".join(reason.code for reason in reasons))
    return f"a quorum of {', '.join(witness.vkey.key[-6:] for witness in witnesses.quorum(state).witnesses)}"


@attack(
    "duplicate key in two groups",
    Guard("tlog.quorum.Quorum.__post_init__", "a witness is a member of one group, once", always(None)),
    says="A policy asks for one of each of two blocs, and one witness stands in both: its word alone is all of them.",
    by="format.bad",
)
def two_groups(place: Path) -> str:
    text = f"log {Vkey(ORIGIN, LOG.public)}\n"
    text += "".join(f"witness w{i} {vkey}\n" for i, vkey in enumerate(VKEYS[:3], 1))
    text += "group north any w1 w2\ngroup south any w1 w3\ngroup both all north south\nquorum both\n"
    return counted(Policy.parse(text).check(note(TRUE, cosigned(TRUE, 1))))


def message(text: str, vkey: Vkey, time: int) -> bytes:
    """What a witness signs that asks for nothing."""
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def _joined(text: str, *lines: Iterable[SignatureLine]) -> str:
    """A note with any number of lines."""
    rows = [sign(text, ORIGIN, LOG), *(line for some in lines for line in some)]
    return "\n".join([text, *map(str, rows)]) + "\n"


LATE = START + 10 * 365 * 86_400


def unbound(by: Callable[[str], str]) -> Weaker:
    """A cosignature that says less than the whole text."""
    return lambda original: lambda text, vkey, time: message(by(text), vkey, time)


@attack(
    "valid cosignatures of another origin",
    Guard(
        "tlog.cosignature.message",
        "what a witness signs begins with the log's origin",
        unbound(lambda text: text.partition("\n")[2]),
    ),
    says="A second log with the same witnesses has true cosignatures; its host puts them under this log's checkpoint.",
    by="verify.failed",
)
def elsewhere(place: Path) -> str:
    other = str(Checkpoint(f"{ORIGIN}-2", 9, Checkpoint.parse(TRUE).root))
    return counted(policy().check(note(TRUE, *(cosigned(other, number) for number in (1, 2, 3)))))


@attack(
    "another log's checkpoint as it is",
    Guard(
        "tlog.cosignature.signed_by_one",
        "a checkpoint counts only by a key that the reader knows for its origin",
        always(True),
    ),
    says="The same second log shows its whole cosigned checkpoint to a reader of this one.",
    by="verify.failed",
)
def as_it_is(place: Path) -> str:
    stranger = SECRETS[4]
    lines = (sign(FALSE, ORIGIN, stranger), *(cosigned(FALSE, number) for number in (1, 2, 3)))
    return counted(policy().check(Note(FALSE, lines)))


def any_key(original: Any) -> Callable[..., bool]:
    """A reader for whom one key's good line makes up for another's false one."""

    def signed_by_one(note: Note, vkeys: Sequence[Vkey]) -> bool:
        return any(cosignature.signed_by(note, vkey) for vkey in vkeys)

    return signed_by_one


@attack(
    "false line of one log key beside the good one of another",
    Guard("tlog.cosignature.signed_by_one", "a known key's false line spoils the note, whatever is beside it", any_key),
    says="Of two log keys one is lost; the host makes a note that some who know both accept and some refuse.",
    by="verify.failed",
)
def half_signed(place: Path) -> str:
    second = Vkey(ORIGIN, SECRETS[4].public)
    false = SignatureLine(ORIGIN, second.id, bytes(64))
    both = Policy((Log(Vkey(ORIGIN, LOG.public)), Log(second)), charter_quorum(VKEYS[:4]))
    return counted(both.check(note(TRUE, false, *(cosigned(TRUE, number) for number in (1, 2, 3)))))


@attack(
    "replayed cosignature",
    Guard(
        "tlog.cosignature.message",
        "what a witness signs holds the size and root",
        unbound(lambda text: text.partition("\n")[0]),
    ),
    says="The host puts the cosignatures of an older checkpoint under a newer one that no witness has seen.",
    by="verify.failed",
)
def replayed(place: Path) -> str:
    return counted(policy().check(note(FALSE, *(cosigned(TRUE, number) for number in (1, 2, 3)))))


@attack(
    "more than 100 signatures",
    Guard(
        "tlog.note.MOST_SIGNATURES",
        "a note with more than 100 signatures is none: other readers refuse it",
        becomes(1000),
    ),
    says="The host adds lines until the world's readers refuse a checkpoint that its own accept.",
    by="format.bad",
)
def hundred(place: Path) -> str:
    more = [SignatureLine(f"stranger{i}", b"none", b"nothing") for i in range(98)]
    lines = [cosigned(TRUE, number) for number in (1, 2, 3)]
    return counted(policy().check(Note.parse(_joined(TRUE, lines, more))))


@attack(
    "a size beyond 2^63",
    Guard("tlog.spelling.LARGEST", "a size is at most 2^63 - 1: no reader may take it for another", becomes(2**64)),
    says="Host and colluding witnesses sign a size that wraps in a reader that keeps it in 64 bits.",
    by="format.bad",
)
def huge(place: Path) -> str:
    text = f"{ORIGIN}\n{2**63}\n{'A' * 43}=\n"
    lines = [
        SignatureLine(vkey.name, vkey.id, START.to_bytes(8, "big") + secret.sign(message(text, vkey, START)))
        for vkey, secret in zip(VKEYS[:3], SECRETS, strict=False)
    ]
    return counted(policy().check(Note.parse(_joined(text, lines))))


@attack(
    "tick with a false time by a minority of witnesses",
    Guard(
        "tlog.quorum.Cosigned.time",
        "time is the median of the cosignatures, the lower of two in the middle",
        lambda original: property(lambda self: max(time for _, time in self.times)),
    ),
    says="One of four witnesses dates its cosignature ten years ahead, so that a vote closes before its time.",
    by="the time is an honest witness's",
)
def false_time(place: Path) -> str:
    assembly = Assembly(4)
    motion = assembly.motion("study", b"{}", closes=START + 86_400)
    assembly.vote(motion, "yes", "m1", "m2", "m3")
    text = str(assembly.checkpoint())
    lines = [line(assembly, text, id, START + 10) for id in ("m1", "m2", "m3")]
    assembly.say(HUB, Tick(checkpoint=str(signed(assembly, text).with_lines(*lines))))
    text = str(assembly.checkpoint())
    lines = [*(line(assembly, text, id, START + 20) for id in ("m1", "m2")), line(assembly, text, "m4", LATE)]
    assembly.say(HUB, Tick(checkpoint=str(signed(assembly, text).with_lines(*lines))))
    if assembly.state.motions[motion.index].outcome == "open":
        raise Stopped("the time is an honest witness's")
    return f"the vote is closed at {assembly.time}, ten years early"


@attack(
    "a key that signs every message",
    Guard("keys.SMALL_ORDER", "a key of small order is refused where it is registered", becomes(frozenset())),
    says="A witness registers a point of small order: one signature of it holds for every text, so it denies them all.",
    by="format.bad",
)
def every_message(place: Path) -> str:
    identity = public_text(b"\1" + bytes(31))
    vkey = Vkey("w1", identity, COSIGNATURE)
    made = START.to_bytes(8, "big") + b"\1" + bytes(63)
    lines = [SignatureLine("w1", vkey.id, made), cosigned(FALSE, 2), cosigned(FALSE, 3)]
    return counted(policy(charter_quorum([vkey, *VKEYS[1:4]])).check(note(FALSE, *lines)))


@attack(
    "keys that witnesses laid down",
    Guard(
        "services.audit.signers.Signers._changes",
        "a reader of envelopes alone believes the charter's keys only until a witness changes its own",
        always(False),
    ),
    says="Witnesses changed their keys, and the old ones leaked: the host shows a head under these to a quick audit.",
    by="usage",
)
def laid_down(place: Path) -> str:
    assembly = Assembly(4)
    for id in ("m1", "m2", "m3"):
        new = signer(f"{id} again", "witness")
        assembly.say(id, naming(id, "witness", new), by=signer(id, "officer"))
    with Hub(assembly) as hub, Client(hub.address) as client:
        hub.publish(START, by=["m1", "m2", "m3"])
        found = whole.audit(AtAddress(client), tell=lambda done, total, what: None, structure=True)
    return counted(found.seen)
