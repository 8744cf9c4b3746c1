"""A page without script that a screen reader, a printer and an archive can read; it says what the release says."""

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from comity import canon
from comity.model.release import Release
from comity.pages import charts, render, tables
from comity.pages.charts import Mark, Words
from comity.stages.publish import folder
from tests import sample
from tests.builders.release import Made, made, own

VOID = {"meta", "link", "br", "img", "input", "hr"}


@pytest.fixture(scope="module")
def source() -> Made:
    return made()


@pytest.fixture(scope="module")
def page(source: Made) -> str:
    return source.files[folder.PAGE].decode()


@pytest.fixture(scope="module")
def record(source: Made) -> Release:
    return canon.decode(source.files[folder.RELEASE], Release)


def drawn(source: Made, release: Release) -> str:
    return render.joint(release, study=source.study, norm=sample.norm(), name="Assembly of the tests").decode()


class Tags(HTMLParser):
    """Every tag with its attributes; fails on one that is not closed."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def tags(page: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = Tags()
    parser.feed(page)
    assert [] == parser.open
    return parser.tags


def test_a_page_has_no_script_and_loads_nothing(page: str) -> None:
    """Style and drawings are inside; links lead to files beside it."""
    found = tags(page)
    assert not {"script", "link", "iframe", "object", "img", "form"} & {tag for tag, _ in found}
    assert not [a for _, attrs in found for a in attrs if a.startswith("on") or a in ("src", "srcset", "xlink:href")]
    links = [attrs["href"] for tag, attrs in found if tag == "a" and attrs.get("href")]
    assert all(link == "#main" or link in made().files for link in links)
    assert "default-src 'none'" in page
    assert "url(" not in page
    assert "@import" not in page


def test_a_page_says_its_language_title_and_landmarks(page: str) -> None:
    found = tags(page)
    assert ("html", {"lang": "en"}) in found
    names = [tag for tag, _ in found]
    assert [1, 1, 1] == [names.count(tag) for tag in ("h1", "main", "footer")]
    assert names.count("title") == 3, "its own, and one in each drawing"
    ids = [attrs["id"] for _, attrs in found if attrs.get("id")]
    assert len(set(ids)) == len(ids)
    labelled = [word for _, attrs in found for word in (attrs.get("aria-labelledby") or "").split()]
    assert set(labelled) <= set(ids)


def test_every_table_has_a_caption_and_headed_rows(page: str) -> None:
    for body in re.findall(r"<table.*?</table>", page, re.DOTALL):
        assert "<caption" in body
        assert all("scope=" in head for head in re.findall(r"<th[ >][^>]*>", body))


def test_every_drawing_has_a_title_a_description_and_a_table_beside_it(page: str) -> None:
    drawings = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    assert len(drawings) == 2
    for text in drawings:
        root = ET.fromstring(text)
        assert root.get("role") == "img"
        first, second = root[0], root[1]
        assert (first.tag.endswith("title"), second.tag.endswith("desc")) == (True, True)
        assert first.text
        assert second.text
    assert page.count("<figure>") == 2
    assert page.count("<figcaption>") == 2


def test_every_figure_stands_in_the_table(page: str, record: Release) -> None:
    shown = re.findall(r'<td class="number first value">([^<]*)</td>', page)
    cells = len(record.figures) // 2
    wanted = []
    for i in range(cells):
        wanted += [f"{int(record.figures[i].value or 0):,}", record.figures[cells + i].value]
    assert wanted == shown


def test_who_took_part_stands_by_name_without_rank(page: str, record: Release) -> None:
    """In alphabetical order; an area that M49 does not list stays a number."""
    summed = re.search(r'<ul class="tiles summed">(.*?)</ul>', page, re.DOTALL)
    assert summed is not None
    names = re.findall(r"<li>(.*?)</li>", summed[1])
    assert sorted(names) == names
    assert "Afghanistan" in names
    assert "area 158, not in M49" in names
    assert len(names) == sum(taking.part == "summed" for taking in record.takings)


def test_refusals_stand_with_their_reasons(page: str) -> None:
    assert "The study offers less noise than the national policy asks for (floor 64)" in page


def test_what_must_be_said_is_said(page: str, source: Made) -> None:
    for sentence in (
        "Arithmetic is verified, truth is not.",
        "Related to target 16.6. This is not an indicator",
        "Unweighted.",
        "have no differential privacy of their own",
        "members could not have published their own table whole",
        "An attitude, no indicator.",
        source.charter,
    ):
        assert sentence in page


def test_made_up_people_and_demonstrations_are_labelled_everywhere(source: Made, record: Release) -> None:
    release = replace(record, notes=("synthetic", "demonstration", *record.notes))
    assert "Synthetic data. Every respondent was made up." in drawn(source, release)
    assert '<li class="label synthetic">Synthetic data</li>' in drawn(source, release)
    assert "Demonstration nodes. No statistical office took part" in drawn(source, release)


def test_below_zero_is_shown_as_about_zero_on_the_page_alone(source: Made, record: Release) -> None:
    figures = (replace(record.figures[0], value="-4"), *record.figures[1:])
    shown = drawn(source, replace(record, figures=figures))
    assert '<td class="number first value">about 0</td>' in shown
    assert "the files hold it as it was opened" in shown


def test_without_shares_persons_are_drawn(source: Made, record: Release) -> None:
    """A total at or below zero has no shares (status M)."""
    figures = tuple(
        replace(f, value=None, sampling="", noise="", status="M") if f.measure == "share" else f for f in record.figures
    )
    shown = drawn(source, replace(record, figures=figures))
    assert "Answers by category, persons" in shown
    assert "Per cent" not in re.findall(r"<thead>.*?</thead>", shown, re.DOTALL)[0]


def test_text_is_escaped(source: Made, record: Release) -> None:
    """Whoever writes a title writes no markup."""
    study = replace(source.study, title="<script>alert(1)</script> & more")
    shown = render.joint(record, study=study, norm=sample.norm(), name="<b>A</b>").decode()
    assert "<script>" not in shown
    assert "<b>" not in shown
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; more" in shown


def test_a_national_page_shows_q_and_no_total(source: Made) -> None:
    files, _ = own(made("own"), "m7")
    shown = files[folder.PAGE].decode()
    tags(shown)
    assert '<td class="number first value">Q</td>' in shown
    assert "answers are in the sum" not in shown
    assert "No total is published beside suppressed cells" in shown


def test_equal_releases_give_equal_pages(source: Made, record: Release) -> None:
    assert drawn(source, record) == drawn(source, record)


def test_labels_of_a_drawing_are_escaped() -> None:
    told = Words(title="<t> & t", describe="<d>", axis="<a>", blank="Q")
    marks = [Mark(label="<b>", value=None, sampling=0, noise=0), Mark(label="c", value=1, sampling=0, noise=0)]
    text = charts.bars(marks, told, id="x")
    ET.fromstring(text)
    assert "<b>" not in text


def test_nothing_to_draw_is_drawn_as_nothing() -> None:
    """All cells suppressed: axes, marks of the blanks, and no crash."""
    told = Words(title="t", describe="d", axis="a", blank="Q")
    marks = [Mark(label=str(i), value=None, sampling=0, noise=0) for i in range(3)]
    ET.fromstring(charts.bars(marks, told, id="x"))
    ET.fromstring(charts.errors(marks, told, id="y"))


def test_intervals_are_196_standard_errors(record: Release) -> None:
    figure = tables.charted(record)[0]
    row = tables.intervals(record, sample.norm())[0]
    assert f"{1.96 * float(figure.sampling):.3f}" == row.cells[0].sampling
