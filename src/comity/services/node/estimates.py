"""Estimates at an office: a custodian puts one to a country and settles it, the country reads its own and answers.

Decides the order: draft and box are on disk before the log hears of them, and a command that was killed between and is
given again says the very same statement. What may be said is judged by the log's rules. Drafts lie in `blobs/` (0600)
as every body does; as a readable file one is written only where somebody asks for it.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar, get_args

from comity import canon
from comity.acts import estimate as acts
from comity.acts.estimate import EstimateAnswered, EstimateProposed, EstimateSettled, Sealed, Settlement
from comity.acts.refs import Blob, Ref
from comity.adapters import clock, durable
from comity.adapters.dice import dice
from comity.adapters.folder import PRIVATE_FILE
from comity.assembly import queries
from comity.assembly.facts import EstimateAnswer, EstimateFacts
from comity.assembly.rules.estimate import COUNTERS, OPENS
from comity.assembly.state import State
from comity.canon import Digest
from comity.errors import NotAdmitted, SealBroken, UsageError
from comity.model import estimate, moment
from comity.model.estimate import Draft
from comity.model.reason import Reason, ordered
from comity.services.node import floor, say
from comity.services.node.drafts import estimate_of, has_come, opened
from comity.services.node.floor import PATIENCE, Said
from comity.services.node.office import Office
from comity.stages import estimate as boxes
from comity.stages.estimate import Way

FOLDER: Final = "estimates"  # what was prepared, by its meaning
SPARE: Final = 2  # seconds beyond the charter's least time, so that a tick on the way refuses nothing

Body = TypeVar("Body", EstimateProposed, EstimateAnswered)


def propose(
    home: Path,
    data: bytes,
    *,
    member: str,
    seconds: int = 0,
    method: Digest | None = None,
    where: str = "draft",
    patience: float = PATIENCE,
    now: Callable[[], int] = clock.now,
) -> Said:
    """Put an estimate (a CSV, see `model.estimate`) to its country, which has so many seconds to answer.

    Args:
        seconds: the charter's least time if less.
        method: the norm by which it was made, by digest.

    Raises:
        UsageError: the country is not in the assembly, or the estimate is about another area than the country's.
        NotAdmitted: the country has no box key, or this office is no custodian.
    """
    draft = estimate.of_csv(data, dice(estimate.SALT), where=where)
    with Office.open(home, runs=False, now=now) as office:
        state = floor.until(office, lambda state: state.time > 0 and _has_box(state, member), patience)
        actor = state.actors.get(member)
        if actor is None or state.charter is None:
            known = ", ".join(state.members)
            raise UsageError(
                "no such member", where="--to", found=member, wanted=known, way_out="comity assembly members"
            )
        if draft.area != actor.party.area:
            raise UsageError(
                "the estimate is about another area", where=where, found=draft.area, wanted=actor.party.area
            )
        least = state.charter.estimate_seconds + SPARE

        def make() -> EstimateProposed:
            return EstimateProposed(
                member=member,
                series=draft.series,
                period=draft.period,
                method=method,
                value=_sealed(office, state, draft, member),
                deadline=max(state.time, office.now()) + max(seconds, least),
            )

        def stands(body: EstimateProposed) -> bool:
            mine = [one for one in state.estimates.values() if one.value.draft == body.value.draft]
            return mine[0].settled is None if mine else body.deadline >= state.time + least - SPARE

        meant = ("proposed", member, draft.series, draft.period, method or "", str(seconds), canon.digest(data))
        body = _prepared(office, EstimateProposed, meant, make, stands)
        mine = next((one.ref for one in state.estimates.values() if one.value == body.value), None)
        said = _said_before("estimate/proposed", mine) or floor.say(office, "estimate/proposed", body)
        office.send((_kept(office, body.value.box.digest),))
        return said


def answer(
    home: Path,
    index: int,
    said: acts.Answer,
    *,
    codes: tuple[str, ...] = (),
    counter: bytes | None = None,
    note: str = "",
    where: str = "counter-value",
    patience: float = PATIENCE,
) -> Said:
    """This country's one answer; a counter-value is sealed to the custodian, a note is public.

    Raises:
        NotAdmitted: the estimate is another country's, or the log's rules speak against the answer.
        SealBroken, NotVerified: it was accepted, but the draft does not open, or is not the one that the log names.
    """
    reasons = ordered([Reason(code=code) for code in codes])
    own = estimate.of_csv(counter, dice(estimate.SALT), where=where) if counter is not None else None
    text = note.encode()
    with Office.open(home, runs=False) as office:
        state = floor.until(office, lambda state: has_come(state, index), patience)
        facts = estimate_of(state, index)
        if facts.member != office.member:
            raise NotAdmitted("the estimate is about another country", where=f"leaf {index}", found=facts.member)
        if said.startswith("accepted"):
            opened(office, state, facts, facts.value)  # nobody accepts what it has not seen
        if own is not None:
            _check_counter(state, facts, own, where)

        def make() -> EstimateAnswered:
            return EstimateAnswered(
                estimate=facts.ref,
                answer=said,
                reasons=reasons,
                counter=None if own is None else _sealed(office, state, own, facts.custodian),
                note=Blob(digest=canon.digest(text), size=len(text)) if text else None,
            )

        meant = ("answered", str(index), said, *codes, note, canon.digest(counter) if counter is not None else "")
        body = _prepared(office, EstimateAnswered, meant, make, lambda body: True)
        mine = facts.answer.ref if facts.answer and _same(facts.answer, body) else None
        spoken = _said_before("estimate/answered", mine) or floor.say(office, "estimate/answered", body)
        office.send((*([_kept(office, body.counter.box.digest)] if body.counter else []), *([text] if text else [])))
        return spoken


def settle(home: Path, index: int, outcome: Settlement, *, patience: float = PATIENCE) -> Said:
    """End an estimate as the country's answer allows; what it opens is public from then on.

    Raises:
        NotAdmitted: the country still has time, its answer allows others, or the log's rules speak against it.
    """
    with Office.open(home, runs=False) as office:
        state = floor.until(office, lambda state: _is_settled(state, index) or _may_settle(state, index), patience)
        facts = estimate_of(state, index)
        if facts.settled is None and facts.custodian == office.member:
            _check_outcome(state, facts, outcome)
        counter = facts.answer.counter if facts.answer else None
        draft = _record(office, state, facts, facts.value if outcome in OPENS else None)
        theirs = _record(office, state, facts, counter if outcome in COUNTERS else None)
        bodies = tuple(data for data in (draft, theirs) if data is not None)
        body = EstimateSettled(
            estimate=facts.ref,
            outcome=outcome,
            opened=_blob(draft),
            counter=_blob(theirs),
        )
        said = floor.say(office, "estimate/settled", body)
        if bodies:
            office.send(bodies)
        return said


def _record(office: Office, state: State, facts: EstimateFacts, value: Sealed | None) -> bytes | None:
    """The record of a value that a settlement opens."""
    return None if value is None else opened(office, state, facts, value).data


def _sealed(office: Office, state: State, draft: Draft, receiver: str) -> Sealed:
    """A draft in a box for another, both on disk; NotAdmitted if there is no key to seal it to."""
    if not _has_box(state, receiver):
        raise NotAdmitted(
            "there is no key to seal this to",
            where=receiver,
            wanted="a registered key for boxes",
            way_out="ask that office to give `comity node register-key box`",
        )
    way = Way(
        origin=say.origin(state), sender=office.member, receiver=receiver, series=draft.series, period=draft.period
    )
    box = boxes.seal(draft, state.actors[receiver].box, way)
    office.blobs.put_all((draft.data, box))
    return Sealed(draft=draft.digest, box=Blob(digest=canon.digest(box), size=len(box)))


def _prepared(
    office: Office, kind: type[Body], meant: tuple[str, ...], make: Callable[[], Body], stands: Callable[[Body], bool]
) -> Body:
    """The statement that was prepared for this meaning, if it still stands; else one that is made and kept now."""
    path = office.home / FOLDER / f"{canon.hex_of(canon.digest(canon.encode(meant)))}.json"
    if path.is_file() and stands(known := canon.decode(path.read_bytes(), kind, where=str(path))):
        return known
    body = make()
    durable.write(path, canon.encode(body), mode=PRIVATE_FILE)
    return body


def _said_before(kind: str, ref: Ref | None) -> Said | None:
    """A statement that the log has, under whatever name it was called then: only its bodies are sent again."""
    return None if ref is None else Said(kind=kind, index=ref.index, leaf=ref.digest)


def _same(said: EstimateAnswer, body: EstimateAnswered) -> bool:
    return (said.answer, said.reasons, said.counter, said.note) == (body.answer, body.reasons, body.counter, body.note)


def _check_counter(state: State, facts: EstimateFacts, own: Draft, where: str) -> None:
    """UsageError if a counter-value is about something else."""
    asked = (facts.series, state.actors[facts.member].party.area, facts.period)
    if (own.series, own.area, own.period) != asked:
        found = f"{own.series}, {own.area}, {own.period}"
        raise UsageError("the counter-value is about something else", where=where, found=found, wanted=", ".join(asked))


def _kept(office: Office, name: Digest) -> bytes:
    """A box that was made here."""
    body = office.blobs.get(name)
    if body is None:
        raise SealBroken("the box is not kept here any more", where=name, way_out="restore blobs/ from its backup")
    return body


def _has_box(state: State, id: str) -> bool:
    actor = state.actors.get(id)
    return actor is not None and bool(actor.box) and "box" not in actor.revoked


def _blob(data: bytes | None) -> Blob | None:
    return None if data is None else Blob(digest=canon.digest(data), size=len(data))


def _may_settle(state: State, index: int) -> bool:
    return index in state.estimates and bool(queries.may_settle(state, state.estimates[index]))


def _is_settled(state: State, index: int) -> bool:
    return index in state.estimates and state.estimates[index].settled is not None


def _check_outcome(state: State, facts: EstimateFacts, outcome: Settlement) -> None:
    """NotAdmitted if the country still has time to answer, or its answer allows only others, which are named."""
    where, may = f"leaf {facts.ref.index}", queries.may_settle(state, facts)
    if not may:
        until = moment.iso(facts.deadline)
        raise NotAdmitted(
            "the country still has time to answer", where=where, wanted=f"its answer, or a tick behind {until}"
        )
    if outcome not in may:
        allowed = ", ".join(one for one in get_args(Settlement) if one in may)
        raise NotAdmitted("the answer does not allow this", where=where, found=outcome, wanted=allowed)
