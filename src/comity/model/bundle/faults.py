"""Where a norm contradicts itself: every reference from one part to another, every id, bound and language.

Judges the norm alone. Whether its version says what changed is `bundle.version`; whether it is in force, the log.
"""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Final

import msgspec

from comity import canon
from comity.model.bundle.norm import Norm
from comity.model.bundle.parts import Rule, Texts
from comity.model.decimals import is_decimal
from comity.model.language import is_tag
from comity.model.structure import Codelist

_ID: Final = re.compile(r"[A-Za-z0-9_@$-]{1,64}")  # SDMX 3.0, common:IDType
VERSION: Final = re.compile(r"(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})", re.ASCII)
_UNSEEN: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]"
)  # XML 1.0, Char; but tab and line feed
_WANTS: Final = {  # kind -> fields that it needs, beside `of`; no other field may be given
    "mandatory": ((), ()),
    "code-list": ((), ()),
    "unique": ((), ()),
    "range": ((), ("least", "most")),
    "sum": (("whole",), ("tolerance",)),
    "part": (("whole",), ()),
    "jump": (("most",), ()),
    "mirror": ((), ("tolerance",)),
}


def faults(norm: Norm) -> tuple[str, ...]:
    """Every place where a norm contradicts itself, as one line each; empty for a sound norm. Never raises."""
    return (*_frame(norm), *_lists(norm), *_variables(norm), *_questions(norm), *_rules(norm), *_rest(norm))


def _frame(norm: Norm) -> Iterator[str]:
    """Ids, the version, and what every norm must have."""
    structure = norm.structure
    lists = [codelist.id for codelist in structure.codelists]
    dimensions, measures = ([thing.id for thing in part] for part in (structure.dimensions, structure.measures))
    variables = [variable.id for variable in norm.variables]
    both = [*dimensions, *measures]
    rules = [
        (VERSION.fullmatch(norm.version), f"version {norm.version!r} is not semantic (1.0.0)"),
        (dimensions, "no dimension"),
        (measures, "no measure"),
        (norm.unit in variables, f"the unit {norm.unit!r} is no variable"),
        (norm.period in variables, f"the period {norm.period!r} is no variable"),
        (
            norm.protection.cells >= 1 and norm.protection.threshold >= 1,
            "protection: cells and threshold are 1 or more",
        ),
        (len(set(variables)) == len(variables), "a variable stands twice"),
        (len(set(lists)) == len(lists), "a code list stands twice"),
        (len({name.casefold() for name in both}) == len(both), "an id twice"),
    ]
    yield from (line for holds, line in rules if not holds)
    for kind, things in (("question", norm.questions), ("rule", norm.rules)):
        named = [thing.id for thing in things]
        yield from (f"{kind} {id}: stands twice" for id in sorted(set(named)) if named.count(id) > 1)
        both += named
    yield from (f"{name!r} is not an SDMX id" for name in (*both, *lists, *variables) if not _ID.fullmatch(name))
    for measure in structure.measures:
        if measure.decimals < 0 or measure.bound < 1:
            yield f"measure {measure.id}: decimals or bound too small"


def _lists(norm: Norm) -> Iterator[str]:
    """Code lists: codes, what they are parts of, when they are used, and what each is called."""
    for codelist in norm.structure.codelists:
        codes = codelist.ids
        where = f"code list {codelist.id}"
        if not codes or len(set(codes)) != len(codes):
            yield f"{where}: empty, or a code twice"
        if not all(_ID.fullmatch(code) for code in codes):
            yield f"{where}: a code is not an SDMX id"
        if _circles(codelist):
            yield f"{where}: a parent is no code of the list, or its own descendant"
        for code in codelist.codes:
            yield from _languages(code.names, f"{where}: {code.id}")
            if not all(name.isprintable() for name in (code.name, *code.names.values())):
                yield f"{where}: the name of {code.id} is not one line of text"
            dates = [given for given in (code.starts, code.until) if given is not None]
            if not all(map(_is_date, dates)) or dates != sorted(dates) or len(set(dates)) != len(dates):
                yield f"{where}: {code.id} is used from one date (2020-01-31) until a later one"


def _circles(codelist: Codelist) -> bool:
    """Whether a chain of parents leaves the list, or never ends."""
    parents = {code.id: code.parent for code in codelist.codes}
    for code in codelist.ids:
        at, steps = parents[code], 0
        while at is not None:
            if at not in parents or steps > len(parents):
                return True
            at, steps = parents[at], steps + 1
    return False


def _variables(norm: Norm) -> Iterator[str]:
    lists = {codelist.id for codelist in norm.structure.codelists}
    for dimension in norm.structure.dimensions:
        filling = [variable for variable in norm.variables if variable.concept == dimension.id]
        right = len(filling) == 1 and filling[0].codelist == dimension.codelist and dimension.codelist in lists
        if not right:
            yield f"dimension {dimension.id}: wants one variable of its concept, with its code list"
    for variable in norm.variables:
        where = f"variable {variable.id}"
        if variable.codelist is not None and variable.codelist not in lists:
            yield f"{where}: no code list {variable.codelist}"
        if variable.codelist is not None and (variable.least, variable.most) != (None, None):
            yield f"{where}: a coded variable has no bounds"
        yield from _bounds(variable.least, variable.most, where)


