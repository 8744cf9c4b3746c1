"""Step 8: two deadlines pass by the log's own time, and silence is a fact that nobody states."""

from typing import Any

from comity.services.demo.assembly import audits, estimates, seen, voting
from comity.services.demo.assembly.course import Course
from comity.services.demo.stage import Stage


def play(stage: Stage, course: Course) -> None:
    """What an unanswered estimate counts as, the charter says; an unanswered audit is silence."""
    silent, leaf = estimates.SILENT, course.estimates[estimates.SILENT.country]

    voting.pause(stage.log("estimate", "show", leaf)["deadline"])

    def look() -> dict[str, Any] | None:
        row: dict[str, Any] = stage.log("estimate", "show", leaf)
        return row if row["answer"] == "silent" else None

    seconds = 60.0 * course.slower
    row = stage.commands.until(look, what="the deadline of an estimate", service=stage.running, seconds=seconds)
    may = ", ".join(row["may-be-settled"])
    stage.show.say(f"{silent.country} was silent until {row['deadline']}; the estimate may end as {may}")
    published = estimates.settle_words(stage, course, silent.country, "published")
    stage.show.say(f"published all the same: {seen.refused(stage, *published, says='does not allow this')}")
    stage.commands.facts(*estimates.settle_words(stage, course, silent.country, silent.settled))
    estimates.tell(stage, course, silent)
    audits.stand(stage, course, "middle", "silent", [])
