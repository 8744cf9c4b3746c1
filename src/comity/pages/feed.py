"""A log's events as feeds: Atom (RFC 4287) and JSON Feed 1.1, the newest first. Worded by `pages.explain`.

Decides the spelling of a feed and of an entry's id, which is the same in every feed of every reader: the log's origin
and the leaf's index. What becomes an entry, and when, is decided by who follows the log.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from comity.assembly.explain import NAMED, Explained
from comity.errors import visible
from comity.model import moment
from comity.pages import explain, words

ALL: Final = "all"
TOPICS: Final = (ALL, *NAMED)
VERSION: Final = "https://jsonfeed.org/version/1.1"
LONGEST: Final = 140  # characters of a title
_NO_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One leaf as readers of feeds see it. time: POSIX seconds, what the log told."""

    index: int
    title: str
    text: str
    time: int
    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """What all feeds of a log say of themselves.

    since: POSIX seconds of the first tick. home: where the log is read. url: where the feeds will be, "" if unknown.
    """

    origin: str
    name: str
    since: int = 0
    home: str = ""
    url: str = ""


def entry(leaf: Explained, time: int) -> Entry:
    """A leaf in words, dated. What follows later is told by later entries; that it has effect goes without saying."""
    told = [explain.what(leaf), *([explain.effect(leaf)] if leaf.reasons else [])]
    if leaf.reasons or leaf.kind == "tick":
        told += explain.follows(leaf)
    told.append(explain.rule(leaf))
    return Entry(
        index=leaf.index,
        title=_cut(visible(explain.title(leaf))),
        text="\n".join(visible(line) for line in told),
        time=time,
        topics=leaf.topics,
    )


def atom(entries: Sequence[Entry], channel: Channel, topic: str) -> bytes:
    """An Atom feed; `entries` in the order of the log."""
    origin = channel.origin
    home = [f"  <link rel={quoteattr('alternate')} href={_attribute(channel.home)}/>"] if channel.home else []
    rows = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<feed xmlns="http://www.w3.org/2005/Atom">',
        f"  <id>{_xml(_id(origin, f'feed-{topic}'))}</id>",
        f"  <title>{_xml(_title(channel.name, topic))}</title>",
        f"  <updated>{_time(entries, channel)}</updated>",
        f"  <author><name>{_xml(origin)}</name></author>",
        f"  <link rel={quoteattr('self')} href={_attribute(_at(channel, f'{topic}.atom'))}/>",
        *home,
    ]
    for one in reversed(entries):
        rows += [
            "  <entry>",
            f"    <id>{_xml(_id(origin, f'leaf-{one.index}'))}</id>",
            f"    <title>{_xml(one.title)}</title>",
            f"    <updated>{_utc(one.time)}</updated>",
            *(f"    <category term={quoteattr(term)}/>" for term in one.topics),
            f'    <content type="text">{_xml(one.text)}</content>',
            "  </entry>",
        ]
    return "\n".join([*rows, "</feed>", ""]).encode()


def json_feed(entries: Sequence[Entry], channel: Channel, topic: str) -> bytes:
    """A JSON Feed; `entries` in the order of the log. It takes whole addresses only: those that are known."""
    items = [
        {
            "id": _id(channel.origin, f"leaf-{one.index}"),
            "title": one.title,
            "content_text": one.text,
            "date_published": _utc(one.time),
            "tags": list(one.topics),
        }
        for one in reversed(entries)
    ]
    known = {"home_page_url": channel.home, "feed_url": _at(channel, f"{topic}.json") if channel.url else ""}
    feed = {
        "version": VERSION,
        "title": _title(channel.name, topic),
        **{name: visible(address) for name, address in known.items() if address},
        "authors": [{"name": visible(channel.origin)}],
        "items": items,
    }
    return (json.dumps(feed, ensure_ascii=False, indent=1) + "\n").encode()


def _xml(text: str) -> str:
    """Text of an element; a character that no XML document may hold is shown as the sign for that (XML 1.0, 2.2)."""
    return escape(_NO_XML.sub("\N{REPLACEMENT CHARACTER}", text))


def _title(name: str, topic: str) -> str:
    return words.say("feed.title", name=visible(name), topic=words.say(f"feed.topic.{topic}"))


def _id(origin: str, fragment: str) -> str:
    """An origin is a URL without its scheme."""
    return f"https://{quote(origin, safe='/:')}#{fragment}"


def _attribute(text: str) -> str:
    return quoteattr(_NO_XML.sub("\N{REPLACEMENT CHARACTER}", text))


def _at(channel: Channel, file: str) -> str:
    return f"{channel.url}/{file}" if channel.url else file


def _cut(text: str) -> str:
    """A heading: of a long one the beginning; the entry's text has it whole."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _time(entries: Sequence[Entry], channel: Channel) -> str:
    """When the feed last changed: its newest entry's time; when it began, for a feed without any."""
    return _utc(max((one.time for one in entries), default=channel.since))


def _utc(seconds: int) -> str:
    return moment.nearest(seconds)
