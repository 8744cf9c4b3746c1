"""A time of the log in writing: UTC, to the second. An act may name any second; not every second has a date.

Decides how a time that no calendar holds is written: as the seconds that it is. What a time means, and whose word it
is, is decided elsewhere.
"""

from datetime import UTC, datetime
from typing import Final

from comity.errors import FormatError

FIRST: Final = -62_135_596_800  # POSIX seconds of 0001-01-01T00:00:00Z
LAST: Final = 253_402_300_799  # of 9999-12-31T23:59:59Z: ISO 8601 and RFC 3339 write four digits of a year


def has_date(seconds: int) -> bool:
    """Whether a time lies in the years 1 to 9999."""
    return FIRST <= seconds <= LAST


def plain(seconds: int) -> str:
    """POSIX seconds for people to read, without the name of the clock.

    >>> plain(1_700_000_000), plain(2**53 - 1)
    ('2023-11-14 22:13:20', 'second 9007199254740991 after 1970')
    """
    return _utc(seconds).isoformat(" ") if has_date(seconds) else _seconds(seconds)


def iso(seconds: int) -> str:
    """POSIX seconds as ISO 8601, to be copied.

    >>> iso(1_700_000_000), iso(-(2**53))
    ('2023-11-14T22:13:20Z', 'second 9007199254740992 before 1970')
    """
    return f"{_utc(seconds).isoformat()}Z" if has_date(seconds) else _seconds(seconds)


def read(text: str, *, where: str) -> int:
    """POSIX seconds of what `iso` writes, or of a day, which begins at midnight UTC; FormatError for anything else.

    >>> read("2023-11-14T22:13:20Z", where=""), read("2023-11-14", where="")
    (1700000000, 1699920000)
    """
    spelt = f"{text}T00:00:00Z" if len(text) == len("2023-11-14") else text
    try:
        seconds = int(datetime.fromisoformat(spelt).timestamp())
    except ValueError:
        seconds = None
    if seconds is None or iso(seconds) != spelt:
        wanted = "a day such as 2030-01-31, or a time such as 2030-01-31T12:00:00Z, both UTC"
        raise FormatError("not a time", where=where, found=text, wanted=wanted)
    return seconds


def nearest(seconds: int) -> str:
    """RFC 3339 where a format takes nothing else: the nearest second that has a date.

    >>> nearest(2**53 - 1)
    '9999-12-31T23:59:59Z'
    """
    return iso(min(max(seconds, FIRST), LAST))


def year(seconds: int) -> str:
    """Calendar year of POSIX seconds; the seconds for a time without one."""
    return str(_utc(seconds).year) if has_date(seconds) else _seconds(seconds)


def _utc(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)


def _seconds(seconds: int) -> str:
    return f"second {abs(seconds)} {'before' if seconds < 0 else 'after'} 1970"
