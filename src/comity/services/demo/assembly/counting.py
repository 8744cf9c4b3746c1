"""Step 9: what anyone counts from public files: a motion again, who does what, who decides, who applies what."""

import filecmp
from pathlib import Path
from typing import Any, Final

from comity.services.demo.assembly import norms, seen
from comity.services.demo.assembly.course import AGENCY, RESERVES, Course
from comity.services.demo.stage import Stage

ENDS: Final = ("answered", "refused", "silent")


def play(stage: Stage, course: Course) -> None:
    """Counts with what they are out of, no ranks; pages that are the hub's own; a log that holds."""
    recount(stage, course)
    reciprocity(stage)
    influence(stage)
    conformance(stage)
    seen.same(stage.log("assembly", "breaches"), [], what="leaves against the rules", where="assembly breaches")
    pages(stage)
    audit(stage)


def recount(stage: Stage, course: Course) -> None:
    """The norm's motion, counted a second time."""
    found = stage.log("assembly", "recount", course.norm)
    seen.same((found["recount"], found["fold"], found["differs-in"]), ("adopted", "adopted", []), what="two counts",
              where="assembly recount")  # fmt: skip
    seen.same((found["yes"], found["no"]), (5, 1), what="votes", where="assembly recount")
    roll = ", ".join(f"{one['member']} {one['choice']}" for one in found["roll"])
    stage.show.say(f"recount of motion {course.norm}: {found['recount']}, {found['groups-carrying']} groups; {roll}")


def reciprocity(stage: Stage) -> None:
    """Who asks, who answers, who was silent."""
    found = stage.log("assembly", "reciprocity")
    rows = {row["id"]: row for row in found["accounts"]}
    audits = {id: tuple(row["audits"][name] for name in ENDS) for id, row in rows.items()}
    wanted = {**dict.fromkeys(rows, (0, 0, 0)), "west": (1, 0, 0), "north": (0, 1, 0), "middle": (0, 0, 1)}
    seen.same(audits, wanted, what="audits", where="assembly reciprocity")
    ends = {word: count for word, count in rows[AGENCY.id]["estimates"]["ends"].items() if count}
    wanted_ends = {"published": 2, "country-data": 1, "side-by-side": 1, "aggregates-only": 1, "withheld": 1}
    seen.same(ends, wanted_ends, what="how estimates ended", where="assembly reciprocity")
    told = "; ".join(f"{id} {' '.join(map(str, audits[id]))}" for id in ("west", "north", "middle"))
    stage.show.say(f"reciprocity: audits {', '.join(ENDS)}: {told}")
    told = ", ".join(f"{word} {count}" for word, count in ends.items())
    stage.show.say(f"reciprocity: the estimates of {AGENCY.id} ended as {told}")


def influence(stage: Stage) -> None:
    """Who drafts, who wins, what a vote can decide."""
    found = stage.log("assembly", "influence")
    rows = {row["id"]: row for row in found["members"]}
    norm = rows["north"]["norms-adopted"]
    seen.same(norm["count"], 2, what="norms of north that were adopted", where="assembly influence")
    lost = {id: row["votes"]["against-outcome"] for id, row in rows.items() if row["role"] == "member"}
    told = ", ".join(f"{id} {count}" for id, count in sorted(lost.items()))
    stage.show.say(f"influence: north drafted {norm['count']} of {norm['of']} adopted norms; lost votes: {told}")


def conformance(stage: Stage) -> None:
    """Who applies the norm in force, and but for what."""
    found = stage.log("assembly", "conformance")
    rows = {row["member"]: row for row in found["applied"] if row["norm"] == norms.SECOND and row["role"] == "member"}
    reserved = {id: row["reserved"] for id, row in rows.items()}
    seen.same(
        reserved, {id: [norms.PART] if id == RESERVES else [] for id in rows}, what="reserved", where="conformance"
    )
    answered = sum(row["answered"] > 0 for row in rows.values())
    told = f"{answered} of {len(rows)} offices answered under {norms.SECOND}"
    stage.show.say(f"conformance: {told}, {RESERVES} but for {norms.PART}")


def pages(stage: Stage) -> None:
    """Pages made from public files, beside those that the hub shows, once the log rests."""
    hub, ours = stage.places.hub / "public" / "assembly", stage.places.out / "pages"

    def look() -> dict[str, Any] | None:
        found: dict[str, Any] = stage.log("assembly", "pages", "--out", ours)
        return found if alike(hub, ours / "assembly") else None

    found = stage.commands.until(look, what="the same pages at the hub", service=stage.running)
    stage.show.say(f"{found['pages']} pages made from public files at {found['size']} leaves: the hub's, byte for byte")


def alike(one: Path, other: Path) -> bool:
    """Whether two folders hold the same files with the same bytes."""
    names, others = (sorted(str(path.relative_to(root)) for path in root.rglob("*.*")) for root in (one, other))
    return names == others and not any(filecmp.cmpfiles(one, other, names, shallow=False)[1:])


def audit(stage: Stage) -> None:
    """Every file and every leaf of the log, read once by whoever likes."""
    words = ("log", "audit", stage.places.hub / "public", "--charter", stage.charter)
    (done,) = stage.commands.processes.run([stage.commands.argv(*words)])
    if done.exit != 0:
        raise done.failed("the log does not hold")
    stage.show.say(f"log audit: {done.out.strip().splitlines()[-1]}")
