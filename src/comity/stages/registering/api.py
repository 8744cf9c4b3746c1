"""Lists of the SDG API of UNSD, saved as files: indicators with their series, or series alone.

Read are `Indicator/List`, `Series/List`, and `Goal/List` or `Target/List` with their children. Fields that a register
does not keep are passed over.
"""

import json
from collections.abc import Iterator
from typing import Any

from comity import canon
from comity.errors import FormatError
from comity.model.indicator import CODE, Series, place
from comity.stages.registering.found import Found, Remark, Seen, line
from comity.stages.registering.tiers import tier


def read(data: bytes, name: str) -> Found:
    """The list in a file; FormatError for what is no list of the API."""
    try:
        listed = json.loads(data)
    except (ValueError, RecursionError) as e:
        raise FormatError(str(e), where=name, wanted="JSON, as the SDG API of UNSD gives it") from None
    if not isinstance(listed, list):
        raise FormatError("no list", where=name, wanted="Indicator/List, Series/List, or Goal/List with children")
    indicators: dict[str, Seen] = {}
    series: dict[str, Series] = {}
    remarks = []
    for at, thing in _leaves(listed, ""):
        one = _series(thing) if isinstance(thing, dict) and isinstance(thing.get("indicator"), list) else _seen(thing)
        held = (series if isinstance(one, Series) else indicators) if not isinstance(one, str) else {}
        if isinstance(one, str):
            remarks.append(Remark(file=name, place=at, what=one))
        elif held.setdefault(one.code, one) != one:  # type: ignore[arg-type]
            remarks.append(Remark(file=name, place=at, what=f"{one.code}: stands here a second time, and says else"))
    return Found(
        name=name,
        digest=canon.digest(data),
        indicators=tuple(indicators.values()),
        series=tuple(series.values()),
        remarks=tuple(remarks),
    )


def _leaves(things: list[Any], where: str) -> Iterator[tuple[str, Any]]:
    """Indicators and series, wherever they lie: below a goal, a target or an indicator, or by themselves."""
    for number, thing in enumerate(things):
        at = f"{where}[{number}]"
        below = [key for key in ("targets", "indicators", "series") if isinstance(thing, dict) and thing.get(key)]
        if not {"targets", "indicators"} & set(below):
            yield at, thing
        for key in below:
            yield from _leaves(thing[key], f"{at}.{key}") if isinstance(thing[key], list) else [(at, None)]


def _seen(thing: Any) -> Seen | str:
    """An indicator, or why it is none."""
    if not isinstance(thing, dict):
        return "no indicator and no series"
    code, title = line(thing.get("code")), line(thing.get("description"))
    if not CODE.fullmatch(code) or not title:
        return f"no indicator: code {code[:20]!r}"
    given = line(thing.get("tier"))
    named = tier(given) if given else ""
    return f"{code}: names no tier: {given[:60]}" if named is None else Seen(code=code, title=title, tier=named)


def _series(thing: dict[str, Any]) -> Series | str:
    """A series, or why it is none."""
    code, title = line(thing.get("code")), line(thing.get("description"))
    of = [one for one in thing["indicator"] if isinstance(one, str) and CODE.fullmatch(one)]
    if not code or not title or len(of) != len(thing["indicator"]) or not of:
        return f"no series: code {code[:20]!r} of {thing['indicator']!r:.60}"
    return Series(code=code, indicators=tuple(sorted(set(of), key=place)), title=title)
