"""One attempt of a sealed exchange, as everyone reads it from the log: roster, places, threshold, contexts, U2, U3.

Also every check of SEAL that the log alone can answer, as reasons against going on: a member that finds one leaves. The
state holds the first effective statement of each kind under its proper author's key (`assembly.fold`); lateness by
`tick` is judged there. Nobody sends the threshold: it follows from the roster and the study. Holds no secret, needs no
array.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Final

from comity.acts.refs import Ref
from comity.assembly import hosts
from comity.assembly.facts import ConsentFacts, ExchangeFacts, HubSaid, Said
from comity.assembly.state import State
from comity.canon import Digest
from comity.errors import FormatError, SealBroken
from comity.model import skellam
from comity.model.reason import Reason, ordered
from comity.model.study import Study, threshold
from comity.stages.seal.derivations import KEM_PART, opened_context, public_key, shared_context

SPOILED: Final = 1 - Fraction(1, 2**40)
"""Probability that honest noise stays inside the bound of an opened cell, over all members and cells."""
RATE: Final = 10_000  # per cent of the share: the most that an opened cell's bound makes room for


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One attempt. Sets of members are sorted ids; u2 and u3 are None until they are fixed."""

    ref: Ref
    study: Study
    asked: Digest  # of the study's text; a long text is not digested again and again
    period: str
    attempt: int
    deadlines: tuple[int, int, int, int]  # shares, answer, unmask, closed
    consents: Mapping[str, ConsentFacts]  # of the roster, by id
    members: tuple[str, ...]  # R
    places: Mapping[str, int]  # Shamir index, from 1
    ctx1: bytes
    u2: tuple[str, ...] | None
    ctx2: bytes | None
    u3: tuple[str, ...] | None

    @property
    def n(self) -> int:
        """Members of the roster."""
        return len(self.members)

    @property
    def t(self) -> int:
        """Shares that open, and least number of survivors."""
        return threshold(self.n, self.study.colluding)

    @property
    def length(self) -> int:
        """Cells of a vector; without noise, the counts of withholding members follow the measures."""
        layout = self.study.layout
        return layout.length + (0 if self.study.noise else layout.cells)

    def rate(self, member: str) -> int:
        """A member's own noise, in per cent of its share, as it consented."""
        sealed = self.consents[member].sealed
        return sealed.rate if sealed else 0

    @property
    def limit(self) -> int:
        """Largest absolute value of an honest opened cell: n x (bound + noise tail).

        Below 2^63 for up to 1,000 members, as integers of a record are below 2^53. Whoever consents to more noise than
        RATE spoils the sum rather than this check.
        """
        plan, tail = self.study.noise, 0
        if plan:
            rate = min(max(map(self.rate, self.members)), RATE)
            largest = Fraction(rate * plan.sigma2, 100 * (self.t - self.study.colluding))
            tail = skellam.joint_bound(largest, self.n * self.length, SPOILED)
        return self.n * (self.study.bound + tail)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """Where a study stands in a period: the number of the attempt that is next or under way, or done with.

    exchange: of this attempt, once it is opened; ended: no further attempt will be.
    opened: earlier attempts in which anybody unmasked: the hub may know their sums (SEAL).
    """

    asked: Digest  # of the study's text
    number: int
    exchange: ExchangeFacts | None
    before: ExchangeFacts | None
    opened: int
    ended: bool


def attempt(state: State, study: Study, period: str) -> Attempt:
    """The attempt under way or next. A failed one is followed by another; a sum is never asked for twice."""
    asked = study.digest
    first = _firsts(state, asked, period)
    number, opened = 1, 0
    while (facts := first.get(number)) is not None and facts.closed is not None and facts.closed.sum is None:
        number, opened = number + 1, opened + bool(facts.unmask)
    summed = facts is not None and facts.closed is not None
    return Attempt(
        asked=asked,
        number=number,
        exchange=facts,
        before=first.get(number - 1),
        opened=opened,
        ended=summed or (study.noise is None and opened > 0),
    )


