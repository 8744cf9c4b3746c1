"""Step 3: the producer adds its maps, binds their legends to the norms' codes, and starts its node; members refuse."""

from typing import Any, Final

from comity.services.demo.geo.country import Country, Layer
from comity.services.demo.processes import failed
from comity.services.demo.stage import Stage

SOURCE: Final = "maps"
NODE: Final = "producer"


def play(stage: Stage, country: Country) -> None:
    """Maps stay where they are; what is known of them is their digest, their product and how their legend is read."""
    home = stage.home(country.producer)
    for layer in country.layers:
        stage.commands.facts("source", "add", stage.places.input / layer.file, *_options(layer), "--home", home)
    maps = [layer for layer in country.layers if layer.kind == "raster"]
    stage.show.say(
        f"{country.producer.id} adds {len(maps)} maps ({', '.join(sorted({layer.product for layer in maps}))}), "
        f"and {len(country.layers) - len(maps)} layers of zones and reference points"
    )
    for norm in ("cover", "green"):
        binding = stage.places.example / f"binding-{norm}.toml"
        stage.commands.facts("source", "bind", binding, "--id", SOURCE, "--home", home)
        found = stage.commands.facts(
            "source", "check", "--norm", stage.places.texts / f"norm-{norm}.json", "--id", SOURCE, "--home", home
        )
        stage.show.say(
            f"checked against the norm on {norm}: {found['counted']:,} cells of its maps have a class, "
            f"{found['missing']:,} none, {found['outside']:,} one that the norm does not list"
        )
    refused(stage, country)


def _options(layer: Layer) -> tuple[str, ...]:
    """How a layer is named."""
    product = ("--product", layer.product) if layer.product else ()
    return ("--id", SOURCE, "--layer", layer.id, *product, *(("--field", layer.field) if layer.field else ()))


def refused(stage: Stage, country: Country) -> None:
    """Every member refuses every study: it has no map of this country."""
    wanted = len(stage.who.members) * len(country.studies)

    def look() -> list[dict[str, Any]] | None:
        rows: list[dict[str, Any]] = stage.log("log", "list", "--kind", "consent/refused")
        return rows if len(rows) >= wanted else None

    stage.commands.until(look, what=f"{wanted} refusals by the members", service=stage.running)
    lists = stage.commands.each([("consent", "list", "--home", stage.home(one)) for one in stage.who.members])
    said = {code for rows in lists for row in rows for code in row["codes"]}
    if said != {"policy.no-source"}:
        raise failed(
            "members refused for another reason", where="log", found=", ".join(sorted(said)), wanted="policy.no-source"
        )
    stage.show.say(
        f"{len(stage.who.members)} members refuse all {len(country.studies)} studies by code policy.no-source: "
        "they have no maps of this country"
    )
