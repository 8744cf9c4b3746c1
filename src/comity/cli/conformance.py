"""`comity assembly conformance`: which norms each member applies, how far, and what it keeps apart from."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from comity.cli import options, show
from comity.errors import UsageError

if TYPE_CHECKING:
    from comity.assembly.conformance import Applied, Conformance
    from comity.canon import Digest
    from comity.services.reading import Reading


def conformance(
    member: Annotated[str | None, typer.Argument(metavar="MEMBER", help="One member; all unless given.")] = None,
    hub: options.Hub = None,
    home: options.Home = None,
    charter: options.Pin = None,
    as_json: show.Json = False,
) -> None:
    """Every norm in force, and how each member applies it: what it was asked under it, consented to, refused and
    answered, under which version it answered last, by which binding, and what it reserved. Counts, no ranks.

    Example: `comity assembly conformance ke --hub https://hub.example.org`
    """
    from comity.assembly.conformance import conformance as told

    with options.reading(hub, home, charter) as reading:
        state = reading.log.state
        if member is not None and member not in state.actors:
            raise UsageError("no such member", where=member, wanted=", ".join(sorted(state.actors)))
        norms, unread = _norms(reading)
        found = told(state, norms)
    rows = [_row(norm, one) for norm in found for one in norm.applied if member in (None, one.member)]
    if as_json:
        show.document(
            {"norms": [_norm(norm) for norm in found], "applied": rows, "studies-whose-text-is-not-here": unread}
        )
        return
    columns = ("norm", "review", "overdue", "studies")
    show.rows([_norm(norm) for norm in found], columns, as_json=False, none="No norm is in force.")
    if rows:
        typer.echo("")
        counts = ("asked", "consented", "refused", "silent", "answered")
        shown = ("member", "norm", *counts, "last-answer-under", "reserved", "binding")
        show.rows(rows, shown, as_json=False, none="")
    for study in unread:
        options.note(f"not counted, for its text is not here: study {study}")


def _norms(reading: "Reading") -> "tuple[dict[Digest, Digest], list[Digest]]":
    """The norm of each study of which somebody spoke; and the studies whose text cannot be read."""
    from comity import canon
    from comity.errors import ComityError
    from comity.model.study import Study

    norms: dict[Digest, Digest] = {}
    unread: list[Digest] = []
    for study in sorted({study for study, _ in reading.log.state.asked}):
        try:
            norms[study] = canon.decode(reading.get(study), Study, where=study).norm
        except ComityError:
            unread.append(study)
    return norms, unread


def _norm(of: "Conformance") -> dict[str, Any]:
    return {
        "norm": of.name,
        "matter": of.matter,
        "review": show.time(of.review),
        "overdue": of.overdue,
        "studies": of.studies,
        "digest": of.norm,
    }


def _row(of: "Conformance", one: "Applied") -> dict[str, Any]:
    return {
        "member": one.member,
        "role": one.role,
        "norm": of.name,
        "asked": one.asked,
        "consented": one.consented,
        "refused": one.refused,
        "silent": one.silent,
        "answered": one.answered,
        "last-answer-under": one.last.version if one.last else None,
        "last-answer-at": one.last.leaf if one.last else None,
        "reserved": list(one.reserved),
        "binding": one.binding,
    }
