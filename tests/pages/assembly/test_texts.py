"""Texts of others: nobody's words become markup, hide a part, turn the reading order, or fill a page."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.acts.refs import Blob
from comity.pages.assembly import texts
from comity.stages.publish.assembly import Edition
from tests.builders.assembly import Assembly, blob
from tests.builders.pages import HOSTILE, Full, Kept, Page, pages


def bodies(*data: bytes) -> Kept:
    return Kept({blob(one).digest: one for one in data})


def test_markup_of_others_is_shown_and_does_nothing() -> None:
    full = Full()
    data = pages(full)[f"assembly/motions/{full.named('leisure-norm/0.9.0')}.html"]
    page = Page(data)
    assert "script" not in page.tags
    assert "<script>alert(1)</script> \\u202etxt.exe\\u202c \\x1b[2K &amp; <b>" in page.text
    assert b"\xe2\x80\xae" not in data
    assert HOSTILE not in data


def test_a_name_of_others_is_one_line_and_short() -> None:
    log = Assembly(4)
    motion = log.motion("norm", b"x", name='"><img src=x onerror=alert(1)>\n\u202e' + "n" * 4000)
    for data in pages(log).values():
        page = Page(data)
        assert "img" not in page.tags
        assert "n" * texts.LABEL not in page.text
    assert motion.index


@pytest.mark.parametrize(
    "data", [b"a" * (1 << 20), "\N{PILE OF POO}".encode() * 200_000, b"\n" * 100_000, b"\x00" * 9000]
)
def test_a_megabyte_is_cut_and_the_page_says_so(data: bytes) -> None:
    told = texts.shown(bodies(data), blob(data))
    assert any("Only the beginning is shown." in note for note in told.notes)
    assert len(told.text) <= 2 * texts.LONGEST
    assert len(told.text.splitlines()) <= texts.LINES


def test_more_than_a_megabyte_is_not_asked_for() -> None:
    class Untouched(Kept):
        def has(self, name: str, /) -> bool:
            raise AssertionError("asked for")

    told = texts.shown(Untouched({}), Blob(digest=blob(b"x").digest, size=texts.LARGEST + 1))
    assert "" == told.text
    assert "too large for a page" in told.notes[0]


@pytest.mark.parametrize(
    ("data", "note"),
    [
        (b"\xff\xfe\xfa", "Parts of it are no text in UTF-8"),
        (b"", "The text is empty."),
        (b" \n ", "The text is empty."),
    ],
)
def test_what_is_no_text_is_noted(data: bytes, note: str) -> None:
    assert note in texts.shown(bodies(data), blob(data)).notes[0]


@pytest.mark.parametrize(
    ("tag", "kept"), [("en", "en"), ("zh-Hant", "zh-Hant"), ('en"><b>', ""), ("x" * 90, ""), ("", "")]
)
def test_a_language_is_a_tag_or_none(tag: str, kept: str) -> None:
    assert kept == texts.cut(b"text", tag).language


@given(st.binary(max_size=400) | st.text(max_size=400).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_are_shown_as_printable_lines(data: bytes) -> None:
    told = texts.cut(data)
    assert all(line.isprintable() or set(line) & set("\u200c\u200d\u00a0\u202f") for line in told.text.split("\n"))
    assert told.text.strip() or told.notes


def test_a_body_that_was_changed_on_disk_is_not_at_hand(tmp_path: Path) -> None:
    from comity.adapters.blobs import Blobs
    from comity.services.hub.pages import Public

    log = Assembly(4)
    motion = log.motion("norm", b"what is proposed")
    log.tick()
    store = Blobs(tmp_path)
    store.path(store.put(b"what is proposed")).write_bytes(b"something else")
    made = dict(Edition().changed(log.state, log.leaves.__getitem__, Public(store)))
    text = Page(made[f"assembly/motions/{motion.index}.html"]).text
    assert "The text is not at hand." in text
    assert "something else" not in text
