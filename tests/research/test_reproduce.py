"""A notebook reproduces a release from its folder or connection, and is told the same as on the command line."""

from pathlib import Path

import pytest

from comity.errors import NotVerified, UsageError
from comity.research import connect, reproduce
from comity.stages.publish import folder
from tests.builders.release import Made, made


@pytest.fixture(scope="module")
def source() -> Made:
    return made()


@pytest.fixture
def place(source: Made, tmp_path: Path) -> Path:
    for path, body in source.folder.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(body)
    return tmp_path


def test_a_release_is_equal_in_all_parts_and_so_is_the_frame(place: Path) -> None:
    """One part more than on the command line: what drawings in a notebook are made of."""
    found = reproduce(place)
    assert ("sum", "frame") == (found.parts[0].part, found.parts[-1].part)
    assert "all 9 parts are equal, byte for byte" == found.last
    assert found.last in repr(found)
    assert found.last in found._repr_html_()
    assert "not pinned" in repr(found), "whose word it stands on is always said"


def test_it_is_made_from_a_connection_or_one_of_its_releases(source: Made, place: Path) -> None:
    with connect(place, charter=source.charter) as connection:
        whole, one = reproduce(connection), reproduce(connection.releases[0])
    assert whole == one
    assert "the one you pinned" in repr(one)


def test_what_differs_is_named(place: Path) -> None:
    (place / folder.CSV).write_bytes(b"STRUCTURE\n")
    found = reproduce(place)
    assert not found.equal
    assert "1 of 9 parts are not equal: figures.csv" == found.last


def test_a_wrong_charter_and_a_wrong_folder_are_refused(place: Path, tmp_path: Path) -> None:
    with pytest.raises(NotVerified, match="charter"):
        reproduce(place, charter="sha256:" + "0" * 64)
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="nothing to read"):
        reproduce(tmp_path / "empty")
