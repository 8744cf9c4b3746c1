"""`comity motion`: what is proposed and discussed. Votes are `comity vote`; what follows is `comity assembly`."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from comity.cli import options, show

app = options.group()


class Matter(StrEnum):
    """What can be moved."""

    NORM, RECOGNISED, STUDY = "norm", "norm-recognised", "study"
    MEMBER, SUSPENSION, HUB = "member", "suspension", "hub"


class Taken(StrEnum):
    """What becomes of a comment."""

    TAKEN, IN_PART, NOT_TAKEN, NOTED = "taken", "taken-in-part", "not-taken", "noted"


@app.command()
def move(
    matter: Annotated[
        Matter,
        typer.Argument(
            metavar="MATTER", show_choices=False, help="norm, norm-recognised, study, member, suspension or hub."
        ),
    ],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="norm.json, study.json, party.json or host.json.")],
    open_: Annotated[
        int, typer.Option("--open", metavar="SECONDS", help="How long votes count; the charter's least time if less.")
    ] = 0,
    replaces: Annotated[
        int | None,
        typer.Option("--replaces", metavar="MOTION", help="The adopted motion whose text this one takes the place of."),
    ] = None,
    amends: Annotated[
        int | None,
        typer.Option("--amends", metavar="MOTION", help="This office's open motion whose draft this one changes."),
    ] = None,
    starts: Annotated[
        str | None,
        typer.Option(
            "--starts", metavar="DATE", help="In force from: 2030-01-31 or 2030-01-31T12:00:00Z; else at once."
        ),
    ] = None,
    review: Annotated[
        str | None, typer.Option("--review", metavar="DATE", help="When it is to be looked at again.")
    ] = None,
    home: options.Home = None,
    as_json: show.Json = False,
) -> None:
    """Move that a norm or study be in force, or that a member be admitted or suspended; everyone can read its text.

    hub: that the log go to another hub, by the file that `comity hub offer` wrote there (docs/succession.md).

    Prints the motion's leaf index, by which it is commented and voted on.

    Example: `comity motion move norm norm.json --open 604800 --home office`
    """
    from comity import canon
    from comity.acts.terms import Host, Terms
    from comity.services import config
    from comity.services.node import floor

    data = file.read_bytes()
    what: Final = matter.value
    terms = None
    if what == "hub":
        host = canon.decode(data, Host, where=str(file))
        terms, name = Terms(hub=host), host.origin
        data = canon.encode(terms)
    else:
        name = _party(data, where=str(file)) if matter in (Matter.MEMBER, Matter.SUSPENSION) else ""
    said = floor.move(
        config.home(home),
        what,
        data,
        name=name,
        seconds=open_,
        replaces=replaces,
        amends=amends,
        starts=options.time(starts, where="--starts") if starts else None,
        review=options.time(review, where="--review") if review else None,
        terms=terms,
    )
    show.facts(options.said(said), as_json=as_json)


@app.command()
def comment(
    motion: options.Motion,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="The remark.")],
    language: Annotated[str, typer.Option("--language", metavar="TAG", help="Its language (BCP 47).")] = "en",
    home: options.Home = None,
    as_json: show.Json = False,
) -> None:
    """Remark on an open motion. The text lies beside the log, so that it can be taken down.

    Example: `comity motion comment 20 "Why ten answers, not five?" --home office`
    """
    from comity.services import config
    from comity.services.node import floor

    said = floor.comment(config.home(home), motion, text, language=language)
    show.facts(options.said(said), as_json=as_json)


@app.command()
def answer(
    comment: Annotated[int, typer.Argument(metavar="COMMENT", help="The comment, by its leaf index.")],
    taken: Annotated[
        Taken,
        typer.Argument(metavar="TAKEN", show_choices=False, help="taken, taken-in-part, not-taken or noted."),
    ],
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What becomes of it, and why.")],
    language: Annotated[str, typer.Option("--language", metavar="TAG", help="Its language (BCP 47).")] = "en",
    home: options.Home = None,
    as_json: show.Json = False,
) -> None:
    """Answer a comment on an open motion of this office, once. A motion whose consultation left one open is rejected.

    Example: `comity motion answer 23 taken "Ten answers now." --home office`
    """
    from comity.services import config
    from comity.services.node import floor

    said = floor.answer(config.home(home), comment, taken.value, text, language=language)
    show.facts(options.said(said) | {"answer": taken.value}, as_json=as_json)


@app.command()
def withdraw(motion: options.Motion, home: options.Home = None, as_json: show.Json = False) -> None:
    """Take back a motion of this office before it closes.

    Example: `comity motion withdraw 20 --home office`
    """
    from comity.services import config
    from comity.services.node import floor

    show.facts(options.said(floor.withdraw(config.home(home), motion)), as_json=as_json)


@app.command("list")
def list_(
    hub: options.Hub = None, home: options.Home = None, charter: options.Pin = None, as_json: show.Json = False
) -> None:
    """Every motion: who moved what, how the votes stand or what came of them.

    Example: `comity motion list --hub https://hub.example.org`
    """
    with options.reading(hub, home, charter) as reading:
        state = reading.log.state
        rows = [_row(state, motion) for _, motion in sorted(state.motions.items())]
    columns = ("motion", "matter", "name", "moved-by", "outcome", "yes", "no", "abstain", "of", "comments", "closes")
    show.rows(rows, columns, as_json=as_json, none="Nothing was moved yet.")


@app.command("show")
def show_(
    motion: options.Motion,
    hub: options.Hub = None,
    home: options.Home = None,
    charter: options.Pin = None,
    as_json: show.Json = False,
) -> None:
    """One motion: the thing by digest, who voted what, and the comments.

    Example: `comity motion show 20 --hub https://hub.example.org`
    """
    from comity.services.node.floor import motion_of

    with options.reading(hub, home, charter) as reading:
        state = reading.log.state
        facts = motion_of(state, motion)
        comments = [_comment(reading, index, facts.answers.get(index)) for index in facts.comments]
        why = _why(reading, facts) if facts.outcome == "rejected" else []
    shown = (
        _row(state, facts)
        | ({"why": why} if why else {})
        | {"votes": dict(sorted(facts.votes.items())), "comments": comments}
    )
    if as_json:
        show.document(shown)
        return
    shown["comments"] = len(comments)
    show.facts(shown, as_json=False)
    for one in comments:
        typer.echo(f"\n{one['actor']} at leaf {one['leaf']} ({one['language']}):\n{show.prose(one['text'])}")
        if answer := one["answer"]:
            typer.echo(f"answered at leaf {answer['leaf']}, {answer['answer']} ({answer['language']}):")
            typer.echo(show.prose(answer["text"]))


def _why(reading: Any, facts: Any) -> list[str]:
    """Why a motion was rejected, as its page says it, out of a second count."""
    from comity.assembly.recount import recount
    from comity.pages.assembly import motion

    log = reading.log
    return list(motion.reasons(facts, recount(log.state, log.leaves)[facts.ref.index]))


def _row(state: Any, motion: Any) -> dict[str, Any]:
    from comity.assembly import clock, queries
    from comity.assembly.rules.motion import closing, consults_until

    tally = queries.tally(state, motion)
    ends = closing(motion) if motion.outcome == "open" else None
    begins = consults_until(motion) if motion.consultation else None
    return {
        "motion": motion.ref.index,
        "matter": motion.matter,
        "name": motion.name,
        "moved-by": motion.mover,
        "outcome": motion.outcome,
        "yes": tally.yes,
        "no": tally.no,
        "abstain": tally.abstain,
        "of": tally.total,
        "comments": len(motion.comments),
        "answered": len(motion.answers),
        "votes-from": show.time(begins) if begins is not None and motion.outcome == "open" else None,
        "closes": show.time(ends or motion.closes),
        "waits-for": list(clock.witnesses_of(motion)) if clock.awaits_witnesses(motion, state.time) else None,
        "decided-at": motion.tick,
        "hindrance": motion.hindrance,
        "replaces": motion.replaces.index if motion.replaces else None,
        "amends": motion.amends.index if motion.amends else None,
        "starts": show.time(motion.starts),
        "review": show.time(motion.review),
        "digest": motion.thing.digest,
    }


def _comment(reading: Any, index: int, answer: int | None) -> dict[str, Any]:
    """A comment with its text, if that is still kept, and with its answer."""
    told = _text(reading, index)
    if answer is None:
        return told | {"answer": None}
    return told | {"answer": _text(reading, answer)}


def _text(reading: Any, index: int) -> dict[str, Any]:
    """Who says something in its own words at a leaf, and what."""
    from comity.acts import statement

    act: Any = statement.read(reading.log.leaves[index]).act
    name = act.body.text.digest
    text = reading.get(name).decode(errors="replace") if reading.has(name) else "(the text is not kept any more)"
    taken = {"answer": act.body.answer} if act.kind == "comment/answered" else {}
    return {"leaf": index, "actor": act.actor, "language": act.body.language, "text": text} | taken


def _party(data: bytes, *, where: str) -> str:
    """The id that a motion about a member bears."""
    from comity import canon
    from comity.model.member import Party

    return canon.decode(data, Party, where=where).id
