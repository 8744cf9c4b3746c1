"""Feeds are what their standards ask for, whatever a log holds."""

import json
from dataclasses import replace
from datetime import datetime
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.assembly import explain, fold
from comity.model.reason import Reason
from comity.pages import feed, words
from comity.pages.feed import Channel, Entry
from tests.builders.assembly import Assembly

ATOM = "{http://www.w3.org/2005/Atom}"
ORIGIN = "example.org/assembly"
PLAIN = Channel(origin=ORIGIN, name="A", since=1_700_000_000)

entries = st.lists(
    st.builds(
        Entry,
        index=st.integers(0, 2**53),
        title=st.text(min_size=1),
        text=st.text(),
        time=st.integers(0, 4_000_000_000),
        topics=st.just(("norms",)),
    ),
    max_size=5,
    unique_by=lambda one: one.index,
)


def made() -> list[Entry]:
    log = Assembly(4)
    log.adopt("norm", b"{}", name='<trust> & "quotes" \x07/1.0.0')
    log.smuggle(b"nonsense")
    log.tick()
    return [feed.entry(leaf, 1_700_000_000) for _, leaf in explain.each(fold.start(), log.leaves)]


def only(node: ElementTree.Element, name: str) -> str:
    """The one child of this name, as RFC 4287 asks (4.1.1, 4.1.2)."""
    (child,) = node.findall(f"{ATOM}{name}")
    return child.text or ""


def check_atom(data: bytes, count: int) -> ElementTree.Element:
    """Required elements of RFC 4287, 4.1.1 and 4.1.2: one id, title and updated each; an author for all; content."""
    root = ElementTree.fromstring(data)
    assert f"{ATOM}feed" == root.tag
    listed = root.findall(f"{ATOM}entry")
    assert count == len(listed)
    assert only(root.find(f"{ATOM}author") or root, "name") == ORIGIN
    for node in (root, *listed):
        assert only(node, "id").startswith(f"https://{ORIGIN}#")
        assert only(node, "title")
        assert datetime.fromisoformat(only(node, "updated")).tzinfo is not None
    assert all(len(node.findall(f"{ATOM}content")) == 1 for node in listed)
    assert len({only(node, "id") for node in listed}) == count
    (link,) = root.findall(f"{ATOM}link")
    assert ("self", "norms.atom") == (link.get("rel"), link.get("href"))
    return root


def test_an_atom_feed_has_what_the_standard_requires() -> None:
    told = made()
    root = check_atom(feed.atom(told, replace(PLAIN, name="A & B"), "norms"), len(told))
    assert "A & B: norms" == only(root, "title")
    newest, *_ = root.findall(f"{ATOM}entry")
    assert f"https://{ORIGIN}#leaf-{told[-1].index}" == only(newest, "id")
    titles = [only(node, "title") for node in root.findall(f"{ATOM}entry")]
    assert any('<trust> & "quotes"' in title for title in titles)
    assert "Without effect: These bytes are no statement" in titles


def test_a_json_feed_has_what_the_standard_requires() -> None:
    """JSON Feed 1.1: version and title; each item an id and a content."""
    told = made()
    found = json.loads(feed.json_feed(told, PLAIN, "all"))
    assert ("https://jsonfeed.org/version/1.1", "A: everything") == (found["version"], found["title"])
    assert [f"https://{ORIGIN}#leaf-{one.index}" for one in reversed(told)] == [item["id"] for item in found["items"]]
    assert all(item["content_text"] and item["date_published"].endswith("Z") for item in found["items"])


@given(entries)
def test_no_text_breaks_a_feed(told: list[Entry]) -> None:
    """Whatever stands in a log: control characters are no XML, and are shown as what they are."""
    check_atom(feed.atom(told, PLAIN, "norms"), len(told))
    json.loads(feed.json_feed(told, PLAIN, "norms"))


def test_an_empty_feed_is_one() -> None:
    check_atom(feed.atom([], PLAIN, "norms"), 0)


@pytest.mark.parametrize("topic", feed.TOPICS)
def test_every_topic_has_a_name(topic: str) -> None:
    assert words.say(f"feed.topic.{topic}")


def test_a_tick_that_decides_says_what_in_its_title() -> None:
    decides = next(one for one in made() if {"time", "norms"} <= set(one.topics))
    assert decides.title.startswith("The members’ votes adopted motion 6, the norm")
    assert "4 yes, 0 no, of 4 votes" in decides.text


def test_a_leaf_without_effect_says_why() -> None:
    leaf = explain.Explained(index=4, kind="unreadable", reasons=(Reason(code="act.malformed"),), topics=("breaches",))
    assert "contradicts itself" in feed.entry(leaf, 1).text
