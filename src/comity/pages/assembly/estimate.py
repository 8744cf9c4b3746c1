"""The page of an estimate: the public facts, what each outcome means, and values only where they were published.

Drafts and boxes are no part of a page: what is shown of a value is what the settlement opened.
"""

from typing import Final, get_args

from comity.acts.estimate import Settlement
from comity.acts.refs import Blob
from comity.assembly.estimates import checked
from comity.assembly.facts import EstimateFacts
from comity.errors import FormatError, NotVerified
from comity.model.estimate import Draft, Row
from comity.model.reason import Reason
from comity.pages import words
from comity.pages.assembly import motion, texts
from comity.pages.assembly.room import Room, estimate, time
from comity.pages.assembly.sheet import (
    HALL,
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

SETTLEMENTS: Final = get_args(Settlement)
ROWS: Final = 200  # observations of a record that a page shows


def sheet(room: Room, facts: EstimateFacts) -> Sheet:
    """The page."""
    country = room.name(facts.member)
    title = words.say(
        "assembly.estimate.title", series=texts.label(facts.series), country=country, period=texts.label(facts.period)
    )
    return Sheet(
        path=leaf_path("estimates", facts.ref.index),
        title=title,
        of=words.say("assembly.estimate.kind"),
        lead=words.say(f"assembly.estimate.status.{estimate(room.state, facts)}"),
        up=(cell(words.say("assembly.hall.link"), HALL),),
        sections=(
            Section(id="asked", title=words.say("assembly.estimate.asked"), blocks=_asked(room, facts)),
            Section(id="answer", title=words.say("assembly.estimate.answer"), blocks=_answer(room, facts)),
            Section(id="settled", title=words.say("assembly.estimate.settled"), blocks=_settled(room, facts)),
            Section(id="check", title=words.say("assembly.check.title"), blocks=_check(facts)),
        ),
    )


def _asked(room: Room, facts: EstimateFacts) -> tuple[Block, ...]:
    rows = [
        (words.say("assembly.estimate.custodian"), room.actor(facts.custodian)),
        (words.say("assembly.estimate.country"), room.actor(facts.member)),
        (words.say("assembly.estimate.series"), cell(facts.series)),
        (words.say("assembly.estimate.period"), cell(facts.period)),
        (words.say("assembly.estimate.deadline"), cell(time(facts.deadline))),
        (words.say("assembly.estimate.leaf"), cell(str(facts.ref.index))),
        (words.say("assembly.estimate.draft"), code(facts.value.draft)),
    ]
    if facts.method is not None:
        rows.append((words.say("assembly.estimate.method"), code(facts.method)))
    return (
        Sentence(text=words.say("assembly.estimate.sealed")),
        Facts(caption=words.say("assembly.estimate.table"), rows=tuple(rows)),
    )


def _answer(room: Room, facts: EstimateFacts) -> tuple[Block, ...]:
    answer = facts.answer
    if answer is None:
        key = "waits" if estimate(room.state, facts) == "open" else "silent"
        silence = words.say(
            "assembly.estimate.absent" if facts.absent else f"assembly.estimate.silence.{facts.silence}"
        )
        return (Sentence(text=words.say(f"assembly.estimate.{key}")), Sentence(text=silence, fine=True))
    told: list[Block] = [Sentence(text=words.say(f"assembly.estimate.answer.{answer.answer}", index=answer.ref.index))]
    if answer.reasons:
        told.append(_reasons(answer.reasons))
    if answer.note is not None:
        told.append(Quote(head=words.say("assembly.estimate.note"), said=texts.shown(room.bodies, answer.note)))
    if answer.counter is not None:
        told.append(Sentence(text=words.say("assembly.estimate.countered", digest=answer.counter.draft), fine=True))
    return tuple(told)


def _reasons(reasons: tuple[Reason, ...]) -> Table:
    return Table(
        caption=words.say("assembly.reasons"),
        columns=(words.say("assembly.reasons.words"), words.say("assembly.reasons.code")),
        rows=tuple((cell(words.reason(reason)), code(reason.code)) for reason in reasons),
    )


def _settled(room: Room, facts: EstimateFacts) -> tuple[Block, ...]:
    meanings = Table(
        caption=words.say("assembly.settlement.table"),
        columns=(words.say("assembly.settlement.outcome"), words.say("assembly.settlement.means")),
        rows=tuple(
            (cell(words.say(f"assembly.settlement.{code}")), cell(words.say(f"assembly.settlement.{code}.means")))
            for code in SETTLEMENTS
        ),
    )
    if facts.settled is None:
        return (Sentence(text=words.say("assembly.estimate.unsettled")), meanings)
    settled = facts.settled
    name = words.say(f"assembly.settlement.{settled.outcome}")
    told: list[Block] = [Sentence(text=words.say("assembly.estimate.ended", outcome=name, index=settled.ref.index))]
    told += _opened(room, facts, "assembly.estimate.opened", settled.opened)
    told += _opened(room, facts, "assembly.estimate.counter", settled.counter)
    return (*told, meanings)


def _opened(room: Room, facts: EstimateFacts, key: str, blob: Blob | None) -> list[Block]:
    """A value that the settlement made public, as its record says; none of a record about something else."""
    if blob is None:
        return []
    data = texts.body(room.bodies, blob.digest, blob.size)
    if data is None:
        return [Quote(head=words.say(key), said=texts.shown(room.bodies, blob))]
    try:
        record = checked(room.state, facts, data)
    except FormatError:
        return [Quote(head=words.say(key), said=motion.text(data))]
    except NotVerified:
        return [Sentence(text=words.say("assembly.estimate.elsewhere", digest=blob.digest))]
    return [_values(words.say(key), record)]


def _values(caption: str, record: Draft) -> Table:
    """The observations of a record; of one that has very many the first, and the caption says so."""
    unit = words.say("assembly.estimate.unit", caption=caption, unit=record.unit, multiplier=record.multiplier)
    if len(record.rows) > ROWS:
        unit = words.say("assembly.estimate.first", caption=unit, n=ROWS, all=len(record.rows))
    columns = ("of", "value", "lower", "upper", "obs", "nature")
    return Table(
        caption=unit,
        columns=tuple(words.say(f"assembly.estimate.{key}") for key in columns),
        rows=tuple(_row(row) for row in record.rows[:ROWS]),
        numbers=(1, 2, 3),
    )


def _row(row: Row) -> tuple[Cell, ...]:
    pairs = [words.say("list.pair", name=name, value=value) for name, value in sorted(row.key.items())]
    numbers = [cell(words.number(text) if text else "") for text in (row.value, row.lower, row.upper)]
    about = words.say("list.comma").join(pairs) or words.say("assembly.none")
    return (cell(about), *numbers, code(row.status), code(row.nature))


def _check(facts: EstimateFacts) -> tuple[Block, ...]:
    return (
        Sentence(text=words.say("assembly.estimate.check")),
        Command(line=f"comity log explain {facts.ref.index} --hub URL"),
    )
