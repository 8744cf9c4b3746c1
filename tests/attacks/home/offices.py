"""What is brought to an office, or left lying in it, before anything is counted: data and files that are not what they
are said to be, and questions that hope for one answer too many.
"""

from dataclasses import replace
from pathlib import Path
from typing import Final

from comity.adapters.microdata import limits
from comity.adapters.vault import Question
from comity.canon import digest
from comity.model.source import Source
from comity.services.node import bounding, sources, vintages
from comity.services.node.sources import Entry
from tests.attacks.book import Guard, Stopped, always, attack, becomes

SURVEY: Final = Source(id="survey", path="/data/survey.csv", format="csv", unique=False, vintage=digest(b"file"))
STUDY: Final = digest(b"study")


@attack(
    "a second budget for the same data",
    Guard("services.node.sources._same", "what two sources were ever found to hold is compared", always(False)),
    says="The same file is copied and added under another name, so that its persons have another year's budget.",
    by="config.bad",
)
def second_budget(place: Path) -> str:
    sources.put(place, Entry(source=SURVEY, bindings=()).checked(SURVEY, time=1))
    copy = replace(SURVEY, id="again", path="/data/copy.csv")
    sources.put(place, Entry(source=copy, bindings=()).checked(copy, time=2))
    return f"{len(sources.read(place))} budgets"


@attack(
    "a vintage swapped after consent",
    Guard("services.node.vintages.insist", "data are those that were consented with, or are not counted", always(None)),
    says="The file is exchanged between consent and count, so that the officer approved other data than are counted.",
    by="source.bad",
)
def swapped(place: Path) -> str:
    question = Question(study=STUDY, period="2025")
    vintages.insist(place, question, source="survey", vintage=digest(b"file"))
    vintages.insist(place, question, source="survey", vintage=digest(b"another file"))
    return "a count of another file"


@attack(
    "hash-salt reuse",
    Guard("services.node.bounding.salt", "each question has a salt of its own", always(bytes(16))),
    says="Two studies keep the same of a person's answers, so that one less the other is one of them.",
    by="two orders",
)
def salt_reuse(place: Path) -> str:
    (place / "keys").mkdir()
    one, other = (bounding.salt(place, Question(study=digest(name), period="2025")) for name in (b"one", b"other"))
    if one != other:
        raise Stopped("two orders")
    return "one order of each person's answers in two releases"


@attack(
    "10,000 columns",
    Guard("adapters.microdata.limits.COLUMNS", "a table has so many columns at most", becomes(10**9)),
    says="A file claims more columns than any engine bears, to bring the office's machine down.",
    by="source.bad",
)
def columns(place: Path) -> str:
    limits.headed([f"c{at}" for at in range(10_000)], where="home")
    return "ten thousand columns that are read"
