"""Hub, witness and mirror under load, killed at any moment, the power cut at every other death.

What was acknowledged stays; no head that left is contradicted by another; what is published is whole. The last tests
take the syncs away: then the same loops must find the loss, or they would show nothing.
"""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kill.loop import Lost, kills
from tests.kill.nursery import Nursery
from tests.kill.trials import HubTrial, MirrorTrial, WitnessTrial

SHORT, LONG = 34, 334  # deaths of each; three victims make a hundred, and a thousand
LIFE = 50  # deaths in one folder: its log grows, and a start reads all of it
COUNTS = [
    pytest.param(SHORT, marks=pytest.mark.timeout(300)),
    pytest.param(LONG, marks=[pytest.mark.long, pytest.mark.timeout(1200)]),
]


@pytest.fixture
def nursery(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Nursery]:
    """And callers that do not wait for the dead. Neither services nor the layer under their files write elsewhere."""
    monkeypatch.setattr("comity.adapters.client.PAUSE", 0.001)
    with Nursery(root, tmp_path) as nursery:
        yield nursery
        assert [] == list(nursery.working.iterdir())


def lives(count: int) -> Iterator[tuple[int, int]]:
    """Number of a folder, and deaths in it."""
    for start in range(0, count, LIFE):
        yield start, min(LIFE, count - start)


@pytest.mark.parametrize("count", COUNTS)
def test_a_hub_loses_nothing_that_it_acknowledged_and_signs_one_view(
    tmp_path: Path, nursery: Nursery, count: int
) -> None:
    """Statements, accepted bodies, pending and published heads."""
    said = taken = published = 0
    for number, deaths in lives(count):
        folder = tmp_path / str(number)
        folder.mkdir()
        trial = HubTrial(folder, nursery)
        taken += kills(trial, nursery, deaths, random.Random(number))
        said += len(trial.acknowledged)
        published += trial.published
    assert said > count / 3
    assert published > 0
    assert taken > 0 or count == SHORT  # of few cuts it may be that none came between a write and its sync


@pytest.mark.parametrize("count", COUNTS)
def test_a_witness_forgets_nothing_that_it_cosigned_and_cosigns_one_view(
    tmp_path: Path, nursery: Nursery, count: int
) -> None:
    said = taken = 0
    for number, deaths in lives(count):
        folder = tmp_path / str(number)
        folder.mkdir()
        chance = random.Random(number)
        trial = WitnessTrial(folder, chance)
        taken += kills(trial, nursery, deaths, chance)
        said += trial.heard
    assert said > count / 3
    assert taken > 0 or count == SHORT  # of few cuts it may be that none came between a write and its sync


@pytest.mark.parametrize("count", COUNTS)
def test_a_mirror_is_whole_up_to_its_checkpoint_and_never_goes_back(
    tmp_path: Path, nursery: Nursery, count: int
) -> None:
    taken = 0
    for number, deaths in lives(count):
        folder = tmp_path / str(number)
        folder.mkdir()
        trial = MirrorTrial(folder)
        try:
            first = trial.copied
            taken += kills(trial, nursery, deaths, random.Random(number))
            assert trial.copied > first
        finally:
            trial.end()
    assert taken > 0 or count == SHORT  # of few cuts it may be that none came between a write and its sync


@pytest.mark.parametrize("victim", ["hub", "witness", "mirror"])
def test_without_its_syncs_the_loss_is_found(tmp_path: Path, nursery: Nursery, victim: str) -> None:
    """The very same loops, over services that never sync: within a few deaths something that left is gone."""
    chance = random.Random(victim)
    made = {
        "hub": lambda: HubTrial(tmp_path, nursery),
        "witness": lambda: WitnessTrial(tmp_path, chance),
        "mirror": lambda: MirrorTrial(tmp_path),
    }
    trial = made[victim]()
    try:
        with pytest.raises(Lost):
            kills(trial, nursery, 20, chance, syncs=False)
    finally:
        if isinstance(trial, MirrorTrial):
            trial.end()
