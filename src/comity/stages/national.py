"""The office's own table, in the member's side as a state machine: consented to, kept, said by its digest, sent.

What may be shown of it was decided where it was counted (`protect.sdc`), and is remembered at home before the table is
said; here a salt is drawn for a table of persons. Areas are shown as they are. Decides nothing of a sealed exchange:
that, and the order of both, is `answer`'s.
"""

from dataclasses import replace
from typing import Final

from comity.acts.consent import ConsentGiven
from comity.acts.exchange import Answer
from comity.acts.refs import Blob, Ref
from comity.assembly import queries
from comity.assembly.facts import ConsentFacts
from comity.canon import digest
from comity.model import cube
from comity.model.cube import Cube
from comity.stages import extracts
from comity.stages.dice import Dice
from comity.stages.effects import Count, Counted, Effect, Home, Keep, Remember, Say, Send
from comity.stages.seal.round import Attempt

TABLE: Final = "table"  # names in seal.db; they belong to no attempt
TABLE_EXTRACT: Final = "table.extract"
TABLE_SENT: Final = "table.sent"


def table(home: Home, at: Attempt, dice: Dice) -> tuple[Effect, ...]:
    """Remember, salt and keep the national table; say its digest; send it."""
    given = consent(home, at)
    if given is None or TABLE_SENT in home.memory:
        return ()
    said, kept = home.state.nationals.get(given.ref.index), home.memory.get(TABLE)
    extract = home.memory.get(TABLE_EXTRACT)
    if said is None and (kept is None or extract is None):
        if home.counted is None or home.counted.national is None:
            return (Count(),)
        if given.binding != home.binding:
            return ()  # counted through another map than the one that was consented with
        kept = cube.encode(_shown(home, home.counted.national, dice))
        commit, extract = extracts.committed(home, at.asked, home.counted.basis, dice)
        keep = Keep(put={TABLE: kept, TABLE_EXTRACT: extract})
        return (*remembered(home.counted), commit, keep, _said(given.ref, kept, extract))
    if said is None and kept is not None and extract is not None:
        return (_said(given.ref, kept, extract),)
    if said is None or kept is None or blob(kept) != said.body:
        return ()  # said before a disk was lost: there is nothing that fits, and no second table
    gone = tuple(name for name in (TABLE, TABLE_EXTRACT) if name in home.memory)
    return (Send(named_by=said.ref, bodies=(kept,)), Keep(put={TABLE_SENT: b""}, drop=gone))


def _said(given: Ref, kept: bytes, extract: bytes) -> Say:
    return Say(body=Answer(exchange=None, consent=given, body=blob(kept), extract=extracts.kept(extract)))


def _shown(home: Home, table: Cube, dice: Dice) -> Cube:
    """The table as it may be seen. Areas are nobody's: they are shown as they are, and the same whoever makes them."""
    if home.rasters:
        return table
    return replace(table, salt=dice(32).hex())


def remembered(counted: Counted) -> tuple[Remember, ...]:
    """What is to be kept of a table before anything of it is said."""
    return (Remember(released=counted.released),) if counted.released else ()


def consent(home: Home, at: Attempt) -> ConsentFacts | None:
    """The consent under which this member's own table is asked."""
    own = (c for c in queries.consents(home.state, at.asked, home.period) if c.member == home.member)
    asked = [c for c in own if c.national and (c.revoked is None or c.ref.index in home.state.nationals)]
    return asked[0] if asked else None


def speaks(home: Home) -> bool:
    """Whether the log lets this node say yes or no: a member in good standing, or a producer."""
    actor = home.state.actors.get(home.member)
    return actor is not None and actor.active and actor.party.role in ("member", "producer")


def alone(home: Home, at: Attempt) -> tuple[Effect, ...]:
    """Yes to a study of areas: the own table, and no seal. Said once, whatever becomes of any attempt."""
    if consent(home, at) is not None or not home.policy.national.publish:
        return ()
    body = ConsentGiven(
        study=at.asked,
        period=home.period,
        sealed=None,
        national=True,
        binding=home.binding,
        policy=home.policy.digest,
    )
    return (Say(body=body),)


def blob(body: bytes) -> Blob:
    """How a statement names a body."""
    return Blob(digest=digest(body), size=len(body))
