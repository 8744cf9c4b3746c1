"""`comity policy`: what this office's node may answer, in sentences, and what it would say to a study."""

from pathlib import Path
from typing import Annotated, Any

import typer

from comity.cli import options, show

app = options.group()


@app.command()
def install(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The policy, as TOML.")],
    homes: options.Homes = None,
    as_json: show.Json = False,
) -> None:
    """Read a policy strictly and make it the node's own; an absent field is refused, and the old policy stays.

    Example: `comity policy install policy.toml --home office`
    """
    from comity.services.node import setup

    data = file.read_bytes()

    def one(home: Path) -> dict[str, object]:
        policy = setup.install(home, data, where=str(file))
        return {"home": str(home), "version": policy.version, "policy": policy.digest}

    options.each(homes, one, ("version", "policy"), as_json=as_json)


@app.command()
def explain(home: options.Home = None, as_json: show.Json = False) -> None:
    """The policy in sentences. Whatever they do not allow is refused.

    What it names and nobody has is said: methods, sources of this office, and, as far as the hub tells, sensitive cells
    of the studies in force. Under `never` a misspelt word forbids nothing.

    Example: `comity policy explain --home office`
    """
    from comity.methods import registry
    from comity.pages import words
    from comity.services import config
    from comity.services.node import sources
    from comity.services.node.office import read_policy
    from comity.stages import sentences

    policy = read_policy(config.home(home))
    said = [words.say(one.code, **_dated(one.params)) for one in sentences.explain(policy)]
    idle = _idle(config.home(home)) if policy.national.sensitive else ()
    methods = sentences.no_method(policy, registry.names())
    lacking = sentences.no_source(policy, [entry.source.id for entry in sources.read(config.home(home))])
    if as_json:
        named = {"name-no-method": list(methods), "name-no-source": list(lacking)}
        named |= {} if idle is None else {"name-no-cell": list(idle)}
        show.document({"policy": policy.digest, "sentences": said} | named)
        return
    typer.echo(f"Policy {policy.digest}\n")
    for sentence in said:
        typer.echo(f"- {sentence}")
    for name in methods:
        typer.echo(f"Look again: {words.say('policy.no-method', method=name)}")
    for name in lacking:
        typer.echo(f"Look again: {words.say('policy.no-source', source=name)}")
    for entry in idle or ():
        typer.echo(f"Look again: {words.say('policy.idle', cells=entry)}")


def _idle(home: Path) -> tuple[str, ...] | None:
    """Entries of the list of sensitive cells that name none; None, with a note, where no study can be looked at."""
    from comity.errors import ComityError
    from comity.services.node import desk

    try:
        return desk.idle(home)
    except ComityError as e:
        options.note(f"whether the list of sensitive cells names any cell of the studies in force is not known: {e}")
        return None


@app.command()
def publish(home: options.Home = None, as_json: show.Json = False) -> None:
    """Show the policy to the assembly and everyone who reads its log: who drafts a study sees whom it could count on.

    Nothing asks for this. A policy names thresholds, movers and goals, and no data. The newest one shown
    counts.

    Example: `comity policy publish --home office`
    """
    from comity.services import config
    from comity.services.node import floor

    show.facts(options.said(floor.publish(config.home(home))), as_json=as_json)


@app.command("what-if")
def what_if(
    study: Annotated[str | None, typer.Argument(metavar="STUDY", help=options.STUDY)] = None,
    norm: options.NormFile = None,
    policy: Annotated[
        Path | None,
        typer.Option("--policy", metavar="NEW.toml", help="Ask this policy instead, about every study there ever was."),
    ] = None,
    home: options.Home = None,
    as_json: show.Json = False,
) -> None:
    """What the node would say to a study, period by period, if it were asked now; without STUDY, to every one in force.

    With --policy, a policy that is not installed is asked about every study that the log ever brought into force,
    beside what this office said then. Nothing is written.

    A study.json that nobody has moved yet wants its norm beside it (--norm norm.json); that votes are missing is then
    no reason against it.

    Example: `comity policy what-if study.json --norm norm.json --home office`
    """
    from comity.model import policy as policies
    from comity.services import config
    from comity.services.node import desk, draft

    folder = config.home(home)
    if study is not None and (drafted := options.study_file(study)):
        other = policies.read(options.text(policy), where=str(policy)) if policy else None
        asking = draft.asked(folder, drafted, options.norm_file(norm), policy=other)
    elif policy is not None:
        _replay(folder, policy, study, as_json=as_json)
        return
    else:
        asking = tuple(
            one for one in desk.asked(folder) if study in (None, one.study, one.id, f"{one.id}/{one.version}")
        )
    rows = [_row(one) for one in asking]
    show.rows(rows, ("study", "period", "answer", "reasons"), as_json=as_json, none="No study is asked.")


def _replay(home: Path, file: Path, study: str | None, *, as_json: bool) -> None:
    """What another policy would have answered, and how often that is another answer."""
    from comity.model import policy as policies
    from comity.pages import words
    from comity.services.node import replay

    asked = policies.read(options.text(file), where=str(file))
    found = [one for one in replay.replay(home, asked) if study in (None, one.study, one.id, f"{one.id}/{one.version}")]
    rows: list[dict[str, Any]] = [
        {
            "study": f"{one.id}/{one.version}",
            "period": one.period,
            "moved-by": one.mover,
            "then": one.then,
            "now": one.now,
            "changed": one.changed,
            "reasons": [words.reason(reason) for reason in one.reasons],
            "codes": [reason.code for reason in one.reasons],
            "then-codes": [reason.code for reason in one.then_reasons],
        }
        for one in found
    ]
    columns = ("study", "period", "then", "now", "reasons")
    show.rows(rows, columns, as_json=as_json, none="No study was ever in force.")
    fewer = sum(one.changed and one.then == "consented" for one in found)
    more = sum(one.changed and one.then == "refused" for one in found)
    options.note(
        f"policy {asked.version}: of {len(found)} questions {fewer} that were consented to would be refused, and "
        f"{more} that were refused would be answered; nothing was written"
    )


def _row(one: Any) -> dict[str, Any]:
    from comity.pages import words

    reasons = [words.reason(reason) for reason in one.reasons]
    return {
        "study": f"{one.id}/{one.version}",
        "period": one.period,
        "answer": one.status,
        "reasons": reasons,
        "codes": [reason.code for reason in one.reasons],
    }


def _dated(params: dict[str, str]) -> dict[str, str]:
    """Times of a sentence as dates."""
    return {name: show.utc(int(value)) if name in ("from", "until") else value for name, value in params.items()}
