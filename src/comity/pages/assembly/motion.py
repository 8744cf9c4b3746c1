"""The page of a motion: what is proposed, what was said of it, who voted what, and what follows."""

import json
from functools import reduce

from comity import canon
from comity.acts.motion import Comment, CommentAnswered
from comity.assembly import clock
from comity.assembly.facts import MotionFacts
from comity.assembly.roll import Recount
from comity.assembly.rules.motion import closing
from comity.model import area
from comity.pages import words
from comity.pages.assembly import ballot, terms, texts
from comity.pages.assembly.room import Room, force, time
from comity.pages.assembly.sheet import (
    HALL,
    Block,
    Cell,
    Command,
    Facts,
    Pair,
    Quote,
    Section,
    Sentence,
    Sheet,
    Table,
    cell,
    leaf_path,
)
from comity.pages.assembly.texts import Shown


def sheet(room: Room, facts: MotionFacts, *, followed: tuple[tuple[str, int], ...] = ()) -> Sheet:
    """The page. `followed`: later motions that replace or amend this one, as (which of both, leaf index)."""
    index = facts.ref.index
    return Sheet(
        path=leaf_path("motions", index),
        title=words.say("assembly.motion.title", index=index, name=texts.label(facts.name)),
        of=words.say("assembly.motion.kind"),
        lead=outcome(room, facts),
        up=(cell(words.say("assembly.hall.link"), HALL),),
        sections=(
            Section(id="thing", title=words.say("assembly.motion.thing"), blocks=_thing(room, facts, followed)),
            Section(id="time", title=words.say("assembly.motion.time"), blocks=(_timeline(room, facts),)),
            Section(id="votes", title=words.say("assembly.motion.votes"), blocks=_votes(room, facts)),
            *_text(room, facts),
            Section(id="comments", title=words.say("assembly.motion.comments"), blocks=_comments(room, facts)),
            Section(id="check", title=words.say("assembly.check.title"), blocks=_check(facts)),
        ),
    )


def outcome(room: Room, facts: MotionFacts) -> str:
    """How the motion stands, as a sentence."""
    if facts.outcome == "open":
        ends = closing(facts)
        if facts.opened is None:
            return words.say("assembly.outcome.unopened")
        if ends is None:
            return words.say("assembly.outcome.uncalled", time=time(facts.opened + facts.consultation))
        if clock.awaits_witnesses(facts, room.state.time):
            named = ", ".join(clock.witnesses_of(facts))
            return words.say("assembly.outcome.cosigned", time=time(ends), witnesses=named)
        return words.say("assembly.outcome.open", time=time(ends))
    if facts.tick is None:
        return words.say(f"assembly.outcome.{facts.outcome}.said")
    told = words.say(f"assembly.outcome.{facts.outcome}", tick=facts.tick)
    why = reasons(facts, room.counted(facts.ref.index)) if facts.outcome == "rejected" else ()
    return reduce(lambda first, second: words.say("list.sentences", first=first, second=second), (told, *why))


def reasons(facts: MotionFacts, counted: Recount) -> tuple[str, ...]:
    """Why a motion was rejected: what stood against it whatever the votes, or else what the votes lacked."""
    if facts.hindrance:
        return (words.say(f"assembly.hindrance.{facts.hindrance}"),)
    return ballot.lacks(counted)


def text(data: bytes) -> Shown:
    """The body of a thing: JSON set out in lines, anything else as it is."""
    try:
        laid = json.dumps(json.loads(data), ensure_ascii=False, indent=2).encode()
    except (ValueError, RecursionError):
        return texts.cut(data)
    return texts.cut(laid)


def _thing(room: Room, facts: MotionFacts, followed: tuple[tuple[str, int], ...]) -> tuple[Block, ...]:
    rows = [
        (words.say("assembly.motion.matter"), cell(words.say(f"assembly.matter.{facts.matter}"))),
        (words.say("assembly.motion.name"), cell(facts.name)),
        (words.say("assembly.motion.mover"), room.actor(facts.mover)),
        (words.say("assembly.digest"), room.body(facts.thing.digest)),
    ]
    for key, ref in (("replaces", facts.replaces), ("amends", facts.amends)):
        if ref is not None:
            told = words.say("assembly.motion.leaf", index=ref.index)
            rows.append((words.say(f"assembly.motion.{key}"), cell(told, leaf_path("motions", ref.index))))
    for key, index in followed:
        told = words.say("assembly.motion.leaf", index=index)
        rows.append((words.say(f"assembly.motion.by.{key}"), cell(told, leaf_path("motions", index))))
    entry = room.state.in_force.get((facts.matter, facts.thing.digest))
    if entry is not None and entry.motion == facts.ref:
        rows.append((words.say("assembly.motion.force"), cell(force(room.state, entry))))
    table = Facts(caption=words.say("assembly.motion.table"), rows=tuple(rows))
    if facts.terms is not None:
        said = text(canon.encode(facts.terms))
        head = words.say("assembly.motion.terms.exact")
        return (table, terms.facts(room, facts.terms), Quote(head=head, said=said))
    return (table,)


def _text(room: Room, facts: MotionFacts) -> tuple[Section, ...]:
    """The text that is decided on, behind the votes, as it may be long; none where the motion itself says it all."""
    if facts.terms is not None:
        return ()
    data = texts.body(room.bodies, facts.thing.digest, facts.thing.size)
    said = texts.shown(room.bodies, facts.thing) if data is None else text(data)
    title = words.say("assembly.motion.text")
    return (Section(id="text", title=title, blocks=(Quote(head=texts.label(facts.name), said=said),)),)


