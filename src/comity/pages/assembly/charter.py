"""The charter as it stands, in words: how each matter is decided, its other rules, its groups and its offices."""

from collections.abc import Iterator, Mapping

from comity.acts.charter import Rule
from comity.model import area
from comity.pages import words
from comity.pages.assembly import ballot
from comity.pages.assembly.room import Room, duration
from comity.pages.assembly.sheet import Block, Cell, Facts, Table, cell


def blocks(room: Room) -> tuple[Block, ...]:
    """All of it."""
    charter = room.charter
    rules = Table(
        caption=words.say("assembly.rules.table"),
        columns=_columns("matter", "rule"),
        rows=tuple(_rule(rule, alike) for rule, alike in _alike(charter.rules)),
    )
    recused = words.say("list.comma").join(words.say(f"assembly.matter.{matter}") for matter in charter.recused)
    rows = [
        ("host", room.actor(charter.host) if charter.host else cell(words.say("assembly.charter.nohost"))),
        ("recused", cell(recused or words.say("list.none"))),
        ("challenge", cell(duration(charter.challenge_seconds))),
        ("estimate", cell(duration(charter.estimate_seconds))),
        ("silence", cell(words.say(f"assembly.charter.silence.{charter.silence}"))),
        ("audit", cell(duration(charter.audit_seconds))),
        ("witnesses", cell(words.say("list.comma").join(charter.witnesses))),
    ]
    facts = Facts(
        caption=words.say("assembly.charter.table"),
        rows=tuple((words.say(f"assembly.charter.{key}"), told) for key, told in rows),
    )
    return (rules, facts, *_groups(room), *_posts(room))


def _alike(rules: Mapping[str, Rule]) -> Iterator[tuple[Rule, tuple[str, ...]]]:
    """Matters that are decided by one rule stand together."""
    for rule in dict.fromkeys(rule for _, rule in sorted(rules.items())):
        yield rule, tuple(matter for matter, one in sorted(rules.items()) if one == rule)


def _rule(rule: Rule, matters: tuple[str, ...]) -> tuple[Cell, Cell]:
    names = words.say("list.join").join(words.say(f"assembly.matter.{matter}") for matter in matters)
    return Cell(names), Cell(" ".join(ballot.rule(rule)))


def _groups(room: Room) -> tuple[Table, ...]:
    groups = sorted(room.charter.groups.items())
    table = Table(
        caption=words.say("assembly.groups.table"),
        columns=_columns("group", "areas"),
        rows=tuple((cell(name), Cell(words.say("list.comma").join(map(_area, areas)))) for name, areas in groups),
    )
    return (table,) if groups else ()


def _posts(room: Room) -> tuple[Table, ...]:
    """What the charter says of its offices."""
    rows = tuple(
        (
            cell(office.id),
            cell(duration(office.seconds)),
            cell(
                words.count("assembly.posts.terms", office.terms) if office.terms else words.say("assembly.posts.any")
            ),
            cell(words.say("list.comma").join(office.excludes) or words.say("list.none")),
            cell(words.say("assembly.yes" if office.host else "assembly.no")),
        )
        for office in room.charter.offices
    )
    columns = _columns("office", "longest", "terms", "excludes", "host")
    return (Table(caption=words.say("assembly.posts.table"), columns=columns, rows=rows),) if rows else ()


def _area(m49: str) -> str:
    return area.name(m49) if area.known(m49) else m49


def _columns(*keys: str) -> tuple[str, ...]:
    return tuple(words.say(f"assembly.column.{key}") for key in keys)
