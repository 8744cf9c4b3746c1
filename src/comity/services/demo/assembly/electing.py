"""Step 6: two candidates for chair; the members elect one, who may not be auditor beside it."""

from typing import Final

from comity.services.demo.assembly import seen, voting
from comity.services.demo.assembly.course import OFFICES, Course
from comity.services.demo.stage import Stage

TERM: Final = ("--from", "2027-01-01", "--until", "2028-12-31")
BESIDE: Final = ("--from", "2027-06-01", "--until", "2028-05-01")
FOR: Final = {"east": ("north", "east", "middle", "coast"), "south": ("south", "west")}


def play(stage: Stage, course: Course) -> None:
    """The log names no person: an office belongs to the member that nominates for it."""
    for candidate in FOR:
        words = ("office", "nominate", "chair", candidate, *TERM, "--home", stage.home(candidate))
        course.candidates[candidate] = stage.commands.facts(*words)["motion"]
    votes: dict[int, voting.Choices] = {
        motion: {"yes": FOR[who], "no": tuple(one for one in OFFICES if one not in FOR[who])}
        for who, motion in course.candidates.items()
    }
    voting.vote(stage, votes)
    outcomes = {motion: "adopted" if who == "east" else "rejected" for who, motion in course.candidates.items()}
    voting.decide(stage, outcomes)
    terms = [(row["office"], row["member"]) for row in stage.log("office", "terms")]
    seen.same(terms, [("chair", "east")], what="terms", where="office terms")
    beside = ("office", "nominate", "auditor", "east", *BESIDE, "--home", stage.home("north"))
    stage.show.say(f"the chair as auditor as well: {seen.refused(stage, *beside, says='office.conflict')}")
    host = ("office", "nominate", "chair", "coast", "--from", "2029-01-01", "--until", "2030-01-01")
    line = seen.refused(stage, *host, "--home", stage.home("coast"), says="office.conflict")
    stage.show.say(f"the host's office as chair: {line}")
    for text in seen.lines(stage, "office", "terms"):
        stage.show.say(text)
