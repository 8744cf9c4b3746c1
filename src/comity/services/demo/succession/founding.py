"""Step 0: five offices, each with a file of made-up people, a hub, a charter, and a mirror that nobody asked."""

import csv
from hashlib import sha256
from pathlib import Path
from typing import Final

from comity.services.demo import founding
from comity.services.demo.cast import Cast, Member
from comity.services.demo.stage import Stage

OFFICES: Final = ("north", "east", "south", "west", "middle")
YEARS: Final = (2024, 2025)
PEOPLE: Final = 200  # of each office and year
CAST: Final = Cast(
    data="synthetic",
    fallback=False,
    label="made-up people",
    nodes="",
    claims="",
    convenor=OFFICES[0],
    moves=OFFICES[0],
    comments=OFFICES[1],
    members=tuple(
        Member(id=id, area=f"{901 + i}", name=id, rows=0, role="answers", witness=True, process="offices")
        for i, id in enumerate(OFFICES)
    ),
)


def play(stage: Stage) -> None:
    """From empty folders to an assembly of five."""
    stage.cast = CAST
    stage.show.loud("SYNTHETIC PEOPLE: nobody was asked anything; no figure says anything of a country")
    for office in OFFICES:
        people(stage.places.input / office / "people.csv", office)
    words = [word for one in CAST.members for word in ("--home", stage.home(one), "--id", one.id, "--area", one.area)]
    stage.address, hub = init(stage.places.hub)
    stage.commands.each([hub, ("node", "init", *words)])
    founding.found(stage, CAST.members)
    stage.hub = stage.commands.start("hub", "hub", "run", "--home", stage.places.hub)
    stage.hub_says("listening", what="the hub to open its doors")
    files, binding = stage.places.input / "{office}" / "people.csv", stage.places.example / "binding.toml"
    join = ("node", "join", *stage.homes(), "--hub", stage.address, "--charter", stage.charter)
    stage.commands.each([join, ("source", "add", files, "--id", "people", *stage.homes())])
    install = ("policy", "install", stage.places.example / "policy.toml", *stage.homes())
    stage.commands.each([install, ("source", "bind", binding, "--id", "people", *stage.homes())])
    stage.commands.start("node-offices", "node", "run", *stage.homes())
    mirror(stage)
    founding.ready(stage)
    stage.commands.facts("charter", "accede", *stage.homes())
    stage.pace = stage.commands.seconds
    stage.show.say(f"offices {', '.join(OFFICES)}, all of them witnesses; first hub at {stage.address}")
    stage.show.say(f"charter {stage.charter}")


def init(home: Path) -> tuple[str, tuple[object, ...]]:
    """A hub's address, and the command that makes its folder and keys."""
    port = founding.free_port()
    listen, address = f"127.0.0.1:{port}", f"http://127.0.0.1:{port}"
    return address, ("hub", "init", "--home", home, "--listen", listen, "--address", address)


def mirror(stage: Stage) -> None:
    """Anyone's copy of what is public; it holds no key."""
    home = stage.places.out / "mirror"
    listen = f"127.0.0.1:{founding.free_port()}"
    words = ("--listen", listen, "--source", stage.address, "--charter", stage.charter)
    stage.commands.facts("mirror", "init", "--home", home, *words)
    stage.commands.start("mirror", "mirror", "run", "--home", home)


def people(path: Path, office: str) -> None:
    """Made-up persons of an office; the same ones every time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["person", "year", "water"])
        for year in YEARS:
            for number in range(PEOPLE):
                drawn = sha256(f"{office} {year} {number}".encode()).digest()[0]
                rows.writerow([f"{year}{number:04d}", year, 1 + (drawn > 140) + (drawn > 215)])
