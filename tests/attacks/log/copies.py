"""Copies that others serve: what a mirror, an auditor or a witness of the twin log is shown by a host."""

from pathlib import Path

from comity.adapters.client import Client
from comity.adapters.growth import Growth
from comity.adapters.journal import Journal
from comity.assembly import witnesses
from comity.services.mirror.copy import Copy, Pinned
from comity.tlog import sigsum
from comity.tlog.note import Note, SignatureLine
from tests.attacks.book import Guard, Stopped, always, attack
from tests.attacks.hosts import rewritten, signed, text_of
from tests.builders.assembly import HUB, START, Assembly
from tests.builders.twin import released
from tests.services.node.hub import Hub
from tests.services.node.test_twin import Node, leaves


@attack(
    "fork shown to a mirror",
    Guard("services.mirror.log.LogCopy._compare", "what was copied before must be how the view begins", always(None)),
    says="The host shows a mirror a second root of the size that it serves, so that its readers see another log.",
    by="verify.failed",
)
def mirror(place: Path) -> str:
    assembly = Assembly(4)
    with Hub(assembly) as hub, Client(hub.address) as client:
        hub.publish(START)
        copy = Copy(place, client)
        copy.once()
        other = rewritten(assembly.leaves)
        hub.tiles(other)
        hub.files["checkpoint"] = str(signed(assembly, text_of(assembly, other), *assembly.members)).encode()
        copy.once()
        if copy.checkpoint == assembly.checkpoint():
            raise Stopped("the mirror serves what it copied")
        return "the mirror serves a second root of one size"


PINNED = Guard(
    "services.mirror.copy.Copy._judge", "every head stands under the policy that the operator pinned", always(None)
)


@attack(
    "uncosigned fork shown to a new mirror",
    PINNED,
    says="The host gives a mirror a log that no witness has seen, so that it serves that, and refuses the true one.",
    by="quorum.short",
)
def uncosigned(place: Path) -> str:
    assembly = Assembly(4)
    with Hub(assembly) as hub, Client(hub.address) as client:
        other = rewritten(assembly.leaves)
        hub.tiles(other)
        hub.files["checkpoint"] = str(signed(assembly, text_of(assembly, other))).encode()
        copy = Copy(place, client, Pinned(policy=witnesses.policy(assembly.state)))
        copy.once()
        return f"the mirror serves {copy.size} leaves that no witness has seen"


@attack(
    "false line put under the head that a mirror serves",
    PINNED,
    says="Somebody before a mirror adds a line in a witness's name that does not hold: every reader refuses the head.",
    by="verify.failed",
)
def poisoned(place: Path) -> str:
    assembly = Assembly(4)
    policy = witnesses.policy(assembly.state)
    with Hub(assembly) as hub, Client(hub.address) as client:
        hub.publish(START)
        copy = Copy(place, client, Pinned(policy=policy))
        copy.once()
        vkey = policy.quorum.witnesses[0].vkey
        note = Note.parse(hub.files["checkpoint"]).with_lines(SignatureLine(vkey.name, vkey.id, bytes(72)))
        hub.files["checkpoint"] = str(note).encode()
        copy.once()
        return "the mirror serves a head that its readers refuse"


@attack(
    "release in the twin that the log does not hold",
    Guard("assembly.twin.check", "a witness holds each leaf of the twin against the log's releases", always(None)),
    says="The host asks for cosignatures of a twin log with a release that no leaf published, for readers of the twin.",
    by="verify.failed",
)
def twin(place: Path) -> str:
    assembly = Assembly(4)
    study = assembly.adopt("study", b"{}")
    for period in ("1", "2"):
        released(assembly, study, period)
    growth, journal = Growth(place / "witness.db"), Journal(place / "journal.db")
    with Hub(assembly) as hub, Client(hub.address) as client:
        node = Node(place, hub, growth, journal, client)
        false = bytes(sigsum.Leaf.of(bytes(32), assembly.signers[HUB, "sign"]))
        node.serve([leaves(node)[0], false])
        node.answer(START + 1)
        return f"a cosignature of {node.signed()} releases, one of which was never published"
