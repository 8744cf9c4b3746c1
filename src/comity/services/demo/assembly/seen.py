"""What the story checks: facts that must be as it says, commands that must be refused."""

from typing import Any

from comity.services.demo.processes import failed
from comity.services.demo.stage import Stage


def same(found: object, wanted: object, *, what: str, where: str) -> None:
    """DemoFailed, unless what was found is what the story says."""
    if found != wanted:
        raise failed(f"{what}: another thing than the story says", where=where, found=str(found), wanted=str(wanted))


def refused(stage: Stage, *words: object, says: str) -> str:
    """The line by which a command says no, as far as what it found; DemoFailed for any other end.

    says: what the line must hold: a code, or the words of the reason.
    """
    (done,) = stage.commands.processes.run([stage.commands.argv(*words)])
    *_, line = ["", *done.err.strip().splitlines()]  # what it is at comes before
    if done.exit != 1 or says not in line:
        raise done.failed("a command was not refused as it should be", wanted=f"exit 1, and a last line with {says!r}")
    return line.removeprefix("comity: ").partition("; wanted")[0]


def lines(stage: Stage, *words: object) -> list[str]:
    """What a command prints for people of the log at the hub; exit 0 is wanted."""
    source = ("--hub", stage.address, "--charter", stage.charter)
    (done,) = stage.commands.processes.run([stage.commands.argv(*words, *source)])
    if done.exit != 0:
        raise done.failed()
    return done.out.strip().splitlines()


def motion(stage: Stage, index: int, *, holds: str = "motion") -> dict[str, Any]:
    """A motion as every reader sees it, once it is in a checkpoint. holds: a fact of it that must have come."""

    def look() -> dict[str, Any] | None:
        rows: list[dict[str, Any]] = stage.log("motion", "list")
        return next((row for row in rows if row["motion"] == index and row[holds] is not None), None)

    return stage.commands.until(look, what=f"motion {index} under a checkpoint", service=stage.running)
