"""What an estimate says, as one office may read it: a country its draft, a custodian the counter-value.

Anyone else reads what is public. Decides where a value comes from: out of the office's own folder, out of what the
settlement opened, or out of the box that the hub keeps for this office. What was opened once stays in `blobs/` (0600),
so that it is there when the hub has forgotten the box.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from comity import canon
from comity.acts.estimate import Sealed, Settlement
from comity.assembly import estimates, hosts, queries
from comity.assembly.facts import EstimateFacts
from comity.assembly.queries import EstimateStage
from comity.assembly.state import State
from comity.canon import Digest
from comity.errors import SealBroken, Unreachable, UsageError
from comity.model import moment
from comity.model.estimate import Draft, Key
from comity.services.node import floor, say
from comity.services.node.floor import PATIENCE
from comity.services.node.office import Office
from comity.stages import estimate as boxes
from comity.stages.estimate import Way


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """An estimate as this office may see it.

    draft, counter: the values in clear, if they are public or this office's to read.
    released: what the country publishes itself, by key, if the estimate names its norm.
    note: the country's public words to its answer.
    may: how its custodian may settle it now.
    """

    facts: EstimateFacts
    stage: EstimateStage
    may: tuple[Settlement, ...]
    draft: Draft | None
    counter: Draft | None
    released: Mapping[Key, str]
    note: str | None


def show(home: Path, index: int, *, answered: bool = False, patience: float = PATIENCE) -> tuple[Shown, State]:
    """An estimate with what is this office's to read, and the state in which it is so.

    A country opens the draft, a custodian the counter-value. `answered`: an answer just given may still come.
    """
    with Office.open(home, runs=False) as office:
        waits = _has_answer if answered else has_come
        state = floor.until(office, lambda state: waits(state, index), patience)
        return _shown(office, state, estimate_of(state, index)), state


def waiting(state: State, member: str) -> dict[int, str]:
    """Estimates that wait for this office's answer: a line for its officer each, by leaf index."""
    return {
        facts.ref.index: (
            f"the estimate of {facts.series}, {facts.period}, by {facts.custodian} waits for this office's answer "
            f"until {moment.iso(facts.deadline)}: comity estimate show {facts.ref.index}"
        )
        for facts in queries.waiting(state, member)
    }


def estimate_of(state: State, index: int) -> EstimateFacts:
    """An estimate by its leaf index; UsageError if there is none."""
    if index not in state.estimates:
        known = ", ".join(f"{i} ({e.series} {e.period}, {e.member})" for i, e in state.estimates.items()) or "none"
        raise UsageError("no such estimate", where=f"leaf {index}", wanted=known[:400], way_out="comity estimate list")
    return state.estimates[index]


def note_of(facts: EstimateFacts, get: Callable[[Digest], bytes]) -> str | None:
    """What the country wrote to its answer, if it wrote anything; whoever took the text down is not asked again."""
    if facts.answer is None or facts.answer.note is None:
        return None
    try:
        return get(facts.answer.note.digest).decode(errors="replace")
    except Unreachable:
        return "(the text is not kept any more)"


def _shown(office: Office, state: State, facts: EstimateFacts) -> Shown:
    counter = facts.answer.counter if facts.answer else None
    may = queries.may_settle(state, facts)
    return Shown(
        facts=facts,
        stage=queries.estimate_stage(state, facts),
        may=tuple(one for one in get_args(Settlement) if one in may),
        draft=_readable(office, state, facts, facts.value),
        counter=_readable(office, state, facts, counter) if counter else None,
        released=boxes.own_figures(state, facts, office.text),
        note=note_of(facts, office.text),
    )


def _readable(office: Office, state: State, facts: EstimateFacts, value: Sealed) -> Draft | None:
    """A value in clear; None if it is neither public nor this office's."""
    settled = facts.settled
    if settled and value.draft in [blob.digest for blob in (settled.opened, settled.counter) if blob]:
        return estimates.checked(state, facts, office.text(value.draft))
    if office.member in (facts.member, facts.custodian):
        return opened(office, state, facts, value)
    return None


def opened(office: Office, state: State, facts: EstimateFacts, value: Sealed) -> Draft:
    """What is in a box of this office's, or what it put into one: by the hub at first, then out of its own folder.

    Raises:
        Unreachable: the hub has no such box: it did not come yet, or was forgotten when the estimate was over.
        SealBroken, NotVerified: it does not open, or holds another record than the log names.
    """
    data = office.blobs.get(value.draft)
    if data is not None:
        return estimates.checked(state, facts, data)
    index = facts.ref.index if value == facts.value or facts.answer is None else facts.answer.ref.index
    sender, receiver = _between(facts, value)
    if receiver != office.member:
        raise SealBroken("the record is not kept here any more", where=value.draft, way_out="restore blobs/")
    way = Way(
        origin=hosts.origin_at(state, index),
        sender=sender,
        receiver=receiver,
        series=facts.series,
        period=facts.period,
    )
    box = _box(office, state, facts, value)
    draft = boxes.open_(box, office.keyring.openers(), way, value.draft)
    office.blobs.put(draft.data)
    return estimates.checked(state, facts, draft.data)


def _box(office: Office, state: State, facts: EstimateFacts, value: Sealed) -> bytes:
    """The box, from the hub by a signed request, kept here."""
    known = office.blobs.get(value.box.digest)
    if known is not None:
        return known
    signer = office.signer("sign")
    found = say.fetch(facts.ref, office.member, state, signer, office.journal, office.client, office.now())
    for box in found:
        if canon.digest(box) == value.box.digest:
            office.blobs.put(box)
            return box
    raise Unreachable(
        "the hub has no such box for this office",
        where=f"leaf {facts.ref.index}",
        way_out="ask again later; if it never comes, object: nothing was put to this office",
    )


def _between(facts: EstimateFacts, value: Sealed) -> tuple[str, str]:
    """From whom to whom a value goes."""
    return (facts.custodian, facts.member) if value == facts.value else (facts.member, facts.custodian)


def has_come(state: State, index: int) -> bool:
    """Whether a leaf that is to be an estimate was read, or is no leaf that can have been logged just now."""
    return not state.size <= index < state.size + floor.NEAR


def _has_answer(state: State, index: int) -> bool:
    return index in state.estimates and queries.estimate_stage(state, state.estimates[index]) != "open"
