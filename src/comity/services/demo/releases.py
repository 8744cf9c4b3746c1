"""Steps 5 and 6: national tables with their own releases, and the joint release, fetched as any reader fetches it."""

import json
import shutil
from typing import Any

from comity.services.demo.processes import failed
from comity.services.demo.stage import Stage


def national(stage: Stage) -> None:
    """Step 5: each member that consented publishes its own table, small cells suppressed."""
    wanted = sum(one.role in ("answers",) for one in stage.who.members)

    def look() -> set[str] | None:
        found = {row["publisher"] for row in stage.log("release", "list") if row["kind"] == "national"}
        return found if len(found) >= wanted else None

    found = stage.commands.until(look, what=f"{wanted} national releases", service=stage.running)
    stage.show.say(f"{len(found)} members published their own table, every cell that its rules hide marked Q")
    dropped = stage.who.playing("drops-out").id
    if dropped not in found:
        stage.show.say(f"the table of {dropped} stands in the log; its node was killed before it made a release of it")


def joint(stage: Stage) -> None:
    """Step 6: the complete folder, checked while it is fetched."""
    stage.hub_says(r"leaf (\d+): joint release", what="the joint release")
    stage.release = stage.commands.facts(
        "release", "fetch", "latest", "--hub", stage.address, "--charter", stage.charter, "--out", stage.places.release
    )
    record = json.loads((stage.places.release / "release.json").read_bytes())
    if record["kind"] != "joint":
        raise failed("not the joint release", where=str(stage.places.release), found=record["kind"], wanted="joint")
    parts = {taking["member"]: taking["part"] for taking in record["takings"]}
    roles = {"refuses": "refused", "silent": "silent", "drops-out": "dropped"}
    wanted = {stage.who.playing(role).id: part for role, part in roles.items()}
    if wanted != {member: parts[member] for member in wanted}:
        raise failed("the release tells another story", where="takings", found=str(parts), wanted=str(wanted))
    alone = record["alone"]
    if alone:
        stage.show.say(
            f"{alone['suppressed']} of {alone['answered']} offices that published a table had to suppress a cell: "
            "alone they could not have shown this table whole"
        )
    files = sorted(path for path in stage.places.release.rglob("*") if path.is_file())
    stage.show.say(f"{len(files)} files in {stage.places.release}, {sum(f.stat().st_size for f in files):,} bytes")
    figure(stage, record["figures"][0])


def figure(stage: Stage, shown: dict[str, Any]) -> None:
    """One figure out of the folder, as a file of its own; and the policy that its reader keeps beside it."""
    cell = ",".join(shown["key"])
    words = ("--cell", cell, "--measure", shown["measure"], "--out", stage.places.figure)
    made = stage.commands.facts("release", "prove", stage.places.release, *words)
    shutil.copyfile(stage.places.hub / "public" / "policy", stage.places.policy)
    stage.show.say(f"one figure alone ({cell}, {shown['measure']}): {stage.places.figure}, {made['bytes']:,} bytes")
