"""`comity office`: offices of the assembly, who holds them, and for whom the members are asked to vote."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from comity.cli import options, show

if TYPE_CHECKING:
    from comity.acts.terms import Appointment
    from comity.assembly.facts import Term
    from comity.assembly.state import State

app = options.group()


@app.command("list")
def list_(
    hub: options.Hub = None, home: options.Home = None, charter: options.Pin = None, as_json: show.Json = False
) -> None:
    """Every office of the charter: the member that nominates for it now, until when, and what its rule is.

    Example: `comity office list --hub https://hub.example.org`
    """
    from comity.assembly import queries
    from comity.assembly.witnesses import charter_of
    from comity.cli import articles

    with options.reading(hub, home, charter) as reading:
        state = reading.log.state
    rows = []
    for office in charter_of(state).offices:
        term = queries.holder(state, office.id)
        coming = [other for other in queries.terms(state, office.id) if other.starts > state.time]
        rows.append(
            {
                "office": office.id,
                "held-by": term.member if term else "vacant",
                "until": show.time(term.until) if term else None,
                "then": coming[0].member if coming else None,
                "motion": term.motion.index if term else None,
                "rule": articles.office(office),
            }
        )
    columns = ("office", "held-by", "until", "then", "motion", "rule")
    show.rows(rows, columns, as_json=as_json, none="The charter has no office.")


@app.command()
def terms(
    hub: options.Hub = None, home: options.Home = None, charter: options.Pin = None, as_json: show.Json = False
) -> None:
    """Every term that the members decided on, past and to come, and the motion that did.

    Example: `comity office terms --hub https://hub.example.org`
    """
    with options.reading(hub, home, charter) as reading:
        state = reading.log.state
    rows = [_row(state, term) for term in sorted(state.offices, key=lambda term: (term.office, term.starts))]
    show.rows(rows, ("office", "member", "from", "until", "motion", "is"), as_json=as_json, none="Nobody was elected.")


@app.command()
def nominate(
    office: Annotated[str, typer.Argument(metavar="OFFICE", help="An office of the charter.")],
    member: Annotated[str, typer.Argument(metavar="MEMBER", help="The member that nominates for it.")],
    starts: Annotated[str, typer.Option("--from", metavar="DAY", help="First day, or time, of the term (UTC).")],
    until: Annotated[str, typer.Option("--until", metavar="DAY", help="The day, or time, at which it is over.")],
    open_: options.Open = 0,
    home: options.Home = None,
    as_json: show.Json = False,
) -> None:
    """Move that a member nominate for an office from one day to another; which person that is, the member publishes.

    Example: `comity office nominate chair no --from 2027-01-01 --until 2029-01-01 --home office`
    """
    from comity.acts.terms import Appointment, Terms

    first, last = options.time(starts, where="--from"), options.time(until, where="--until")
    wanted = Appointment(office=office, member=member, starts=first, until=last)
    with options.reading(None, home) as reading:
        _check(reading.log.state, wanted)
    name = f"{office}: {member} from {starts}"
    said = options.moved("office", Terms(office=wanted), name=name, seconds=open_, home=home)
    show.facts(said, as_json=as_json)


def _check(state: "State", wanted: "Appointment") -> None:
    """UsageError for an office, a member or a term that is none, before anything is said."""
    from comity.assembly.witnesses import charter_of
    from comity.cli import articles
    from comity.errors import UsageError

    known = {one.id: one for one in charter_of(state).offices}
    office, way_out = known.get(wanted.office), "comity office list"
    if office is None:
        listed = ", ".join(known) or "none: the charter has no office"
        raise UsageError("no such office", where="OFFICE", found=wanted.office, wanted=listed, way_out=way_out)
    if wanted.member not in state.members:
        listed, way_out = ", ".join(state.members), "comity assembly members"
        raise UsageError(
            "no member in good standing", where="MEMBER", found=wanted.member, wanted=listed, way_out=way_out
        )
    if wanted.until <= max(wanted.starts, state.time):
        later = show.utc(max(wanted.starts, state.time))
        raise UsageError("a term without time", where="--until", found=show.utc(wanted.until), wanted=f"after {later}")
    if wanted.until - wanted.starts > office.seconds:
        found, most = articles.span(wanted.until - wanted.starts), articles.span(office.seconds)
        raise UsageError(
            "too long a term", where="--until", found=found, wanted=f"{most} at most, by the charter", way_out=way_out
        )


def _row(state: "State", term: "Term") -> dict[str, Any]:
    """A term as it stands: what became of it follows from the time, and from who is in good standing."""
    from comity.assembly import offices

    if state.time >= term.until:
        stands = "over"
    elif not offices.binds(state, term):
        stands = "void"
    else:
        stands = "held" if state.time >= term.starts else "to come"
    return {
        "office": term.office,
        "member": term.member,
        "from": show.utc(term.starts),
        "until": show.utc(term.until),
        "motion": term.motion.index,
        "is": stands,
    }
