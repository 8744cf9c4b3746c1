"""Reciprocity: who asks, who answers, who refuses and for which code, as counts with denominators from the log.

No scores, no ranks: by id. A question is one study in one period; requests for audits and estimates are counted apart.
What the log cannot say of anybody is not counted: why a cosignature is missing from a tick, whether a blame is just,
whether evidence shows what it is said to show. Breaches are the hub's alone, for it logged them: the actor that such a
leaf names may never have said it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from comity.acts.charter import Charter
from comity.acts.tick import Tick
from comity.assembly import audits, estimates, queries
from comity.assembly.audits import Received
from comity.assembly.counts import Share
from comity.assembly.facts import ExchangeFacts
from comity.assembly.spoken import Cosigners, renamed, spoken
from comity.assembly.state import State
from comity.canon import Digest
from comity.model.member import HUB

Counts = tuple[tuple[str, int], ...]  # by code or kind, sorted
Word = Literal["consented", "refused", "taken back", "silent"]
NONE: Final = Share(0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What one actor made of the questions that it was asked; the first four add up to `asked`."""

    consented: int = 0  # a consent stands
    refused: int = 0  # refused, and no consent stands
    taken_back: int = 0  # consented, took it back, and did not refuse
    silent: int = 0
    asked: int = 0
    answered: int = 0  # gave a sealed vector or a table of its own
    summed: Share = NONE  # its answer is in the sum, of the questions asked of it that have one
    codes: Counts = ()  # refusals that named a code, whatever followed


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimates:
    """Estimates of one actor: those that were put to it, by its answer; and of a custodian's own, how they ended.

    `answers` adds up to `put`, `ends` to `proposed.count`; kinds in the order of `assembly.estimates`.
    """

    put: int = 0
    answers: Counts = ()  # open and silent among them
    proposed: Share = NONE
    ends: Counts = ()  # those that wait among them


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One member, custodian, observer, producer, or founder yet to accede."""

    id: str
    role: str
    acceded: bool
    standing: bool  # a member in good standing now
    studies_moved: Share  # of all motions about studies
    answers: Answers
    left: Share  # exchanges that it left, of those on whose roster it stood
    releases: Share  # that it published, of all
    cosigned: Share | None  # ticks, of all while it was a witness of the charter; None for who never was
    audits_moved: Share  # requests for audits that it made, of all
    audits: Received  # requests that were put to it
    estimates: Estimates
    acts: Counts  # leaves with effect, by kind


@dataclass(frozen=True, slots=True, kw_only=True)
class HubAccount:
    """The hub: the clock and the exchanges that only it can make, and the leaves that it logged against the rules."""

    exchanges: int  # opened
    sums: int  # opened
    failed: Counts  # exchanges closed without a sum, by code
    releases: Share
    audits: Received
    breaches: Share  # leaves without effect, of all leaves
    against: Counts  # reasons against those leaves
    acts: Counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Reciprocity:
    """All accounts, by id, and the hub's. Their acts and the breaches are all the leaves there are."""

    accounts: tuple[Account, ...]
    hub: HubAccount


def reciprocity(
    state: State, leaves: Sequence[bytes], periods: Mapping[Digest, Sequence[str]] | None = None
) -> Reciprocity:
    """The accounts of a log.

    periods: of studies in force, as their texts list them. Of a study without, those count of which somebody spoke.
    """
    acts: dict[str, Counter[str]] = {HUB: Counter()}
    cosigned: Counter[str] = Counter()
    cosigners, changes = Cosigners(), renamed(state)
    witnesses: tuple[str, ...] = ()
    due: Counter[str] = Counter()
    for said in spoken(state, leaves):
        acts.setdefault(said.actor, Counter())[said.act.kind] += 1
        cosigners.hear(said)
        if isinstance(said.body, Charter):
            witnesses = said.body.witnesses
        elif isinstance(said.body, Tick):
            cosigned.update(cosigners.seen(said.body).times.keys())
            due.update(witnesses)
            witnesses = changes.get(said.index, witnesses)
            cosigners.name(witnesses)
    parties = dict(state.candidates) | {id: actor.party for id, actor in state.actors.items()}
    answers = _answers(state, periods or {})
    accounts = tuple(
        Account(
            id=id,
            role=party.role,
            acceded=id in state.actors,
            standing=id in state.members,
            studies_moved=_studies(state, id),
            answers=answers.get(id, Answers()),
            left=_left(state, id),
            releases=_releases(state, id),
            cosigned=Share(cosigned[id], due[id]) if id in witnesses or id in due else None,
            audits_moved=_audits_moved(state, id),
            audits=audits.received(state, id),
            estimates=_estimates(state, id),
            acts=_sorted(acts.get(id, Counter())),
        )
        for id, party in sorted(parties.items())
    )
    return Reciprocity(accounts=accounts, hub=_hub(state, acts[HUB]))


