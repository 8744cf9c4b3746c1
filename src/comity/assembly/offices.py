"""Who may nominate for an office, and for which time: what speaks against an appointment, and what it makes of terms.

Decides when two terms conflict. A term binds while its member is in good standing, and the charter, as it stands, lets
that member nominate; one that does not bind stands in nobody's way. An amendment may set offices apart that one member
was given for the same time: then the term that was moved later does not bind until the other is over. Whether members
want an appointment, they vote.
"""

from dataclasses import replace

from comity.acts.charter import Office
from comity.acts.refs import Ref
from comity.acts.terms import Appointment
from comity.assembly.facts import Term
from comity.assembly.state import State
from comity.model.reason import Reason


def office_of(state: State, id: str) -> Office | None:
    """The office by this id, in the charter as it stands."""
    offices = state.charter.offices if state.charter else ()
    return next((office for office in offices if office.id == id), None)


def binds(state: State, term: Term) -> bool:
    """Whether a term is one: its member may have it, and has no earlier one that it cannot stand beside."""
    return term in _binding(state)


def _binding(state: State) -> list[Term]:
    """The terms that bind, each judged beside those that were moved before it and are not over."""
    found: list[Term] = []
    for term in state.offices:
        if _is_able(state, term) and not any(state.time < one.until and _clash(state, one, term) for one in found):
            found.append(term)
    return found


def _is_able(state: State, term: Term) -> bool:
    """Whether its office exists, its member is in good standing, and no host where that may not be."""
    office, actor = office_of(state, term.office), state.actors.get(term.member)
    return office is not None and actor is not None and actor.standing and not _is_barred(state, office, term.member)


def _clash(state: State, one: Term, other: Term) -> bool:
    """Whether one member has both terms at some time, and their offices are not to be in one hand."""
    together = one.starts < other.until and other.starts < one.until
    return together and one.member == other.member and _are_apart(state, one.office, other.office)


def _are_apart(state: State, one: str, other: str) -> bool:
    """Whether either of two offices excludes the other."""
    sides = ((office_of(state, one), other), (office_of(state, other), one))
    return any(office is not None and id in office.excludes for office, id in sides)


def holds(state: State, term: Term) -> bool:
    """Whether the office is held by this term at the time of the last tick."""
    return term.starts <= state.time < term.until and binds(state, term)


def against(state: State, wanted: Appointment) -> list[Reason]:
    """An office or member that is none, a term that cannot be, or one that conflicts with another."""
    office, member = office_of(state, wanted.office), state.members.get(wanted.member)
    if office is None or member is None:
        return [_unknown("office" if office is None else "member")]
    if wanted.until - wanted.starts > office.seconds:
        return [_unknown("seconds")]
    begins = max(wanted.starts, state.time)
    if wanted.until <= begins:
        return [_unknown("until")]
    if _is_barred(state, office, wanted.member):
        return [_conflict(office="host")]
    met = [term for term in _binding(state) if _meets(state, term, wanted)]
    reasons = [_conflict(member=t.member) if t.office == office.id else _conflict(office=t.office) for t in met]
    if not reasons and 0 < office.terms < _in_a_row(state, wanted):
        reasons.append(_conflict(terms=str(office.terms)))
    return reasons


def appoint(state: State, wanted: Appointment, motion: Ref) -> tuple[Term, ...]:
    """All terms with this one, which nothing speaks against.

    It never begins before it is decided. A term that does not bind ends where this one begins, if they cannot stand
    beside each other: so whoever comes back later does not hold what others were given meanwhile.
    """
    begins = max(wanted.starts, state.time)
    kept = [_before(term, begins) if _meets(state, term, wanted) else term for term in state.offices]
    term = Term(office=wanted.office, member=wanted.member, starts=begins, until=wanted.until, motion=motion)
    return tuple(sorted((*(term for term in kept if term), term), key=lambda term: term.motion.index))


def _meets(state: State, term: Term, wanted: Appointment) -> bool:
    """Whether a term and an appointment overlap in time, and cannot stand beside each other.

    They are of one office; or of one member, and of two offices of which either excludes the other.
    """
    if term.starts >= wanted.until or term.until <= max(wanted.starts, state.time):
        return False
    if term.office == wanted.office:
        return True
    return term.member == wanted.member and _are_apart(state, wanted.office, term.office)


def _before(term: Term, time: int) -> Term | None:
    """What is left of a term that ends at this time."""
    return replace(term, until=time) if term.starts < time else None


def _is_barred(state: State, office: Office, member: str) -> bool:
    """Whether the host's office may not nominate for this office, and the member is the host."""
    return not office.host and state.charter is not None and member == state.charter.host


def _in_a_row(state: State, wanted: Appointment) -> int:
    """How many terms of the office the member would have one after another.

    A row ends where the member was out of the office for as long as its longest term, whoever held it meanwhile: so a
    day of another's is no way to stay.
    """
    office = office_of(state, wanted.office)
    own = [t for t in state.offices if (t.office, t.member) == (wanted.office, wanted.member) and _is_able(state, t)]
    rest = office.seconds if office is not None else 0
    begins, ends, count = max(wanted.starts, state.time), wanted.until, 1
    for term in sorted((t for t in own if t.until <= begins), key=lambda term: -term.until):
        if begins - term.until >= rest:
            break
        begins, count = term.starts, count + 1
    for term in sorted((t for t in own if ends <= t.starts), key=lambda term: term.starts):
        if term.starts - ends >= rest:
            break
        ends, count = term.until, count + 1
    return count


def _unknown(what: str) -> Reason:
    return Reason(code="office.unknown", params={"what": what})


def _conflict(**params: str) -> Reason:
    return Reason(code="office.conflict", params=params)
