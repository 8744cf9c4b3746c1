"""A release that was published before its log went to another hub, read out of the log as it is kept now."""

from dataclasses import dataclass

import pytest

from comity.model.member import HUB
from comity.services import prove
from comity.stages import replay
from comity.stages.publish import bundle, folder
from comity.stages.verify import figure
from comity.stages.verify.check import verify
from comity.stages.verify.report import VERIFIED
from comity.tlog.checkpoint import Checkpoint
from comity.tlog.note import Note, sign
from tests.builders.assembly import ORIGIN, Assembly
from tests.builders.release import Made, made, own


@dataclass(frozen=True)
class Moved:
    """The release, its log at the second hub, and the folder that a reader fetches there."""

    release: Made
    assembly: Assembly
    files: dict[str, bytes]


@pytest.fixture(scope="module")
def moved() -> Moved:
    release = made()
    assembly = release.assembly.copied()
    assembly.move()
    assembly.tick()
    log = bundle.log(assembly.leaves, assembly.cosigned(assembly.time + 1))
    kept = {path: data for path, data in release.folder.items() if not path.startswith("log/")}
    return Moved(release, assembly, {**kept, **log})


def test_it_holds_under_the_charter_that_was_pinned_at_the_beginning(moved: Moved) -> None:
    assert "second.example.org/assembly" == Checkpoint.of(Note.parse(moved.files[folder.CHECKPOINT])).origin
    report = verify(moved.files, pin=moved.release.charter)
    assert [] == [claim for claim in report.claims if not claim.holds]
    assert VERIFIED == report.last
    assert verify(moved.release.folder, pin=moved.release.charter).figures == report.figures


def test_its_files_are_made_again_byte_for_byte(moved: Moved) -> None:
    assert {"same"} == {one.outcome for one in replay.compare(moved.files, replay.again(moved.files))}


def test_a_head_by_the_old_hub_at_the_new_size_is_refused_by_name(moved: Moved) -> None:
    """It signs by the key that the charter's leaf names, and by the name that the log had."""
    text = str(moved.assembly.checkpoint()).replace(moved.assembly.origin, ORIGIN)
    note = Note(text, (sign(text, ORIGIN, moved.release.assembly.signers[HUB, "log"]),))
    report = verify({**moved.files, folder.CHECKPOINT: str(note).encode()}, pin=moved.release.charter)
    (claim,) = [claim for claim in report.claims if claim.name == "quorum"]
    assert not claim.holds
    assert "another log" in claim.detail


def test_one_figure_is_kept_under_the_name_that_the_log_had(moved: Moved) -> None:
    """With the final checkpoint of the old log, so that leaf, key and quorum are of one time."""
    source = prove.in_folder(moved.files)
    found = figure.verify(prove.checked(source, 0))
    assert (True, ORIGIN) == (found.holds, found.origin)
    assert source.facts.ref.index < Checkpoint.of(source.note).size < moved.assembly.state.size


def test_an_offices_own_release_holds_as_well() -> None:
    release = made("moved")
    _, files = own(release, "m2")
    assembly = release.assembly.copied()
    assembly.move()
    log = bundle.log(assembly.leaves, assembly.cosigned(assembly.time + 1))
    kept = {path: data for path, data in files.items() if not path.startswith("log/")}
    report = verify({**kept, **log}, pin=release.charter)
    assert [] == [claim for claim in report.claims if not claim.holds]
