"""Step 1: four members with votes, who witness, and a producer of open data without one; a hub; a charter."""

from comity.services.demo import founding
from comity.services.demo.geo.country import Country
from comity.services.demo.stage import Stage


def play(stage: Stage, country: Country) -> None:
    """From empty folders to an assembly; the producer's node waits for its maps."""
    members, producer, example = stage.who.members, country.producer, stage.places.example
    everyone = (*members, producer)
    port = founding.free_port()
    listen, stage.address = f"127.0.0.1:{port}", f"http://127.0.0.1:{port}"
    stage.commands.facts("hub", "init", "--home", stage.places.hub, "--listen", listen, "--address", stage.address)
    words = [word for one in members for word in ("--home", stage.home(one), "--id", one.id, "--area", one.area)]
    stage.commands.facts("node", "init", *words)
    words = ["--home", stage.home(producer), "--id", producer.id, "--area", producer.area, "--role", "producer"]
    stage.commands.facts("node", "init", *words)
    founding.found(stage, everyone)
    stage.hub = stage.commands.start("hub", "hub", "run", "--home", stage.places.hub)
    stage.hub_says("listening", what="the hub to open its doors")
    stage.commands.facts("node", "join", *stage.homes(everyone), "--hub", stage.address, "--charter", stage.charter)
    stage.commands.facts("policy", "install", example / "policy.toml", *stage.homes(everyone))
    for member in members:
        stage.commands.start(f"node-{member.process}", "node", "run", "--home", stage.home(member))
    founding.ready(stage)
    stage.commands.facts("charter", "accede", *stage.homes(everyone))
    stage.pace = stage.commands.seconds
    stage.show.say(
        f"{len(members)} members ({', '.join(one.id for one in members)}), each with a vote, a witness and a process; "
        f"hub at {stage.address}"
    )
    stage.show.say(f"producer {producer.id}: open data, and no vote")
    stage.show.say(f"charter {stage.charter}")
