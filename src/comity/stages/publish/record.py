"""`release.json` of a leaf, read only if it says of itself what the log says of it.

Whoever publishes writes its record alone: it may be no record at all, or pose as another's. Whether its figures follow
is checked by `verify`; here only what a hub must know before it shows the record under its own roof.
"""

from comity import canon
from comity.acts.release import Figures
from comity.assembly import hosts, queries
from comity.assembly.facts import ReleaseFacts
from comity.assembly.state import State
from comity.errors import NotVerified
from comity.model.member import HUB
from comity.model.release import Release


def read(state: State, facts: ReleaseFacts, body: bytes) -> Release:
    """The record that a leaf published.

    Raises:
        FormatError: the bytes are no record of a release.
        NotVerified: it names another log, publisher, kind, study, period or inputs than its leaf.
    """
    where = f"release.json of leaf {facts.ref.index}"
    record = canon.decode(body, Release, where=where)
    says = {
        "origin": (record.origin, hosts.origin_at(state, max(facts.inputs, default=facts.ref.index))),
        "publisher": (record.publisher, facts.publisher),
        "kind": (record.kind, "joint" if facts.publisher == HUB else "national"),
        "inputs": (record.inputs, facts.inputs),
        "study and period": ((record.study, record.period), queries.subject(state, facts)),
    }
    if wrong := [name for name, (found, wanted) in says.items() if found != wanted]:
        found, wanted = says[wrong[0]]
        raise NotVerified(
            f"the record says another {wrong[0]} than the log", where=where, found=str(found), wanted=str(wanted)
        )
    return record


def rooted(facts: ReleaseFacts, found: Figures) -> None:
    """NotVerified unless the tree of the record's figures is the one that its leaf names."""
    if facts.figures != found:
        raise NotVerified(
            "the record's figures are not those that the leaf names",
            where=f"release.json of leaf {facts.ref.index}",
            found=f"{found.count} figures, root {found.root}, heading {found.heading}",
            wanted=f"{facts.figures.count} figures, root {facts.figures.root}, heading {facts.figures.heading}",
        )
