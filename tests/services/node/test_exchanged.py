"""Data that were exchanged are named by the doctor before an exchange fails for them."""

from pathlib import Path

import pytest

from comity.acts.consent import ConsentGiven
from comity.canon import digest
from comity.errors import SourceError
from comity.model.source import RASTERS, Layer, Source
from comity.services.node import exchanged, intake, sources
from comity.services.node.office import Office
from comity.services.node.sources import Entry
from tests import sample
from tests.builders.seal import World
from tests.services.node.test_node import Scene, scene

__all__ = ["scene"]


def told(scene: Scene) -> dict[str, str]:
    """What the two checks say; "" for a line that says that all is well."""
    with Office.open(scene.home, runs=False, now=lambda: scene.hub.assembly.time) as office:
        office.follower.poll()
        said = {}
        for name, look in {
            "vintages": lambda: exchanged.checked(scene.home, deep=False),
            "consented": lambda: exchanged.consented(office),
        }.items():
            try:
                look()
                said[name] = ""
            except SourceError as e:
                said[name] = str(e)
        return said


def people(scene: Scene) -> Path:
    return scene.home.parent / "people.csv"


def check(scene: Scene) -> None:
    intake.check_source(scene.home, "survey", sample.norm())


def test_a_file_that_was_exchanged_is_named_until_it_is_back_or_checked_anew(scene: Scene) -> None:
    assert {"vintages": "", "consented": ""} == told(scene)  # nothing was checked
    check(scene)
    before = people(scene).read_bytes()
    people(scene).write_bytes(before + b"999,6,1,1\n")
    found = told(scene)
    assert found["vintages"].startswith("survey: not the data that were checked")
    assert str(digest(before + b"999,6,1,1\n")) in found["vintages"]
    people(scene).write_bytes(before)
    assert "" == told(scene)["vintages"]
    people(scene).write_bytes(before + b"999,6,1,1\n")
    check(scene)
    assert "" == told(scene)["vintages"]
    people(scene).unlink()
    assert "" == told(scene)["vintages"]  # that it is gone is said by another line
    assert "0 source(s) hold the data that were checked; not there: survey" == exchanged.checked(scene.home, deep=False)


def test_a_consent_that_is_held_to_other_data_is_named_while_it_waits_for_an_answer(scene: Scene) -> None:
    check(scene)
    before = people(scene).read_bytes()
    assert [ConsentGiven] == scene.rounds()
    scene.hub.publish(scene.hub.assembly.time)
    assert "" == told(scene)["consented"]
    people(scene).write_bytes(before + b"999,6,1,1\n")
    check(scene)
    found = told(scene)
    assert ("", True) == (found["vintages"], "comity consent revoke" in found["consented"])
    assert f"wanted {digest(before)}" in found["consented"]
    people(scene).write_bytes(before)
    check(scene)
    assert {"vintages": "", "consented": ""} == told(scene)


def test_a_consent_waits_until_it_is_answered_or_the_exchange_is_over() -> None:
    world = World(5)
    world.run(until=lambda: bool(world.state.consents))
    assert ["m1"] == [given.member for given in exchanged._waiting(world.state, "m1")]
    world.run(until=lambda: bool(world.state.exchanges) and "m1" in world.facts.answers)
    assert [] == list(exchanged._waiting(world.state, "m1"))
    world.run()
    assert [] == [given for id in world.offices for given in exchanged._waiting(world.state, id)]


def test_layers_are_told_by_their_sizes_and_by_their_bytes_where_asked(tmp_path: Path) -> None:
    path = tmp_path / "cover.tif"
    path.write_bytes(b"cover")
    layer = Layer(id="c", path=str(path), kind="raster", product="", field="", digest=digest(b"cover"), size=5)
    sources.put(
        tmp_path,
        Entry(source=Source(id="maps", path="", format=RASTERS, unique=False, layers=(layer,)), bindings=()),
    )
    assert "1 source(s)" in exchanged.checked(tmp_path, deep=True)
    path.write_bytes(b"COVER")
    assert "1 source(s)" in exchanged.checked(tmp_path, deep=False)
    with pytest.raises(SourceError, match="maps: not the data"):
        exchanged.checked(tmp_path, deep=True)
    path.write_bytes(b"longer cover")
    with pytest.raises(SourceError, match="maps: not the data"):
        exchanged.checked(tmp_path, deep=False)