def read(state: State, exchange: int, study: Study) -> Round:
    """An attempt by the leaf index of its `exchange/opened`.

    Raises:
        SealBroken: its roster does not name one sealed consent of each of its members, or it is of another study. (A
            later set that names what is not there gives no u2 or u3; `shared` and `survivors` say why.)
    """
    facts = state.exchanges[exchange]
    where = f"exchange {exchange}"
    asked = study.digest
    if facts.study != asked or state.charter is None:
        raise SealBroken("of another study", where=where, found=facts.study, wanted=asked)
    consents: dict[str, ConsentFacts] = {}
    for index in facts.opened.members:
        consent = state.consents.get(index)
        if consent is None or consent.sealed is None or consent.member in consents:
            raise SealBroken("the roster does not name one consent a member", where=where, found=f"leaf {index}")
        consents[consent.member] = consent
    members = tuple(sorted(consents))
    origin = hosts.origin_at(state, facts.opened.ref.index)
    ctx1 = opened_context(origin, facts.opened.ref.index, facts.opened.leaf_hash)
    shared = facts.shared
    return Round(
        ref=facts.opened.ref,
        study=study,
        asked=asked,
        period=facts.period,
        attempt=facts.attempt,
        deadlines=facts.deadlines,
        consents=consents,
        members=members,
        places={member: place for place, member in enumerate(members, start=1)},
        ctx1=ctx1,
        u2=named(facts.shares, shared),
        ctx2=shared_context(ctx1, shared.ref.index, shared.leaf_hash) if shared else None,
        u3=named(facts.answers, facts.survivors),
    )


def named(said: Mapping[str, Said], fixed: HubSaid | None) -> tuple[str, ...] | None:
    """The members that a statement of the hub names by their own statements, sorted; None if it names anything else."""
    if fixed is None:
        return None
    by_index = {own.ref.index: member for member, own in said.items()}
    if any(index not in by_index for index in fixed.members):
        return None
    return tuple(sorted(by_index[index] for index in fixed.members))


def roster(state: State, study: Digest, period: str, number: int, before: int) -> tuple[ConsentFacts, ...]:
    """Consents that make the roster of an attempt opened at leaf `before`, by ascending index.

    One for each member in good standing: its first for this attempt, unless revoked. Who has no valid signing key today
    is among them, as it may have had one then; the fold judged it at the very leaf.
    """
    first: dict[str, ConsentFacts] = {}
    for index in sorted(state.asked.get((study, period), ())):
        consent = state.consents.get(index)
        if consent and consent.sealed and consent.sealed.attempt == number and index < before:
            first.setdefault(consent.member, consent)
    kept = (c for c in first.values() if c.revoked is None or c.revoked > before)
    return tuple(sorted((c for c in kept if _standing(state, c.member, before)), key=lambda c: c.ref.index))


def opened(state: State, exchange: int, study: Study) -> tuple[Reason, ...]:
    """What speaks against step 0: the hub's `exchange/opened`."""
    facts, at = state.exchanges[exchange], exchange
    found: list[Reason] = []
    number = facts.attempt
    first = _firsts(state, facts.study, facts.period)
    earlier = [first.get(k) for k in range(1, number)]
    if number < 1 or first.get(number) is not facts:
        found.append(_reason("seal.not-first", attempt=number))
    if not all(f and f.closed and f.closed.failed and f.closed.ref.index < at for f in earlier):
        found.append(_reason("seal.not-first", attempt=number, wanted="the attempt before closed as failed"))
    if study.noise is None and any(f and f.unmask for f in earlier):
        found.append(_reason("seal.roster-rule", attempt=number))
    if {later - sooner for sooner, later in pairwise(facts.deadlines)} != {study.timing.step}:
        found.append(_reason("seal.late", wanted=f"{study.timing.step} seconds a step"))
    wanted = roster(state, facts.study, facts.period, number, at)
    named_, may = set(facts.opened.members), {c.ref.index for c in wanted}
    must = {c.ref.index for c in wanted if "sign" not in state.actors[c.member].revoked}
    if not must <= named_ <= may or facts.opened.members != tuple(sorted(named_)):
        found.append(_reason("seal.roster", found=len(named_), wanted=len(may)))
    if len(named_) < threshold(len(named_), study.colluding):
        found.append(_reason("seal.too-few", found=len(named_), wanted=threshold(len(named_), study.colluding)))
    found += (_reason("seal.keys", member=member) for member in unreadable(wanted))
    return ordered(found)


