"""Steps 3 and 4: each node decides by its own policy; those who consent exchange sealed vectors, and one is killed.

Decides when the killed node is killed: as soon as the hub has said who dealt shares, this node among them, and before
its answer. The hub's own lines tell that moment; what is then claimed is read in the log.
"""

from typing import Any

from comity.services.demo.processes import failed
from comity.services.demo.stage import Stage


def consents(stage: Stage) -> None:
    """Step 3: most consent, one refuses by code, one never answers; each says so itself or, in silence, nothing."""
    who = stage.who
    opened = stage.hub_says(r"leaf (\d+): ExchangeOpened", what="the hub to open the exchange")
    rows = stage.log("log", "list")
    said = {
        kind: [row["actor"] for row in rows if row["kind"] == kind] for kind in ("consent/given", "consent/refused")
    }
    spoke = {*said["consent/given"], *said["consent/refused"]}
    silent = [one.id for one in who.members if one.id not in spoke]
    stage.show.say(f"{len(said['consent/given'])} consent")
    for row in rows:
        if row["kind"] == "consent/refused":
            reasons = stage.log("log", "show", row["leaf"])["body"]["reasons"]
            told = "; ".join(_reason(reason) for reason in reasons)
            stage.show.say(f"{row['actor']} refuses: {told}")
    stage.show.say(f"{', '.join(silent) or 'nobody'} never answers: its officer would have to approve, and nobody does")
    stage.show.say(f"the hub opens the exchange (leaf {opened.group(1)})")
    wanted = ([who.playing("refuses").id], [who.playing("silent").id])
    if (said["consent/refused"], silent) != wanted:
        raise failed(
            "others refused or were silent than the cast says",
            where="log",
            found=str((said, silent)),
            wanted=str(wanted),
        )


def exchange(stage: Stage) -> None:
    """Step 4: shares, a node killed, sealed vectors, lists of shares, and the sum that nobody else could open."""
    dropped = stage.who.playing("drops-out")
    shared = stage.hub_says(r"leaf (\d+): ExchangeShared", what="everyone's shares")
    stage.commands.processes.kill(f"node-{dropped.process}")
    stage.show.say(
        f"shares are dealt (leaf {shared.group(1)}); {dropped.id} is killed now (SIGKILL), before its answer"
    )
    survivors = stage.hub_says(r"leaf (\d+): ExchangeSurvivors", what="the sealed vectors")
    stage.show.say(f"the hub fixes who survived (leaf {survivors.group(1)})")
    closed = stage.hub_says(r"leaf (\d+): ExchangeClosed", what="the sum")
    rows = stage.log("log", "list")
    dealt = [row["actor"] for row in rows if row["kind"] == "shares"]
    answered = [row["actor"] for row in rows if row["kind"] == "answer"]
    if dropped.id not in dealt:
        raise failed(
            "the node was killed too early", where=dropped.id, found="no shares", wanted="shares, and no answer"
        )
    found: list[dict[str, Any]] = stage.log("assembly", "exchanges")
    newest = found[-1]
    stage.show.say(f"the sum is open (leaf {closed.group(1)}); {len(answered)} answers in the log")
    stage.show.say(", ".join(f"{name} {value}" for name, value in newest.items() if isinstance(value, str | int)))


def _reason(reason: dict[str, Any]) -> str:
    params = ", ".join(f"{name} {value}" for name, value in reason.get("params", {}).items())
    return f"{reason['code']} ({params})" if params else str(reason["code"])