def _timeline(room: Room, facts: MotionFacts) -> Table:
    """What happens when: times of the log, with who says them."""
    ends = closing(facts)
    rows = [("moved", words.say("assembly.leaf", index=facts.ref.index))]
    if facts.opened is None:
        rows.append(("opened", words.say("assembly.time.unopened")))
    else:
        rows.append(("opened", time(facts.opened)))
        if facts.consultation:
            rows.append(("voting", time(facts.opened + facts.consultation)))
        rows.append(("closes", words.say("assembly.time.uncalled") if ends is None else time(ends)))
    if facts.tick is not None:
        rows.append(("decided", words.say("assembly.leaf", index=facts.tick)))
    if facts.starts is not None:
        rows.append(("starts", time(facts.starts)))
    if facts.review is not None:
        rows.append(("review", time(facts.review)))
    return Table(
        caption=words.say("assembly.time.table"),
        columns=(words.say("assembly.time.what"), words.say("assembly.time.when")),
        rows=tuple((cell(words.say(f"assembly.time.{key}")), cell(told)) for key, told in rows),
    )


def _comments(room: Room, facts: MotionFacts) -> tuple[Block, ...]:
    if not facts.comments:
        return (Sentence(text=words.say("assembly.comment.none")),)
    lead = Sentence(text=words.count("assembly.comment.lead", len(facts.comments)), fine=True)
    return (lead, *(_pair(room, facts, index) for index in facts.comments))


def _pair(room: Room, facts: MotionFacts, index: int) -> Pair:
    act = room.said(index)
    said = act.body
    assert isinstance(said, Comment)
    head = words.say("assembly.comment.by", actor=room.name(act.actor), index=index)
    left = Quote(head=head, said=texts.shown(room.bodies, said.text, said.language))
    answer = facts.answers.get(index)
    if answer is None:
        return Pair(left=left, right=None, missing=words.say("assembly.comment.unanswered"))
    reply = room.said(answer).body
    assert isinstance(reply, CommentAnswered)
    taken = words.say(f"assembly.taken.{reply.answer}")
    head = words.say("assembly.comment.answer", taken=taken, index=answer)
    right = Quote(head=head, said=texts.shown(room.bodies, reply.text, reply.language))
    return Pair(left=left, right=right, missing="")


def _votes(room: Room, facts: MotionFacts) -> tuple[Block, ...]:
    roll = ballot.roll(room, facts)
    rules = Sentence(text=" ".join(ballot.rule(roll.rule)))
    if facts.outcome == "amended":
        return (rules, Sentence(text=words.say("assembly.votes.amended")))
    told = ballot.sums(roll.lines)
    count = Table(
        caption=words.say("assembly.votes.count.open" if facts.outcome == "open" else "assembly.votes.count"),
        columns=(words.say("assembly.votes.choice"), words.say("assembly.votes.weight")),
        rows=tuple((cell(words.say(f"assembly.choice.{key}")), cell(words.number(str(n)))) for key, n in told.items()),
        numbers=(1,),
    )
    return (rules, count, *_by_group(roll), _roll(room, roll))


def _by_group(roll: ballot.Roll) -> tuple[Table, ...]:
    """The count inside each group of the charter, if it has any."""
    names = ("yes", "no", "abstain", "none", "total")
    rows = []
    for group in roll.groups:
        inside = ballot.sums(tuple(line for line in roll.lines if line.group == group))
        rows.append((cell(group), *(cell(words.number(str(inside[key]))) for key in names)))
    table = Table(
        caption=words.say("assembly.votes.groups"),
        columns=(words.say("assembly.votes.group"), *(words.say(f"assembly.choice.{key}") for key in names)),
        rows=tuple(rows),
        numbers=(1, 2, 3, 4, 5),
    )
    return (table,) if rows else ()


def _roll(room: Room, roll: ballot.Roll) -> Table:
    columns = ["member", "area", *(["group"] if roll.groups else []), "weight", "choice"]
    return Table(
        caption=words.say("assembly.votes.roll"),
        columns=tuple(words.say(f"assembly.votes.{key}") for key in columns),
        rows=tuple(_line(room, line, bool(roll.groups)) for line in roll.lines),
        none=words.say("assembly.votes.nobody"),
        numbers=(len(columns) - 2,),
    )


def _line(room: Room, line: ballot.Line, grouped: bool) -> tuple[Cell, ...]:
    voted = words.say(f"assembly.choice.{line.choice or 'none'}")
    if line.recused:
        voted = words.say("assembly.choice.recused")
    elif line.late:
        voted = words.say("assembly.choice.late", choice=voted)
    elif not line.counts:
        voted = words.say("assembly.choice.out", choice=voted)
    m49 = room.state.actors[line.member].party.area
    group = (cell(line.group),) if grouped else ()
    of = cell(area.name(m49) if area.known(m49) else m49)
    return (room.actor(line.member), of, *group, cell(words.number(str(line.weight))), cell(voted))


def _check(facts: MotionFacts) -> tuple[Block, ...]:
    return (
        Sentence(text=words.say("assembly.motion.check")),
        Command(line=f"comity assembly recount {facts.ref.index} --hub URL"),
        Command(line=f"comity log explain {facts.ref.index} --hub URL"),
    )
