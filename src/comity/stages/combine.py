"""Combine: from the opened sum and the log to the content of a joint release.

Figures are the method's `finish`; who took part, what they said and what the sum gives away are read from the state.
Decides what a release says; how it is written to files is `publish`. Needs no array: `verify` combines again.
"""

import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Final, Protocol

from comity.acts import statement
from comity.acts.exchange import Answer
from comity.assembly.state import ExchangeFacts, State
from comity.errors import FormatError, NotVerified
from comity.model.reason import Reason
from comity.model.release import Alone, Figure, Part, Privacy, Release, Taking
from comity.model.structure import Layout
from comity.model.study import NoisePlan, Study, threshold

EXACT: Final = Context(prec=28, rounding=ROUND_HALF_EVEN)  # DESIGN: figures are the same everywhere


class Finish(Protocol):
    """The half of a method that runs on opened sums."""

    def __call__(
        self, layout: Layout, sums: Sequence[int], noise_variance: Decimal, parameters: Mapping[str, str]
    ) -> tuple[Figure, ...]: ...


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
    return Release(
        kind="joint",
        origin=state.charter.origin,
        charter=state.charter_digest,
        study=facts.study,
        norm=study.norm,
        period=facts.period,
        publisher="hub",
        inputs=tuple(sorted((facts.closed.ref.index, *nationals))),
        layout=study.layout,
        figures=finish(
            study.layout, sums, noise_variance(state, facts, study.noise, study.colluding), study.parameters
        ),
        takings=takings(state, facts),
        privacy=privacy(state, facts, study, leaf),
        alone=Alone(answered=len(nationals), suppressed=sum(nationals.values())) if nationals else None,
        notes=notes(study, state.charter.origin, plain_tables=bool(nationals)),
        files=(),
    )


def opened(body: bytes, layout: Layout) -> tuple[int, ...]:
    """The cells of an opened sum: little-endian int64, in the order of the layout; FormatError for another length."""
    if len(body) != 8 * layout.length:
        raise FormatError(
            "sum does not fit the layout", where="sum", found=f"{len(body)} bytes", wanted=f"{8 * layout.length}"
        )
    return struct.unpack(f"<{layout.length}q", body)


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
    asked = (facts.study, facts.period)
    inside = set(summed(facts))
    roster = {state.consents[index].member for index in facts.opened.members}
    consented = {c.member for c in state.consents.values() if (c.study, c.period) == asked and c.ref.index < end}
    refused = {
        r.member: r.reasons for r in state.refusals.values() if (r.study, r.period) == asked and r.ref.index < end
    }
    members = {
        id
        for id, actor in state.actors.items()
        if actor.party.role == "member" and actor.since < start and (actor.until is None or actor.until > start)
    }

    def part(id: str) -> tuple[Part, tuple[Reason, ...]]:
        if id in inside:
            return "summed", ()
        if id in refused and id not in roster:
            return "refused", refused[id]
        if id in roster or id in consented:
            left = facts.left.get(id)
            return "dropped", (left.reason,) if left and left.ref.index < end else ()
        return "silent", ()

    return tuple(
        Taking(member=id, area=state.actors[id].party.area, part=part(id)[0], reasons=part(id)[1])
        for id in sorted(members | roster)
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


def notes(study: Study, origin: str, *, plain_tables: bool) -> tuple[str, ...]:
    """Codes of what must be said beside the figures, worded by `pages.words`, in the order of reading."""
    said: Iterable[tuple[str, bool]] = (
        ("synthetic", study.rehearsal),
        ("demonstration", origin.partition("/")[0].endswith(".invalid")),  # RFC 2606: nobody's name on the internet
        ("related", study.related),
        ("unweighted", "weight" not in study.parameters),
        ("truth", True),
        ("members-total", True),
        ("colluding", study.noise is not None),
        ("no-noise", study.noise is None),
        ("plain-tables", plain_tables),
    )
    return tuple(code for code, holds in said if holds)
