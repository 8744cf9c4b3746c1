"""Who may nominate for an office, for which time, and beside what."""

from dataclasses import replace
from itertools import combinations, groupby, pairwise
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity import canon
from comity.acts.charter import Office
from comity.acts.refs import Ref
from comity.acts.terms import Appointment, Terms
from comity.assembly import offices, queries
from comity.assembly.facts import Actor, Term
from comity.assembly.state import State
from tests.builders.assembly import START, Assembly, charter_of, party

CHAIR: Final = Office(id="chair", seconds=1000, terms=2, excludes=("auditor",), host=False)
AUDITOR: Final = Office(id="auditor", seconds=500, terms=0, excludes=(), host=True)
CLERK: Final = Office(id="clerk", seconds=1000, terms=0, excludes=(), host=True)
OFFICES: Final = (AUDITOR, CHAIR, CLERK)


def assembled(host: str = "") -> Assembly:
    """Four members, three offices, time 1,700,000,000."""
    return Assembly(charter=replace(charter_of([party(f"m{i}") for i in range(1, 5)]), offices=OFFICES, host=host))


def wanted(office: str, member: str, starts: int, until: int) -> Appointment:
    """An appointment; its times count from the first tick."""
    return Appointment(office=office, member=member, starts=START + starts, until=START + until)


def reasons(state: State, *of: object) -> list[str]:
    """What speaks against an appointment, by code and parameters."""
    found = offices.against(state, wanted(*of))  # type: ignore[arg-type]
    return [" ".join([reason.code, *(f"{key}={value}" for key, value in reason.params.items())]) for reason in found]


def given_to(state: State, *of: object) -> State:
    """The state with one term more, which nothing may speak against."""
    assert [] == reasons(state, *of)
    ref = Ref(index=1000 + len(state.offices), digest=canon.digest(b"motion"))
    return replace(state, offices=offices.appoint(state, wanted(*of), ref))  # type: ignore[arg-type]


def at(state: State, time: int) -> State:
    return replace(state, time=START + time)


@pytest.fixture
def state() -> State:
    return assembled().state


def test_an_office_is_held_from_its_day_to_its_last_and_by_nobody_else() -> None:
    """Moved, voted and decided; the ticks that begin and end it are waited for."""
    assembly = assembled()
    assembly.adopt("office", Terms(office=wanted("chair", "m2", 500, 1400)))
    assert queries.holder(assembly.state, "chair") is None
    assert [START + 500, START + 1400] == list(assembly.state.deadlines)
    held, of_m2 = {}, []
    for time in (499, 500, 1399, 1400):
        assembly.tick(START + time)
        term = queries.holder(assembly.state, "chair")
        held[time] = term.member if term else ""
        of_m2.append(len(queries.in_office(assembly.state, "m2")))
    assert {499: "", 500: "m2", 1399: "m2", 1400: ""} == held
    assert [0, 1, 1, 0] == of_m2
    assert len(assembly.state.deadlines) == 0


def test_only_a_decision_gives_an_office() -> None:
    assembly = assembled()
    motion = assembly.motion("office", Terms(office=wanted("chair", "m2", 0, 900)))
    assembly.vote(motion, "no")
    assembly.decide(motion)
    assert ("rejected", ()) == (assembly.state.motions[motion.index].outcome, assembly.state.offices)


def test_of_two_candidates_the_first_adopted_holds() -> None:
    """Both found a majority; the second motion cannot be any more when its turn comes."""
    assembly = assembled()
    motions = [assembly.motion("office", Terms(office=wanted("chair", id, 300, 900))) for id in ("m2", "m3")]
    for motion in motions:
        assembly.vote(motion, "yes")
    assembly.decide(motions[0])
    assert ["adopted", "rejected"] == [assembly.state.motions[motion.index].outcome for motion in motions]
    assert ["m2"] == [term.member for term in queries.terms(assembly.state, "chair")]


def test_an_unknown_office_or_member_or_a_term_that_cannot_be(state: State) -> None:
    assert ["office.unknown what=office"] == reasons(state, "king", "m2", 0, 100)
    assert ["office.unknown what=member"] == reasons(state, "chair", "m9", 0, 100)
    assert ["office.unknown what=seconds"] == reasons(state, "chair", "m2", 0, 1001)
    assert ["office.unknown what=until"] == reasons(state, "chair", "m2", 100, 100)
    assert ["office.unknown what=until"] == reasons(at(state, 100), "chair", "m2", 0, 100)
    assert [] == reasons(state, "chair", "m2", 0, 1000)


def test_a_term_never_begins_before_it_is_decided(state: State) -> None:
    """Or a decision would tell who had an office while nobody had."""
    (term,) = given_to(at(state, 50), "chair", "m2", 0, 100).offices
    assert (START + 50, START + 100) == (term.starts, term.until)


