"""Step 0: six offices, an agency without a vote, a hub, and a charter with offices, groups and a host."""

import csv
from hashlib import sha256
from pathlib import Path
from typing import Final

from comity.services.demo import founding
from comity.services.demo.assembly import seen, texts
from comity.services.demo.assembly.course import AGENCY, CAST, OFFICES, PUBLISH, Course
from comity.services.demo.stage import Stage

YEAR: Final = 2024
PEOPLE: Final = 200  # of each office
ARTICLES: Final = ("host ", "rule norm", "recused", "group", "office", "estimates", "audits")
SHARES: Final = (120, 190, 235)  # of 256: below the first by pipe, below the second from a well, and so on


def play(stage: Stage, course: Course) -> None:
    """From empty folders to an assembly of six that an agency works beside."""
    stage.cast = CAST
    stage.show.loud("SYNTHETIC PEOPLE: nobody was asked anything; no figure says anything of a country")
    for office in OFFICES:
        people(stage.places.input / office / "people.csv", office)
    charter = charter_of(stage, course)
    port = founding.free_port()
    listen, stage.address = f"127.0.0.1:{port}", f"http://127.0.0.1:{port}"
    stage.commands.facts("hub", "init", "--home", stage.places.hub, "--listen", listen, "--address", stage.address)
    words = [word for one in CAST.members for word in ("--home", stage.home(one), "--id", one.id, "--area", one.area)]
    agency = ("--home", stage.home(AGENCY), "--id", AGENCY.id, "--area", AGENCY.area, "--role", "custodian")
    stage.commands.each([("node", "init", *words), ("node", "init", *agency)])
    founding.found(stage, [*CAST.members, AGENCY], charter=charter)
    stage.hub = stage.commands.start("hub", "hub", "run", "--home", stage.places.hub)
    stage.hub_says("listening", what="the hub to open its doors")
    everyone = stage.homes([*CAST.members, AGENCY])
    stage.commands.facts("node", "join", *everyone, "--hub", stage.address, "--charter", stage.charter)
    prepare(stage)
    stage.commands.start("node-offices", "node", "run", *stage.homes())
    stage.commands.start("node-agency", "node", "run", "--home", stage.home(AGENCY))
    founding.ready(stage)
    stage.commands.facts("charter", "accede", *everyone)
    stage.pace = stage.commands.seconds
    tell(stage)


def charter_of(stage: Stage, course: Course) -> Path:
    """The charter's text, with seconds that this machine can keep."""
    stage.places.texts.mkdir(exist_ok=True)
    stage.commands.facts("norm", "check", stage.places.example / "norm")
    course.slower = texts.slowed(stage.commands.seconds)
    if course.slower > 1:
        stage.show.say(f"this machine is slow or busy now: everything is given {course.slower} times as many seconds")
    text = (stage.places.example / "charter.toml").read_text("utf-8")
    path = stage.places.texts / "charter.toml"
    path.write_text(texts.timed(text, course.slower), "utf-8")
    return path


def prepare(stage: Stage) -> None:
    """Each office's policy, and its own file bound to the second version of the norm."""
    example = stage.places.example
    loud = [one for one in CAST.members if one.id in PUBLISH]
    still = [one for one in CAST.members if one.id not in PUBLISH]
    stage.commands.facts("policy", "install", example / "policy.toml", *stage.homes(loud))
    stage.commands.facts("policy", "install", example / "policy-sealed.toml", *stage.homes(still))
    files = stage.places.input / "{office}" / "people.csv"
    stage.commands.facts("source", "add", files, "--id", "people", *stage.homes())
    stage.commands.facts("source", "bind", example / "binding.toml", "--id", "people", *stage.homes())


def tell(stage: Stage) -> None:
    """What the charter says, as every reader is told."""

    def look() -> list[dict[str, object]] | None:
        rows: list[dict[str, object]] = stage.log("assembly", "members")
        return rows if sum(row["since"] is not None for row in rows) == len(OFFICES) + 1 else None

    rows = stage.commands.until(look, what="everyone to have acceded", service=stage.running)
    votes = {str(row["id"]): row["votes"] for row in rows}
    seen.same(votes, {**dict.fromkeys(OFFICES, 1), AGENCY.id: 0}, what="votes", where="assembly members")
    stage.show.say(f"charter {stage.charter}")
    stage.show.say(f"{len(rows)} accessions: {', '.join(OFFICES)}, and {AGENCY.id} as custodian")
    charter = stage.log("charter", "show")["text"]
    offices = [office["id"] for office in charter["offices"]]
    found = (charter["host"], offices, sorted(charter["groups"]), charter["rules"]["norm-recognised"]["method"])
    wanted = ("coast", ["auditor", "chair"], ["inland", "waterside"], "consensus")
    seen.same(found, wanted, what="the charter", where="charter show")
    for line in seen.lines(stage, "charter", "show"):
        if line.startswith(ARTICLES):
            stage.show.say(line)


def people(path: Path, office: str) -> None:
    """Made-up persons of an office; the same ones every time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["person", "year", "water"])
        for number in range(PEOPLE):
            drawn = sha256(f"{office} {YEAR} {number}".encode()).digest()[0]
            rows.writerow([f"{YEAR}{number:04d}", YEAR, 1 + sum(drawn >= share for share in SHARES)])