def _answers(state: State, periods: Mapping[Digest, Sequence[str]]) -> dict[str, Answers]:
    """By actor, what it made of all questions that it was asked."""
    in_force = [thing.thing.digest for thing in queries.standing(state, "study")]
    listed = {(study, period) for study in in_force for period in periods.get(study, ())}
    said: dict[str, list[_Said]] = {}
    for study, period in sorted({*state.asked, *listed}):
        for id, one in _question(state, study, period).items():
            said.setdefault(id, []).append(one)
    codes: dict[str, Counter[str]] = {}
    for refusal in state.refusals.values():
        codes.setdefault(refusal.member, Counter()).update({reason.code for reason in refusal.reasons})
    return {id: _total(ones, codes.get(id, Counter())) for id, ones in said.items()}


@dataclass(frozen=True, slots=True)
class _Said:
    """What one actor made of one question; `summed` is None while there is no sum."""

    word: Word
    answered: bool
    summed: bool | None


def _question(state: State, study: Digest, period: str) -> dict[str, _Said]:
    """What everyone made of a question: who spoke of it, and who could have.

    Silent is who `queries.silent` says, but not about a question that was over before it acceded.
    """
    exchanges = queries.exchanges(state, study, period)
    consents = queries.consents(state, study, period)
    refused = {refusal.member for refusal in queries.refusals(state, study, period)}
    words: dict[str, Word] = {consent.member: "taken back" for consent in consents}
    words |= dict.fromkeys(refused, "refused")
    words |= {consent.member: "consented" for consent in consents if consent.revoked is None}
    over = _over(state, study, exchanges)
    silent = queries.silent(state, study, period)
    words |= {id: "silent" for id in silent if over is None or state.actors[id].since < over}
    answered = {member for exchange in exchanges for member in exchange.answers}
    answered |= {consent.member for consent in consents if consent.ref.index in state.nationals}
    summed = _summed(queries.opened_sum(state, study, period))
    return {
        id: _Said(word, answered=id in answered, summed=None if summed is None else id in summed)
        for id, word in words.items()
    }


def _over(state: State, study: Digest, exchanges: Iterable[ExchangeFacts]) -> int | None:
    """The leaf from which on nobody can be asked: the sum is opened, or another text took the study's place."""
    closed = [x.closed.ref.index for x in exchanges if x.closed and x.closed.sum]
    moved = {motion.ref.index for motion in queries.motions_about(state, study)}
    replaced = [
        motion.tick
        for motion in state.motions.values()
        if motion.outcome == "adopted" and motion.replaces and motion.replaces.index in moved and motion.tick
    ]
    gone = replaced if queries.adopted(state, study, "study") is None else []
    return min([*closed, *gone], default=None)


def _summed(exchange: ExchangeFacts | None) -> frozenset[str] | None:
    """Whose answers a sum holds; None if there is no sum."""
    if exchange is None or exchange.survivors is None:
        return None
    within = set(exchange.survivors.members)
    return frozenset(member for member, said in exchange.answers.items() if said.ref.index in within)


def _total(ones: Sequence[_Said], codes: Counter[str]) -> Answers:
    words = Counter(one.word for one in ones)
    return Answers(
        consented=words["consented"],
        refused=words["refused"],
        taken_back=words["taken back"],
        silent=words["silent"],
        asked=len(ones),
        answered=sum(one.answered for one in ones),
        summed=Share(sum(one.summed is True for one in ones), sum(one.summed is not None for one in ones)),
        codes=_sorted(codes),
    )


def _studies(state: State, id: str) -> Share:
    movers = [motion.mover for motion in state.motions.values() if motion.matter == "study"]
    return Share(movers.count(id), len(movers))


def _left(state: State, id: str) -> Share:
    """Exchanges, by their rosters, and who said that it leaves."""
    rosters = [
        exchange
        for exchange in state.exchanges.values()
        if any(state.consents[index].member == id for index in exchange.opened.members)
    ]
    return Share(sum(id in exchange.left for exchange in rosters), len(rosters))


def _releases(state: State, id: str) -> Share:
    publishers = [release.publisher for release in state.releases.values()]
    return Share(publishers.count(id), len(publishers))


def _audits_moved(state: State, id: str) -> Share:
    askers = [audit.asks for audit in state.audits.values()]
    return Share(askers.count(id), len(askers))


def _estimates(state: State, id: str) -> Estimates:
    answers = Counter(estimates.answered(state, one) for one in state.estimates.values() if one.member == id)
    ends = Counter(estimates.ended(one) for one in state.estimates.values() if one.custodian == id)
    return Estimates(
        put=answers.total(),
        answers=tuple((kind, answers[kind]) for kind in estimates.ANSWERS if answers[kind]),
        proposed=Share(ends.total(), len(state.estimates)),
        ends=tuple((kind, ends[kind]) for kind in estimates.ENDS if ends[kind]),
    )


def _hub(state: State, acts: Counter[str]) -> HubAccount:
    ended = [exchange.closed for exchange in state.exchanges.values() if exchange.closed]
    return HubAccount(
        exchanges=len(state.exchanges),
        sums=sum(closed.sum is not None for closed in ended),
        failed=_sorted(Counter(closed.failed.code for closed in ended if closed.failed)),
        releases=_releases(state, HUB),
        audits=audits.received(state, HUB),
        breaches=Share(len(state.breached), state.size),
        against=_sorted(Counter(reason.code for breach in state.breaches for reason in breach.reasons)),
        acts=_sorted(acts),
    )


def _sorted(counts: Counter[str]) -> Counts:
    return tuple(sorted(counts.items()))
