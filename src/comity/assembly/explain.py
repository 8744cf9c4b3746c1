"""One leaf, explained: who says what to whom, when, what speaks against it, and what followed from it.

Facts and no words: `pages.explain` words them. Names come from the log itself: a study is called as its motion calls
it. What each kind says is in `accounts`, what follows from each in `outcomes`; which rule judged it is told by kind.
Nothing is decided here that the fold has not decided.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Final

from comity.acts import statement
from comity.acts.motion import CommentAnswered
from comity.acts.statement import Act
from comity.acts.tick import Tick
from comity.assembly import accounts, fold, outcomes
from comity.assembly.followed.outcome import Known, Outcome
from comity.assembly.state import State
from comity.errors import FormatError
from comity.model.reason import Reason

UNREADABLE: Final = "unreadable"
UNTOLD: Final = "untold"
MATTERS: Final[Mapping[str, str]] = {
    "norm": "norms",
    "norm-recognised": "norms",
    "study": "studies",
    "member": "members",
    "suspension": "members",
    "charter": "charter",
    "office": "members",
    "hub": "charter",
    "witnesses": "charter",
}
TOPICS: Final[Mapping[str, str]] = {
    "charter": "members",
    "accession": "members",
    "withdrawal": "members",
    "succession": "charter",
    "reservation": "norms",
    "key/registered": "keys",
    "key/revoked": "keys",
    "recovery": "keys",
    "consent/given": "consents",
    "consent/refused": "consents",
    "consent/revoked": "consents",
    "policy/published": "consents",
    "estimate/proposed": "estimates",
    "estimate/answered": "estimates",
    "estimate/settled": "estimates",
    "exchange/opened": "exchanges",
    "shares": "exchanges",
    "exchange/shared": "exchanges",
    "answer": "exchanges",
    "exchange/survivors": "exchanges",
    "unmask": "exchanges",
    "exchange/refused": "exchanges",
    "exchange/closed": "exchanges",
    "release/announced": "releases",
    "release/published": "releases",
    "release/withdrawn": "releases",
    "audit/requested": "audits",
    "audit/answered": "audits",
    "tick": "time",
}
BREACHES: Final = "breaches"
NAMED: Final = tuple(dict.fromkeys([*MATTERS.values(), *TOPICS.values(), BREACHES]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """A leaf's facts.

    variant: which of a kind's sentences fits, "" for a kind with one.
    params: what the sentence names: text, counts, and the nouns of `accounts`.
    after, before: what the last tick before it told, and the first tick whose checkpoint holds it (POSIX seconds);
        None where there is none. Of a tick both are what it tells itself.
    seen: when the quorum had seen it, if no tick holds it yet and the reader knows.
    reasons: why it has no effect; none if it has.
    """

    index: int
    kind: str
    actor: str = ""
    area: str = ""  # M49 of the actor, "" if it has none
    variant: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    after: int | None = None
    before: int | None = None
    seen: int | None = None
    reasons: tuple[Reason, ...] = ()
    follows: tuple[Outcome, ...] = ()
    topics: tuple[str, ...] = ()

    @property
    def effective(self) -> bool:
        """Whether the fold took it."""
        return not self.reasons


def one(leaves: Sequence[bytes], index: int, now: State, *, seen: int | None = None) -> Explained:
    """A leaf of a log whose newest state is `now`, dated by the first tick that holds it.

    seen: what the quorum under the newest checkpoint says that the time is (POSIX seconds).
    """
    state = fold.replay(leaves[:index])
    before = None
    after, reasons = fold.step(state, leaves[index])
    ahead = after
    for leaf in leaves[index + 1 :]:
        if ahead.ticked > index:
            break
        ahead, _ = fold.step(ahead, leaf)
    if ahead.ticked > index:
        before = ahead.time
    log = Known(
        now=now,
        before=lambda place: fold.replay(leaves[:place]),
        later=lambda: _effective(leaves, range(index + 1, len(leaves)), now),
    )
    told = _explained(after, leaves[index], reasons, log, (state.time, before))
    return told if told.before is not None else replace(told, seen=seen)


def each(state: State, leaves: Iterable[bytes]) -> Iterator[tuple[State, Explained]]:
    """Leaves that come behind a state, one by one, with what is known when they come; nothing later is told.

    What a leaf holds is for others to choose: one whose facts cannot be gathered is told as such, and stops no reader.
    """
    for leaf in leaves:
        after, reasons = fold.step(state, leaf)
        times = (state.time, None)
        log = Known(now=after, before=partial(_same, state), later=tuple)
        try:
            told = _explained(after, leaf, reasons, log, times)
        except Exception:
            topics = (BREACHES,) if reasons else ()
            told = Explained(
                index=after.size - 1, kind=UNTOLD, after=state.time or None, reasons=reasons, topics=topics
            )
        yield after, told
        state = after


def untold(leaf: Explained) -> Explained:
    """A leaf for which words failed, without what it says."""
    return replace(leaf, kind=UNTOLD, actor="", area="", variant="", params={}, follows=())


def _explained(
    here: State, leaf: bytes, reasons: tuple[Reason, ...], log: Known, times: tuple[int, int | None]
) -> Explained:
    """A leaf behind which the state is `here`. times: what the last tick before told, and the first that holds it."""
    index, after, before, now = here.size - 1, times[0] or None, times[1], log.now
    try:
        act = statement.read(leaf).act
    except FormatError:
        return Explained(index=index, kind=UNREADABLE, after=after, before=before, reasons=reasons, topics=(BREACHES,))
    if isinstance(act.body, Tick) and not reasons:
        after = before = here.time
    told = accounts.told(act, here, now)
    return Explained(
        index=index,
        kind=act.kind,
        actor=act.actor,
        area=_area(now, act.actor),
        variant=told.variant,
        params=told.params,
        after=after,
        before=before,
        reasons=reasons,
        follows=() if reasons else outcomes.of(act, index, log),
        topics=(BREACHES,) if reasons else _topics(act, index, log),
    )


def _effective(leaves: Sequence[bytes], places: Iterable[int], now: State) -> Iterator[tuple[int, Act]]:
    """Acts that have effect, with their places."""
    for place in places:
        if place not in now.breached:
            yield place, statement.read(leaves[place]).act


def _same(state: State, place: int) -> State:
    """The state before the leaf that is told: no other is asked for while nothing later is known."""
    return state


def _area(state: State, actor: str) -> str:
    if actor in state.actors:
        return state.actors[actor].party.area
    return state.candidates[actor].area if actor in state.candidates else ""


def _topics(act: Act, index: int, log: Known) -> tuple[str, ...]:
    """What a reader would look for it under; a tick also stands where the motions that it decides do."""
    if isinstance(act.body, Tick):
        motions = [log.now.motions[place] for place in log.before(index).pending]
        decided = [motion.matter for motion in motions if motion.tick == index]
        return tuple(dict.fromkeys(["time", *(MATTERS[matter] for matter in decided)]))
    if act.kind in TOPICS:
        return (TOPICS[act.kind],)
    if isinstance(act.body, CommentAnswered):
        place = log.now.remarks.get(act.body.comment.index, -1)
    else:
        ref = getattr(act.body, "motion", None)
        place = ref.index if ref else index
    motion = log.now.motions.get(place)
    return (MATTERS[motion.matter],) if motion else ()
