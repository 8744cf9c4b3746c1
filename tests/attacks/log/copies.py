"""Copies that others serve: what a mirror, an auditor or a witness of the twin log is shown by a host."""

from pathlib import Path

from comity.adapters.client import Client
from comity.adapters.growth import Growth
from comity.adapters.journal import Journal
from comity.services.mirror.copy import Copy
from comity.tlog import sigsum
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