def unreadable(consents: Iterable[ConsentFacts]) -> Iterator[str]:
    """Members whose keys cannot be read, or hold a part that another key holds too."""
    seen: set[bytes] = set()
    for consent in consents:
        keys = (consent.sealed.mask_key, consent.sealed.envelope_key) if consent.sealed else (b"",)
        parts = [part for key in keys for part in (key[:KEM_PART], key[KEM_PART:])]
        if len(set(parts)) != len(parts) or seen & set(parts) or not all(map(_readable, keys)):
            yield consent.member
        seen.update(parts)


def shared(state: State, round_: Round, me: str) -> tuple[Reason, ...]:
    """What speaks against step 1: the hub's `exchange/shared`."""
    facts = state.exchanges[round_.ref.index]
    return _set(facts.shared, facts.shares, round_.members, round_.u2, round_.t, me)


def survivors(
    state: State, round_: Round, me: str, *, least: int = 0, kin: frozenset[Digest] | None = None
) -> tuple[Reason, ...]:
    """What speaks against step 2: the hub's `exchange/survivors`.

    Args:
        least: survivors that this member's policy asks, if more than the threshold.
        kin: studies on the same data, for the roster rule; None counts every study as one.
    """
    facts = state.exchanges[round_.ref.index]
    inside = round_.u2 or ()
    found = [*_set(facts.survivors, facts.answers, inside, round_.u3, max(round_.t, least), me)]
    if round_.study.noise is None and round_.u3 is not None:
        found += _roster_rule(state, round_, round_.u3, kin)
    return ordered(found)


def reveals(state: State, exchange: int) -> bool:
    """Whether the hub may know the sum: it closed with one, or anybody unmasked."""
    facts = state.exchanges[exchange]
    return bool(facts.unmask) or (facts.closed is not None and facts.closed.sum is not None)


def _set(
    fixed: HubSaid | None,
    said: Mapping[str, Said],
    outer: tuple[str, ...],
    inner: tuple[str, ...] | None,
    least: int,
    me: str,
) -> tuple[Reason, ...]:
    """What speaks against a set: a set, of statements made before it, by members of the outer one, enough, me among."""
    if fixed is None:
        return (_reason("seal.not-subset", wanted="a statement of the hub"),)
    found: list[Reason] = []
    indices = fixed.members
    ascending = all(a < b for a, b in pairwise(indices)) and all(index < fixed.ref.index for index in indices)
    if inner is None or not ascending or not set(inner) <= set(outer):
        found.append(_reason("seal.not-subset", leaf=fixed.ref.index))
    if len(set(inner or ())) < least:
        found.append(_reason("seal.too-few", found=len(set(inner or ())), wanted=least))
    if me not in said or said[me].ref.index not in indices:
        found.append(_reason("seal.not-named", member=me))
    return ordered(found)


def _roster_rule(state: State, round_: Round, u3: tuple[str, ...], kin: frozenset[Digest] | None) -> Iterator[Reason]:
    """Without noise: U3 against the U3 of every earlier opened exchange on the same data and period."""
    for index, facts in state.exchanges.items():
        same = kin is None or facts.study in kin or facts.study == round_.asked
        before = named(facts.answers, facts.survivors)
        if index == round_.ref.index or not same or facts.period != round_.period or before is None:
            continue
        differ = len(set(before) ^ set(u3))
        if reveals(state, index) and 0 < differ < round_.study.colluding + 3:
            yield _reason("seal.roster-rule", exchange=index, found=differ, wanted=round_.study.colluding + 3)


def _firsts(state: State, study: Digest, period: str) -> dict[int, ExchangeFacts]:
    """The first exchange of each attempt of a study in a period."""
    first: dict[int, ExchangeFacts] = {}
    for _, facts in sorted(state.exchanges.items()):
        if (facts.study, facts.period) == (study, period):
            first.setdefault(facts.attempt, facts)
    return first


def _standing(state: State, member: str, at: int) -> bool:
    """Whether a member was in good standing at a leaf, but for its signing key: a state does not say since when."""
    actor = state.actors.get(member)
    if actor is None or actor.party.role != "member":
        return False
    return actor.since < at and (actor.until is None or actor.until > at)


def _readable(key: bytes) -> bool:
    try:
        public_key(key)
    except FormatError:
        return False
    return True


def _reason(code: str, **params: object) -> Reason:
    return Reason(code=code, params={name: str(value) for name, value in params.items()})
