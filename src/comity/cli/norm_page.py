"""A norm on one page, in plain words: what is measured, what is asked, what the data must keep to."""

from collections.abc import Iterator

from comity.model.bundle.norm import Norm
from comity.model.bundle.parts import Question, Rule, Texts
from comity.model.structure import TOTAL, Codelist

MARK = {"B": "a break", "D": "another definition", "U": "low reliability"}


def lines(norm: Norm) -> Iterator[str]:
    """The page."""
    yield f"{norm.name}: {norm.title}"
    yield f"  {'Related to' if norm.related else 'For'} {norm.goal}; {_authority(norm)}."
    if norm.replaces:
        yield f"  Replaces {norm.replaces}."
    if norm.contact:
        yield f"  Answered for by: {norm.contact}."
    yield f"  {norm.digest}"
    yield from ("", "Counted")
    yield from _counted(norm)
    if norm.questions:
        yield from ("", "Asked")
        for question in norm.questions:
            yield from _question(norm, question)
    if norm.rules:
        yield from ("", "Data keep to")
        yield from (f"  {rule.id}: {_rule(rule)}" for rule in norm.rules)
    if norm.map_from_previous:
        yield from ("", f"Since {norm.replaces}")
        for entry in norm.map_from_previous:
            becomes = f"is now {', '.join(entry.becomes)}" if entry.becomes else "is gone"
            yield f"  {entry.codelist}.{entry.code} {becomes}{'; the series breaks' if entry.breaks else ''}"
    if norm.metadata:
        yield from ("", "Said of the method")
        yield from (f"  {concept}: {_text(texts)}" for concept, texts in sorted(norm.metadata.items()))
    if norm.disclaimer:
        yield from ("", norm.disclaimer)


def _authority(norm: Norm) -> str:
    authority = norm.authority
    if authority.kind == "own":
        return f"the members' own norm{f', after {authority.source}' if authority.source else ''}"
    return f"follows {authority.source}{f' {authority.version}' if authority.version else ''}, recognised from outside"


def _counted(norm: Norm) -> Iterator[str]:
    """Cells, units, least sample and protection."""
    structure = norm.structure
    for dimension in structure.dimensions:
        universe = norm.filling(dimension.id).universe
        yield f"  by {dimension.name} of {universe}: {_codes(structure.codelist(dimension.codelist))}"
    yield from (f"  {measure.id}: {measure.name}" for measure in structure.measures)
    if norm.method is not None:
        least = f", from {norm.method.sample} at least" if norm.method.sample else ""
        yield f"  by the method {norm.method.name}{least}"
    yield f"  National tables show no cell of fewer than {norm.protection.threshold} ({norm.protection.unit})."


def _codes(codelist: Codelist) -> str:
    """The first codes with their names, and how many more there are."""
    named = [
        code.id if code.name == code.id else f"{code.id} {code.name}" for code in codelist.codes if code.id != TOTAL
    ]
    more = f"; and {len(named) - 12} more" if len(named) > 12 else ""
    return "; ".join(named[:12]) + more


def _question(norm: Norm, question: Question) -> Iterator[str]:
    variable = norm.variable(question.variable)
    yield f"  {question.id}: {_text(question.text)}"
    if question.reference:
        yield f"      about: {_text(question.reference)}"
    if question.when is not None:
        yield f"      only if {question.when.variable} is {' or '.join(question.when.codes)}"
    bounds = [text for text in (variable.least, variable.most) if text is not None]
    answers = f"one of {variable.codelist}" if variable.codelist else " to ".join(bounds) or "any"
    yield f"      gives {variable.id} ({answers}); in {', '.join(sorted(question.text))}"


def _rule(rule: Rule) -> str:
    """What a rule asks, and what becomes of a breach."""
    of = ", ".join(rule.of)
    bounds = [f"at least {rule.least}" if rule.least else "", f"at most {rule.most}" if rule.most else ""]
    within = f", but for {rule.tolerance}" if rule.tolerance else ""
    said = {
        "mandatory": f"{of} has a value",
        "code-list": f"{of} has a code of its list",
        "unique": f"no two records have the same {of}",
        "range": f"{of} is {' and '.join(filter(None, bounds))}",
        "sum": f"{of} add up to {rule.whole}{within}",
        "part": f"{of} is no more than {rule.whole}",
        "jump": f"{of} changes by no more than a share of {rule.most} from one period to the next",
        "mirror": f"the same figure with {of} exchanged is equal{within}",
    }[rule.kind]
    breach = "a breach is refused" if rule.severity == "error" else "a breach is explained"
    mark = f", and marked {rule.explained} ({MARK[rule.explained]}) once explained" if rule.explained else ""
    return f"{said}; {breach}{mark}"


def _text(texts: Texts) -> str:
    """English, else the first language there is."""
    return texts.get("en") or next(iter(texts.values()), "")
