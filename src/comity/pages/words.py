"""Every sentence that a page, a console or a report shows, by key.

One catalogue a language (`catalogue/en.toml`, and `en.assembly.toml` for the pages of the assembly); English is
complete, the others come with the site. A key stands in one file alone. Templates hold no
text of their own: they ask here. Decides wording, plural and how numbers are written; which sentence is shown is
decided by who asks. Codes of the closed lists (reasons, statuses, parts, notes) are worded under `reason.`, `status.`,
`part.` and `note.`.
"""

import re
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from importlib.resources import files
from types import MappingProxyType
from typing import Final

from comity.errors import FormatError
from comity.model import moment as moments
from comity.model.policy import SENTENCES
from comity.model.reason import CODES, Reason

LANGUAGE: Final = "en"
PARTS: Final = ("", ".assembly")  # files of a catalogue, behind the language

TIMES: Final = frozenset({"ends", "earliest", "starts"})  # parameters of reasons that are POSIX seconds
_SECONDS: Final = re.compile(r"-?[0-9]{1,16}", re.ASCII)
_FOLDER: Final = files("comity.pages") / "catalogue"


def _catalogue(language: str) -> Mapping[str, str]:
    """All sentences of a language; codes of closed lists that it does not word keep the words of their list."""
    listed = {f"reason.{code}": text[0].upper() + text[1:] for code, text in CODES.items()} | dict(SENTENCES)
    for part in PARTS:
        listed |= tomllib.loads((_FOLDER / f"{language}{part}.toml").read_text("utf-8"))
    return MappingProxyType(listed)


EN: Final = _catalogue(LANGUAGE)


def say(key: str, /, **params: object) -> str:
    """The sentence of a key, filled in; FormatError for a key that the catalogue lacks or a place left empty."""
    try:
        return EN[key].format_map({name: str(value) for name, value in params.items()})
    except KeyError as e:
        raise FormatError(
            "no words", where="words", found=f"{key}, {e}", way_out="add them to pages/catalogue/en.toml"
        ) from None


def count(key: str, n: int, /, **params: object) -> str:
    """The sentence for so many: `key.one`, or `key.other` (Unicode CLDR, plural rules of English)."""
    return say(f"{key}.{'one' if n == 1 else 'other'}", n=number(str(n)), **params)


def reason(given: Reason) -> str:
    """A reason in words, with its parameters behind it, times as times."""
    text = say(f"reason.{given.code}")
    pairs = [say("list.pair", name=name, value=_shown(name, value)) for name, value in sorted(given.params.items())]
    return f"{text} ({say('list.join').join(pairs)})" if pairs else text


def _shown(name: str, value: str) -> str:
    """A parameter for people: POSIX seconds as the time that they are."""
    return moments.iso(int(value)) if name in TIMES and _SECONDS.fullmatch(value) else value


def number(text: str) -> str:
    """A decimal as people read it: digits in groups of three, a true minus sign.

    >>> number("60920"), number("-3.50"), number("0.012")
    ('60,920', '−3.50', '0.012')
    """
    whole, point, rest = text.removeprefix("-").partition(".")
    head = f"{int(whole):,}".replace(",", say("number.group"))
    return ("−" if text.startswith("-") else "") + head + (say("number.point") + rest if point else "")


def beside(weight: str, measure: str, *, middle: str, most: str) -> str:
    """What the noise of a sum is beside the sampling error, as `stages.appraising` weighs it."""
    return say(f"noise.{weight}", measure=measure, middle=middle, most=most)


def moment(seconds: int) -> str:
    """A time of the log, to the second."""
    return say("date.utc", date=moments.plain(seconds))


def figure(text: str | None) -> str:
    """An opened value on a page: what noise moved below zero is about 0; nothing for a blank."""
    if text is None:
        return ""
    return say("figures.zero") if Decimal(text) < 0 else number(text)
