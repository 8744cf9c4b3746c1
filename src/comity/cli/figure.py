"""One figure out of one file, as `comity verify FILE` prints it: what holds, the figure in words, what is not shown.

Decides the wording alone. A figure of a file of which anything fails is not printed: nobody should copy it.
"""

from dataclasses import asdict
from typing import Any, Final

import typer

from comity.cli import show
from comity.errors import FormatError, visible
from comity.model import area
from comity.model.structure import TOTAL
from comity.pages import tables, words
from comity.stages.publish import folder
from comity.stages.publish.kept import Kept, digest
from comity.stages.verify.figure import UNPINNED, Found
from comity.tlog.quorum import Policy

NOT_SHOWN: Final = (
    "that the act was admissible, and that its key is the publisher's: follows from the whole log (comity log explain)",
    "that nobody took the release back, or replaced it, since the quorum saw it",
    "that the figure follows from what the offices sent: comity verify, of the whole release",
    "truth: arithmetic is verified, truth is not",
)
LOUD: Final = ("synthetic", "demonstration", "version-break", "no-sample", "related", "unweighted")
NOTES: Final = (*LOUD, "reserved", "reserved-inputs")  # that a figure on its own is not read without
PIN_IT: Final = "Bring your own: --policy FILE, from a source that you trust, whose digest or log key is the one above."


def told(found: Found) -> None:
    """Claims, the figure in words, what is not shown, and the line that sums up."""
    for claim in found.claims:
        typer.echo(str(claim))
    if found.holds and found.kept:
        typer.echo("")
        show.facts(_facts(found, found.kept), as_json=False)
        for note in found.kept.heading.notes:
            if note in NOTES:
                typer.echo(visible(f"note: {words.say(f'note.{note}', goal=found.kept.heading.goal)}"))
        for line in tables.reservations(found.kept.heading.reserved):
            typer.echo(visible(f"note: {line}"))
        typer.echo("")
        for line in NOT_SHOWN:
            typer.echo(f"not shown by one file: {line}")
    typer.echo("")
    if found.last == UNPINNED:
        typer.echo(PIN_IT)
    typer.echo(found.last)


def document(found: Found) -> dict[str, Any]:
    """The same facts for programs; the figure and what is said over it are None if anything fails."""
    kept = found.kept if found.holds else None
    return {
        "holds": found.holds,
        "last": found.last,
        "trusted": found.trusted,
        "claims": [asdict(claim) for claim in found.claims],
        "figure": asdict(kept.entry.figure) if kept else None,
        "names": list(kept.entry.names) if kept else None,
        "heading": asdict(kept.heading) if kept else None,
        "release": found.release,
        "leaf": found.index,
        "origin": found.origin or None,
        "seen": found.seen,
        "policy": str(found.policy) if found.policy else None,
        "policy-digest": digest(found.policy) if found.policy else None,
    }


def _facts(found: Found, kept: Kept) -> dict[str, Any]:
    heading, figure = kept.heading, kept.entry.figure
    cell = {
        visible(f"{axis.name} ({axis.id})"): f"{name or _unlisted(code)} ({code}, of {axis.codelist})"
        for axis, code, name in zip(heading.axes, figure.key, kept.entry.names, strict=True)
    }
    facts: dict[str, Any] = {"figure": _value(kept)} | cell | {"area": _area(heading.area), "period": heading.period}
    if figure.value is not None:
        facts |= {"sampling error": figure.sampling or None, "noise error": figure.noise or None}
    facts |= {
        "status": f"{figure.status}, {words.say(f'status.{figure.status}')}"
        if _worded(figure.status)
        else figure.status,
        "study": f"{heading.study.title} ({heading.study.name}, {heading.study.digest})",
        "norm": f"{heading.norm.title} ({heading.norm.name}, {heading.norm.digest})",
        "release": f"{found.release}, figure {kept.place + 1} of {found.count}",
        "published": f"by {heading.publisher}, in leaf {found.index} of {found.origin}",
        "charter": f"{heading.charter}, as the publisher says",
        "seen": f"{show.utc(found.seen)}, by the quorum" if found.seen is not None else "no witness says when",
    }
    policy = found.policy
    if policy is not None:
        facts |= {
            "policy": f"{digest(policy)}, {_rule(policy)}",
            "log key": ", ".join(str(log.vkey) for log in policy.logs),
        }
    return facts


def _value(kept: Kept) -> str:
    """Value and unit; a blank says which blank it is by its status."""
    value, measure = kept.entry.figure.value, kept.entry.figure.measure
    named = {one.id: one.name for one in kept.heading.measures}
    unit = named.get(measure) or (words.say(f"measure.{measure}") if _worded(measure, "measure") else measure)
    return f"{words.number(value) if value is not None else 'no value'} {unit} ({measure})"


def _unlisted(code: str) -> str:
    """A code that the norm's list does not name: SDMX's total, as a rule."""
    return words.say("area.total") if code == TOTAL else code


def _worded(code: str, group: str = "status") -> bool:
    return f"{group}.{code}" in words.EN


def _area(code: str) -> str:
    if code == folder.NO_AREA:
        return "all who took part"
    try:
        return f"{area.name(code)} ({code})"
    except FormatError:
        return code


def _rule(policy: Policy) -> str:
    """How many of how many witnesses; of a policy with groups in groups, the last word."""
    quorum = policy.quorum
    least = next((group.least for group in quorum.groups if group.name == quorum.name), None)
    return f"quorum {quorum.name}" if least is None else f"{least} of {len(quorum.witnesses)} witnesses"
