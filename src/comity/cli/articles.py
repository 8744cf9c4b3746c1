"""A charter in plain words: how votes decide, which offices there are, and what an amendment changes.

Decides the wording and the order alone. What a charter must hold is in `assembly.articles`.
"""

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from comity.acts.charter import Charter, Office, Rule

DAY: Final = 86_400  # seconds


def told(charter: "Charter") -> dict[str, Any]:
    """Every article that a motion can change, and the hub and its host, by its name."""
    return {
        "hub": charter.hub.address,
        "host": charter.host or "no member's state",
        "witnesses": ", ".join(charter.witnesses),
        **{f"rule {matter}": rule(ballot) for matter, ballot in sorted(charter.rules.items())},
        "recused": f"the host's office has no vote on {', '.join(charter.recused) or 'nothing'}",
        **{f"group {name}": f"members of areas {', '.join(areas)}" for name, areas in sorted(charter.groups.items())},
        **{f"office {one.id}": office(one) for one in charter.offices},
        "estimates": f"a country has {span(charter.estimate_seconds)} to answer; silence counts as {charter.silence}",
        "audits": f"an answer is due after {span(charter.audit_seconds)}; then it is silence",
        "view-kept": span(charter.challenge_seconds),
    }


def changes(before: "Charter", after: "Charter") -> list[dict[str, str]]:
    """Articles that read otherwise, old beside new."""
    old, new = told(before), told(after)
    return [
        {"article": name, "now": old.get(name, "none"), "then": new.get(name, "none")}
        for name in dict.fromkeys((*old, *new))
        if old.get(name) != new.get(name)
    ]


def rule(ballot: "Rule") -> str:
    """How one matter is decided."""
    least = f"open {span(ballot.seconds)} at least"
    if ballot.consultation:
        least += f", the first {span(ballot.consultation)} for comments, each of which is answered"
    if ballot.method == "consensus":
        return f"adopted unless {ballot.objections} members say no, {least}"
    each = ", each member once" if ballot.counted == "members" else ""
    grouped = f", and so in {ballot.groups} groups at least" if ballot.groups else ""
    return f"more than {ballot.share} % yes of yes and no{each}{grouped}, {ballot.quorum} % of all votes cast, {least}"


def office(one: "Office") -> str:
    """For how long, how often and beside what an office is held."""
    words = [f"{span(one.seconds)} at most"]
    if one.terms:
        words.append(f"{one.terms} in a row" if one.terms > 1 else "not twice in a row")
    if one.excludes:
        words.append(f"not beside {', '.join(one.excludes)}")
    if not one.host:
        words.append("not by the host's office")
    return ", ".join(words)


def span(seconds: int) -> str:
    """A time that people count in days as days; any other in seconds."""
    if seconds == 0 or seconds % DAY:
        return f"{seconds} s"
    return "1 day" if seconds == DAY else f"{seconds // DAY} days"
