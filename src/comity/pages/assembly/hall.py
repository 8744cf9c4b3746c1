"""The page of the assembly: who is in it, what its charter says, what is in force, open or under way, and the head.

It alone names the head of the log that all pages were made from; the others change only with what they show.
"""

from collections import Counter
from collections.abc import Sequence

from comity.acts.charter import Office
from comity.assembly import queries
from comity.assembly.facts import Actor
from comity.assembly.rules.motion import closing
from comity.model import area
from comity.model.member import Party
from comity.pages import words
from comity.pages.assembly import charter, lists
from comity.pages.assembly.member import standing
from comity.pages.assembly.questions import Question
from comity.pages.assembly.room import Room, audit, estimate, force, time
from comity.pages.assembly.sheet import (
    HALL,
    NORMS,
    RELEASES,
    Block,
    Cell,
    Command,
    Facts,
    Section,
    Sentence,
    Sheet,
    Table,
    cell,
    code,
    leaf_path,
    list_path,
)


def sheet(room: Room, asked: Sequence[Question]) -> Sheet:
    """The page. `asked`: the questions about studies in force."""
    members = len(room.state.members)
    parts: list[tuple[str, tuple[Block, ...]]] = [
        ("members", (_actors(room),)),
        ("offices", (_offices(room),)),
        ("motions", (_open(room), *_all(room, "motions", len(room.state.motions)))),
        (
            "force",
            (
                Sentence(text=words.say("assembly.hall.norms.lead")),
                Sentence(text=words.say("assembly.hall.norms.all"), to=NORMS),
                _force(room),
            ),
        ),
        ("studies", (_studies(asked),)),
        ("releases", (_releases(room),)),
        ("estimates", (_estimates(room), *_all(room, "estimates", len(room.state.estimates)))),
        ("audits", (_audits(room), *_all(room, "audits", len(room.state.audits)))),
        ("charter", charter.blocks(room)),
        ("hub", _hub(room)),
        ("head", _head(room)),
    ]
    return Sheet(
        path=HALL,
        title=words.say("assembly.hall.title"),
        of=words.say("assembly.hall.kind"),
        lead=words.count("assembly.hall.lead", members),
        up=(cell(words.say("site.title"), RELEASES), cell(words.say("assembly.norms.title"), NORMS)),
        sections=tuple(
            Section(id=key, title=words.say(f"assembly.hall.{key}"), blocks=blocks) for key, blocks in parts
        ),
    )


def _actors(room: Room) -> Table:
    acceded = tuple(_actor(room, id, actor) for id, actor in sorted(room.state.actors.items()))
    waiting = tuple(
        (
            cell(id),
            cell(_area(party)),
            cell(words.say(f"role.{party.role}")),
            cell(words.number(str(party.weight))),
            cell(words.say("assembly.standing.waits")),
            cell(""),
        )
        for id, party in sorted(room.state.candidates.items())
    )
    return Table(
        caption=words.say("assembly.actors.table"),
        columns=_columns("actor", "area", "role", "weight", "standing", "since"),
        rows=(*acceded, *waiting),
        none=words.say("assembly.actors.none"),
        numbers=(3, 5),
    )


def _actor(room: Room, id: str, actor: Actor) -> tuple[Cell, ...]:
    link = room.actor(id)
    return (
        Cell(id, link.to),
        cell(_area(actor.party)),
        cell(words.say(f"role.{actor.party.role}")),
        cell(words.number(str(actor.party.weight))),
        cell(standing(actor)),
        cell(str(actor.since)),
    )


def _area(party: Party) -> str:
    """What it speaks for; an agency speaks for no area."""
    if party.role == "custodian":
        return words.say("assembly.none")
    return area.name(party.area) if area.known(party.area) else party.area


def _offices(room: Room) -> Table:
    return Table(
        caption=words.say("assembly.offices.table"),
        columns=_columns("office", "holder", "from", "until", "motion", "next"),
        rows=tuple(_office(room, office) for office in room.charter.offices),
        none=words.say("assembly.offices.none"),
    )


def _office(room: Room, office: Office) -> tuple[Cell, ...]:
    state = room.state
    coming = [term for term in queries.terms(state, office.id) if term.starts > state.time]
    told = [words.say("assembly.offices.next", member=term.member, time=time(term.starts)) for term in coming]
    ahead = cell(words.say("list.join").join(told) or words.say("assembly.none"))
    term = queries.holder(state, office.id)
    if term is None:
        none = cell(words.say("assembly.none"))
        return (cell(office.id), cell(words.say("assembly.offices.vacant")), none, none, none, ahead)
    return (
        cell(office.id),
        room.actor(term.member),
        cell(time(term.starts)),
        cell(time(term.until)),
        _motion(term.motion.index),
        ahead,
    )


def _open(room: Room) -> Table:
    state = room.state

    def ends(index: int) -> str:
        seconds = closing(state.motions[index])
        if seconds is not None:
            return time(seconds)
        is_open = state.motions[index].opened is not None
        return words.say("assembly.time.uncalled" if is_open else "assembly.time.unopened")

    return Table(
        caption=words.say("assembly.open.table"),
        columns=_columns("motion", "matter", "thing", "mover", "closes"),
        rows=tuple(
            (
                _motion(index),
                cell(words.say(f"assembly.matter.{state.motions[index].matter}")),
                cell(state.motions[index].name),
                room.actor(state.motions[index].mover),
                cell(ends(index)),
            )
            for index in state.pending
            if state.motions[index].outcome == "open"
        ),
        none=words.say("assembly.open.none"),
    )


