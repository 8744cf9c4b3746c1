"""The tree of a release's figures: what an entry and the heading say; whoever reads the texts makes it anew."""

import json
from dataclasses import replace
from hashlib import sha256

import pytest

from comity import canon
from comity.acts import statement
from comity.acts.release import ReleasePublished
from comity.errors import NotVerified
from comity.model.norm import Norm
from comity.model.release import Release
from comity.model.study import Study
from comity.stages.publish import figures, folder, kept
from tests.builders.figures import record
from tests.builders.release import Made, made


@pytest.fixture(scope="module")
def source() -> Made:
    return made()


@pytest.fixture(scope="module")
def release(source: Made) -> Release:
    return record(source)


@pytest.fixture(scope="module")
def texts(source: Made, release: Release) -> tuple[Study, Norm]:
    return kept.texts(release, source.world.store.get)


def test_the_leaf_holds_the_root_that_the_record_and_the_norms_code_lists_give(source: Made) -> None:
    """By hashlib and json alone: RFC 6962, 2.1 over 16 figures, a full tree."""
    answers = {"1": "none, at all", "2": "some", "3": "much", "4": "full"}  # the sample norm's own lists
    sexes = {"F": "Female", "M": "Male"}
    row = []
    for figure in json.loads(source.files[folder.RELEASE])["figures"]:
        answer, sex = figure["key"]
        entry = {"figure": figure, "names": [answers[answer], sexes[sex]]}
        text = json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        row.append(sha256(b"\x00" + text.encode()).digest())
    assert 16 == len(row)
    while len(row) > 1:
        row = [sha256(b"\x01" + a + b).digest() for a, b in zip(row[::2], row[1::2], strict=True)]
    body = statement.read(source.assembly.leaves[-1]).act.body
    assert isinstance(body, ReleasePublished)
    assert (16, f"sha256:{row[0].hex()}") == (body.figures.count, body.figures.root)


def test_the_heading_says_what_no_figure_says(source: Made, release: Release, texts: tuple[Study, Norm]) -> None:
    found = figures.heading(release, *texts, "_X")
    assert ("joint", "hub", "_X", "2010-2014", "16.6") == (
        found.kind,
        found.publisher,
        found.area,
        found.period,
        found.goal,
    )
    assert ("TRUST-WAVES/1.0.0", "Trust in courts, by wave") == (found.study.name, found.study.title)
    assert ("TRUST/1.0.0", "Trust in courts") == (found.norm.name, found.norm.title)
    assert [("ANSWER", "Answer"), ("SEX", "Sex")] == [(axis.id, axis.name) for axis in found.axes]
    assert (source.charter, release.notes) == (found.charter, found.notes)


def test_every_word_of_the_heading_and_of_an_entry_is_in_the_tree(release: Release, texts: tuple[Study, Norm]) -> None:
    study, norm = texts
    true = figures.of(release, study, norm, "_X")
    assert true.heading != figures.of(replace(release, period="2005-2009"), study, norm, "_X").heading
    assert true.heading != figures.of(release, study, norm, "004").heading
    first = replace(release.figures[0], noise="0")
    assert true.root != figures.of(replace(release, figures=(first, *release.figures[1:])), study, norm, "_X").root
    turned = (release.figures[1], release.figures[0], *release.figures[2:])
    assert true.root != figures.of(replace(release, figures=turned), study, norm, "_X").root


def test_texts_of_another_release_are_refused(release: Release, texts: tuple[Study, Norm]) -> None:
    study, norm = texts
    with pytest.raises(NotVerified, match="texts of another release"):
        figures.of(release, replace(study, title="Another"), norm, "_X")
    with pytest.raises(NotVerified, match="texts of another release"):
        figures.of(release, study, replace(norm, title="Another"), "_X")


def test_a_key_or_dimension_that_the_norm_does_not_know_is_refused(release: Release, texts: tuple[Study, Norm]) -> None:
    short = replace(release.figures[0], key=("1",))
    with pytest.raises(NotVerified, match="does not fit the layout"):
        figures.of(replace(release, figures=(short,)), *texts, "_X")
    axis = replace(release.layout.dimensions[0], id="AGE")
    strange = replace(release, layout=replace(release.layout, dimensions=(axis, release.layout.dimensions[1])))
    with pytest.raises(NotVerified, match="a dimension that the norm does not have; found AGE"):
        figures.of(strange, *texts, "_X")


def test_a_code_that_the_norm_does_not_list_has_no_name(release: Release, texts: tuple[Study, Norm]) -> None:
    total = replace(release.figures[0], key=("_T", "F"))
    (entry,) = figures.entries(replace(release, figures=(total,)), texts[1])
    assert ("", "Female") == entry.names
    assert canon.encode(entry).startswith(b'{"figure":{"key":["_T","F"]')
