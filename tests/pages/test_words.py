"""Every sentence is in the catalogue; every code of a closed list has words."""

import re
import string
from html.parser import HTMLParser
from importlib.resources import files

import pytest

from comity.errors import FormatError
from comity.model.policy import SENTENCES
from comity.model.reason import CODES, Reason
from comity.pages import words
from comity.stages import table
from comity.stages.combine import notes
from comity.stages.publish import folder
from tests import sample

TEMPLATES = sorted(path.name for path in (files("comity.pages") / "templates").iterdir())
SPOKEN = {"alt", "title", "aria-label", "content", "placeholder", "label", "summary"}
MARKUP = {"width=device-width, initial-scale=1", "no-referrer"}


def source(name: str) -> str:
    return (files("comity.pages") / "templates" / name).read_text()


class Bare(HTMLParser):
    """Text and spoken attributes of a template, its Jinja taken out."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.code = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.code = self.code or tag == "code"
        values = [value for name, value in attrs if name in SPOKEN and value]
        self.found += [v for v in values if v not in MARKUP and "default-src" not in v and re.search(r"[A-Za-z]", v)]

    def handle_endtag(self, tag: str) -> None:
        self.code = self.code and tag != "code"

    def handle_data(self, data: str) -> None:
        if re.search(r"[A-Za-z]", data) and not self.code:
            self.found.append(data.strip())


@pytest.mark.parametrize("name", TEMPLATES)
def test_templates_hold_no_text_of_their_own(name: str) -> None:
    """But what a reader types as it is, which stands in `code`."""
    parser = Bare()
    parser.feed(re.sub(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", "", source(name), flags=re.DOTALL))
    assert [] == parser.found


@pytest.mark.parametrize("name", TEMPLATES)
def test_templates_ask_for_words_that_are_there(name: str) -> None:
    asked = set(re.findall(r't\(\s*"([a-z.-]+)"\s*[,)]', source(name)))
    assert set() == asked - set(words.EN)


@pytest.mark.parametrize("code", CODES)
def test_every_reason_has_words(code: str) -> None:
    text = words.reason(Reason(code=code, params={"floor": "64"}))
    assert text[0].isupper()
    assert text.endswith("(floor 64)")


def test_every_sentence_of_a_policy_has_words() -> None:
    assert set(SENTENCES) <= set(words.EN)


@pytest.mark.parametrize("status", table.STATUSES)
def test_every_status_has_words(status: str) -> None:
    assert words.say(f"status.{status}")


def test_every_note_has_words() -> None:
    every = set()
    for rehearsal, related, plain in ((True, True, True), (False, False, False)):
        study = sample.study(rehearsal=rehearsal, related=related)
        every |= set(notes(study, "x.invalid/y", plain_tables=plain))
    for code in every | {
        "suppressed",
        "no-total",
        "plain",
        "no-noise",
        "reserved",
        "reserved-inputs",
        "protects-member",
    }:
        assert words.say(f"note.{code}", goal="16", colluding=3)


@pytest.mark.parametrize("path", [folder.CSV, folder.PARQUET, folder.PAGE, folder.CRATE, folder.STAC, *folder.GROUNDS])
def test_every_file_of_a_release_has_words(path: str) -> None:
    assert words.say(f"file.{path}")


def test_every_place_in_a_sentence_is_a_name() -> None:
    """A translator moves them; a number or an empty place would break."""
    for key, text in words.EN.items():
        for _, name, spec, _ in string.Formatter().parse(text):
            assert name is None or (name.isidentifier() and not spec), key


@pytest.mark.parametrize("key", ["no.such", "label.related"])
def test_missing_words_or_places_are_errors(key: str) -> None:
    """Never an empty page."""
    with pytest.raises(FormatError, match="no words"):
        words.say(key)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("0", "0"), ("999", "999"), ("1000", "1,000"), ("-1234567.80", "−1,234,567.80"), ("69.36", "69.36")],
)
def test_numbers_are_grouped(text: str, wanted: str) -> None:
    assert wanted == words.number(text)


@pytest.mark.parametrize(("text", "wanted"), [("-4", "about 0"), ("-0.01", "about 0"), ("0", "0"), (None, "")])
def test_what_noise_moved_below_zero_is_about_zero(text: str | None, wanted: str) -> None:
    assert wanted == words.figure(text)


def test_one_and_many_differ() -> None:
    assert "One member" in words.count("lead.joint", 1, members="3")
    assert words.count("lead.joint", 57, members="60").startswith("57 of 60 members")
