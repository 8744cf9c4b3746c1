"""The page of norms: each that is in force or will be, where it comes from, and who applies it but for a part."""

import json
from collections.abc import Mapping
from typing import Any, Final

from comity.assembly import queries
from comity.assembly.facts import InForce, MotionFacts, ReservationFacts
from comity.pages import words
from comity.pages.assembly import texts
from comity.pages.assembly.room import Room, force, time
from comity.pages.assembly.sheet import (
    HALL,
    NORMS,
    Block,
    Cell,
    Command,
    Facts,
    Quote,
    Section,
    Sentence,
    Sheet,
    Table,
    cell,
    code,
    leaf_path,
)

MATTERS: Final = ("norm", "norm-recognised")
AUTHORITY: Final = ("source", "citation", "version", "digest")  # fields of `model.bundle.parts.Authority`
# fields of `model.bundle.recognised.Recognised`
OUTSIDE: Final = ("authority", "address", "digest", "size", "retrieved", "licence", "structure")


def adopted(room: Room) -> tuple[InForce, ...]:
    """Norms that are in force or will be, by name."""
    things = [thing for thing in room.state.in_force.values() if thing.matter in MATTERS]
    return tuple(sorted(things, key=lambda thing: (thing.name, thing.starts, thing.motion.index)))


def earlier(room: Room) -> tuple[MotionFacts, ...]:
    """Motions that brought a norm into force that is so no more."""
    held = {thing.motion.index for thing in room.state.in_force.values()}
    return tuple(
        motion
        for motion in room.state.motions.values()
        if motion.matter in MATTERS and motion.outcome == "adopted" and motion.ref.index not in held
    )


def sheet(room: Room) -> Sheet:
    """The page."""
    own, past = adopted(room), earlier(room)
    sections = [_norm(room, entry) for entry in own]
    if past:
        sections.append(Section(id="earlier", title=words.say("assembly.norms.earlier"), blocks=(_past(past),)))
    check = (Sentence(text=words.say("assembly.norms.check")), Command(line="comity assembly in-force --hub URL"))
    sections.append(Section(id="check", title=words.say("assembly.check.title"), blocks=check))
    return Sheet(
        path=NORMS,
        title=words.say("assembly.norms.title"),
        of=words.say("assembly.norms.kind"),
        lead=words.count("assembly.norms.lead", len(own)) if own else words.say("assembly.norms.none"),
        up=(cell(words.say("assembly.hall.link"), HALL),),
        sections=tuple(sections),
    )


def anchor(entry: InForce) -> str:
    """The place of a norm on the page."""
    return f"n{entry.motion.index}"


def _norm(room: Room, entry: InForce) -> Section:
    motion = room.state.motions[entry.motion.index]
    told = _read(room, entry)
    rows = [
        (words.say("assembly.norms.name"), cell(entry.name)),
        (words.say("assembly.norms.force"), cell(force(room.state, entry))),
        (words.say("assembly.norms.review"), cell(time(entry.review))),
        (words.say("assembly.norms.by"), _motion(entry.motion.index)),
        (words.say("assembly.norms.mover"), room.actor(motion.mover)),
        (words.say("assembly.digest"), room.body(entry.thing.digest)),
    ]
    if motion.replaces is not None:
        rows.append((words.say("assembly.norms.replaces"), _motion(motion.replaces.index)))
    blocks: list[Block] = [
        Sentence(text=words.say(f"assembly.norms.{entry.matter}")),
        Facts(caption=words.say("assembly.norms.table"), rows=(*rows, *_source(told))),
    ]
    if not told:
        blocks.append(Sentence(text=words.say("assembly.norms.unread"), fine=True))
    return Section(id=anchor(entry), title=_title(entry, told), blocks=(*blocks, *_reservations(room, entry)))


def _read(room: Room, entry: InForce) -> Mapping[str, Any]:
    """The norm's record, as far as a page names it; empty if it is not at hand or no record."""
    data = texts.body(room.bodies, entry.thing.digest, entry.thing.size)
    try:
        record = json.loads(data) if data is not None else {}
    except (ValueError, RecursionError):
        return {}
    return record if isinstance(record, dict) else {}


def _title(entry: InForce, told: Mapping[str, Any]) -> str:
    title, version = told.get("title"), told.get("version")
    if isinstance(title, str) and isinstance(version, str):
        return words.say("assembly.norms.heading", title=texts.label(title), version=texts.label(version))
    return texts.label(entry.name)


def _source(told: Mapping[str, Any]) -> tuple[tuple[str, Cell], ...]:
    """Whose norm it is, as its record says: of an outside norm where it was published, and its file's digest."""
    if isinstance(told.get("authority"), str):
        return _pairs("outside", OUTSIDE, told)
    return _pairs("authority", AUTHORITY, told["authority"]) if isinstance(told.get("authority"), dict) else ()


def _pairs(of: str, keys: tuple[str, ...], told: Mapping[str, Any]) -> tuple[tuple[str, Cell], ...]:
    """Those fields of a record that it fills in with a text or a number."""
    held = [(key, str(told[key])) for key in keys if isinstance(told.get(key), str | int) and told[key]]
    return tuple(
        (words.say(f"assembly.norms.{of}.{key}"), code(value) if key == "digest" else cell(value))
        for key, value in held
    )


def _reservations(room: Room, entry: InForce) -> tuple[Block, ...]:
    held = queries.reservations(room.state, entry.thing.digest)
    if not held:
        return (Sentence(text=words.say("assembly.norms.unreserved"), fine=True),)
    table = Table(
        caption=words.say("assembly.norms.reservations"),
        columns=(
            words.say("assembly.votes.member"),
            words.say("assembly.norms.parts"),
            words.say("assembly.column.leaf"),
        ),
        rows=tuple((room.actor(r.member), cell(_parts(r)), cell(str(r.ref.index))) for r in held),
        numbers=(2,),
    )
    return (table, *(_why(room, reserved) for reserved in held if reserved.text is not None))


def _parts(reserved: ReservationFacts) -> str:
    return words.say("list.comma").join(reserved.parts)


def _why(room: Room, reserved: ReservationFacts) -> Quote:
    head = words.say("assembly.norms.why", member=room.name(reserved.member))
    return Quote(head=head, said=texts.shown(room.bodies, reserved.text, reserved.language))


def _past(motions: tuple[MotionFacts, ...]) -> Table:
    return Table(
        caption=words.say("assembly.norms.earlier.table"),
        columns=(words.say("assembly.norms.name"), words.say("assembly.norms.by"), words.say("assembly.digest")),
        rows=tuple((cell(m.name), _motion(m.ref.index), code(m.thing.digest)) for m in motions),
    )


def _motion(index: int) -> Cell:
    return cell(words.say("assembly.motion.leaf", index=index), leaf_path("motions", index))
