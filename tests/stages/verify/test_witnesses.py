"""A release is verified under the witnesses that its log names when its head was cosigned, whoever they were before."""

import pytest

from comity.acts.terms import Terms
from comity.stages.publish import bundle, folder
from comity.stages.verify.check import verify
from comity.stages.verify.report import VERIFIED
from tests.builders.release import Made, made


@pytest.fixture(scope="module")
def release() -> Made:
    """Behind the release three of its ten witnesses are made the only ones."""
    one = made(run="witnesses")
    one.assembly.adopt("witnesses", Terms(witnesses=("m0", "m1", "m2")))
    return one


def quorum(release: Made, *by: str) -> tuple[bool, str]:
    """Whether the quorum holds under a head that these cosigned, and what is said of it."""
    assembly = release.assembly
    note = assembly.cosigned(assembly.time + 30, by=by)
    kept = bundle.proofs(assembly.state, release.files[folder.RELEASE], assembly.leaves, note, release.world.store)
    report = verify({**release.files, **kept}, pin=release.charter)
    (claim,) = [claim for claim in report.claims if claim.name == "quorum"]
    assert claim.holds == (report.last == VERIFIED)
    return claim.holds, claim.detail


def test_the_new_witnesses_alone_are_the_quorum(release: Made) -> None:
    holds, told = quorum(release, "m0", "m2")
    assert holds, told
    assert told.startswith("2 of 3 witnesses of the charter cosigned, 2 wanted")


def test_all_old_witnesses_but_the_new_are_none(release: Made) -> None:
    """Seven of ten were a quorum before."""
    holds, _ = quorum(release, *(f"m{i}" for i in range(3, 10)))
    assert not holds
