"""Step 4: a study is adopted under the second version; two offices publish their own table, one with status D."""

import json
from pathlib import Path
from typing import Any, Final

from comity.services.demo import deciding
from comity.services.demo.assembly import norms, seen, voting
from comity.services.demo.assembly.course import OFFICES, PUBLISH, RESERVES, Course
from comity.services.demo.stage import Stage

TABLE: Final = 240.0  # seconds that a table may take on the slowest machine


def play(stage: Stage, course: Course) -> None:
    """Every office consents and answers the sum as well; that goes on while the story does."""
    texts = stage.places.texts
    # Half of what sixty offices want: these are six.
    text, slower = deciding.timed((stage.places.example / "study.toml").read_text("utf-8"), stage.commands.seconds / 2)
    (texts / "study.toml").write_text(text, "utf-8")
    bundle = texts / "norm-second.json"
    words = (texts / "study.toml", "--norm", bundle, "--out", texts / "study.json", "--rehearsal")
    stage.commands.facts("study", "pack", *words)
    if slower > 1:
        stage.show.say(f"the study gives its steps {slower} times as many seconds on this machine")
    study = voting.move(stage, "study", texts / "study.json", by=OFFICES[1])
    voting.vote(stage, {study: voting.ALL_YES})
    voting.decide(stage, {study: "adopted"})
    for office, leaf in published(stage).items():
        course.leaves[office] = leaf
        course.tables[office] = fetch(stage, office, leaf)
    rows = stage.log("assembly", "conformance", RESERVES)["applied"]
    ours = next(row for row in rows if row["norm"] == norms.SECOND)
    seen.same(ours["reserved"], [norms.PART], what="what it reserves", where="assembly conformance")


def published(stage: Stage) -> dict[str, int]:
    """Whose own table is released by which leaf, once both are."""

    def look() -> dict[str, int] | None:
        rows = [row for row in stage.log("release", "list") if row["kind"] == "national"]
        found = {row["publisher"]: row["release"] for row in rows}
        return {office: found[office] for office in PUBLISH} if found.keys() >= set(PUBLISH) else None

    return stage.commands.until(look, what="two tables", service=stage.running, seconds=TABLE)


def fetch(stage: Stage, office: str, leaf: int) -> Path:
    """A release as any reader fetches and verifies it; its statuses are those that its reservation asks for."""
    folder = stage.places.out / f"release-{office}"
    stage.log("release", "fetch", leaf, "--out", folder)
    record: dict[str, Any] = json.loads((folder / "release.json").read_bytes())
    found = {figure["status"] for figure in record["figures"]} - {"Q"}
    seen.same(found, {"D"} if office == RESERVES else {"A"}, what="statuses", where=str(folder / "release.json"))
    persons = [figure for figure in record["figures"] if figure["measure"] == "n"]
    seen.same(len(persons), 4, what="cells", where=str(folder / "release.json"))
    stage.commands.facts("verify", folder, "--charter", stage.charter)
    row = "; ".join(f"{'.'.join(one['key'])}: {one['value'] or '-'} {one['status']}" for one in persons)
    why = " (D: its definition differs)" if office == RESERVES else ""
    stage.show.say(f"leaf {leaf}, the table of {office}: {row}{why}; it verifies")
    return folder
