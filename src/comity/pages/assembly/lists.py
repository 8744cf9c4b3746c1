"""All motions, estimates or audits of a log, so many a page: a page that is full changes only with what it lists."""

from collections.abc import Sequence
from typing import Final

from comity.pages import words
from comity.pages.assembly.room import Room, audit, estimate
from comity.pages.assembly.sheet import HALL, Cell, Family, Section, Sentence, Sheet, Table, cell, leaf_path, list_path

ROWS: Final = 200
COLUMNS: Final[dict[Family, tuple[str, ...]]] = {
    "motions": ("motion", "matter", "thing", "mover", "outcome"),
    "estimates": ("estimate", "series", "period", "country", "custodian", "status"),
    "audits": ("audit", "asks", "asked", "status"),
}
__all__: Final = ["COLUMNS", "ROWS", "Family", "last", "sheet"]


def last(n: int) -> int:
    """The number of the last page of a list of so many; pages count from 1."""
    return max(1, -(-n // ROWS))


def sheet(room: Room, family: Family, number: int, leaves: Sequence[int], n: int) -> Sheet:
    """One page. `leaves`: those on it, in the order of the log; `n`: how many there are at all."""
    others = [k for k in (number - 1, number + 1) if 1 <= k <= last(n)]
    table = Table(
        caption=words.say(f"assembly.list.{family}.table", first=leaves[0], last=leaves[-1]),
        columns=tuple(words.say(f"assembly.column.{key}") for key in COLUMNS[family]),
        rows=tuple(_row(room, family, leaf) for leaf in leaves),
    )
    links = tuple(Sentence(text=words.say("assembly.list.other", number=k), to=list_path(family, k)) for k in others)
    return Sheet(
        path=list_path(family, number),
        title=words.say(f"assembly.list.{family}.title", number=number),
        of=words.say("assembly.list.kind"),
        lead=words.say("assembly.list.lead"),
        up=(cell(words.say("assembly.hall.link"), HALL),),
        sections=(Section(id="list", title=words.say(f"assembly.list.{family}"), blocks=(table, *links)),),
    )


def _row(room: Room, family: Family, leaf: int) -> tuple[Cell, ...]:
    first = cell(words.say("assembly.leaf", index=leaf), leaf_path(family, leaf))
    state = room.state
    if family == "motions":
        facts = state.motions[leaf]
        matter, outcome = f"assembly.matter.{facts.matter}", f"assembly.outcome.word.{facts.outcome}"
        return (first, cell(words.say(matter)), cell(facts.name), room.actor(facts.mover), cell(words.say(outcome)))
    if family == "audits":
        asking = state.audits[leaf]
        status = words.say(f"assembly.audit.word.{audit(state, asking)}")
        return (first, room.actor(asking.asks), room.actor(asking.asked), cell(status))
    put = state.estimates[leaf]
    status = words.say(f"assembly.estimate.word.{estimate(state, put)}")
    names = (room.actor(put.member), room.actor(put.custodian))
    return (first, cell(put.series), cell(put.period), *names, cell(status))
