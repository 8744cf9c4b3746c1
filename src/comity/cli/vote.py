"""`comity vote`: this member's one vote on a motion."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from comity.cli import options, show

app = options.group()


class Choice(StrEnum):
    """What can be voted."""

    YES, NO, ABSTAIN = "yes", "no", "abstain"


@app.command()
def cast(
    motion: options.Motion,
    choice: Annotated[Choice, typer.Argument(help="yes, no or abstain.", show_choices=False)],
    homes: options.Homes = None,
    as_json: show.Json = False,
) -> None:
    """Vote on a motion, once; returns when the vote is in the log. The same vote again is the same vote.

    Example: `comity vote cast 20 yes --home office`
    """
    from comity.services.node import floor

    def one(home: Path) -> dict[str, object]:
        return options.said(floor.vote(home, motion, choice.value)) | {"choice": choice.value}

    options.each(homes, one, ("vote", "choice", "leaf"), as_json=as_json)
