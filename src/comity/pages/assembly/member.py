"""The page of an actor: its seat, and what it moved, voted, answered, refused, reserved and was asked. No scores.

Of each list that grows with the log the newest stand here, with how many there are.
"""

from collections.abc import Callable, Sequence

from comity.acts.charter import Charter
from comity.assembly import offices, queries
from comity.assembly.facts import Actor
from comity.canon import Digest
from comity.model import area
from comity.pages import words
from comity.pages.assembly.index import Index
from comity.pages.assembly.questions import Question
from comity.pages.assembly.room import NEWEST, Room, audit, estimate, time
from comity.pages.assembly.sheet import (
    HALL,
    NORMS,
    Block,
    Cell,
    Command,
    Facts,
    Family,
    Section,
    Sentence,
    Sheet,
    Table,
    cell,
    code,
    leaf_path,
    member_path,
)


def sheet(room: Room, index: Index, asked: Sequence[Question], id: str) -> Sheet:
    """The page. `asked`: the questions about studies in force."""
    actor = room.state.actors[id]
    votes = actor.party.role == "member"
    parts: list[tuple[str, tuple[Block, ...]]] = [("seat", (_seat(room, id, actor),))]
    if votes:
        parts.append(("offices", (_offices(room, id),)))
    parts.append(("motions", (_motions(room, index.moved[id]),)))
    if votes:
        parts.append(("votes", _votes(room, index, id)))
        parts.append(("reservations", (_reservations(room, id),)))
    if votes or actor.party.role == "producer":
        parts.append(("studies", _studies(room, index, asked, id)))
    parts += [("estimates", _estimates(room, index, id)), ("audits", _audits(room, index, id))]
    parts.append(("releases", (Sentence(text=words.count("assembly.member.released", len(index.releases[id]))),)))
    sections = [Section(id=key, title=words.say(f"assembly.member.{key}"), blocks=blocks) for key, blocks in parts]
    check = (Sentence(text=words.say("assembly.member.check")), Command(line="comity assembly reciprocity --hub URL"))
    return Sheet(
        path=member_path(id),
        title=room.name(id),
        of=words.say("assembly.member.kind"),
        lead=words.say("assembly.member.standing" if actor.active else "assembly.member.out", role=_role(actor)),
        up=(cell(words.say("assembly.hall.link"), HALL),),
        sections=(*sections, Section(id="check", title=words.say("assembly.check.title"), blocks=check)),
    )


def standing(actor: Actor) -> str:
    """Whether an actor may act, in a word or two."""
    if actor.until is not None:
        return words.say("assembly.standing.left", index=actor.until)
    return words.say("assembly.standing.keyless" if not actor.active else "assembly.standing.good")


def _role(actor: Actor) -> str:
    return words.say(f"role.{actor.party.role}")


def _seat(room: Room, id: str, actor: Actor) -> Facts:
    charter = room.charter
    of = area.name(actor.party.area) if area.known(actor.party.area) else actor.party.area
    seat = [("area", words.say("assembly.seat.of", area=of, m49=actor.party.area))]
    rows = [
        *(seat if actor.party.role != "custodian" else []),
        ("role", _role(actor)),
        ("weight", words.number(str(actor.party.weight))),
        ("standing", standing(actor)),
        ("since", words.say("assembly.leaf", index=actor.since)),
    ]
    if actor.recovered is not None:
        rows.append(("recovered", words.say("assembly.leaf", index=actor.recovered)))
    groups = [name for name, areas in sorted(charter.groups.items()) if actor.party.area in areas]
    if groups:
        rows.append(("group", words.say("list.comma").join(groups)))
    if duties := _duties(charter, id):
        rows.append(("duties", words.say("list.comma").join(duties)))
    return Facts(
        caption=words.say("assembly.seat.table"),
        rows=tuple((words.say(f"assembly.seat.{key}"), cell(told)) for key, told in rows),
    )


def _duties(charter: Charter, id: str) -> list[str]:
    named = (("witness", id in charter.witnesses), ("host", id == charter.host), ("convenor", id == charter.convenor))
    return [words.say(f"assembly.duty.{key}") for key, holds in named if holds]


def _offices(room: Room, id: str) -> Table:
    terms = [term for term in room.state.offices if term.member == id]
    return Table(
        caption=words.say("assembly.offices.of"),
        columns=_columns("office", "from", "until", "now", "motion"),
        rows=tuple(
            (
                cell(term.office),
                cell(time(term.starts)),
                cell(time(term.until)),
                cell(words.say("assembly.yes" if offices.holds(room.state, term) else "assembly.no")),
                _motion(room, term.motion.index),
            )
            for term in reversed(terms)
        ),
        none=words.say("assembly.offices.never"),
    )


def _motions(room: Room, moved: Sequence[int]) -> Table:
    def row(index: int) -> tuple[Cell, ...]:
        facts = room.state.motions[index]
        return (_motion(room, index), *_about(room, index), cell(words.say(f"assembly.outcome.word.{facts.outcome}")))

    return _newest("assembly.moved", moved, ("motion", "matter", "thing", "outcome"), row)


