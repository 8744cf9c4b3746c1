"""Steps 3 and 4: each node decides by its own policy; those who consent exchange sealed vectors, and one is killed.

Decides when the killed node is killed: as soon as the hub has said who dealt shares, this node among them, and before
its answer. The hub's own lines tell that moment; what is then claimed is read in the log.
"""

import re
from typing import Any, Final

from comity.services.demo.processes import failed
from comity.services.demo.stage import Stage

OPENED, SHARED, SURVIVORS, CLOSED = "ExchangeOpened", "ExchangeShared", "ExchangeSurvivors", "ExchangeClosed"
OPEN: Final = "sum opened"
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
        stage.show.say(f"{member} refuses (leaf {leaf}): {'; '.join(map(_reason, reasons))}")
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
    for _ in range(ATTEMPTS):
        shared = _next(stage, SHARED, "everyone's shares")
        if shared is not None:
            stage.commands.processes.kill(f"node-{dropped.process}")
            stage.show.say(f"shares are dealt (leaf {shared}); {dropped.id} is killed (SIGKILL) before it answers")
            if (survivors := _next(stage, SURVIVORS, "the sealed vectors")) is not None:
                stage.show.say(f"the hub fixes who survived (leaf {survivors})")
        closed = _next(stage, CLOSED, "the sum") or _last(stage, CLOSED)
        newest = _read(stage, closed)
        if newest["outcome"] == OPEN:
            return _ended(stage, closed, newest)
        # Too slow a machine: the hub has closed the attempt as failed, and everyone consents to another.
        stage.show.say(f"leaf {closed} closes this attempt without a sum ({newest['outcome']}); there will be another")
        if shared is not None:
            stage.commands.start(f"node-{dropped.process}", "node", "run", "--home", stage.home(dropped))
    raise failed(
        "no attempt of the exchange came to a sum", where="log", found=f"{ATTEMPTS} attempts", wanted="one",
        said=stage.running.written(),
    )  # fmt: skip


def _ended(stage: Stage, closed: int, newest: dict[str, Any]) -> None:
    """What the log says of the exchange that ended with a sum."""
    dropped = stage.who.playing("drops-out").id
    rows = stage.log("log", "list", "--since", newest["exchange"])
    said = {kind: {row["actor"] for row in rows if row["kind"] == kind} for kind in ("shares", "answer")}
    stage.show.say(
        f"the sum is open (leaf {closed}): {newest['roster']} on the roster, {newest['shared']} dealt shares, "
        f"{newest['survivors']} survived; the log holds no vector of {dropped}, and the hub saw none"
    )
    if dropped not in said["shares"] or newest["shared"] - newest["survivors"] != 1:
        raise failed(
            "the node was not killed between its shares and its answer", where="log", found=str(newest),
            wanted=f"shares of {dropped}, no answer, and everybody else in the sum",
        )  # fmt: skip


def _read(stage: Stage, closed: int) -> dict[str, Any]:
    """The exchange that this leaf closed, once a checkpoint holds the leaf."""

    def look() -> dict[str, Any] | None:
        found: list[dict[str, Any]] = stage.log("assembly", "exchanges")
        return next((row for row in found if row["closed"] == closed), None)

    return stage.commands.until(look, what="a checkpoint that holds the end of the exchange", service=stage.running)


def _next(stage: Stage, kind: str, what: str) -> int | None:
    """The leaf of the hub's next statement of this kind; None if the attempt is closed before."""
    line = re.compile(rf"^leaf (\d+): ({kind}|{CLOSED})\b", re.MULTILINE)

    def look() -> "re.Match[str] | None":
        return line.search(stage.running.written(), stage.heard)

    found = stage.commands.until(look, what=what, service=stage.running)
    stage.heard = found.end()
    return int(found.group(1)) if found.group(2) == kind else None


def _last(stage: Stage, kind: str) -> int:
    """The leaf of the hub's last statement of this kind."""
    return int(re.findall(rf"^leaf (\d+): {kind}\b", stage.running.written(), re.MULTILINE)[-1])


def _reason(reason: dict[str, Any]) -> str:
    params = ", ".join(f"{name} {value}" for name, value in reason.get("params", {}).items())
    return f"{reason['code']} ({params})" if params else str(reason["code"])