def _questions(norm: Norm) -> Iterator[str]:
    """Each asks for a variable, and is asked of those whom an earlier question found."""
    variables = {variable.id: variable for variable in norm.variables}
    lists = {codelist.id: set(codelist.ids) for codelist in norm.structure.codelists}
    asked: set[str] = set()
    for question in norm.questions:
        where = f"question {question.id}"
        if question.variable not in variables:
            yield f"{where}: no variable {question.variable}"
        if not question.text:
            yield f"{where}: has no text"
        for texts in (question.text, question.instruction, question.reference):
            yield from _languages(texts, where)
        if question.when is not None:
            of = variables.get(question.when.variable)
            codes = lists.get(of.codelist or "", set()) if of else set()
            if question.when.variable not in asked:
                yield f"{where}: is asked by the answer to {question.when.variable}, which no question before asks for"
            if not question.when.codes or not set(question.when.codes) <= codes:
                yield f"{where}: is asked at codes that {question.when.variable} does not have"
        asked.add(question.variable)


def _rules(norm: Norm) -> Iterator[str]:
    for rule in norm.rules:
        where = f"rule {rule.id}"
        needed, allowed = _WANTS[rule.kind]
        given = {name for name in ("whole", "least", "most", "tolerance") if getattr(rule, name) is not None}
        if not set(needed) <= given <= {*needed, *allowed}:
            yield f"{where}: a rule of kind {rule.kind} wants {', '.join((*needed, *allowed)) or 'nothing'} beside `of`"
        if rule.kind == "range" and not given:
            yield f"{where}: wants least or most"
        if rule.tolerance is not None and not is_decimal(rule.tolerance):
            yield f"{where}: tolerance is no decimal of zero or more"
        yield from _bounds(rule.least, rule.most, where)
        yield from _languages(rule.text, where)
        yield from _about(norm, rule, where)


def _about(norm: Norm, rule: Rule, where: str) -> Iterator[str]:
    """Whether what the rule is about is there, and as much of it as its kind wants."""
    structure = norm.structure
    lists = {codelist.id: codelist.ids for codelist in structure.codelists}
    variables = {variable.id for variable in norm.variables}
    coded = {variable.id for variable in norm.variables if variable.codelist is not None}
    measures = {measure.id for measure in structure.measures}
    dimensions = {dimension.id for dimension in structure.dimensions}
    cells = {f"{d.id}.{code}" for d in structure.dimensions for code in lists.get(d.codelist, ())}
    known = {
        "mandatory": variables,
        "code-list": coded,
        "unique": variables,
        "range": (variables - coded) | measures,
        "sum": cells | measures,
        "part": cells | measures,
        "jump": measures,
        "mirror": dimensions,
    }[rule.kind]
    things = (*rule.of, *([rule.whole] if rule.whole is not None else []))
    yield from (f"{where}: is about {thing!r}, which a rule of kind {rule.kind} cannot be about" for thing in things
                if thing not in known)  # fmt: skip
    if len(set(things)) != len(things):
        yield f"{where}: names a thing twice"
    least, most = {"range": (1, 1), "part": (1, 1), "sum": (2, 999), "mirror": (2, 2)}.get(rule.kind, (1, 999))
    if not least <= len(rule.of) <= most:
        yield f"{where}: is about {len(rule.of)} things; a rule of kind {rule.kind} is about {least}" + (
            "" if least == most else " or more"
        )
    if rule.whole is not None and len({thing.rpartition(".")[0] for thing in things}) > 1:
        yield f"{where}: parts and whole are codes of one dimension, or measures"


def _rest(norm: Norm) -> Iterator[str]:
    """The method, metadata, and what became of old codes."""
    lists = {codelist.id: codelist.ids for codelist in norm.structure.codelists}
    if norm.method is not None and (norm.method.sample < 0 or not re.fullmatch(r"[a-z_]+/[0-9]+", norm.method.name)):
        yield "method: wants name/version, such as table/1, and a sample of 0 or more"
    for concept, texts in norm.metadata.items():
        if not _ID.fullmatch(concept) or not texts:
            yield f"metadata {concept!r}: no concept, or no text"
        yield from _languages(texts, f"metadata {concept}")
    if norm.map_from_previous and norm.replaces is None:
        yield "map_from_previous: the norm replaces none"
    mapped = [(entry.codelist, entry.code) for entry in norm.map_from_previous]
    if len(set(mapped)) != len(mapped):
        yield "map_from_previous: a code stands twice"
    for entry in norm.map_from_previous:
        if not set(entry.becomes) <= set(lists.get(entry.codelist, ())):
            yield f"map_from_previous: {entry.codelist}.{entry.code} becomes a code that is not there"
    if norm.authority.digest is not None and not canon.is_digest(norm.authority.digest):
        yield "authority: digest is none"
    if not norm.contact.isprintable():
        yield "contact: is not one line of text"
    if any(_UNSEEN.search(text) for text in _texts(msgspec.to_builtins(norm))):
        yield "a text holds a sign that nobody can see, and that no file of another format can carry"


def _languages(texts: Texts, where: str) -> Iterator[str]:
    yield from (f"{where}: {tag!r} is no language (BCP 47)" for tag in texts if not is_tag(tag))
    yield from (f"{where}: the text in {tag} is empty" for tag, text in texts.items() if not text)


def _bounds(least: str | None, most: str | None, where: str) -> Iterator[str]:
    """Two decimals with a sign, the least not above the most."""
    given = [text for text in (least, most) if text is not None]
    if not all(is_decimal(text.removeprefix("-")) and text != "-0" for text in given):
        yield f"{where}: a bound is no decimal (-2.5)"
    elif len(given) == 2 and Decimal(given[0]) > Decimal(given[1]):
        yield f"{where}: least is above most"


def _texts(value: object) -> Iterator[str]:
    """Every text of a record, its keys too."""
    match value:
        case str():
            yield value
        case dict():
            yield from (text for item in value.items() for part in item for text in _texts(part))
        case list() | tuple():
            yield from (text for item in value for text in _texts(item))


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
