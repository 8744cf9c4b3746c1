"""What an office forgot: an answer in the log of which nothing is kept at home hides every later table of them."""

from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from comity import canon
from comity.adapters.vault import Question
from comity.canon import Digest
from comity.model.policy import National
from comity.model.study import Study
from comity.services.node import earlier
from comity.services.node.question import Asked
from tests import sample
from tests.builders.seal import PERIOD, World, study_of


@dataclass
class Office:
    """A node's folder and log, without keys and hub."""

    home: Path
    world: World
    member: str = "m1"

    @property
    def follower(self) -> Any:
        return SimpleNamespace(state=self.world.state)

    def text(self, digest: Digest) -> bytes:
        assert digest == self.world.study.digest
        return canon.encode(self.world.study)


def asked(study: Study) -> Asked:
    """Another study of the same people, or of others."""
    question = Question(study=study.digest, period=PERIOD)
    return Asked(question=question, study=study, norm=None, entry=None, binding=None)


def after(folder: Path, *, noise: bool, publish: bool) -> Office:
    """An office that answered a study, alone or in a sum."""
    world = World(5, study=study_of(noise=noise))
    for office in world.offices.values():
        office.withheld = office.values * 0
    world.office("m1").policy = sample.policy(national=National(publish=publish, threshold=5))
    world.run()
    return Office(home=folder, world=world)


OTHER = study_of(id="T")


@pytest.mark.parametrize(
    ("noise", "publish", "missing"), [(True, True, True), (False, False, True), (True, False, False)]
)
def test_an_answer_without_noise_that_is_not_remembered_is_missed(
    tmp_path: Path, noise: bool, publish: bool, missing: bool
) -> None:
    """Its own table, or a sum without noise; a sum with noise is the ledger's affair."""
    office = after(tmp_path, noise=noise, publish=publish)
    assert missing == earlier.forgotten(office, asked(OTHER))  # type: ignore[arg-type]
    for body in office.world.office("m1").remembered:
        earlier.keep(tmp_path, body)
    assert not earlier.forgotten(office, asked(OTHER))  # type: ignore[arg-type]


def test_an_answer_about_other_people_or_of_another_member_is_not(tmp_path: Path) -> None:
    office = after(tmp_path, noise=True, publish=True)
    assert not earlier.forgotten(replace(office, member="m2"), asked(OTHER))  # type: ignore[arg-type]
    elsewhere = replace(OTHER, norm=canon.digest(b"another norm"))
    assert not earlier.forgotten(office, asked(elsewhere))  # type: ignore[arg-type]
    later = replace(OTHER, periods=(replace(OTHER.periods[0], value="7"),))
    assert not earlier.forgotten(office, asked(later))  # type: ignore[arg-type]
    assert earlier.forgotten(office, asked(OTHER))  # type: ignore[arg-type]


def test_a_sum_that_this_very_question_was_answered_in_is_missed_too(tmp_path: Path) -> None:
    """Its own table would be protected as if nobody had seen the sum."""
    office = after(tmp_path, noise=False, publish=False)
    it = asked(office.world.study)
    assert earlier.forgotten(office, it)  # type: ignore[arg-type]
