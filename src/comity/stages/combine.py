"""Combine: from the opened sum and the log to the content of a joint release.

Figures are the method's `finish`; who took part, what they said and what the sum gives away are read from the state.
Decides what a release says; how it is written to files is `publish`. Needs no array: `verify` combines again.
"""

import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Final

from comity.acts import statement
from comity.acts.exchange import Answer
from comity.assembly import hosts
from comity.assembly.facts import ConsentFacts, ExchangeFacts, RefusalFacts
from comity.assembly.state import State
from comity.canon import Digest
from comity.errors import FormatError, NotVerified
from comity.methods import registry
from comity.methods.card import WEIGHT, Finish
from comity.model.member import HUB
from comity.model.reason import Reason
from comity.model.release import Alone, Part, Privacy, Release, Taking
from comity.model.study import NoisePlan, Study, threshold
from comity.stages import reserved
from comity.stages.table import Table

EXACT: Final = Context(prec=28, rounding=ROUND_HALF_EVEN)  # DESIGN: figures are the same everywhere


def joint(
    state: State,
    exchange: int,
    sums: Sequence[int],
    *,
    study: Study,
    finish: Finish,
    leaf: Callable[[int], bytes],
    nationals: Mapping[int, bool],
) -> Release:
    """The joint release of a closed exchange, without files.

    Args:
        state: of the log up to the moment of release.
        exchange: leaf index of its `exchange/opened`.
        sums: the opened sum, as `opened` reads it.
        study: the text that the exchange names.
        finish: of the study's method.
        leaf: a leaf's bytes by index; for what members state in `answer`.
        nationals: leaf index of each national answer that counts -> whether a cell of it is suppressed.

    Raises:
        NotVerified: the exchange did not end with a sum, or is not of this study.
    """
    facts = state.exchanges.get(exchange)
    if facts is None or facts.closed is None or facts.closed.sum is None or facts.survivors is None:
        raise NotVerified("no exchange that ended with a sum", where=f"leaf {exchange}", wanted="exchange/closed")
    if facts.study != study.digest or state.charter is None or state.charter_digest is None:
        raise NotVerified("the exchange is of another study", where=f"leaf {exchange}", found=facts.study)
    origin = hosts.origin_at(state, max((facts.closed.ref.index, *nationals)))
    held = reserved.standing(state, study.norm, {id: facts.answers[id].ref.index for id in summed(facts)})
    return Release(
        kind="joint",
        origin=origin,
        charter=state.charter_digest,
        study=facts.study,
        norm=study.norm,
        period=facts.period,
        publisher=HUB,
        time=state.dated[facts.closed.ref.index],
        inputs=tuple(sorted((facts.closed.ref.index, *nationals))),
        layout=study.layout,
        figures=finish(
            study.layout,
            sums[: study.layout.length],
            noise_variance(state, facts, study.noise, study.colluding),
            study.parameters,
            withheld(sums, study),
        ),
        takings=takings(state, facts),
        privacy=privacy(state, facts, study, leaf),
        alone=Alone(answered=len(nationals), suppressed=sum(nationals.values())) if nationals else None,
        notes=notes(study, origin, plain_tables=bool(nationals), reservations=bool(held)),
        files=(),
        reserved=held,
    )


