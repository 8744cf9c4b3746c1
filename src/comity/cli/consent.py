"""`comity consent`: what is asked of this office, and its officer's yes or no. The running node acts on them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from comity.cli import options, show
from comity.errors import UsageError

if TYPE_CHECKING:
    from comity.services.node.approval import Approval

app = options.group()

Study = Annotated[str, typer.Argument(metavar="STUDY", help="The study: digest, id or id/version.")]
Period = Annotated[str, typer.Argument(metavar="PERIOD", help="The period.")]
Officer = Annotated[str, typer.Option("--officer", metavar="NAME", help="Which officer; asked with four eyes.")]
Secret = Annotated[
    Path | None,
    typer.Option(
        "--secret", metavar="FILE", help="With --officer: a file with that officer's secret and nothing else."
    ),
]


@app.command("list")
def list_(home: options.Home = None, as_json: show.Json = False) -> None:
    """Every study in force, period by period: by whom it was moved, and what this office said or would say.

    Example: `comity consent list --home office`
    """
    from comity.pages import words
    from comity.services import config
    from comity.services.node import desk

    rows = [
        {
            "study": f"{one.id}/{one.version}",
            "period": one.period,
            "goal": one.goal,
            "norm": one.norm,
            "moved-by": one.mover,
            "answer": one.status,
            "reasons": [words.reason(reason) for reason in one.reasons],
            "codes": [reason.code for reason in one.reasons],
            "digest": one.study,
        }
        for one in desk.asked(config.home(home))
    ]
    columns = ("study", "period", "goal", "norm", "moved-by", "answer", "reasons")
    show.rows(rows, columns, as_json=as_json, none="No study is in force: nothing is asked.")


@app.command()
def give(
    study: Study,
    period: Period,
    officer: Officer = "",
    secret: Secret = None,
    homes: options.Homes = None,
    as_json: show.Json = False,
) -> None:
    """The officer's yes to a study in a period, under policy and binding as they are now. The node then consents.

    Where the policy wants four eyes, each officer says who it is, and the node consents after the second.

    Example: `comity consent give bribe-never-justifiable 2010-2014 --home office`
    """
    from comity.services.node import desk

    said = _who(officer, secret)
    options.each(homes, lambda home: _given(desk.approve(home, study, period, **said), home), COLUMNS, as_json=as_json)


@app.command()
def refuse(
    study: Study,
    period: Period,
    officer: Officer = "",
    secret: Secret = None,
    homes: options.Homes = None,
    as_json: show.Json = False,
) -> None:
    """The officer's no. The node then refuses with the code policy.officer, and nothing else is said of why.

    Example: `comity consent refuse bribe-never-justifiable 2010-2014 --home office`
    """
    from comity.services.node import desk

    said = _who(officer, secret)
    options.each(homes, lambda home: _given(desk.decline(home, study, period, **said), home), COLUMNS, as_json=as_json)


@app.command()
def officer(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The officer's name, a-z, 0-9 and -.")],
    secret: Annotated[
        Path, typer.Option("--secret", metavar="FILE", help="A file with the officer's secret and nothing else.")
    ],
    home: options.Home = None,
    as_json: show.Json = False,
) -> None:
    """Name an officer of this office; the node keeps a digest of the secret alone. Four eyes ask who says yes.

    Example: `comity consent officer ana --secret ana.txt --home office`
    """
    from comity.services import config
    from comity.services.node import desk

    made = desk.add_officer(config.home(home), name, _secret(secret))
    show.facts({"officer": made.name}, as_json=as_json)


@app.command()
def revoke(study: Study, period: Period, homes: options.Homes = None, as_json: show.Json = False) -> None:
    """Take back a consent that stands in the log; an exchange already opened loses this member.

    Example: `comity consent revoke bribe-never-justifiable 2010-2014 --home office`
    """
    from comity.services.node import floor

    def one(home: Path) -> dict[str, Any]:
        return options.said(floor.revoke(home, study, period))

    options.each(homes, one, ("consent/revoked", "leaf"), as_json=as_json)


COLUMNS = ("answer", "officer", "study", "period", "policy", "binding")


def _who(officer: str, secret: Path | None) -> dict[str, str]:
    """Who answers: a name with its secret, or nobody by name."""
    if bool(officer) != (secret is not None):
        raise UsageError("an officer's name and its secret go together", where="--officer", wanted="both, or neither")
    return {"officer": officer, "secret": _secret(secret)} if secret else {}


def _secret(file: Path) -> str:
    """A secret out of its file, without the line's end."""
    return options.text(file).rstrip("\r\n")


def _given(approval: "Approval", home: Path) -> dict[str, Any]:
    """What the officer answered; a policy that asks no officer does not wait for it."""
    from comity.services.node import desk
    from comity.services.node.office import read_policy

    if not read_policy(home).officer:
        options.note("the policy of this office asks no officer: the node decides by itself (policy.toml: officer)")
    if missing := desk.missing(home, approval):
        options.note(f"the policy wants four eyes: the node waits for {missing} more of its officers")
    answer: Literal["approved", "declined"] = approval.answer
    return {
        "answer": answer,
        "officer": approval.officer,
        "study": approval.study,
        "period": approval.period,
        "policy": approval.policy,
        "binding": approval.binding,
        "time": show.time(approval.time),
    }