def _votes(room: Room, index: Index, id: str) -> tuple[Block, ...]:
    def row(motion: int) -> tuple[Cell, ...]:
        facts = room.state.motions[motion]
        choice = cell(words.say(f"assembly.choice.{facts.votes[id]}"))
        outcome = cell(words.say(f"assembly.outcome.word.{facts.outcome}"))
        return (_motion(room, motion), *_about(room, motion), choice, outcome)

    told = index.choices[id]
    counts = {key: words.number(str(told[key])) for key in ("yes", "no", "abstain")}
    table = _newest("assembly.voted", index.voted[id], ("motion", "matter", "thing", "choice", "outcome"), row)
    return (Sentence(text=words.say("assembly.voted.count", **counts)), table)


def _reservations(room: Room, id: str) -> Table:
    about = sorted(norm for norm, member in room.state.reservations if member == id)
    held = [one for norm in about if (one := queries.reservation(room.state, norm, id)) is not None]
    return Table(
        caption=words.say("assembly.reserved"),
        columns=_columns("norm", "parts", "leaf"),
        rows=tuple(
            (
                cell(queries.motions_about(room.state, one.norm)[0].name, NORMS),
                cell(words.say("list.comma").join(one.parts)),
                cell(str(one.ref.index)),
            )
            for one in held
        ),
        none=words.say("assembly.reserved.none"),
    )


def _studies(room: Room, index: Index, asked: Sequence[Question], id: str) -> tuple[Block, ...]:
    state = room.state

    def consent(leaf: int) -> tuple[Cell, ...]:
        said = state.consents[leaf]
        given = "both" if said.sealed and said.national else "sealed" if said.sealed else "national"
        how = given if said.revoked is None else "revoked"
        return (
            _study(room, said.study),
            cell(said.period),
            cell(words.say(f"assembly.consent.{how}")),
            cell(str(leaf)),
        )

    def refusal(leaf: int) -> tuple[Cell, ...]:
        said = state.refusals[leaf]
        why = words.say("list.join").join(words.reason(reason) for reason in said.reasons)
        return (_study(room, said.study), cell(said.period), cell(why), cell(str(leaf)))

    silent = [one for one in asked if id in one.silent]
    return (
        _newest("assembly.consented", index.consents[id], ("study", "period", "consent", "leaf"), consent),
        _newest("assembly.refused", index.refusals[id], ("study", "period", "reasons", "leaf"), refusal),
        Table(
            caption=words.say("assembly.silent"),
            columns=_columns("study", "period"),
            rows=tuple((_study(room, one.study), cell(one.period or words.say("assembly.none"))) for one in silent),
            none=words.say("assembly.silent.none"),
        ),
    )


def _estimates(room: Room, index: Index, id: str) -> tuple[Block, ...]:
    def row(leaf: int) -> tuple[Cell, ...]:
        facts = room.state.estimates[leaf]
        other = facts.custodian if facts.member == id else facts.member
        status = words.say(f"assembly.estimate.word.{estimate(room.state, facts)}")
        return (_link("estimates", leaf), cell(facts.series), cell(facts.period), room.actor(other), cell(status))

    columns = ("estimate", "series", "period", "with", "status")
    tables = [_newest("assembly.estimated", index.estimated[id], columns, row)]
    if index.proposed[id]:
        tables.append(_newest("assembly.proposed", index.proposed[id], columns, row))
    return tuple(tables)


def _audits(room: Room, index: Index, id: str) -> tuple[Block, ...]:
    def row(leaf: int) -> tuple[Cell, ...]:
        facts = room.state.audits[leaf]
        other = facts.asked if facts.asks == id else facts.asks
        status = words.say(f"assembly.audit.word.{audit(room.state, facts)}")
        return (_link("audits", leaf), room.actor(other), cell(time(facts.deadline)), cell(status))

    columns = ("audit", "with", "deadline", "status")
    return tuple(
        _newest(key, of[id], columns, row)
        for key, of in (("assembly.asked", index.asked), ("assembly.asks", index.asks))
    )


def _newest(key: str, leaves: Sequence[int], columns: Sequence[str], row: Callable[[int], tuple[Cell, ...]]) -> Table:
    """The newest first; the caption says how many there are if these are not all."""
    shown = tuple(row(leaf) for leaf in reversed(leaves[-NEWEST:]))
    more = {"n": words.number(str(len(shown))), "all": words.number(str(len(leaves)))}
    caption = words.say(f"{key}.table")
    return Table(
        caption=words.say("assembly.newest", what=caption, **more) if len(leaves) > NEWEST else caption,
        columns=_columns(*columns),
        rows=shown,
        none=words.say(f"{key}.none"),
    )


def _study(room: Room, study: Digest) -> Cell:
    moved = queries.motions_about(room.state, study)
    return cell(moved[-1].name, leaf_path("motions", moved[-1].ref.index)) if moved else code(study)


def _columns(*keys: str) -> tuple[str, ...]:
    return tuple(words.say(f"assembly.column.{key}") for key in keys)


def _about(room: Room, motion: int) -> tuple[Cell, Cell]:
    facts = room.state.motions[motion]
    return cell(words.say(f"assembly.matter.{facts.matter}")), cell(facts.name)


def _motion(room: Room, index: int) -> Cell:
    return cell(words.say("assembly.motion.leaf", index=index), leaf_path("motions", index))


def _link(family: Family, leaf: int) -> Cell:
    return cell(words.say("assembly.leaf", index=leaf), leaf_path(family, leaf))
