"""Step 5: the agency puts six estimates to six countries; five answer, and it settles as each answer allows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from comity.services.demo.assembly import seen, texts
from comity.services.demo.assembly.course import AGENCY, CAST, Course
from comity.services.demo.stage import Stage

SERIES: Final = "SH_H2O_SAFE"
OURS: Final = {"F": "71.4", "M": "70.9"}
NOTE: Final = "The survey of 2024 left out two islands."


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One country: what it answers to its estimate, and how that ends."""

    country: str
    theirs: dict[str, str]  # what the agency puts to it, by sex
    words: Sequence[str]  # how it answers
    counter: bool  # whether with a value of its own
    answer: str
    settled: str


PARTS: Final = (
    Part(country="north", theirs={"F": "81.0", "M": "80.2"}, words=("accept",), counter=False,
         answer="accepted", settled="published"),
    Part(country="east", theirs={"F": "64.5", "M": "66.1"}, words=("accept", "--note", NOTE), counter=False,
         answer="accepted-with-note", settled="published"),
    Part(country="south", theirs={"F": "60.2", "M": "61.0"}, words=("object", "--reason", "definition"), counter=True,
         answer="objected", settled="side-by-side"),
    Part(country="west", theirs={"F": "55.0", "M": "57.5"}, words=("replace",), counter=True,
         answer="replaced", settled="country-data"),
    Part(country="middle", theirs={"F": "77.7", "M": "78.1"}, words=("object", "--reason", "source-not-official"),
         counter=False, answer="objected", settled="aggregates-only"),
)  # fmt: skip
SILENT: Final = Part(country="coast", theirs={"F": "69.0", "M": "69.9"}, words=(), counter=False,
                     answer="silent", settled="withheld")  # fmt: skip


def play(stage: Stage, course: Course) -> None:
    """Sealed to its country each; a settlement against an answer is refused."""
    agency = stage.home(AGENCY)
    stage.commands.facts("node", "register-key", "box", *stage.homes([*CAST.members, AGENCY]))
    for part in (SILENT, *PARTS):
        words = ("estimate", "propose", write(stage, part, "M"), "--to", part.country, "--home", agency)
        said = stage.commands.facts(*words)
        course.estimates[part.country] = said["estimate/proposed"]
    leaves = ", ".join(f"{country} (leaf {leaf})" for country, leaf in course.estimates.items())
    stage.show.say(f"estimates of {SERIES}, each sealed to its country: {leaves}")
    secret(stage, course)
    stage.commands.each([answer_words(stage, course, part) for part in PARTS])
    against = settle_words(stage, course, "south", "published")
    stage.show.say(f"settled against the answer of south: {seen.refused(stage, *against, says='does not allow this')}")
    for part in PARTS:
        stage.commands.facts(*settle_words(stage, course, part.country, part.settled))
        tell(stage, course, part)


def secret(stage: Stage, course: Course) -> None:
    """The country opens its estimate; another office, and everyone who reads the log, sees no value of it."""
    leaf = course.estimates["south"]
    theirs = stage.commands.facts("estimate", "show", leaf, "--home", stage.home("south"))
    seen.same(values(theirs), {"F": "60.2", "M": "61.0"}, what="what its country opens", where="estimate show")
    other = stage.commands.facts("estimate", "show", leaf, "--home", stage.home("north"))
    anyone = stage.log("estimate", "show", leaf)
    seen.same((other["rows"], anyone["rows"]), ([], []), what="what others see of it", where="estimate show")
    stage.show.say("south opens its own; north and the public see that it was put, and no value")


def tell(stage: Stage, course: Course, part: Part) -> None:
    """What anyone sees of an estimate that was settled: the facts always, values only as the settlement says."""
    leaf = course.estimates[part.country]

    def look() -> dict[str, Any] | None:
        row: dict[str, Any] = stage.log("estimate", "show", leaf)
        return row if row["settled"] == part.settled else None

    row = stage.commands.until(look, what=f"the settlement of {leaf} under a checkpoint", service=stage.running)
    seen.same(row["answer"], part.answer, what="the answer", where=f"estimate {leaf}")
    opened = part.settled in ("published", "side-by-side")
    seen.same(values(row), part.theirs if opened else {}, what="the agency's values", where=f"estimate {leaf}")
    country = OURS if part.settled in ("country-data", "side-by-side") else {}
    seen.same(values(row, "country"), country, what="the country's values", where=f"estimate {leaf}")
    shown = "; ".join(
        f"{who} {', '.join(f'{sex} {value}' for sex, value in one.items())}"
        for who, one in ((AGENCY.id, values(row)), (part.country, values(row, "country")))
        if one
    )
    codes = f" ({', '.join(row['codes'])})" if row["codes"] else ""
    stage.show.say(f"{part.country}: {row['answer']}{codes}, so {row['settled']}: {shown or 'no value is public'}")


def values(row: dict[str, Any], column: str = "OBS_VALUE") -> dict[str, str]:
    """The values of an estimate that a reader sees, by sex."""
    return {one["SEX"]: one[column] for one in row["rows"] if one.get(column) is not None}


def write(stage: Stage, part: Part, nature: str) -> Any:
    """The agency's file about a country, or the country's own (nature C)."""
    area = next(one.area for one in CAST.members if one.id == part.country)
    made, source = (part.theirs, "Model of 2024") if nature == "M" else (OURS, "Survey of 2024")
    path = stage.places.texts / f"{'estimate' if nature == 'M' else 'own'}-{part.country}.csv"
    path.write_text(texts.draft(SERIES, area, made, nature=nature, source=source), "utf-8")
    return path


def answer_words(stage: Stage, course: Course, part: Part) -> tuple[object, ...]:
    """The command by which a country answers, with its counter-value written to a file if it has one."""
    counter = ("--counter", write(stage, part, "C")) if part.counter else ()
    word, *rest = part.words
    leaf = course.estimates[part.country]
    return ("estimate", "answer", leaf, word, *rest, *counter, "--home", stage.home(part.country))


def settle_words(stage: Stage, course: Course, country: str, outcome: str) -> tuple[object, ...]:
    """The command by which the agency settles what a country was asked."""
    return ("estimate", "settle", course.estimates[country], outcome, "--home", stage.home(AGENCY))
