"""An assembly with a custodian, and what it and a country say about an estimate: real boxes, made-up values."""

import copy
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Self

from comity.acts.charter import Silence
from comity.acts.estimate import Answer, EstimateAnswered, EstimateProposed, EstimateSettled, Sealed, Settlement
from comity.acts.key import KeyRegistered
from comity.acts.refs import Blob, Ref
from comity.assembly.facts import EstimateFacts
from comity.keys import box_text
from comity.model.estimate import Draft, Row
from comity.model.reason import Reason
from comity.stages import estimate
from comity.stages.estimate import Way
from comity.stages.seal.derivations import PrivateKey
from tests.builders.assembly import ORIGIN, Assembly, blob, charter_of, party

SECONDS = 100  # the charter's least time to answer
SERIES, PERIOD = "SI_POV_DAY1", "2020"
CSV = b"""\
SERIES,REF_AREA,TIME_PERIOD,SEX,UNIT_MEASURE,UNIT_MULT,NATURE,OBS_STATUS,OBS_VALUE,LOWER_BOUND,UPPER_BOUND,SOURCE_DETAIL
SI_POV_DAY1,1,2020,F,PERCENT,0,M,E,12.5,10.1,14.9,Household survey 2018
SI_POV_DAY1,1,2020,M,PERCENT,0,M,E,11.0,,,Household survey 2018
"""


def secret(id: str) -> PrivateKey:
    """The key by which an actor opens its boxes."""
    return estimate.key_of(sha256(f"box {id}".encode()).digest())


def draft(value: str = "12.5", *, salt: bytes = b"\x01" * 32, period: str = PERIOD, area: str = "001") -> Draft:
    """One value; others have other digests."""
    row = Row(key={"SEX": "F"}, value=value, lower="", upper="", status="E", nature="M", source="")
    return Draft(salt=salt, series=SERIES, area=area, period=period, unit="PERCENT", multiplier="0", rows=(row,))


def way(sender: str, receiver: str) -> Way:
    return Way(origin=ORIGIN, sender=sender, receiver=receiver, series=SERIES, period=PERIOD)


def of(record: Draft) -> Blob:
    """How a settlement names a record that it opens."""
    return blob(record.data)


class Estimates(Assembly):
    """Members m1..mN with a key for boxes each, and the custodians `un` and `who`."""

    def __init__(self, members: int = 3, *, silence: Silence = "objected", keys: Sequence[str] = ("m1", "m2", "un")):
        parties = [party(f"m{i}") for i in range(1, members + 1)]
        parties += [party(id, role="custodian") for id in ("un", "who")]
        super().__init__(charter=replace(charter_of(parties), estimate_seconds=SECONDS, silence=silence))
        for id in keys:
            self.say(id, KeyRegistered(purpose="box", key=box_text(secret(id).public)))

    def copy(self) -> Self:
        """Another assembly with the same past."""
        made = copy.copy(self)
        made.leaves, made.bodies = list(self.leaves), dict(self.bodies)
        return made

    def sealed(self, record: Draft, sender: str, receiver: str) -> Sealed:
        """A record in a box, which is kept in `bodies`."""
        box = estimate.seal(record, box_text(secret(receiver).public), way(sender, receiver))
        return Sealed(draft=record.digest, box=self.body(box))

    def proposal(
        self,
        record: Draft | None = None,
        *,
        member: str = "m1",
        by: str = "un",
        seconds: int = SECONDS,
        value: Sealed | None = None,
    ) -> EstimateProposed:
        """What a custodian says; it ends as early as the charter allows."""
        record = record or draft()
        return EstimateProposed(
            member=member,
            series=record.series,
            period=record.period,
            method=None,
            value=value or self.sealed(record, by, member),
            deadline=self.time + seconds,
        )

    def propose(self, record: Draft | None = None, *, member: str = "m1", by: str = "un") -> Ref:
        return self.say(by, self.proposal(record, member=member, by=by))

    def answered(
        self, ref: Ref, answer: Answer, *codes: str, counter: Draft | None = None, note: bytes | None = None
    ) -> EstimateAnswered:
        """What the country says."""
        facts = self.facts(ref)
        return EstimateAnswered(
            estimate=ref,
            answer=answer,
            reasons=tuple(Reason(code=f"objection.{code}") for code in codes),
            counter=self.sealed(counter, facts.member, facts.custodian) if counter else None,
            note=None if note is None else self.body(note),
        )

    def settled(
        self, ref: Ref, outcome: Settlement, *, opened: Draft | None = None, counter: Draft | None = None
    ) -> EstimateSettled:
        """What the custodian says in the end."""
        return EstimateSettled(
            estimate=ref,
            outcome=outcome,
            opened=of(opened) if opened else None,
            counter=of(counter) if counter else None,
        )

    def facts(self, ref: Ref) -> EstimateFacts:
        return self.state.estimates[ref.index]


def agreed(log: Assembly, custodian: str, member: str) -> Ref:
    """An estimate that its country accepts and that is published, in any assembly."""
    log.say(custodian, KeyRegistered(purpose="box", key=box_text(secret(custodian).public)))
    ref = put(log, custodian, member)
    log.say(member, EstimateAnswered(estimate=ref, answer="accepted", reasons=(), counter=None, note=None))
    log.say(custodian, EstimateSettled(estimate=ref, outcome="published", opened=of(draft()), counter=None))
    return ref


def put(log: Assembly, custodian: str, member: str) -> Ref:
    """An estimate for a country, whose key for boxes is new; its box holds nothing."""
    log.say(member, KeyRegistered(purpose="box", key=box_text(secret(member).public)))
    body = EstimateProposed(
        member=member,
        series=SERIES,
        period=PERIOD,
        method=None,
        value=Sealed(draft=draft().digest, box=log.body(estimate.LINE + member.encode())),
        deadline=log.time + log.charter.estimate_seconds,
    )
    return log.say(custodian, body)
