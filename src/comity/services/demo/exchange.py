"""Steps 3 and 4: each node decides by its own policy; those who consent exchange sealed vectors, and one is killed.

Decides when the killed node is killed: as soon as the hub has said who dealt shares, this node among them, and before
its answer. The hub's own lines tell that moment; what is then claimed is read in the log.
"""

import re
from typing import Any, Final

from comity.services.demo.processes import failed
from comity.services.demo.stage import Stage

OPENED, SHARED, SURVIVORS, CLOSED = "ExchangeOpened", "ExchangeShared", "ExchangeSurvivors", "ExchangeClosed"
LINE: Final = re.compile(rf"^leaf (\d+): ({OPENED}|{SHARED}|{SURVIVORS}|{CLOSED})\b", re.MULTILINE)
OPEN: Final = "sum opened"  # `comity assembly exchanges`: how it ended
ATTEMPTS: Final = 3  # a machine that is too slow for the deadlines is given another


def consents(stage: Stage) -> None:
    """Step 3: most consent, one refuses by code, one never answers; each says so itself or, in silence, nothing."""
    who = stage.who
    opened = stage.hub_says(rf"leaf (\d+): {OPENED}", what="the hub to open the exchange")
    rows = stage.log("log", "list")
    given = {row["actor"] for row in rows if row["kind"] == "consent/given"}
    refused = {row["actor"]: row["leaf"] for row in rows if row["kind"] == "consent/refused"}
    silent = [one.id for one in who.members if one.id not in given and one.id not in refused]
    stage.show.say(f"{len(given)} consent")
    for member, leaf in refused.items():
        reasons = stage.log("log", "show", leaf)["body"]["reasons"]
        stage.show.say(f"{member} refuses (leaf {leaf}): {'; '.join(map(reason, reasons))}")
    stage.show.say(f"{', '.join(silent) or 'nobody'} never answers: its officer would have to approve, and nobody does")
    stage.show.say(f"the hub opens the exchange (leaf {opened.group(1)})")
    found, wanted = (list(refused), silent), ([who.playing("refuses").id], [who.playing("silent").id])
    if found != wanted:
        raise failed(
            "others refused or stayed silent than the cast says", where="log", found=str(found), wanted=str(wanted)
        )


def exchange(stage: Stage) -> None:
    """Step 4: shares, a node killed, sealed vectors, lists of shares, and the sum that nobody else could open."""
    dropped = stage.who.playing("drops-out")
    host, killed = f"node-{dropped.process}", False
    for _ in range(4 * ATTEMPTS):
        kind, leaf = _next(stage)
        if kind == SHARED:
            stage.commands.processes.kill(host)
            killed = True
            stage.show.say(f"shares are dealt (leaf {leaf}); {dropped.id} is killed (SIGKILL) before it answers")
        if kind == SURVIVORS:
            stage.show.say(f"the hub fixes who survived (leaf {leaf})")
        if kind == CLOSED:
            row = _read(stage, leaf)
            if row["outcome"] == OPEN:
                return _ended(stage, row)
            # Too slow a machine: the hub closed the attempt as failed, and everyone consents to another.
            stage.show.say(f"leaf {leaf} closes this attempt without a sum ({row['outcome']}); there will be another")
            if killed:
                stage.commands.start(host, "node", "run", "--home", stage.home(dropped))
                killed = False
    raise failed(
        "no attempt of the exchange came to a sum", where="log", found=f"{ATTEMPTS} attempts", wanted="one",
        said=stage.running.written(),
    )  # fmt: skip


def _ended(stage: Stage, newest: dict[str, Any]) -> None:
    """What the log says of the exchange that ended with a sum."""
    dropped = stage.who.playing("drops-out").id
    rows = stage.log("log", "list", "--since", newest["exchange"], "--kind", "shares")
    stage.show.say(
        f"the sum is open (leaf {newest['closed']}): {newest['roster']} on the roster, {newest['shared']} dealt "
        f"shares, {newest['survivors']} survived; {dropped} is not among them, and its vector never left"
    )
    gone = newest["shared"] - newest["survivors"]
    if dropped not in {row["actor"] for row in rows} or gone < 1:
        raise failed(
            "the node was not killed between its shares and its answer", where="log", found=str(newest),
            wanted=f"shares of {dropped}, and no answer",
        )  # fmt: skip
    if late := newest["roster"] - newest["survivors"] - 1:
        stage.show.say(f"{late} more were too late for a step on this machine; they are drop-outs like any other")


def _read(stage: Stage, closed: int) -> dict[str, Any]:
    """The exchange that this leaf closed, once a checkpoint holds the leaf."""

    def look() -> dict[str, Any] | None:
        found: list[dict[str, Any]] = stage.log("assembly", "exchanges")
        return next((row for row in found if row["closed"] == closed), None)

    return stage.commands.until(look, what="a checkpoint that holds the end of the exchange", service=stage.running)


def _next(stage: Stage) -> tuple[str, int]:
    """The hub's next statement about an exchange: its kind, its leaf."""

    def look() -> "re.Match[str] | None":
        return LINE.search(stage.running.written(), stage.heard)

    found = stage.commands.until(look, what="the next step of the exchange", service=stage.running)
    stage.heard = found.end()
    return found.group(2), int(found.group(1))


def reason(said: dict[str, Any]) -> str:
    """A reason of the closed list, as its code and parameters."""
    params = ", ".join(f"{name} {value}" for name, value in said.get("params", {}).items())
    return f"{said['code']} ({params})" if params else str(said["code"])