def national(
    state: State, answer: int, table: Table, *, study: Study, finish: Finish, rasters: bool = False
) -> Release:
    """A member's own release of its national `answer`, without files; NotVerified if the leaf is none.

    Args:
        rasters: the table holds areas, so what must be said beside the figures is about maps, not about persons.
    """
    consent = next((consent for consent, said in state.nationals.items() if said.ref.index == answer), None)
    if consent is None or state.charter is None or state.charter_digest is None:
        raise NotVerified("no national answer", where=f"leaf {answer}", wanted="an answer that names a consent")
    given = state.consents[consent]
    if given.study != study.digest or table.layout != study.layout:
        raise NotVerified("the table is not of this study", where=f"leaf {answer}", found=given.study)
    held, origin = reserved.standing(state, study.norm, {given.member: answer}), hosts.origin_at(state, answer)
    said = (
        map_notes(study, origin, table)
        if rasters
        else (*common_notes(study, origin), *_TABLE_NOTES[table.suppressed, table.noise > 0])
    )
    return Release(
        kind="national",
        origin=origin,
        charter=state.charter_digest,
        study=given.study,
        norm=study.norm,
        period=given.period,
        publisher=given.member,
        time=state.dated[answer],
        inputs=(answer,),
        layout=table.layout,
        figures=reserved.marked(
            finish(table.layout, table.values, table.noise, study.parameters, table.statuses), held
        ),
        takings=(),
        privacy=None,
        alone=None,
        notes=(reserved.OWN, *said) if held else said,
        files=(),
        reserved=held,
    )


def opened(body: bytes, study: Study) -> tuple[int, ...]:
    """The entries of an opened sum: little-endian int64, in the order of the layout; FormatError for another length.

    Without noise, how many members withheld each cell follows the measures (SEAL).
    """
    length = study.layout.length + (0 if study.noise else study.layout.cells)
    if len(body) != 8 * length:
        raise FormatError(
            "sum does not fit the layout", where="sum", found=f"{len(body)} bytes", wanted=f"{8 * length}"
        )
    return struct.unpack(f"<{length}q", body)


def withheld(sums: Sequence[int], study: Study) -> tuple[str, ...] | None:
    """Status of each entry: a cell that any member withheld would be a lower bound, and is not shown; None: all are."""
    counts = sums[study.layout.length :]
    if not any(counts):
        return None
    return tuple("Q" if count else "A" for count in counts) * len(study.layout.measures)


def summed(facts: ExchangeFacts) -> tuple[str, ...]:
    """Members of U3, sorted: those whose vectors are in the sum."""
    inside = set(facts.survivors.members) if facts.survivors else set()
    return tuple(sorted(member for member, said in facts.answers.items() if said.ref.index in inside))


def noise_variance(state: State, facts: ExchangeFacts, plan: NoisePlan | None, colluding: int) -> Decimal:
    """Variance of the noise in each cell of the sum: sum over U3 of rate x sigma^2 / (100 (t - c)) (SEAL)."""
    if plan is None:
        return Decimal(0)
    rates = {}
    for index in facts.opened.members:
        consent = state.consents[index]
        if consent.sealed is not None:
            rates[consent.member] = consent.sealed.rate
    parts = 100 * (threshold(len(facts.opened.members), colluding) - colluding)
    return EXACT.divide(Decimal(sum(rates[member] for member in summed(facts)) * plan.sigma2), Decimal(parts))


def takings(state: State, facts: ExchangeFacts) -> tuple[Taking, ...]:
    """What each member did in this study and period until the exchange closed; sorted by id.

    Members are those in good standing when it was opened. What was said after the end changes nothing, so that the
    same list follows from every later state.
    """
    start, end = facts.opened.ref.index, facts.closed.ref.index if facts.closed else state.size
    inside = set(summed(facts))
    roster = {state.consents[index].member for index in facts.opened.members}
    last = _last_words(state, facts.study, facts.period, end)
    members = {
        id
        for id, actor in state.actors.items()
        if actor.party.role == "member" and actor.since < start and (actor.until is None or actor.until > start)
    }

    def part(id: str) -> tuple[Part, tuple[Reason, ...]]:
        said = last.get(id)
        if id in inside:
            return "summed", ()
        if id in roster or (isinstance(said, ConsentFacts) and said.sealed and said.sealed.attempt == facts.attempt):
            left = facts.left.get(id)
            return "dropped", (left.reason,) if left and left.ref.index < end else ()
        return ("refused", said.reasons) if isinstance(said, RefusalFacts) else ("silent", ())

    parts = {id: part(id) for id in sorted(members | roster)}
    return tuple(
        Taking(member=id, area=state.actors[id].party.area, part=what, reasons=reasons)
        for id, (what, reasons) in parts.items()
    )


