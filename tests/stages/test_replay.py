"""Whoever makes a release again from its folder makes the same bytes."""

import dataclasses

import pytest

from comity import canon
from comity.errors import NotVerified
from comity.model.release import Release
from comity.stages import replay
from comity.stages.publish import folder
from tests.builders.release import made, own


def test_a_joint_release_is_made_again_byte_for_byte() -> None:
    files = made().folder
    again = replay.again(files)
    assert set(made().files) == set(again)
    assert {"same"} == {one.outcome for one in replay.compare(files, again)}


def test_a_members_release_is_made_again_byte_for_byte() -> None:
    files, whole = own(made("own"), "m2")
    assert dict(files) == dict(replay.again(whole))


def test_it_is_made_from_the_log_of_its_day() -> None:
    """A log that went on, with more national releases in it, gives the same joint release."""
    source = made("own")
    own(source, "m4")
    later = {**source.folder}
    assert {"same"} == {one.outcome for one in replay.compare(later, replay.again(later))}


def test_another_record_cannot_be_made_again() -> None:
    files = {**made().folder, folder.RELEASE: b"{}"}
    with pytest.raises(NotVerified, match=r"release\.json"):
        replay.again(files)


def test_differences_are_told_apart() -> None:
    """Other content, nothing there, and the same record with other digests of files."""
    again = replay.again(made().folder)
    record = canon.decode(again[folder.RELEASE], Release)
    files = {
        **again,
        folder.CSV: again[folder.CSV].replace(b",A,", b",P,", 1),
        folder.RELEASE: canon.encode(dataclasses.replace(record, files=record.files[:1])),
    }
    del files[folder.PAGE]
    outcomes = {one.path: one.outcome for one in replay.compare(files, again)}
    assert ("differs", "missing", "equal") == tuple(outcomes[p] for p in (folder.CSV, folder.PAGE, folder.RELEASE))
