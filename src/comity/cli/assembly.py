"""`comity assembly`: what follows from the log and is stated by nobody: members, what is in force, how far studies are.

Motions and how the votes stand are `comity motion list`.
"""

from typing import TYPE_CHECKING, Any

from comity.cli import conformance, counts, hubs, norm, options, pages, show

if TYPE_CHECKING:
    from comity.assembly.facts import ExchangeFacts, InForce
    from comity.assembly.state import State
    from comity.canon import Digest
    from comity.model.member import Party
    from comity.model.study import Study
    from comity.services.reading import Reading

app = options.group()
app.command()(conformance.conformance)
app.command()(pages.pages)
app.command()(hubs.hubs)


@app.command()
def members(
    hub: options.Hub = None, home: options.Home = None, charter: options.Pin = None, as_json: show.Json = False
) -> None:
    """Every actor: its role and weight, whether it is in good standing, and since which leaf.

    Example: `comity assembly members --hub https://hub.example.org`
    """
    with options.reading(hub, home, charter) as reading:
        rows = _members(reading.log.state)
    columns = ("id", "area", "role", "votes", "standing", "since", "witness")
    if not as_json:
        rows = [row | {"standing": row["in-words"]} for row in rows]
    show.rows(rows, columns, as_json=as_json, none="Nobody has acceded yet.")


@app.command("in-force")
def in_force(
    hub: options.Hub = None, home: options.Home = None, charter: options.Pin = None, as_json: show.Json = False
) -> None:
    """Norms, studies and members that the votes brought into force, and by which motion.

    Example: `comity assembly in-force --hub https://hub.example.org`
    """
    from typing import get_args

    from comity.acts.charter import Matter

    with options.reading(hub, home, charter) as reading:
        rows = norm.in_force(reading.log.state, *get_args(Matter))
    show.rows(rows, norm.COLUMNS, as_json=as_json, none="Nothing is in force yet.")


@app.command()
def studies(
    hub: options.Hub = None, home: options.Home = None, charter: options.Pin = None, as_json: show.Json = False
) -> None:
    """How far each study in force has come, period by period: who consented, refused, or has not spoken.

    Example: `comity assembly studies --hub https://hub.example.org`
    """
    from comity.assembly import queries

    with options.reading(hub, home, charter) as reading:
        state = reading.log.state
        rows = [
            _question(state, thing, period, study)
            for thing in queries.standing(state, "study")
            for study in (_study(reading, thing),)
            for period in _periods(state, thing, study)
        ]
    if not as_json:
        rows = [row | {"outcome": ": ".join(filter(None, (row["outcome"], row["why"])))} for row in rows]
    columns = ("study", "period", "consents", "refusals", "silent", "exchange", "outcome", "releases", "digest")
    show.rows(rows, columns, as_json=as_json, none="No study is in force.")


@app.command()
def exchanges(
    hub: options.Hub = None, home: options.Home = None, charter: options.Pin = None, as_json: show.Json = False
) -> None:
    """Every sealed exchange: how many were on the roster, dealt shares, answered, and are in the sum.

    Example: `comity assembly exchanges --hub https://hub.example.org`
    """
    with options.reading(hub, home, charter) as reading:
        state = reading.log.state
        rows = [_exchange(state, facts) for _, facts in sorted(state.exchanges.items())]
    columns = ("exchange", "study", "period", "attempt", "roster", "shared", "answered", "survivors", "outcome")
    show.rows(rows, columns, as_json=as_json, none="No exchange was opened yet.")


@app.command()
def breaches(
    hub: options.Hub = None, home: options.Home = None, charter: options.Pin = None, as_json: show.Json = False
) -> None:
    """Leaves that stand in the log against its rules: without effect, and evidence against the hub that logged them.

    Example: `comity assembly breaches --hub https://hub.example.org`
    """
    from comity.pages import words

    with options.reading(hub, home, charter) as reading:
        rows = [
            {
                "leaf": breach.index,
                "reasons": [words.reason(reason) for reason in breach.reasons],
                "codes": [reason.code for reason in breach.reasons],
            }
            for breach in reading.log.state.breaches
        ]
    show.rows(rows, ("leaf", "reasons"), as_json=as_json, none="No leaf stands against the rules.")


@app.command()
def reciprocity(
    hub: options.Hub = None, home: options.Home = None, charter: options.Pin = None, as_json: show.Json = False
) -> None:
    """Who asks, answers, refuses and is silent: counts for every member, out of how many, and for the hub. No ranks.

    Example: `comity assembly reciprocity --hub https://hub.example.org`
    """
    from comity.assembly import queries
    from comity.assembly.reciprocity import reciprocity as told

    with options.reading(hub, home, charter) as reading:
        state = reading.log.state
        studies = queries.standing(state, "study")
        periods = {thing.thing.digest: _periods(state, thing, _study(reading, thing)) for thing in studies}
        found = told(state, reading.log.leaves, periods)
    counts.reciprocity(found, as_json=as_json)


@app.command()
def influence(
    hub: options.Hub = None, home: options.Home = None, charter: options.Pin = None, as_json: show.Json = False
) -> None:
    """Who drafts what is adopted, who votes with the outcome, what each vote can decide, whose answers are released.

    Power is exact: Banzhaf's and Shapley and Shubik's, under each rule of the charter and the members' votes.

    Example: `comity assembly influence --hub https://hub.example.org`
    """
    from comity.assembly import influence as reckoned

    with options.reading(hub, home, charter) as reading:
        state = reading.log.state
        members = reckoned.influence(state, reading.log.leaves)
    powers, held = reckoned.powers(state), reckoned.concentration(members)
    counts.influence(members, powers, held, as_json=as_json)