def privacy(state: State, facts: ExchangeFacts, study: Study, leaf: Callable[[int], bytes]) -> Privacy | None:
    """Both epsilons, copied: (i) from the study, (ii) the largest that a member of U3 stated in its `answer` (SEAL)."""
    if study.noise is None:
        return None
    stated = []
    for member in summed(facts):
        body = statement.read(leaf(facts.answers[member].ref.index)).act.body
        stated.append(body.epsilon if isinstance(body, Answer) else None)
    texts = [text for text in stated if text is not None]
    return Privacy(
        delta=study.noise.delta,
        colluding=study.colluding,
        epsilon=study.noise.epsilon,
        alone=max(texts, key=Decimal) if len(texts) == len(stated) > 0 else "",
        sigma2=study.noise.sigma2,
    )


def notes(study: Study, origin: str, *, plain_tables: bool, reservations: bool = False) -> tuple[str, ...]:
    """Codes of what must be said beside joint figures, worded by `pages.words`, in the order of reading."""
    said: Iterable[tuple[str, bool]] = (
        (reserved.INPUTS, reservations),
        ("members-total", True),
        ("colluding", study.noise is not None),
        ("protects-member", study.noise is not None and study.noise.protects == "member"),
        ("no-noise", study.noise is None),
        ("plain-tables", plain_tables),
    )
    return (*common_notes(study, origin), *(code for code, holds in said if holds))


def common_notes(study: Study, origin: str) -> tuple[str, ...]:
    """Codes of what must be said beside any figure of a study."""
    said: Iterable[tuple[str, bool]] = (
        ("synthetic", study.rehearsal),
        ("demonstration", origin.partition("/")[0].endswith(".invalid")),  # RFC 2606: nobody's name on the internet
        ("related", study.related),
        ("unweighted", not _weighted(study)),
        ("truth", True),
    )
    return tuple(code for code, holds in said if holds)


def _weighted(study: Study) -> bool:
    """Whether the study's method multiplies by sampling weights; an office without any has 1 for each row."""
    method = registry.held(study.method)
    return method is not None and any(WEIGHT in term.factors for term in method.card.needs.terms)


def map_notes(study: Study, origin: str, table: Table) -> tuple[str, ...]:
    """Codes of what must be said beside areas that were measured on maps, the loudest first.

    Two versions of a product differ by how they were made as well as by what happened between them ("version-break").
    A mapped area without a reference sample is a count of cells, not an estimate ("no-sample").
    """
    ids = [measure.id for measure in table.layout.measures]
    cells = table.layout.cells
    at = ids.index(POINTS) * cells if POINTS in ids else 0
    points = sum(table.values[at : at + cells]) if POINTS in ids else 0
    before, after = study.parameters.get("from"), study.parameters.get("to")
    said: Iterable[tuple[str, bool]] = (
        ("synthetic", study.rehearsal),
        ("demonstration", origin.partition("/")[0].endswith(".invalid")),
        ("version-break", before is not None and after is not None and before != after),
        ("no-sample", points == 0),
        ("related", study.related),
        ("truth", True),
    )
    return tuple(code for code, holds in said if holds)


POINTS: Final = "points"  # the measure of a raster study that counts its reference sample
_TABLE_NOTES: Final = {  # of tables with a suppressed cell or none, and with noise or none
    (False, False): ("plain",),
    (True, False): ("suppressed", "no-total", "plain"),
    (False, True): ("changed",),
    (True, True): ("suppressed", "no-total", "changed"),
}


def _last_words(state: State, study: Digest, period: str, before: int) -> Mapping[str, ConsentFacts | RefusalFacts]:
    """The last consent or refusal of each member before a leaf."""
    last: dict[str, ConsentFacts | RefusalFacts] = {}
    for index in sorted(state.asked.get((study, period), ())):
        if index < before:
            said = state.consents.get(index) or state.refusals[index]
            last[said.member] = said
    return last
