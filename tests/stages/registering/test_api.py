"""Lists of the SDG API, in its own layout: indicators, series, and whatever lies below goals and targets."""

import json
from typing import Any

import pytest

from comity.errors import FormatError
from comity.model.indicator import Series
from comity.stages.registering import api
from comity.stages.registering.found import Seen

SERIES: dict[str, Any] = {
    "goal": ["1"],
    "target": ["1.1"],
    "indicator": ["1.10.1", "1.1.1"],
    "release": "2024.Q1.G.01",
    "code": "SI_POV",
    "description": "Poor",
    "uri": "/v1/sdg/Series/SI_POV",
}
INDICATOR: dict[str, Any] = {
    "goal": "1",
    "target": "1.1",
    "code": "1.1.1",
    "description": "Share of  the poor",
    "tier": "2",
    "uri": "/v1/sdg/Indicator/1.1.1",
    "series": [SERIES],
}
TARGET = {"goal": "1", "code": "1.1", "title": "A target", "description": "A target", "indicators": [INDICATOR]}
GOAL = {"code": "1", "title": "A goal", "description": "A goal", "uri": "", "targets": [TARGET]}
SEEN = Seen(code="1.1.1", title="Share of the poor", tier="II")
READ = Series(code="SI_POV", indicators=("1.1.1", "1.10.1"), title="Poor")


@pytest.mark.parametrize("listed", [[INDICATOR], [TARGET], [GOAL]])
def test_indicators_with_their_series_are_read_wherever_they_lie(listed: list[Any]) -> None:
    found = api.read(json.dumps(listed).encode(), "list.json")
    assert ((SEEN,), (READ,), ()) == (found.indicators, found.series, found.remarks)


def test_a_list_of_series_alone_is_read() -> None:
    found = api.read(json.dumps([SERIES]).encode(), "series.json")
    assert ((), (READ,)) == (found.indicators, found.series)


@pytest.mark.parametrize(
    ("thing", "what"),
    [
        (7, "no indicator and no series"),
        ({}, "no indicator: code ''"),
        ({**INDICATOR, "code": "1.1", "series": None}, "no indicator: code '1.1'"),
        ({**INDICATOR, "description": None, "series": None}, "no indicator"),
        ({**INDICATOR, "tier": "9", "series": None}, "1.1.1: names no tier: 9"),
        ({**SERIES, "indicator": []}, "no series: code 'SI_POV'"),
        ({**SERIES, "indicator": ["1.1.1", "x"]}, "no series"),
        ({**SERIES, "code": None}, "no series"),
        ({**SERIES, "description": "Otherwise"}, "SI_POV: stands here a second time"),
        ({**TARGET, "indicators": "1.1.1"}, "no indicator and no series"),
    ],
)
def test_what_cannot_be_read_is_listed_with_its_place(thing: object, what: str) -> None:
    found = api.read(json.dumps([SERIES, thing]).encode(), "list.json")
    (remark,) = found.remarks
    assert ("list.json", "[1]") == (remark.file, remark.place)
    assert remark.what.startswith(what)


@pytest.mark.parametrize("data", [b"", b"{}", b"\xff", b"[" * 100_000, b'{"data": []}'])
def test_what_is_no_list_is_refused(data: bytes) -> None:
    with pytest.raises(FormatError):
        api.read(data, "list.json")
