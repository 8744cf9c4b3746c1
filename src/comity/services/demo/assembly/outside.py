"""Step 3: the members recognise an outside norm by authority, address and digest; another byte is another norm."""

from typing import Final

from comity.services.demo.assembly import seen, voting
from comity.services.demo.assembly.course import OFFICES, Course
from comity.services.demo.stage import Stage

FILE: Final = "outside.csv"
ADDRESS: Final = "https://statistics.example/status.csv"


def play(stage: Stage, course: Course) -> None:
    """By consensus: one no is not enough to stop it."""
    texts = stage.places.texts
    (texts / FILE).write_bytes((stage.places.example / FILE).read_bytes())
    record = stage.commands.facts(
        "norm", "recognise", "--file", texts / FILE, "--id", "STATUS_LIST", "--version", "2.0", "--title",
        "Status of a value", "--authority", "An office elsewhere", "--address", ADDRESS, "--retrieved", "2025-02-28",
        "--licence", "Free to use", "--out", texts / "recognised.json",
    )  # fmt: skip
    motion = voting.move(stage, "norm-recognised", texts / "recognised.json", by=OFFICES[3])
    stage.show.say(f"leaf {motion}: {record['recognised']}, {record['authority']}, {ADDRESS}, {record['digest']}")
    voting.vote(stage, {motion: {"no": ("coast",)}})
    voting.decide(stage, {motion: "adopted"})
    stage.show.say("by consensus: it takes two members to stop it, and one said no")
    known = stage.log("norm", "recognised", texts / FILE)
    seen.same(known["motion"], str(motion), what="the motion that recognised the file", where="norm recognised")
    stage.show.say(f"{FILE} is the one that motion {known['motion']} recognised")
    data = (texts / FILE).read_bytes()
    (texts / "changed.csv").write_bytes(data.replace(b"Estimated", b"estimated"))
    words = ("norm", "recognised", texts / "changed.csv", "--hub", stage.address, "--charter", stage.charter)
    stage.show.say(f"with one byte changed: {seen.refused(stage, *words, says='norm')}")
