"""The series of the global SDG data structure: code list CL_SERIES of SDMX-ML 2.1, with its annotations.

Each code says by annotations which indicators it measures, and how one of them is titled. A title is taken for an
indicator that stands alone, or for all where UNSD's code says that one indicator stands at several targets (C20...):
of a series that measures two different ones nothing says whose title it is.
"""

from typing import Any, Final

from comity import canon
from comity.errors import FormatError
from comity.model.indicator import CODE, Series, place
from comity.stages.registering.found import Found, Remark, Seen, line

_STR: Final = "{http://www.sdmx.org/resources/sdmxml/schemas/v2_1/structure}"
_COM: Final = "{http://www.sdmx.org/resources/sdmxml/schemas/v2_1/common}"
LIST: Final = "CL_SERIES"
SHARED: Final = "C20"  # how UNSD codes an indicator that stands at several targets


def read(data: bytes, name: str) -> Found:
    """The series in a structure message; FormatError if it has no such code list."""
    from lxml import etree

    try:
        root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False))
    except etree.XMLSyntaxError as e:
        raise FormatError(str(e), where=name, wanted="SDMX-ML 2.1") from None
    listed = next((one for one in root.iter(f"{_STR}Codelist") if one.get("id") == LIST), None)
    if listed is None:
        raise FormatError("no such code list", where=name, wanted=f"{LIST} of the SDG data structure, SDMX-ML 2.1")
    indicators: dict[str, Seen] = {}
    series: dict[str, Series] = {}
    remarks = []
    for code in listed.iter(f"{_STR}Code"):
        one, titles = _series(code)
        if isinstance(one, str):
            at = f"{LIST}.{id}" if (id := code.get("id")) else f"{LIST}, line {code.sourceline}"
            remarks.append(Remark(file=name, place=at, what=one))
            continue
        series[one.code] = one
        for of, title in titles.items():
            indicators.setdefault(of, Seen(code=of, title=title))
    return Found(
        name=name,
        digest=canon.digest(data),
        indicators=tuple(indicators.values()),
        series=tuple(series.values()),
        remarks=tuple(remarks),
    )


def _series(code: Any) -> tuple[Series | str, dict[str, str]]:
    """A series with the titles of its indicators; or why it is none."""
    of, titles, codes = (_said(code, kind) for kind in ("Indicator", "IndicatorTitle", "IndicatorCode"))
    if not of and _said(code, "RetiredSeries"):
        return "retired: measures no indicator any more", {}
    name = next((line(one.text) for one in code.findall(f"{_COM}Name") if _english(one)), "")
    if not of or not name or any(not CODE.fullmatch(one) for one in of):
        return f"names no indicator: {', '.join(of)[:60] or 'no annotation'}", {}
    if not (id := code.get("id")):
        return "a code without an id", {}
    made = Series(code=id, indicators=tuple(sorted(set(of), key=place)), title=_bare(name))
    shared = bool(codes) and codes[0].startswith(SHARED)
    return made, dict.fromkeys(of, titles[0]) if titles and (len(of) == 1 or shared) else {}


def _said(code: Any, kind: str) -> list[str]:
    """English texts of the annotations of a type, those with several apart by commas."""
    texts = [
        line(text.text)
        for one in code.iter(f"{_COM}Annotation")
        if one.findtext(f"{_COM}AnnotationType") == kind
        for text in one.findall(f"{_COM}AnnotationText")
        if _english(text)
    ]
    parted = [part for text in texts for part in text.replace(";", ",").split(",")] if kind == "Indicator" else texts
    return [part.strip() for part in parted if part.strip()]


def _english(element: Any) -> bool:
    return bool(element.get("{http://www.w3.org/XML/1998/namespace}lang", "en") == "en")


def _bare(name: str) -> str:
    """A name without the codes of indicators that it ends with, as in "... [1.1.1]"."""
    head, mark, tail = name.rpartition(" [")
    codes = [part.strip() for part in tail.removesuffix("]").split(",")]
    return head if mark and tail.endswith("]") and all(CODE.fullmatch(one) for one in codes) else name
