"""Step 5: each release is fetched as any reader fetches it, and says what a reader must know of it."""

import json
from typing import Any, Final

from comity.services.demo.geo.country import Country
from comity.services.demo.processes import failed
from comity.services.demo.stage import Stage

NOTES: Final = {"change": set(), "versions": {"version-break", "no-sample"}, "green": set[str]()}
ASKED: Final = frozenset({"version-break", "no-sample"})  # notes that this story is about
FILES: Final = frozenset({"blocks.json", "binding.json", "zones.geojson", "stac-item.json", "index.html"})


def play(stage: Stage, country: Country) -> None:
    """Three folders; the one that compares two versions of a product warns of it."""
    rows = {row["study"].partition("/")[0]: row for row in stage.log("release", "list")}
    for name in country.studies:
        folder = stage.places.out / f"release-{name}"
        fetched = stage.commands.facts(
            "release", "fetch", rows[f"vesland-{name}"]["release"], "--hub", stage.address, "--charter", stage.charter,
            "--out", folder,
        )  # fmt: skip
        record: dict[str, Any] = json.loads((folder / "release.json").read_bytes())
        country.releases[name] = folder
        notes = set(record["notes"]) & ASKED
        if missing := FILES - {one["path"] for one in record["files"]}:
            raise failed(
                "files are missing", where=str(folder), found=", ".join(sorted(missing)), wanted="none missing"
            )
        if notes != NOTES[name]:
            raise failed(
                "other notes than the maps ask for", where=str(folder / "release.json"), found=str(sorted(notes)),
                wanted=str(sorted(NOTES[name])),
            )  # fmt: skip
        warns = f"; it warns: {', '.join(sorted(notes))}" if notes else ""
        count = f"{len(record['figures'])} figures, {fetched['files']} files, {fetched['bytes']:,} bytes"
        stage.show.say(f"{folder.name}: {count}{warns}")
