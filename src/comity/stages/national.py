"""The office's own table, in the member's side as a state machine: consented to, kept, said by its digest, sent.

What may be shown of it was decided where it was counted (`protect.sdc`), and is remembered at home before the table is
said; here a salt is drawn for a table of persons, and noise where the policy protects it by noise: charged before it is
drawn, once, and not before the table could be counted. A budget that does not bear it lets no table be shown. Areas are
shown as they are. Decides nothing of a sealed exchange: that, and the order of both, is `answer`'s.
"""

from dataclasses import replace
from typing import Final

import numpy as np

from comity.acts.consent import ConsentGiven
from comity.acts.exchange import Answer
from comity.acts.refs import Blob, Ref
from comity.assembly import queries
from comity.assembly.facts import ConsentFacts
from comity.canon import digest
from comity.model import cube
from comity.model.cube import STATUS, Cube
from comity.model.law import Exposure, Law
from comity.model.policy import National
from comity.model.study import NoisePlan, Study
from comity.stages import extracts
from comity.stages.dice import Dice
from comity.stages.effects import Charge, Count, Counted, Effect, Home, Keep, Remember, Say, Send
from comity.stages.protect import noise, pricing, sampler
from comity.stages.protect.budget import Cost
from comity.stages.seal.round import Attempt

TABLE: Final = "table"  # names in seal.db; they belong to no attempt
TABLE_EXTRACT: Final = "table.extract"
TABLE_SENT: Final = "table.sent"
TABLE_CHARGED: Final = "table.charged"


def table(home: Home, at: Attempt, dice: Dice) -> tuple[Effect, ...]:
    """Remember, salt and keep the national table; say its digest; send it."""
    given = consent(home, at)
    if given is None or TABLE_SENT in home.memory:
        return ()
    said, kept = home.state.nationals.get(given.ref.index), home.memory.get(TABLE)
    extract = home.memory.get(TABLE_EXTRACT)
    if said is None and (kept is None or extract is None):
        if home.counted is None or home.counted.national is None or not _fits(home, home.counted):
            return (Count(table=True),)
        if given.binding != home.binding:
            return ()  # counted through another map than the one that was consented with
        price = None if home.rasters else cost(home.study, home.policy.national, home.touched)
        if price is not None and home.memory.get(TABLE_CHARGED) != price.made.encode():
            return _charged(home, at, price)
        kept = cube.encode(_shown(home, home.counted.national, dice))
        commit, extract = extracts.committed(home, at.asked, home.counted.basis, dice)
        drop = (TABLE_CHARGED,) if TABLE_CHARGED in home.memory else ()
        keep = Keep(put={TABLE: kept, TABLE_EXTRACT: extract}, drop=drop)
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
    """The table as it may be seen, without contributors, who are no measure that a rule looked at.

    Areas are nobody's: they are shown as they are, and the same whoever makes them.
    """
    if home.rasters:
        return table
    if home.policy.national.way == "noise":
        table = _noisy(table, Law.parse(home.policy.national.noise), dice)
    nobody = np.zeros(table.layout.length, "<i4")  # who adds something to a sum, less all who stand there, may be few
    return replace(table, contributors=nobody, salt=dice(32).hex())


def _fits(home: Home, counted: Counted) -> bool:
    """Whether the table was made for the way of today's policy: without noise, one that waits for it is as counted."""
    return home.rasters or counted.way == home.policy.national.way


def cost(study: Study, own: National, touched: int) -> Cost | None:
    """What an own table is charged with; None where the policy protects it in another way, or publishes none.

    One person may move each measure by its bound in as many cells as one may stand in, and a moment in all.

    Raises:
        FormatError: the noise protects nothing.
    """
    if own.way != "noise" or not own.publish:
        return None
    cells = touched or study.layout.cells
    plan = NoisePlan(sigma2=1, cells=cells, delta=own.delta, epsilon="1")  # whose law counts for nothing
    law = Law.parse(own.noise)
    moved = noise.exposures(replace(study, noise=plan))
    return pricing.of_release([Exposure(law, one.shift, one.cells) for one in moved], own.delta)


def _charged(home: Home, at: Attempt, price: Cost) -> tuple[Effect, ...]:
    """The charge, durable before anything is drawn, and what it was made of, so that no other noise is drawn for it.

    What the budget does not bear is never shown.
    """
    if home.spent:
        return (Keep(put={TABLE_SENT: b""}),)
    key = f"{at.asked} {home.period} table {price.made}"
    charge = Charge(
        key=key,
        study=at.asked,
        period=home.period,
        epsilon=price.epsilon,
        delta=price.delta,
        rho=price.rho,
        made=price.made,
    )
    return (charge, Keep(put={TABLE_CHARGED: price.made.encode()}))


def _noisy(table: Cube, law: Law, dice: Dice) -> Cube:
    """Every entry that is not blank with a draw of its own, true zeros too; no variance of the sample is left."""
    values = table.values.copy()
    sampler.add(values, law, dice)
    blank = table.status == STATUS.index("Q")
    return replace(
        table,
        values=np.where(blank, 0, values).astype("<i8"),
        sampling=np.zeros(table.layout.length, "<f8"),
        noise=np.where(blank, 0.0, float(law.variance)).astype("<f8"),
    )


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
