"""Steps 1 and 2: a norm from its draft over comments and an amendment to force, a reservation, and a second version."""

from pathlib import Path
from typing import Final

from comity.services.demo.assembly import seen, texts, voting
from comity.services.demo.assembly.course import OFFICES, RESERVES, Course
from comity.services.demo.stage import Stage

FIRST, SECOND = "water-at-home/1.0.0", "water-at-home/1.1.0"
PART: Final = "question:Q1"
WHY: Final = "Asked of adults only, as the law on the survey says."
COMMENTS: Final = {  # by whom -> what, what the mover makes of it, and why
    "east": ("Which water: for drinking, or for washing?", "taken", "For drinking; the question says so now."),
    "coast": ("Ask every month, not once a year.", "not-taken", "A month is too short for a sample of this size."),
}


def first(stage: Stage, course: Course) -> None:
    """Two offices comment, the mover answers both and amends its draft; the members adopt what it became."""
    show, commands = stage.show, stage.commands
    files = read(stage.places.example / "norm")
    draft = voting.move(stage, "norm", pack(stage, "draft", files))
    show.say(f"leaf {draft}: {OFFICES[0]} moves the draft of {FIRST}")
    early = seen.refused(stage, "vote", "cast", draft, "yes", "--home", stage.home("south"), says="motion.consultation")
    show.say(f"a vote before the comments are heard: {early}")
    said = commands.each(
        [("motion", "comment", draft, text, "--home", stage.home(one)) for one, (text, _, _) in COMMENTS.items()]
    )
    for (one, (text, taken, why)), comment in zip(COMMENTS.items(), said, strict=True):
        words = ("motion", "answer", comment["comment"], taken, why, "--home", stage.home(OFFICES[0]))
        answer = commands.facts(*words)["comment/answered"]
        show.say(f"leaf {comment['comment']}, {one}: {text} Leaf {answer}, {taken}: {why}")
    files = texts.changed(files, texts.AMENDED)
    course.norm = voting.move(stage, "norm", pack(stage, "first", files), "--amends", draft)
    seen.motion(stage, course.norm)
    before = seen.motion(stage, draft)
    seen.same((before["outcome"], before["answered"]), ("amended", 2), what="the draft", where=f"motion {draft}")
    show.say(f"leaf {course.norm}: the draft as it is amended; motion {draft} is {before['outcome']}")
    voting.begins(stage, course.norm, "yes")
    voting.vote(stage, {course.norm: {"yes": OFFICES[:5], "no": OFFICES[5:]}})
    voting.decide(stage, {course.norm: "adopted"})
    reserve(stage, FIRST)


def second(stage: Stage, course: Course) -> None:
    """A code is added: a minor version. A code taken away is none, and the command says so."""
    files = texts.changed(read(stage.places.texts / "norm-first"), texts.SECOND)
    bundle = pack(stage, "second", files)
    old = stage.places.texts / "norm-first.json"
    check = stage.commands.facts("norm", "check", bundle, "--against", old)
    seen.same((check["replaces"], check["change"]), (FIRST, "minor"), what="the change", where="norm check")
    course.version = voting.move(stage, "norm", bundle, "--replaces", course.norm)
    stage.show.say(f"leaf {course.version}: {check['norm']}, a {check['change']} change of {check['replaces']}")
    false = pack(stage, "false", texts.changed(files, texts.FALSE))
    checked = seen.refused(stage, "norm", "check", false, "--against", bundle, says="CL_SOURCE.3")
    stage.show.say(f"a version 1.2.0 that lacks a code: {checked}")
    voting.begins(stage, course.version, "yes")
    voting.vote(stage, {course.version: voting.ALL_YES})
    voting.decide(stage, {course.version: "adopted"})
    words = ("motion", "move", "norm", false, "--replaces", course.version, "--home", stage.home(OFFICES[0]))
    moved = seen.refused(stage, *words, says="CL_SOURCE.3")
    stage.show.say(f"moved all the same: {moved}")
    found = [row["name"] for row in stage.log("norm", "list")]
    seen.same(found, [SECOND], what="norms in force", where="norm list")
    reserve(stage, SECOND)


def reserve(stage: Stage, norm: str) -> None:
    """One office applies a version but for a question; the next version wants that said anew."""
    words = ("reservation", "enter", norm, PART, "--text", WHY, "--home", stage.home(RESERVES))
    leaf = stage.commands.facts(*words)["reservation"]

    def look() -> list[str] | None:
        rows = stage.log("reservation", "list")
        return next((row["parts"] for row in rows if (row["member"], row["norm"]) == (RESERVES, norm)), None)

    parts = stage.commands.until(look, what="the reservation under a checkpoint", service=stage.running)
    seen.same(parts, [PART], what="parts", where="reservation list")
    stage.show.say(f"leaf {leaf}: {RESERVES} applies {norm} but for {PART}: {WHY}")


def read(folder: Path) -> texts.Files:
    """A norm's folder."""
    return {name: (folder / name).read_text("utf-8") for name in (texts.NORM, texts.CODES)}


def pack(stage: Stage, name: str, files: texts.Files) -> Path:
    """A version's folder and its bundle, among the texts."""
    folder = stage.places.texts / f"norm-{name}"
    for file, text in files.items():
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    bundle = folder.with_suffix(".json")
    stage.commands.facts("norm", "pack", folder, "--out", bundle)
    return bundle
