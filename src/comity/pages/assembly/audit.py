"""The page of an audit: who asks about which figure, and the answer, or that there is none."""

from comity.acts.refs import Blob
from comity.assembly.facts import AuditFacts
from comity.pages import words
from comity.pages.assembly import texts
from comity.pages.assembly.room import Room, audit, time
from comity.pages.assembly.sheet import (
    HALL,
    Block,
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


def sheet(room: Room, facts: AuditFacts) -> Sheet:
    """The page."""
    index = facts.ref.index
    return Sheet(
        path=leaf_path("audits", index),
        title=words.say("assembly.audit.title", index=index, figure=facts.figure + 1, release=facts.release.index),
        of=words.say("assembly.audit.kind"),
        lead=words.say(f"assembly.audit.status.{audit(room.state, facts)}", deadline=time(facts.deadline)),
        up=(cell(words.say("assembly.hall.link"), HALL),),
        sections=(
            Section(id="question", title=words.say("assembly.audit.question"), blocks=_question(room, facts)),
            Section(id="answer", title=words.say("assembly.audit.answer"), blocks=_answer(room, facts)),
            Section(id="check", title=words.say("assembly.check.title"), blocks=_check(facts)),
        ),
    )


def _question(room: Room, facts: AuditFacts) -> tuple[Block, ...]:
    release = room.state.releases.get(facts.release.index)
    rows = [
        (words.say("assembly.audit.asks"), room.actor(facts.asks)),
        (words.say("assembly.audit.asked"), room.actor(facts.asked)),
        (words.say("assembly.audit.release"), cell(words.say("assembly.leaf", index=facts.release.index))),
        (words.say("assembly.audit.figure"), cell(str(facts.figure + 1))),
        (words.say("assembly.audit.deadline"), cell(time(facts.deadline))),
    ]
    if release is not None:
        rows.insert(3, (words.say("assembly.audit.record"), room.body(release.release.digest)))
    head = words.say("assembly.audit.text", actor=room.name(facts.asks), index=facts.ref.index)
    return (
        Facts(caption=words.say("assembly.audit.table"), rows=tuple(rows)),
        Quote(head=head, said=texts.shown(room.bodies, facts.text, facts.language)),
    )


def _answer(room: Room, facts: AuditFacts) -> tuple[Block, ...]:
    if facts.answer is None:
        return (Sentence(text=words.say(f"assembly.audit.{audit(room.state, facts)}")),)
    answer = facts.answer
    told: list[Block] = [
        Sentence(
            text=words.say(f"assembly.audit.{audit(room.state, facts)}", index=answer.ref.index, time=time(answer.time))
        )
    ]
    if answer.reasons:
        told.append(
            Table(
                caption=words.say("assembly.reasons"),
                columns=(words.say("assembly.reasons.words"), words.say("assembly.reasons.code")),
                rows=tuple((cell(words.reason(reason)), code(reason.code)) for reason in answer.reasons),
            )
        )
    if answer.evidence:
        told.append(_evidence(room, answer.evidence))
    return tuple(told)


def _evidence(room: Room, bodies: tuple[Blob, ...]) -> Table:
    return Table(
        caption=words.say("assembly.evidence"),
        columns=(words.say("assembly.digest"), words.say("assembly.evidence.size")),
        rows=tuple((room.body(one.digest), cell(words.number(str(one.size)))) for one in bodies),
        numbers=(1,),
    )


def _check(facts: AuditFacts) -> tuple[Block, ...]:
    return (
        Sentence(text=words.say("assembly.audit.check")),
        Command(line=f"comity log explain {facts.ref.index} --hub URL"),
    )
