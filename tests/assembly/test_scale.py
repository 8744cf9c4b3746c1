"""No leaf costs more because the log is longer: counted in function calls, which no machine makes slower."""

import sys
from collections import defaultdict
from functools import cache
from types import FrameType
from typing import Any

from comity.acts.statement import read
from comity.assembly import clock, fold, queries
from comity.assembly.state import State
from comity.model.member import HUB
from tests.builders.audits import Figured
from tests.builders.decade import Decade

ROUND = 2 * (1 + 12 + 12) + 12 + 6  # leaves of two motions among twelve members, about


@cache
def life() -> list[bytes]:
    """Twelve members and some thirty motions."""
    return Decade(members=12).grow(16 * ROUND)


def test_a_step_makes_as_many_calls_late_in_the_log_as_early() -> None:
    """The first rounds beside the last of some thirty motions, kind by kind, at their dearest."""
    leaves = life()
    early, late = defaultdict(int), defaultdict(int)
    state = fold.start()
    for index, leaf in enumerate(leaves):
        state, calls = _counted(state, leaf)
        kind = read(leaf).act.kind
        if 2 * ROUND <= index < 5 * ROUND:
            early[kind] = max(early[kind], calls)
        elif index >= 13 * ROUND:
            late[kind] = max(late[kind], calls)
    assert not state.breached
    assert {"motion", "vote", "comment", "comment/answered", "consent/given", "consent/refused", "tick"} <= early.keys()
    dearer = {kind: (early[kind], calls) for kind, calls in late.items() if calls > early[kind] + 20}
    assert {} == dearer


def test_what_the_hub_asks_after_each_leaf_does_not_grow_either() -> None:
    leaves = life()
    early, late = fold.replay(leaves[: 4 * ROUND]), fold.replay(leaves)
    calls = [_calls(lambda state=state: clock.wants_tick(state, state.time + 10**6)) for state in (early, late)]
    assert abs(calls[0] - calls[1]) <= 20, calls


def test_an_audit_is_asked_at_the_same_price_however_many_figures_came_before() -> None:
    """Of the newest joint release and of the newest own table: to ask for one, and to tell what it is about."""
    log = Figured()
    prices = []
    for round_ in range(13):
        study = log.adopt("study", b"%d" % round_)
        exchange = log.run(study)
        closed = log.state.exchanges[exchange.index].closed
        assert closed is not None
        joint = log.release(HUB, closed.ref)
        own = log.release("m2", log.national(log.consent("m2", study, period="2", national=True)))
        log.wait()
        for release in (joint, own):
            leaf, facts = log.leaf("m1", log.asks(release=release)), log.state.releases[release.index]
            assert () == fold.admit(log.state, leaf)
            asking = _calls(lambda state=log.state, leaf=leaf: fold.admit(state, leaf))
            telling = _calls(lambda state=log.state, facts=facts: queries.subject(state, facts))
            prices.append((asking, telling))
    for early, late in zip(prices[:2], prices[-2:], strict=True):
        assert all(b <= a + 20 for a, b in zip(early, late, strict=True)), (early, late)


def _counted(state: State, leaf: bytes) -> tuple[State, int]:
    after: list[State] = []
    calls = _calls(lambda: after.append(fold.step(state, leaf)[0]))
    return after[0], calls


def _calls(work: Any) -> int:
    """Calls that a piece of work makes, of Python's functions and of C's."""
    count = 0

    def seen(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(seen)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count
