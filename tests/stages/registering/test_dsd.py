"""Series of a data structure in SDMX-ML 2.1: which indicators they measure, and whose title stands beside them."""

import pytest

from comity.errors import FormatError
from comity.model.indicator import Series
from comity.stages.registering import dsd

NAMES = (
    'xmlns:str="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/structure" '
    'xmlns:com="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/common"'
)


def message(*codes: str, list: str = "CL_SERIES") -> bytes:
    return f'<x {NAMES}><str:Codelist id="{list}">{"".join(codes)}</str:Codelist></x>'.encode()


def code(id: str, name: str, *annotations: tuple[str, str]) -> str:
    said = "".join(
        f"<com:Annotation><com:AnnotationType>{kind}</com:AnnotationType>"
        f'<com:AnnotationText xml:lang="en">{text}</com:AnnotationText></com:Annotation>'
        for kind, text in annotations
    )
    return (
        f'<str:Code id="{id}"><com:Annotations>{said}</com:Annotations>'
        f'<com:Name xml:lang="fr">Autre</com:Name><com:Name xml:lang="en">{name}</com:Name></str:Code>'
    )


ALONE = code("SI_A", "Poor [1.1.1]", ("Indicator", "1.1.1"), ("IndicatorTitle", "Share of the poor"), ("ORDER", "10"))
SHARED = code(
    "VC_B",
    "Deaths [1.5.1, 13.1.1]",
    ("Indicator", "13.1.1"),
    ("Indicator", "1.5.1"),
    ("IndicatorCode", "C200303"),
    ("IndicatorTitle", "Deaths by disasters"),
)
TWO = code(
    "EN_C",
    "Waste",
    ("Indicator", "12.4.2, 12.5.1"),
    ("IndicatorCode", "C120402"),
    ("IndicatorTitle", "Waste treated"),
)


def test_series_name_their_indicators_in_order() -> None:
    found = dsd.read(message(ALONE, SHARED, TWO), "dsd.xml")
    assert (
        Series(code="SI_A", indicators=("1.1.1",), title="Poor"),
        Series(code="VC_B", indicators=("1.5.1", "13.1.1"), title="Deaths"),
        Series(code="EN_C", indicators=("12.4.2", "12.5.1"), title="Waste"),
    ) == found.series


def test_a_title_is_taken_only_where_it_is_known_whose_it_is() -> None:
    found = dsd.read(message(ALONE, SHARED, TWO), "dsd.xml")
    assert {
        "1.1.1": "Share of the poor",
        "1.5.1": "Deaths by disasters",
        "13.1.1": "Deaths by disasters",
    } == {one.code: one.title for one in found.indicators}


@pytest.mark.parametrize(
    ("given", "what"),
    [
        (code("SI_D", "Old", ("RetiredSeries", "Retired in 2020.")), "retired"),
        (code("SI_D", "None"), "names no indicator: no annotation"),
        (code("SI_D", "Bad", ("Indicator", "1.1")), "names no indicator: 1.1"),
    ],
)
def test_a_series_of_no_indicator_is_listed(given: str, what: str) -> None:
    found = dsd.read(message(ALONE, given), "dsd.xml")
    (remark,) = found.remarks
    assert ("CL_SERIES.SI_D", True) == (remark.place, remark.what.startswith(what))


ENTITY = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]><x>&e;</x>'


@pytest.mark.parametrize("data", [b"", b"<x/>", b"<x", message(ALONE, list="CL_SEX"), ENTITY])
def test_what_holds_no_such_list_is_refused(data: bytes) -> None:
    with pytest.raises(FormatError):
        dsd.read(data, "dsd.xml")


def test_a_code_without_an_id_is_a_remark() -> None:
    found = dsd.read(message(ALONE.replace(' id="SI_A"', ""), TWO.replace('"EN_C"', '""'), SHARED), "dsd.xml")
    assert ["VC_B"] == [one.code for one in found.series]
    assert [("CL_SERIES, line 1", "a code without an id")] * 2 == [(one.place, one.what) for one in found.remarks]
