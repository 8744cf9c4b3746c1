"""The terms of a motion in words: what of the charter would change, who would fill an office, where the log goes."""

from comity.acts.terms import Amendment, Terms
from comity.pages import words
from comity.pages.assembly import ballot
from comity.pages.assembly.room import Room, duration, time
from comity.pages.assembly.sheet import Cell, Facts, cell, code


def facts(room: Room, terms: Terms) -> Facts:
    """Every field that the terms hold, by name."""
    rows: list[tuple[str, Cell]] = []
    if terms.office is not None:
        office = terms.office
        rows += [
            (words.say("assembly.column.office"), cell(office.office)),
            (words.say("assembly.column.holder"), room.actor(office.member)),
            (words.say("assembly.column.from"), cell(time(office.starts))),
            (words.say("assembly.column.until"), cell(time(office.until))),
        ]
    if terms.hub is not None:
        host = terms.hub.host
        rows += [
            (words.say("assembly.hub.log"), code(terms.hub.origin)),
            (words.say("assembly.hub.address"), code(terms.hub.hub.address)),
            (words.say("assembly.charter.host"), room.actor(host) if host else _say("assembly.charter.nohost")),
        ]
    if terms.witnesses is not None:
        rows.append((words.say("assembly.charter.witnesses"), _joined(terms.witnesses)))
    if terms.charter is not None:
        rows += _amendment(terms.charter)
    return Facts(caption=words.say("assembly.motion.terms"), rows=tuple(rows))


def _amendment(change: Amendment) -> list[tuple[str, Cell]]:
    rows = [
        (words.say(f"assembly.matter.{matter}"), Cell(" ".join(ballot.rule(rule))))
        for matter, rule in sorted(change.rules.items())
    ]
    if change.recused is not None:
        matters = [words.say(f"assembly.matter.{matter}") for matter in change.recused]
        rows.append((words.say("assembly.charter.recused"), _joined(matters)))
    if change.groups is not None:
        told = [
            words.say("list.pair", name=name, value=words.say("list.comma").join(areas))
            for name, areas in sorted(change.groups.items())
        ]
        rows.append((words.say("assembly.groups.table"), cell(words.say("list.join").join(told))))
    if change.offices is not None:
        rows.append((words.say("assembly.hall.offices"), _joined([office.id for office in change.offices])))
    times = (
        ("challenge", change.challenge_seconds),
        ("estimate", change.estimate_seconds),
        ("audit", change.audit_seconds),
    )
    rows += [(words.say(f"assembly.charter.{key}"), cell(duration(n))) for key, n in times if n is not None]
    if change.silence is not None:
        rows.append((words.say("assembly.charter.silence"), _say(f"assembly.charter.silence.{change.silence}")))
    return rows


def _joined(texts: tuple[str, ...] | list[str]) -> Cell:
    return Cell(words.say("list.comma").join(texts) or words.say("list.none"))


def _say(key: str) -> Cell:
    return Cell(words.say(key))
