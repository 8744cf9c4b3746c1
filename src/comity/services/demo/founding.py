"""Step 1: offices, a hub, a charter; each office joins by its own key, names its file, and starts its node."""

import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from comity.services.demo.cast import Member
from comity.services.demo.processes import Service
from comity.services.demo.stage import Stage

POLICY: Final = {"refuses": "policy-strict.toml", "silent": "policy-officer.toml"}
SOURCE: Final = "respondents"


def play(stage: Stage) -> None:
    """From empty folders to an assembly whose members have all acceded."""
    members, example = stage.who.members, stage.places.example
    port = free_port()
    listen, stage.address = f"127.0.0.1:{port}", f"http://127.0.0.1:{port}"
    stage.commands.facts("hub", "init", "--home", stage.places.hub, "--listen", listen, "--address", stage.address)
    words = [word for one in members for word in ("--home", stage.home(one), "--id", one.id, "--area", one.area)]
    stage.commands.facts("node", "init", *words)
    found(stage, members)
    stage.hub = stage.commands.start("hub", "hub", "run", "--home", stage.places.hub)
    stage.hub_says("listening", what="the hub to open its doors")
    stage.commands.facts("node", "join", *stage.homes(), "--hub", stage.address, "--charter", stage.charter)
    for policy in sorted({POLICY.get(one.role, "policy.toml") for one in members}):
        theirs = [one for one in members if POLICY.get(one.role, "policy.toml") == policy]
        stage.commands.facts("policy", "install", example / policy, *stage.homes(theirs))
    sources(stage)
    for name, hosted in stage.who.processes.items():
        stage.commands.start(f"node-{name}", "node", "run", *stage.homes(hosted))
    ready(stage)
    stage.commands.facts("charter", "accede", *stage.homes())
    stage.pace = stage.commands.seconds
    stage.show.say(
        f"{len(members)} offices in {len(stage.who.processes)} processes, each with its own folder and keys; "
        f"hub at {stage.address}"
    )
    stage.show.say(f"charter {stage.charter}, {sum(one.witness for one in members)} witnesses")


def found(stage: Stage, founders: Sequence[Member], *, charter: Path | None = None) -> None:
    """The convenor signs the charter; the hub begins its log with it. charter: its text, else the example's."""
    texts, who = stage.places.texts, stage.who
    texts.mkdir(exist_ok=True)
    parties = (word for one in founders for word in ("--party", stage.home(one) / "party.json"))
    witnesses = (word for one in founders if one.witness for word in ("--witness", one.id))
    stage.commands.facts(
        "charter", "draft", charter or stage.places.example / "charter.toml", "--hub", stage.places.hub / "hub.json",
        *parties, "--convenor", who.convenor, *witnesses, "--out", texts / "charter.json",
    )  # fmt: skip
    stage.commands.facts(
        "charter", "sign", texts / "charter.json", "--home", stage.home(who.convenor), "--out", texts / "charter.leaf"
    )
    founded = stage.commands.facts("hub", "found", texts / "charter.leaf", "--home", stage.places.hub)
    stage.charter = founded["charter"]
    stage.places.charter.write_text(f"{stage.charter}\n")


def sources(stage: Stage) -> None:
    """Each office names its own file and binds its columns to the norm."""
    files = stage.places.input / "{office}" / "respondents.parquet"
    stage.commands.facts("source", "add", files, "--id", SOURCE, *stage.homes())
    stage.commands.facts("source", "bind", stage.places.example / "binding.toml", "--id", SOURCE, *stage.homes())


def ready(stage: Stage) -> None:
    """Wait until every node has loaded what it needs to answer."""
    for name in stage.who.processes:
        node = stage.commands.processes.services[f"node-{name}"]

        def look(node: Service = node) -> bool | None:
            return "ready:" in node.written() or None

        stage.commands.until(look, what=f"the node {name} to be ready", service=node, seconds=120)


def free_port() -> int:
    """A port of this machine that nobody listens at now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
