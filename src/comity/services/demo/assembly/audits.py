"""Step 7: three requests about published figures; one answered and counted again at home, one refused by code."""

from typing import Final

from comity.services.demo.assembly import seen
from comity.services.demo.assembly.course import RESERVES, Course
from comity.services.demo.stage import Stage

ASKS: Final = {"west": "east", "north": "south", "middle": "south"}  # who is asked -> by whom
TEXT: Final = "How many persons were asked, and from which list?"
NOTE: Final = "Two hundred persons, drawn from the list of dwellings of 2023."
SUM: Final = 240.0  # seconds that the joint release may take on the slowest machine


def play(stage: Stage, course: Course) -> None:
    """Who is asked, alone, can answer; a court of audit goes down to the file."""
    stage.hub_says(r"joint release", what="the joint release", seconds=SUM)
    rows = stage.log("release", "list")
    joint = next(row for row in rows if row["kind"] == "joint")
    releases = {"west": course.leaves["west"], "north": course.leaves["north"], "middle": joint["release"]}
    stage.show.say(f"leaf {joint['release']}: the sum over the offices is released as well")
    for asked in ("middle", "west", "north"):
        words = (
            "audit",
            "request",
            releases[asked],
            asked,
            TEXT,
            "--cell",
            "1",
            "--measure",
            "n",
            "--home",
            stage.home(ASKS[asked]),
        )
        course.audits[asked] = stage.commands.facts(*words)["audit/requested"]
        stage.show.say(f"leaf {course.audits[asked]}: {ASKS[asked]} asks {asked} about leaf {releases[asked]}: {TEXT}")
    note = stage.places.texts / "note.txt"
    note.write_text(NOTE + "\n", "utf-8")
    other = ("audit", "answer", course.audits["north"], note, "--home", stage.home("coast"))
    stage.show.say(f"coast answers for north: {seen.refused(stage, *other, says='act.signer')}")
    stage.commands.each(
        [
            ("audit", "answer", course.audits["west"], note, "--home", stage.home("west")),
            ("audit", "refuse", course.audits["north"], "law", "--home", stage.home("north")),
        ]
    )
    stand(stage, course, "west", "answered", [])
    stand(stage, course, "north", "refused", ["audit.law"])
    again(stage, releases["west"])


def stand(stage: Stage, course: Course, asked: str, standing: str, codes: list[str]) -> None:
    """Wait until readers see how a request stands; DemoFailed if it stands otherwise than the story says."""

    def look() -> dict[str, object] | None:
        rows = {row["request"]: row for row in stage.log("audit", "list")}
        row: dict[str, object] | None = rows.get(course.audits[asked])
        return row if row and row["standing"] != "open" else None

    seconds = 60.0 * course.slower
    row = stage.commands.until(look, what=f"{asked} to have answered", service=stage.running, seconds=seconds)
    seen.same((row["standing"], row["codes"]), (standing, codes), what="the audit", where=f"audit of {asked}")
    why = f" ({', '.join(codes)})" if codes else ""
    stage.show.say(f"leaf {course.audits[asked]}: {asked}: {row['standing']}{why}")


def again(stage: Stage, release: int) -> None:
    """The record behind the answer is the one that the log committed to, and gives the same table once more."""
    office, record = stage.home(RESERVES), stage.places.out / "record.json"
    rows = stage.log("release", "list")
    (answer, *_) = next(row for row in rows if row["release"] == release)["inputs"]
    stage.commands.facts("audit", "open", answer, "--out", record, "--home", office)
    checked = stage.log("audit", "check", record)
    seen.same((checked["member"], checked["differs-in"]), (RESERVES, []), what="the record", where="audit check")
    file, binding = stage.places.input / RESERVES / "people.csv", stage.places.example / "binding.toml"
    counted = stage.log("audit", "rerun", record, "--source", file, "--binding", binding)
    seen.same(counted["different"], [], what="the second count", where="audit rerun")
    stage.show.say(f"a court of audit: leaf {checked['answer']} committed to the record ({checked['commitment']})")
    stage.show.say(f"counted again from the file: {', '.join(counted['same'])} are the same; {counted['says']}")
    altered = stage.places.input / "people-altered.csv"
    altered.write_bytes(file.read_bytes().replace(b",1\n", b",2\n", 1).replace(b",1\r\n", b",2\r\n", 1))
    words = ("audit", "rerun", record, "--source", altered, "--binding", binding)
    line = seen.refused(stage, *words, "--hub", stage.address, "--charter", stage.charter, says="table")
    stage.show.say(f"from a file with one person changed: {line}")