@app.command()
def recount(
    motion: options.Motion,
    hub: options.Hub = None,
    home: options.Home = None,
    charter: options.Pin = None,
    as_json: show.Json = False,
) -> None:
    """Count one motion a second time from the log: the roll call, the charter's rule, and what follows from them.

    Exits with 1 if the second count differs from the first in the votes, the time or the outcome.

    Example: `comity assembly recount 20 --hub https://hub.example.org`
    """
    from comity.assembly import recount as second
    from comity.errors import NotVerified
    from comity.services.node.floor import motion_of

    with options.reading(hub, home, charter) as reading:
        state = reading.log.state
        facts = motion_of(state, motion)
        counted = second.recount(state, reading.log.leaves)[motion]
    differs = second.differs(state, counted)
    counts.recount(counted, facts, differs, as_json=as_json)
    if differs:
        raise NotVerified(
            "two counts of this motion differ",
            where=f"motion {motion}",
            found=", ".join(differs),
            wanted="the same",
            way_out="report it with the log: one of the two counts is wrong",
        )


def _members(state: "State") -> list[dict[str, Any]]:
    """Whoever acceded, then founders who have not. An agency speaks for no area; without a vote is in standing too."""
    from comity.pages import words
    from comity.pages.assembly import member

    witnesses = state.charter.witnesses if state.charter else ()
    rows = [
        {
            "id": id,
            "area": _area(actor.party),
            "role": actor.party.role,
            "votes": actor.party.weight,
            "standing": actor.active,
            "in-words": member.standing(actor),
            "since": actor.since,
            "until": actor.until,
            "witness": id in witnesses,
        }
        for id, actor in sorted(state.actors.items())
    ]
    waiting = [
        {
            "id": id,
            "area": _area(party),
            "role": f"{party.role}, not acceded",
            "votes": 0,
            "standing": False,
            "in-words": words.say("assembly.standing.waits"),
            "since": None,
            "until": None,
            "witness": id in witnesses,
        }
        for id, party in sorted(state.candidates.items())
    ]
    return rows + waiting


def _area(party: "Party") -> str | None:
    return None if party.role == "custodian" else party.area


def _study(reading: "Reading", thing: "InForce") -> "Study | None":
    """A study's text, if it can be read."""
    from comity import canon
    from comity.errors import ComityError
    from comity.model.study import Study

    try:
        return canon.decode(reading.get(thing.thing.digest), Study, where=thing.name)
    except ComityError:
        return None


def _periods(state: "State", thing: "InForce", study: "Study | None") -> list[str]:
    """The periods of a study, if its text can be read; else those of which somebody spoke."""
    if study is None:
        return sorted({period for asked, period in state.asked if asked == thing.thing.digest})
    return [period.id for period in study.periods]


def _lacking(state: "State", digest: "Digest", period: str, study: "Study | None") -> str:
    """What is missing before an exchange can be opened: consents to a joint sum, if they are too few yet."""
    from comity.assembly import queries
    from comity.methods import registry
    from comity.model.study import fewest

    if study is None or not registry.is_summed(study.method):
        return ""
    found = len(queries.roster(state, digest, period, queries.attempt(state, digest, period)))
    wanted = fewest(study.colluding)
    return f"{found} of {wanted} sealed consents needed" if found < wanted else ""


def _question(state: "State", thing: "InForce", period: str, study: "Study | None") -> dict[str, Any]:
    """One study in one period."""
    from comity.assembly import queries

    digest = thing.thing.digest
    consented = {c.member for c in queries.consents(state, digest, period) if c.revoked is None}
    refused = {refusal.member for refusal in queries.refusals(state, digest, period)} - consented
    attempts = queries.exchanges(state, digest, period)
    last = attempts[-1] if attempts else None
    published = [r.ref.index for r in state.releases.values() if queries.subject(state, r) == (digest, period)]
    silent = queries.silent(state, digest, period)
    return {
        "study": thing.name,
        "period": period,
        "consents": len(consented),
        "refusals": len(refused),
        "silent": len(silent),
        "consented": sorted(consented),
        "refused": sorted(refused),
        "has-not-spoken": list(silent),
        "exchange": last.opened.ref.index if last else None,
        "outcome": _outcome(last) if last else "not opened",
        "why": "" if last else _lacking(state, digest, period, study),
        "releases": len(published),
        "digest": digest,
    }


def _exchange(state: "State", facts: "ExchangeFacts") -> dict[str, Any]:
    from comity.assembly import queries

    moved = queries.motions_about(state, facts.study)
    return {
        "exchange": facts.opened.ref.index,
        "study": moved[0].name if moved else facts.study,
        "period": facts.period,
        "attempt": facts.attempt,
        "roster": len(facts.opened.members),
        "shared": len(facts.shared.members) if facts.shared else None,
        "answered": len(facts.answers),
        "survivors": len(facts.survivors.members) if facts.survivors else None,
        "left": sorted(facts.left),
        "outcome": _outcome(facts),
        "closed": facts.closed.ref.index if facts.closed else None,
        "deadlines": [show.time(time) for time in facts.deadlines],
        "digest": facts.study,
    }


def _outcome(facts: "ExchangeFacts") -> str:
    """How an exchange ended, or how far it is."""
    if facts.closed is None:
        steps = (("unmasking", facts.survivors), ("answering", facts.shared), ("dealing shares", facts.opened))
        return next(name for name, said in steps if said is not None)
    return f"failed: {facts.closed.failed.code}" if facts.closed.failed else "sum opened"
