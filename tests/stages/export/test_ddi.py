"""The codebook of a norm, held against the content models of DDI Codebook 2.5 as its schema has them.

The schema itself (codebook.xsd, by the DDI Alliance, LGPL) is in no Python package that we know, and no part of Comity.
What stands here was compared with its text, element by element: children, their order and number are those of 2.5
(2012), and 2.5.1 (2013), which kept the namespace, allows no less: it only lets more of them stand twice. Some of what
the schema allows is not allowed here, since no codebook of ours has it: elements of Dublin Core at a citation's end,
formatting within texts, other attributes. What was validated, and against how much of the schema: ADR 0020.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from xml.etree import ElementTree as ET

from hypothesis import given, settings

from comity.model.norm import Norm
from comity.stages.export import ddi
from tests.builders import norms
from tests.model.bundle.strategies import sound

NS = "{ddi:codebook:2_5}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
# element -> children in the order of its sequence, with `?` none or one, `*` any number, `+` one or more, else one,
# `|` one of them
SEQUENCES = {
    "codeBook": "docDscr* stdyDscr+ fileDscr* dataDscr* otherMat*",
    "docDscr": "citation? guide? docStatus? docSrc* controlledVocabUsed* notes*",
    "stdyDscr": "citation+ studyAuthorization* stdyInfo* studyDevelopment* method* dataAccs* othrStdyMat* notes*",
    "citation": "titlStmt rspStmt? prodStmt? distStmt? serStmt* verStmt* biblCit? holdings* notes*",
    "titlStmt": "titl subTitl* altTitl* parTitl* IDNo*",
    "rspStmt": "AuthEnty* othId*",
    "verStmt": "version? verResp? notes*",
    "stdyInfo": "studyBudget* subject* abstract* sumDscr* qualityStatement? notes* exPostEvaluation*",
    "subject": "keyword* topcClas*",
    "sumDscr": "timePrd* collDate* nation* geogCover* geogUnit* geoBndBox? boundPoly? anlyUnit* universe* dataKind*",
    "dataAccs": "setAvail* useStmt* notes*",
    "useStmt": "confDec? specPerm? restrctn? contact* citReq? deposReq? conditions? disclaimer?",
    "dataDscr": "varGrp* nCubeGrp* var* nCube* notes*",
    "var": "location* labl* imputation? security? embargo? respUnit? anlysUnit? qstn* valrng* invalrng* undocCod* "
    "universe* TotlResp? sumStat* txt* stdCatgry* catgryGrp* catgry* codInstr* verStmt* concept* derivation? "
    "varFormat? geoMap* catLevel* notes*",
    "qstn": "(preQTxt|qstnLit|postQTxt|forward|backward|ivuInstr)*",
    "valrng": "(item|range)+ key? notes*",
    "invalrng": "(item|range)+ key? notes*",
    "catgry": "catValu? labl* txt* catStat* mrow?",
}
TEXTS = {
    *("titl", "IDNo", "AuthEnty", "version", "biblCit", "topcClas", "abstract", "anlyUnit", "universe", "contact"),
    *("disclaimer", "labl", "anlysUnit", "preQTxt", "qstnLit", "ivuInstr", "backward", "catValu", "txt", "concept"),
    "notes",
}
EMPTY = ("range", "item")
ATTRIBUTES = {
    "codeBook": {"version", "codeBookAgency"},
    "IDNo": {"agency", "level"},
    "topcClas": {"vocab", "vocabURI"},
    "var": {"name", "intrvl", "representationType"},
    "qstn": {"qstn", "var", "seqNo", "responseDomainType"},
    "backward": {"qstn"},
    "range": {"UNITS", "min", "minExclusive", "max", "maxExclusive"},
    "item": {"UNITS", "VALUE"},
    "catgry": {"missing", "missType", "country", "excls", "catgry", "level"},
    "notes": {"type", "subject", "level", "resp"},
}
REQUIRED = {"var": "name", "item": "VALUE"}
REFERENCES = ("qstn", "catgry")  # attributes with the IDs of other elements, one or more
VALUES = {
    "version": {"2.5"},
    "intrvl": {"contin", "discrete"},
    "representationType": {"text", "numeric", "code", "datetime", "other"},
    "UNITS": {"INT", "REAL"},
    "missing": {"Y", "N"},
}
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")  # of xs:ID, in ASCII


def wrong(root: ET.Element) -> Iterator[str]:
    """Where a document is not what the schema allows."""
    ids = [element.get("ID") for element in root.iter() if element.get("ID") is not None]
    if len(set(ids)) != len(ids) or not all(NAME.fullmatch(id or "") for id in ids):
        yield "an ID twice, or none that XML has"
    for element in root.iter():
        name = element.tag.removeprefix(NS)
        children = [child.tag.removeprefix(NS) for child in element]
        if name in SEQUENCES:
            pattern = re.sub(r"\w+", r"(?:\g<0>,)", SEQUENCES[name]).replace(" ", "")
            if not re.fullmatch(pattern, "".join(f"{child}," for child in children)):
                yield f"{name}: {children}"
        elif children or (name not in TEXTS and name not in EMPTY):
            yield f"{name}: is not known here, or has children"
        given = set(element.attrib) - {"ID", LANG}
        if not given <= ATTRIBUTES.get(name, set()) or REQUIRED.get(name) not in {None, *given}:
            yield f"{name}: {given}"
        yield from (f"{name}: {key}" for key in given if key in VALUES and element.attrib[key] not in VALUES[key])
        for key in given.intersection(REFERENCES):
            refs = element.attrib[key].split()
            if not refs or not set(refs) <= set(ids):
                yield f"{name}: no such ID {refs}"


def document(norm: Norm) -> ET.Element:
    return ET.fromstring(ddi.codebook(norm))


def texts(root: ET.Element, path: str) -> list[tuple[str | None, str | None]]:
    found = root.findall("/".join(f"{NS}{part}" for part in path.split("/")))
    return [(element.get(LANG), element.text) for element in found]


def test_a_codebook_is_what_the_schema_allows() -> None:
    root = document(norms.norm())
    assert (f"{NS}codeBook", "2.5") == (root.tag, root.get("version"))
    assert [] == list(wrong(root))


def test_the_check_of_this_file_finds_what_the_schema_forbids() -> None:
    """Each alone: an element in another place, one twice, an attribute, a value, a reference to nothing.

    By the definitions of 2.5 (ADR 0020) lxml refused each too, but for the two references, which it does not follow.
    """
    text = ddi.codebook(norms.norm()).decode()
    for old, new in (
        ("<anlysUnit>person</anlysUnit>", "<concept>x</concept><anlysUnit>person</anlysUnit>"),
        ("<anlysUnit>person</anlysUnit>", 2 * "<anlysUnit>person</anlysUnit>"),
        ('name="PERSON"', 'title="PERSON"'),
        ('intrvl="contin"', 'intrvl="continuous"'),
        ('backward qstn="Q_Q1"', 'backward qstn="Q_Q9"'),
        ('ID="V_YEAR"', 'ID="V_PERSON"'),
        ("<range ", "<between "),
        ("<stdyInfo>", "<notes/><stdyInfo>"),
        ("<docDscr>", "<docDscr><notes/>"),
        ("<useStmt>", "<notes/><useStmt>"),
        ("<dataDscr>", "<dataDscr><notes/>"),
        ("<invalrng>", "<invalrng><notes/>"),
        ('backward qstn="Q_Q1"', 'backward qstn=""'),
        ('item VALUE="NA"', "item"),
        ('version="2.5"', 'version="2.6"'),
    ):
        assert old in text
        assert list(wrong(ET.fromstring(text.replace(old, new, 1)))), new


@given(sound())
@settings(max_examples=25, deadline=None)
def test_every_sound_norm_has_a_codebook_that_the_schema_allows(norm: Norm) -> None:
    assert [] == list(wrong(document(norm)))
    assert ddi.codebook(norm) == ddi.codebook(replace(norm))


def test_what_is_asked_stands_in_every_language_with_its_codes() -> None:
    root = document(norms.norm())
    out = "dataDscr/var[@name='OUT']"
    assert [("en", "Was the air bad?"), ("fr", "L’air était-il mauvais ?")] == texts(root, f"{out}/qstn/qstnLit")
    assert [("en", "The last 12 months")] == texts(root, f"{out}/qstn/preQTxt")
    assert [("en", "Do not read out.")] == texts(root, f"{out}/qstn/ivuInstr")
    values = [value for _, value in texts(root, f"{out}/catgry/catValu")]
    assert ["NONE", "SOME", "MUCH", "NA"] == values
    labels = texts(root, f"{out}/catgry/labl")
    assert [("en", "none"), ("fr", "jamais"), ("en", "some days"), ("fr", "quelques jours")] == labels[:4]
    assert [(None, "residents who saw bad air")] == texts(root, "dataDscr/var[@name='DAYS']/universe")


def test_bounds_missing_codes_and_routing_stand_where_the_schema_has_them() -> None:
    root = document(norms.norm())
    days = root.find(f".//{NS}var[@name='DAYS']")
    assert days is not None
    (span,) = days.iter(f"{NS}range")
    assert {"UNITS": "REAL", "min": "0.5", "max": "366"} == span.attrib
    (back,) = days.iter(f"{NS}backward")
    assert ("Q_Q1", "Asked if OUT is one of: SOME, MUCH") == (back.get("qstn"), back.text)
    (item,) = root.iter(f"{NS}item")
    assert {"VALUE": "NA"} == item.attrib
    missing = [at.findtext(f"{NS}catValu") for at in root.iter(f"{NS}catgry") if at.get("missing") == "Y"]
    assert ["NA"] == missing


def test_a_code_names_the_codes_that_are_part_of_it() -> None:
    norm = norms.norm()
    first, *others = norm.structure.codelists
    below = tuple(replace(code, parent="SOME") if code.id == "MUCH" else code for code in first.codes)
    lists = (replace(first, codes=below), *others)
    root = document(replace(norm, structure=replace(norm.structure, codelists=lists)))
    assert ["C_OUT..MUCH"] == [at.get("catgry") for at in root.iter(f"{NS}catgry") if at.get("catgry")]
