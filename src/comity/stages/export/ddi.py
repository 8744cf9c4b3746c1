"""A norm as a DDI Codebook 2.5 document: what is asked, of whom, and what each code means, for any data archive.

The codebook describes no data file, since a norm has none: variables, their questions, categories and ranges, and what
the norm says of itself. Texts stand in every language that the norm has, told apart by `xml:lang`. Equal norms give
equal bytes. Elements stand in the order of the schema (ddi:codebook:2_5, codebook.xsd), in numbers that 2.5 (2012) and
2.5.1 (2013) both allow. Tests hold every codebook against content models compared with the schema's text, since the
schema itself is no part of Comity; what was once validated, against how much of it, stands in ADR 0020.
"""

from collections.abc import Iterable
from typing import Final
from xml.etree import ElementTree as ET

from comity.model.bundle.norm import Norm
from comity.model.bundle.parts import Question, Texts, Variable
from comity.model.structure import TOTAL, Code

NAMESPACE: Final = "ddi:codebook:2_5"
_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"
_ENGLISH: Final = "en"
_OF_VARIABLES: Final = ("mandatory", "code-list", "unique", "range")  # kinds of rules whose `of` names variables


def codebook(norm: Norm) -> bytes:
    """The document, in UTF-8."""
    ET.register_namespace("", NAMESPACE)
    root = ET.Element(_tag("codeBook"), {"version": "2.5", _LANG: _ENGLISH})
    _document(root, norm)
    _study(root, norm)
    data = _add(root, "dataDscr")
    for variable in norm.variables:
        _variable(data, norm, variable)
    ET.indent(root)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def _document(root: ET.Element, norm: Norm) -> None:
    """What this file is: made out of a norm, whose digest tells which."""
    citation = _add(_add(root, "docDscr"), "citation")
    title = _add(citation, "titlStmt")
    _add(title, "titl", f"Codebook of the norm {norm.name}: {norm.title}")
    _add(title, "IDNo", norm.digest, agency="Comity")


def _study(root: ET.Element, norm: Norm) -> None:
    """What is measured, by whose authority, and how far it can be used."""
    study = _add(root, "stdyDscr")
    citation = _add(study, "citation")
    title = _add(citation, "titlStmt")
    _add(title, "titl", norm.title)
    _add(title, "IDNo", norm.name, agency=norm.structure.agency)
    if norm.authority.source:
        _add(_add(citation, "rspStmt"), "AuthEnty", norm.authority.source)
    _add(_add(citation, "verStmt"), "version", norm.version)
    if norm.authority.citation:
        _add(citation, "biblCit", norm.authority.citation)
    info = _add(study, "stdyInfo")
    goal = f"{'related to ' if norm.related else ''}{norm.goal}"
    _add(_add(info, "subject"), "topcClas", goal, vocab="Sustainable Development Goals")
    for concept, texts in sorted(norm.metadata.items()):
        for language, text in _languages(texts):
            _add(info, "abstract", f"{concept}: {text}", language)
    summary = _add(info, "sumDscr")
    _add(summary, "anlyUnit", norm.variable(norm.unit).unit)
    for universe in dict.fromkeys(variable.universe for variable in norm.variables):
        _add(summary, "universe", universe)
    if norm.contact or norm.disclaimer:
        use = _add(_add(study, "dataAccs"), "useStmt")
        if norm.contact:
            _add(use, "contact", norm.contact)
        if norm.disclaimer:
            _add(use, "disclaimer", norm.disclaimer)


def _variable(data: ET.Element, norm: Norm, variable: Variable) -> None:
    """One variable: label, questions, range, universe, categories, concept, rules."""
    coded = variable.codelist is not None
    nature = {"representationType": "code"} if coded else {"intrvl": "contin"} if _bounded(variable) else {}
    at = _add(data, "var", "", "", ID=_id("V", variable.id), name=variable.id, **nature)
    dimensions = {dimension.id: dimension.name for dimension in norm.structure.dimensions}
    _add(at, "labl", dimensions.get(variable.concept, variable.id))
    _add(at, "anlysUnit", variable.unit)
    for number, question in enumerate(norm.questions, 1):
        if question.variable == variable.id:
            _question(at, norm, question, number)
    if _bounded(variable):
        bounds = {"min": variable.least, "max": variable.most}
        given = {name: bound for name, bound in bounds.items() if bound is not None}
        _add(_add(at, "valrng"), "range", "", "", UNITS="REAL", **given)
    if variable.missing:
        missing = _add(at, "invalrng")
        for code in variable.missing:
            _add(missing, "item", "", "", VALUE=code)
    _add(at, "universe", variable.universe)
    if variable.codelist is not None:
        _categories(at, variable, norm.structure.codelist(variable.codelist).codes)
    _add(at, "concept", variable.concept)
    for rule in norm.rules:
        if rule.kind in _OF_VARIABLES and variable.id in rule.of:
            for language, text in _languages(rule.text) or [(_ENGLISH, f"{rule.kind} ({rule.severity})")]:
                _add(at, "notes", text, language, type="rule", subject=rule.id)


def _question(at: ET.Element, norm: Norm, question: Question, number: int) -> None:
    """The question in every language: the period that it asks about, its text, who is not asked, the instruction."""
    asked = _add(at, "qstn", "", "", ID=_id("Q", question.id), seqNo=str(number))
    for tag, texts in (("preQTxt", question.reference), ("qstnLit", question.text), ("ivuInstr", question.instruction)):
        for language, text in _languages(texts):
            _add(asked, tag, text, language)
    if question.when is not None:
        codes = ", ".join(question.when.codes)
        from_ = [_id("Q", one.id) for one in norm.questions if one.variable == question.when.variable]
        _add(asked, "backward", f"Asked if {question.when.variable} is one of: {codes}", qstn=" ".join(from_))


def _categories(at: ET.Element, variable: Variable, codes: Iterable[Code]) -> None:
    """The codes that an answer can have, each with those that are part of it; a list's total is no answer."""
    listed = [code for code in codes if code.id != TOTAL]
    for code in listed:
        parts = [_id("C", variable.id, one.id) for one in listed if one.parent == code.id]
        below = {"catgry": " ".join(parts)} if parts else {}
        category = _add(at, "catgry", "", "", ID=_id("C", variable.id, code.id), **below)
        _add(category, "catValu", code.id)
        for language, text in _languages({_ENGLISH: code.name} | code.names):
            _add(category, "labl", text, language)
        if code.starts or code.until:
            _add(category, "txt", f"Used from {code.starts or 'the beginning'} until {code.until or 'further notice'}.")
    for text in variable.missing:
        _add(_add(at, "catgry", "", "", missing="Y"), "catValu", text)


def _bounded(variable: Variable) -> bool:
    return variable.least is not None or variable.most is not None


def _languages(texts: Texts) -> list[tuple[str, str]]:
    """English first, then by tag."""
    return sorted(texts.items(), key=lambda item: (item[0] != _ENGLISH, item[0]))


def _id(kind: str, *ids: str) -> str:
    """An XML id: SDMX ids also have signs that xs:ID does not, and have no dot."""
    return f"{kind}_" + "..".join(id.replace("@", ".40").replace("$", ".24") for id in ids)


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _add(at: ET.Element, tag: str, text: str = "", language: str = "", /, **given: str) -> ET.Element:
    """A new element at the end of another."""
    made = ET.SubElement(at, _tag(tag), given)
    if language:
        made.set(_LANG, language)
    made.text = text or None
    return made