def test_terms_of_an_office_do_not_overlap_and_may_touch(state: State) -> None:
    state = given_to(state, "chair", "m2", 100, 200)
    for starts, until in ((0, 101), (150, 160), (199, 300), (0, 300)):
        assert ["office.conflict member=m2"] == reasons(state, "chair", "m3", starts, until)
    assert [] == reasons(state, "chair", "m3", 0, 100)
    assert [] == reasons(state, "chair", "m3", 200, 300)


def test_offices_that_exclude_each_other_do_so_either_way(state: State) -> None:
    """The chair names the auditor; the auditor does not name the chair."""
    for first, second in (("chair", "auditor"), ("auditor", "chair")):
        one = given_to(state, first, "m2", 100, 200)
        assert [f"office.conflict office={first}"] == reasons(one, second, "m2", 199, 300)
        assert [] == reasons(one, second, "m2", 200, 300)
        assert [] == reasons(one, second, "m3", 100, 200)
        assert [] == reasons(one, "clerk", "m2", 100, 200)


def test_no_member_nominates_for_more_terms_in_a_row_than_the_charter_allows(state: State) -> None:
    """Two for the chair, whatever comes first; a row ends behind 1000 seconds, its longest term, without the member."""
    state = given_to(given_to(state, "chair", "m2", 2000, 2010), "chair", "m2", 2040, 2050)
    for starts in (1001, 2020, 3049):
        assert ["office.conflict terms=2"] == reasons(state, "chair", "m2", starts, starts + 10)
    for starts in (990, 3050):
        assert [] == reasons(state, "chair", "m2", starts, starts + 10)


def test_a_day_of_another_ends_no_row(state: State) -> None:
    """Or a friend's term of a second would let one member stay for ever."""
    state = given_to(given_to(state, "chair", "m2", 0, 1000), "chair", "m2", 1000, 2000)
    state = given_to(state, "chair", "m3", 2000, 2001)
    assert ["office.conflict terms=2"] == reasons(state, "chair", "m2", 2001, 3000)
    assert [] == reasons(given_to(state, "chair", "m3", 2001, 3000), "chair", "m2", 3000, 4000)


def apart(state: State, *ids: str) -> State:
    """An amendment after which each of these offices excludes all the others, and no other is there."""
    known = {office.id: office for office in OFFICES}
    changed = tuple(replace(known[id], excludes=tuple(other for other in ids if other != id)) for id in ids)
    return replace(state, charter=replace(state.charter, offices=changed)) if state.charter else state


def test_offices_that_an_amendment_sets_apart_are_not_held_by_one_member(state: State) -> None:
    """The term that was moved later does not bind until the other is over; another member may have it meanwhile."""
    state = apart(given_to(given_to(state, "clerk", "m2", 0, 900), "auditor", "m2", 0, 300), "auditor", "clerk")
    assert ["clerk"] == [term.office for term in queries.in_office(state, "m2")]
    assert ["m3"] == [term.member for term in queries.in_office(given_to(state, "auditor", "m3", 0, 100), "m3")]


def test_an_office_that_comes_back_takes_none_that_was_given_meanwhile_beside_it(state: State) -> None:
    """Abolished, so that its holder may be clerk, and founded anew: its holder is auditor again, and no clerk."""
    state = apart(given_to(state, "auditor", "m2", 0, 300), "clerk")
    state = apart(given_to(state, "clerk", "m2", 0, 900), "auditor", "clerk")
    assert ["auditor"] == [term.office for term in queries.in_office(state, "m2")]
    assert ["clerk"] == [term.office for term in queries.in_office(at(state, 300), "m2")]


def test_the_hosts_office_holds_no_office_that_the_charter_keeps_from_it() -> None:
    state = assembled(host="m2").state
    assert ["office.conflict office=host"] == reasons(state, "chair", "m2", 0, 100)
    assert [] == reasons(state, "clerk", "m2", 0, 100)


def test_who_becomes_host_holds_such_an_office_no_more(state: State) -> None:
    state = given_to(state, "chair", "m2", 0, 100)
    assert queries.holder(state, "chair") is not None
    assert queries.holder(played(state, ("host", "m2")), "chair") is None


def gone(state: State, id: str, until: int | None = 99) -> State:
    actor: Actor = state.actors[id]
    return replace(state, actors={**state.actors, id: replace(actor, until=until)})


def test_who_is_in_no_good_standing_holds_nothing_and_another_may_be_elected(state: State) -> None:
    """And whoever comes back does not hold what was given to another meanwhile."""
    state = gone(given_to(state, "chair", "m2", 0, 900), "m2")
    assert queries.holder(state, "chair") is None
    after = at(given_to(at(state, 100), "chair", "m3", 100, 200), 150)
    for one in (after, gone(after, "m2", None)):
        assert ["m3"] == [term.member for term in one.offices if offices.holds(one, term)]
    assert queries.holder(at(gone(after, "m2", None), 300), "chair") is None


