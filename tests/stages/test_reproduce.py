"""A release reproduced says part by part what is equal, and in its last line whether all is."""

import dataclasses
from collections.abc import Mapping

import pytest

from comity import canon
from comity.errors import NotVerified
from comity.model.release import Release
from comity.stages.publish import folder
from comity.stages.reproduce import Reproduced, reproduce
from tests.builders.release import Made, made, own

FILES = ["release.json", "figures.csv", "figures.parquet", "index.html", "charts", "ro-crate-metadata.json"]


@pytest.fixture(scope="module")
def source() -> Made:
    return made()


def outcomes(found: Reproduced) -> dict[str, str]:
    return {part.part: part.outcome for part in found.parts}


def without(files: Mapping[str, bytes], *paths: str) -> dict[str, bytes]:
    return {path: body for path, body in files.items() if path not in paths}


def test_a_joint_release_is_equal_in_all_parts(source: Made) -> None:
    """The opened sum out of the vectors is one of them."""
    found = reproduce(source.folder)
    assert {"sum", "figures", *FILES} == set(outcomes(found))
    assert {"same"} == set(outcomes(found).values())
    assert found.equal
    assert "all 8 parts are equal, byte for byte" == found.last
    total = next(part for part in found.parts if part.part == "sum")
    closed = source.world.facts.closed
    assert closed is not None
    assert closed.sum is not None
    assert total.made == total.found == closed.sum.digest
    assert "7 published vectors" in total.what


def test_a_members_own_release_has_no_sum() -> None:
    _, whole = own(made("own"), "m2")
    found = reproduce(whole)
    assert "sum" not in outcomes(found)
    assert found.equal


def test_a_sum_whose_vectors_are_gone_is_not_reproduced(source: Made) -> None:
    """The files follow from the sum as it was stated; nobody can say any more that it is the sum of the vectors."""
    closed = source.world.facts.closed
    assert closed is not None
    assert closed.view is not None
    found = reproduce(without(source.folder, folder.view(closed.view.digest)))
    assert "missing" == outcomes(found)["sum"]
    assert {"same"} == {outcome for part, outcome in outcomes(found).items() if part != "sum"}
    assert "1 of 8 parts are not equal: sum" == found.last


def test_a_forged_page_is_told_apart_from_forged_drawings(source: Made) -> None:
    page = source.folder[folder.PAGE]
    drawn = reproduce({**source.folder, folder.PAGE: page.replace(b"<svg", b"<svg data-x='1'", 1)})
    assert ("same", "differs") == (outcomes(drawn)[folder.PAGE], outcomes(drawn)["charts"])
    written = reproduce({**source.folder, folder.PAGE: page.replace(b"</table>", b"<p>Others.</p></table>", 1)})
    assert ("differs", "same") == (outcomes(written)[folder.PAGE], outcomes(written)["charts"])
    assert not written.equal
    gone = outcomes(reproduce(without(source.folder, folder.PAGE)))
    assert ("missing", "missing") == (gone[folder.PAGE], gone["charts"])


def test_a_description_by_another_version_is_equal_in_other_bytes(source: Made) -> None:
    crate = source.folder[folder.CRATE].replace(b'"softwareVersion":"0.', b'"softwareVersion":"9.')
    found = reproduce({**source.folder, folder.CRATE: crate})
    assert found.equal
    assert found.last.startswith("all 8 parts are equal; ")
    assert found.last.endswith(folder.CRATE)


def test_a_record_that_the_log_does_not_name_is_refused(source: Made) -> None:
    record = canon.decode(source.folder[folder.RELEASE], Release)
    forged = canon.encode(dataclasses.replace(record, time=record.time + 1))
    with pytest.raises(NotVerified, match="no such record"):
        reproduce({**source.folder, folder.RELEASE: forged})
