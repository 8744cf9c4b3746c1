"""When the log needs the time: acts and deadlines ask for a tick, a tick never does."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from comity.acts.motion import MotionWithdrawn
from comity.acts.terms import Terms
from comity.acts.tick import Tick
from comity.assembly import clock, fold, queries
from comity.assembly.rules.rule import wait
from comity.model.reason import Reason
from comity.tlog.note import Note
from tests.builders.assembly import MAJORITY, START, Assembly

FAR = START + 10**9
BASE = Assembly(4)


def test_an_empty_log_and_one_without_a_charter_want_no_tick() -> None:
    assert not clock.wants_tick(fold.start(), FAR)
    state, _ = fold.step(fold.start(), b"garbage")
    assert not clock.wants_tick(state, FAR)


def test_the_first_tick_comes_with_the_charter() -> None:
    """Nothing can be moved before time is told."""
    assert clock.wants_tick(Assembly(4, ready=False).state, 0)


def test_a_tick_wants_no_tick() -> None:
    """Nobody acts, no deadline comes: the log rests, for years."""
    assembly = Assembly(4)
    assembly.tick(START + 100)
    assert not clock.wants_tick(assembly.state, FAR)
    assert None is clock.next_deadline(assembly.state)


def test_breaches_want_no_tick() -> None:
    """Garbage in the log is no act."""
    assembly = Assembly(4)
    assembly.tick(START + 100)
    assembly.smuggle(b"garbage")
    assert not clock.wants_tick(assembly.state, FAR)


def test_a_new_motion_wants_a_tick_that_holds_it() -> None:
    assembly = Assembly(4)
    before = assembly.state.size
    motion = assembly.motion("study", b"{}")
    assert clock.wants_tick(assembly.state, START)
    assert not clock.serves(assembly.state, before, START)
    assembly.tick(START + 1)
    assert START + 1 == assembly.state.motions[motion.index].opened
    assert not clock.wants_tick(assembly.state, START + 1)


def test_a_motion_wants_a_tick_when_its_time_is_over() -> None:
    assembly = Assembly(4)
    motion = assembly.motion("study", b"{}", closes=START + 500)
    assert None is clock.next_deadline(assembly.state)
    assembly.tick(START + 1)
    assert START + 500 == clock.next_deadline(assembly.state)
    assert not clock.wants_tick(assembly.state, START + 60)
    assert clock.wants_tick(assembly.state, START + 500)
    assembly.tick(START + 500)
    assert "open" != assembly.state.motions[motion.index].outcome
    assert None is clock.next_deadline(assembly.state)


def test_the_least_time_of_a_motion_is_waited_for_too() -> None:
    assembly = Assembly(4)
    assembly.motion("study", b"{}", closes=START + 60)
    assembly.tick(START + 30)
    assert START + 90 == clock.next_deadline(assembly.state)


def test_a_tick_that_comes_too_early_serves_nothing() -> None:
    """The hub's clock runs ahead of the witnesses': it asks again, and logs what serves."""
    assembly = Assembly(4)
    assembly.motion("study", b"{}", closes=START + 60)
    assembly.tick(START + 1)
    assert clock.wants_tick(assembly.state, START + 61)
    assert not clock.serves(assembly.state, assembly.state.size, START + 59)


def test_a_motion_that_waits_for_its_witnesses_waits_for_no_time() -> None:
    """Or the hub would log tick after tick; one that bears what they cosigned serves, and no other."""
    assembly = Assembly(5, witnesses=["m1", "m2", "m3", "m4"])
    motion = assembly.motion("witnesses", Terms(witnesses=("m5",)))
    assembly.vote(motion, "yes")
    assembly.tick(START + 1)
    assert START + 61 == clock.next_deadline(assembly.state)
    assert () == clock.wanted(assembly.state, START + 60)
    assert ("m5",) == clock.wanted(assembly.state, START + 61)
    old = ["m1", "m2", "m3"]
    assembly.say("hub", Tick(checkpoint=assembly.cosigned(START + 61, by=old)))
    assert "open" == assembly.state.motions[motion.index].outcome
    assert None is clock.next_deadline(assembly.state)
    assert not clock.wants_tick(assembly.state, FAR)
    size = assembly.state.size
    serves = [
        clock.serves(assembly.state, size, START + 62, Note.parse(assembly.cosigned(START + 62, by=by)))
        for by in (old, [*old, "m5"])
    ]
    assert [False, True] == serves


def test_witnesses_that_the_votes_do_not_carry_are_not_asked() -> None:
    assembly = Assembly(5, witnesses=["m1", "m2", "m3", "m4"])
    assembly.motion("witnesses", Terms(witnesses=("m5",)))
    assembly.tick(START + 1)
    assert () == clock.wanted(assembly.state, START + 61)


def test_a_motion_taken_back_is_waited_for_no_more() -> None:
    assembly = Assembly(4)
    motion = assembly.motion("study", b"{}")
    assembly.tick(START + 1)
    assembly.say("m1", MotionWithdrawn(motion=motion))
    assert None is clock.next_deadline(assembly.state)


def test_each_deadline_of_an_exchange_wants_a_tick_once() -> None:
    """A step is over behind a tick later than its deadline: the first second after it."""
    assembly = Assembly(4)
    study = assembly.adopt("study", b"{}")
    for member in assembly.members:
        assembly.consent(member, study)
    exchange = assembly.open(study)
    for deadline in assembly.state.exchanges[exchange.index].deadlines:
        assert deadline + 1 == clock.next_deadline(assembly.state)
        assert clock.wants_tick(assembly.state, deadline + 1)
        assembly.tick(deadline + 1)
        assert not clock.wants_tick(assembly.state, deadline + 1)
    assert None is clock.next_deadline(assembly.state)
    assert not clock.wants_tick(assembly.state, FAR)


def test_an_exchange_that_is_closed_waits_for_nothing() -> None:
    assembly = Assembly(4)
    study = assembly.adopt("study", b"{}")
    for member in assembly.members:
        assembly.consent(member, study)
    assembly.close(assembly.open(study), failed=Reason(code="seal.too-few"))
    assert None is clock.next_deadline(assembly.state)


def test_other_acts_are_dated_within_a_minute() -> None:
    """Not each by a tick of its own."""
    assembly = Assembly(4)
    assembly.withdraw("m4")
    assert not clock.wants_tick(assembly.state, START + clock.DATING - 1)
    assert clock.wants_tick(assembly.state, START + clock.DATING)
    assembly.tick(START + clock.DATING)
    assert not clock.wants_tick(assembly.state, FAR)


def test_the_end_of_a_consultation_is_waited_for_so_that_votes_may_begin() -> None:
    assembly = Assembly(4, rules={"norm": replace(MAJORITY, seconds=300, consultation=100)})
    assembly.motion("norm", b"{}")
    assembly.tick(START + 1)
    assert START + 101 == clock.next_deadline(assembly.state)
    assembly.tick(START + 101)
    assert None is clock.next_deadline(assembly.state)
    assert clock.wants_tick(assembly.state, START + 101), "a tick that holds the one by which votes began"
    assembly.tick(START + 107)
    assert START + 307 == clock.next_deadline(assembly.state)
    assert not clock.wants_tick(assembly.state, START + 306)


def test_the_beginning_of_a_version_is_waited_for_once() -> None:
    assembly = Assembly(4)
    assembly.adopt("norm", b"1")
    date = assembly.time + 5000
    assembly.adopt("norm", b"2", replaces=queries.standing(assembly.state, "norm")[0].motion, starts=date)
    assert (date, [date]) == (clock.next_deadline(assembly.state), list(assembly.state.deadlines))
    assert clock.wants_tick(assembly.state, date)
    assert not clock.wants_tick(assembly.state, date - 1)
    assembly.tick(date + 3)
    assert 0 == len(assembly.state.deadlines)
    assert not clock.wants_tick(assembly.state, FAR)


@given(st.lists(st.integers(START - 5, START + 20), max_size=12), st.integers(START, START + 20))
def test_deadlines_ascend_lie_ahead_and_go_when_they_have_come(times: list[int], now: int) -> None:
    state = BASE.state
    for time in times:
        state = wait(state, time)
    ahead = sorted({time for time in times if time > START})
    assert ahead == list(state.deadlines)
    assert (ahead or [None])[0] == clock.next_deadline(state)
    told = Tick(checkpoint=BASE.cosigned(now))
    after, reasons = fold.step(state, BASE.leaf("hub", told))
    assert () == reasons
    assert [time for time in ahead if time > now] == list(after.deadlines)