def test_terms_are_told_in_the_order_of_time(state: State) -> None:
    state = given_to(given_to(given_to(state, "chair", "m3", 50, 60), "chair", "m2", 10, 20), "clerk", "m2", 0, 9)
    assert [START + 10, START + 50] == [term.starts for term in queries.terms(state, "chair")]


# Laws

TIMES = st.integers(0, 60)
MEMBERS = st.sampled_from(["m1", "m2", "m3"])
ASKED = st.tuples(st.just("appoint"), st.sampled_from(["chair", "auditor", "clerk"]), MEMBERS, TIMES, TIMES)
LEAVES = st.tuples(st.sampled_from(["leave", "return", "host"]), MEMBERS)
LATER = st.tuples(st.just("wait"), st.integers(0, 20))
FOUNDED = assembled().state


def played(state: State, step: tuple[object, ...]) -> State:
    """One thing that may happen, in any order; an appointment is made if nothing speaks against it."""
    match step:
        case ("appoint", *of):
            return state if reasons(state, *of) else given_to(state, *of)
        case ("wait", int() as time):
            return replace(state, time=state.time + time)
        case ("host", str() as id) if state.charter:
            return replace(state, charter=replace(state.charter, host=id))
        case (str() as what, str() as id):
            return gone(state, id, 99 if what == "leave" else None)
    raise AssertionError(step)


def holding(state: State, time: int) -> list[Term]:
    """By the terms as they stand, counted in this test's own way: present, in good standing, not barred."""
    host = state.charter.host if state.charter else ""
    return [
        term
        for term in state.offices
        if term.starts <= time < term.until
        and state.actors[term.member].until is None
        and not (term.office == "chair" and term.member == host)
    ]


@given(st.lists(st.one_of(ASKED, ASKED, ASKED, LEAVES, LATER), max_size=24))
def test_no_order_of_decisions_makes_two_holders_or_one_of_two_offices_that_exclude(
    steps: list[tuple[object, ...]],
) -> None:
    """Whoever leaves, comes back or becomes the host meanwhile."""
    state = FOUNDED
    for step in steps:
        state = played(state, step)
        for time in range(state.time, START + 61):
            held = holding(state, time)
            assert len({term.office for term in held}) == len(held)
            assert all(
                {a.office, b.office} != {"chair", "auditor"} for a, b in combinations(held, 2) if a.member == b.member
            )
            at_time = replace(state, time=time)
            assert {(term.office, term.member) for term in held} == {
                (id, term.member) for id in ("auditor", "chair", "clerk") if (term := queries.holder(at_time, id))
            }


@given(st.lists(ASKED, max_size=24))
def test_no_order_of_decisions_makes_a_row_longer_than_the_charter_allows(steps: list[tuple[object, ...]]) -> None:
    state = FOUNDED
    for step in steps:
        state = played(state, step)
    for member in ("m1", "m2", "m3"):
        own = [term for term in queries.terms(state, "chair") if term.member == member]
        rests = [after.starts - before.until >= CHAIR.seconds for before, after in pairwise(own)]
        rows = [list(row) for rested, row in groupby(rests) if not rested]
        assert all(len(row) < 2 for row in rows)  # so many gaps, one term more


AMENDED = st.tuples(st.just("apart"), st.lists(st.sampled_from(["auditor", "chair", "clerk"]), max_size=3, unique=True))

LONG = st.tuples(
    st.just("appoint"),
    st.sampled_from(["chair", "auditor", "clerk"]),
    st.sampled_from(["m1", "m2"]),
    st.integers(0, 9),
    st.integers(50, 60),
)


@given(st.lists(st.one_of(ASKED, LONG, AMENDED, LEAVES, LATER), min_size=6, max_size=24))
def test_no_order_of_amendments_and_decisions_puts_offices_that_exclude_each_other_in_one_hand(
    steps: list[tuple[object, ...]],
) -> None:
    """Offices are set apart, abolished and founded anew, and nobody holds two; nor do two hold one."""
    state = FOUNDED
    for step in steps:
        state = apart(state, *sorted(step[1])) if step[0] == "apart" else played(state, step)  # type: ignore[call-overload]
        for time in range(state.time, START + 61):
            held = [term for term in state.offices if offices.holds(replace(state, time=time), term)]
            excluded = {office.id: office.excludes for office in state.charter.offices} if state.charter else {}
            assert len({term.office for term in held}) == len(held)
            assert not any(b.office in excluded[a.office] for a in held for b in held if a.member == b.member)