def _all(room: Room, family: lists.Family, n: int) -> tuple[Sentence, ...]:
    """Where all of a family are listed, if there are any."""
    if not n:
        return ()
    told = words.count(f"assembly.all.{family}", n)
    return (Sentence(text=told, to=list_path(family, lists.last(n))),)


def _force(room: Room) -> Table:
    state = room.state
    things = sorted(state.in_force.values(), key=lambda thing: (thing.matter, thing.motion.index))
    return Table(
        caption=words.say("assembly.force.table"),
        columns=_columns("thing", "matter", "force", "review", "motion"),
        rows=tuple(
            (
                cell(thing.name),
                cell(words.say(f"assembly.matter.{thing.matter}")),
                cell(force(state, thing)),
                cell(time(thing.review)),
                _motion(thing.motion.index),
            )
            for thing in things
        ),
        none=words.say("assembly.force.none"),
    )


def _studies(asked: Sequence[Question]) -> Table:
    return Table(
        caption=words.say("assembly.studies.table"),
        columns=_columns("study", "period", "consents", "refusals", "silence", "exchange", "releases"),
        rows=tuple(
            (
                cell(one.name, leaf_path("motions", one.motion)),
                cell(one.period or words.say("assembly.none")),
                cell(str(one.consented)),
                cell(str(one.refused)),
                cell(str(len(one.silent))),
                cell(words.say(f"assembly.exchange.{one.stage}")),
                cell(str(one.releases)),
            )
            for one in asked
        ),
        none=words.say("assembly.studies.none"),
        numbers=(2, 3, 4, 6),
    )


def _releases(room: Room) -> Table:
    found = Counter(release.publisher for release in room.state.releases.values())
    gone = Counter(one.publisher for one in room.state.releases.values() if one.withdrawn is not None)
    return Table(
        caption=words.say("assembly.releases.table"),
        columns=_columns("publisher", "releases", "withdrawn"),
        rows=tuple((room.actor(id), cell(str(n)), cell(str(gone[id]))) for id, n in sorted(found.items())),
        none=words.say("assembly.releases.none"),
        numbers=(1, 2),
    )


def _estimates(room: Room) -> Table:
    found = Counter(estimate(room.state, facts) for facts in room.state.estimates.values())
    return _counted("assembly.estimates", found, "assembly.estimate.word")


def _audits(room: Room) -> Table:
    found = Counter(audit(room.state, facts) for facts in room.state.audits.values())
    return _counted("assembly.audits", found, "assembly.audit.word")


def _counted(key: str, found: Counter[str], word: str) -> Table:
    """How many are how far, and how many there are."""
    rows = [(cell(words.say(f"{word}.{code}")), cell(words.number(str(n)))) for code, n in sorted(found.items())]
    total = (cell(words.say("assembly.total")), cell(words.number(str(found.total()))))
    return Table(
        caption=words.say(f"{key}.table"),
        columns=_columns("status", "count"),
        rows=(*rows, total) if rows else (),
        none=words.say(f"{key}.none"),
        numbers=(1,),
    )


def _hub(room: Room) -> tuple[Block, ...]:
    hub, origin, state = room.charter.hub, room.charter.origin, room.state
    facts = Facts(
        caption=words.say("assembly.hub.table"),
        rows=(
            (words.say("assembly.hub.address"), code(hub.address)),
            (words.say("assembly.hub.log"), code(origin)),
            (words.say("assembly.hub.breaches"), cell(words.number(str(len(state.breached))))),
        ),
    )
    changes = Table(
        caption=words.say("assembly.successions.table"),
        columns=_columns("leaf", "motion", "before", "after"),
        rows=tuple(
            (cell(str(one.ref.index)), _motion(one.motion.index), code(one.before), code(one.after))
            for one in state.successions
        ),
        none=words.say("assembly.successions.none"),
    )
    return (facts, Sentence(text=words.say("assembly.hub.breaches.means"), fine=True), changes)


def _head(room: Room) -> tuple[Block, ...]:
    state = room.state
    rows = [
        ("size", cell(words.number(str(state.size)))),
        ("root", code(state.roots[state.size])),
        ("time", cell(time(state.time) if state.time else words.say("assembly.none"))),
        ("charter", code(state.charter_digest or "")),
    ]
    return (
        Sentence(text=words.say("assembly.head.lead")),
        Facts(
            caption=words.say("assembly.head.table"),
            rows=tuple((words.say(f"assembly.head.{key}"), told) for key, told in rows),
        ),
        Sentence(text=words.say("assembly.head.again")),
        Command(line="comity assembly pages --hub URL --out DIR"),
        Command(line="comity assembly members --hub URL"),
    )


def _motion(index: int) -> Cell:
    return cell(words.say("assembly.motion.leaf", index=index), leaf_path("motions", index))


def _columns(*keys: str) -> tuple[str, ...]:
    return tuple(words.say(f"assembly.column.{key}") for key in keys)
