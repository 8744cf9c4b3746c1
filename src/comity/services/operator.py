"""What the hub's operator says by hand: its answer where a member asks for an audit of a joint release.

Signs by the key in the hub's folder, and posts at the hub's own door, which must be open: so the running hub judges it
as it judges everyone. A command given twice is one answer.
"""

from collections.abc import Sequence
from pathlib import Path

from comity import canon
from comity.acts.audit import AuditAnswered
from comity.acts.refs import Blob, Head
from comity.acts.statement import Act, sign
from comity.adapters.folder import Folder
from comity.adapters.keyring import Keyring
from comity.errors import ConfigError, NotVerified, UsageError
from comity.model.member import HUB
from comity.model.reason import Reason
from comity.services import config, reading
from comity.services.node.audits import refuse_record
from comity.services.node.floor import Said


def is_hub(home: Path) -> bool:
    """Whether a hub lives in this folder."""
    try:
        Folder.open(home, "hub")
    except ConfigError:
        return False
    return True


def answer(home: Path, audit: int, *, evidence: Sequence[bytes] = (), reasons: Sequence[Reason] = ()) -> Said:
    """Answer a request put to the hub (its leaf index) with evidence, or refuse it by these reasons.

    Raises:
        UsageError: there is no such request, or the evidence shows the record of an extract.
        Rejected: the log's rules speak against it.
        Unreachable: the hub does not run.
    """
    Folder.open(home, "hub")
    for data in evidence:
        refuse_record(data, where=f"request {audit}")
    bodies = tuple(dict.fromkeys(evidence))
    with reading.at_hub(f"http://{config.hub(home).listen}", None) as log:
        state = log.log.state
        if audit not in state.audits:
            known = ", ".join(str(i) for i, one in state.audits.items() if one.asked == HUB) or "none"
            raise UsageError("no such request", where=f"leaf {audit}", wanted=known, way_out="comity audit list")
        facts = state.audits[audit]
        if state.charter is None:
            raise NotVerified("no charter was read", where=log.client.address)
        body = AuditAnswered(
            audit=facts.ref,
            answer="refused" if reasons else "answered",
            reasons=tuple(reasons),
            evidence=tuple(Blob(digest=canon.digest(one), size=len(one)) for one in bodies),
        )
        said = facts.answer
        if said and (said.answer, said.reasons, said.evidence) == (body.answer, body.reasons, body.evidence):
            log.client.put(bodies)
            return Said(kind="audit/answered", index=said.ref.index, leaf=said.ref.digest)
        head = Head(size=state.size, root=state.roots[state.size])
        act = Act(actor=HUB, origin=state.charter.origin, head=head, body=body)
        leaf = sign(act, Keyring(home).signer("sign"))
        index = log.client.state(leaf).index
        log.client.put(bodies)
        return Said(kind="audit/answered", index=index, leaf=canon.digest(leaf))
