"""Norms of every shape that holds together, for laws about their folder, their bundle and their versions."""

from dataclasses import replace

from hypothesis import strategies as st

from comity.model.bundle.norm import Norm
from comity.model.bundle.parts import Counting, Mapped, Question, Rule, Texts, Variable
from comity.model.structure import Code, Codelist
from tests.builders import norms

BASE = norms.norm()
IDS = st.from_regex(r"[A-Za-z0-9_@$-]{1,6}", fullmatch=True)
# Signs that CSV, TOML, JSON and XML each quote, and letters of several scripts.
LINES = st.text(st.sampled_from("aZ09 \"'\\,;=[]{}#<>&|-é日ع"), max_size=8)
WORDS = LINES.filter(bool)
TAGS = st.sampled_from(["ar", "es", "fr", "ru", "zh", "pt-BR"])
DATES = st.dates().map(lambda day: day.isoformat())
DECIMALS = st.integers(0, 9999).map(lambda n: str(n // 10) if n % 10 == 0 else f"{n // 10}.{n % 10}")


def texts(least: int = 0) -> st.SearchStrategy[Texts]:
    return st.dictionaries(TAGS, WORDS, min_size=least, max_size=3)


@st.composite
def codelists(draw: st.DrawFn, id: str) -> Codelist:
    ids = draw(st.lists(IDS, min_size=1, max_size=5, unique=True))
    codes: list[Code] = []
    for place, code in enumerate(ids):
        parent = draw(st.none() | st.sampled_from(ids[:place])) if place else None
        starts, until = draw(st.tuples(st.none() | DATES, st.none() | DATES))
        if starts is not None and until is not None and starts >= until:
            until = None
        codes.append(Code(id=code, name=draw(LINES), names=draw(texts()), parent=parent, starts=starts, until=until))
    return Codelist(id=id, agency=draw(WORDS), version="1.0", codes=tuple(codes))


@st.composite
def sound(draw: st.DrawFn) -> Norm:
    """The norm of the builder with other lists, texts, bounds and numbers of everything that it may do without."""
    lists = draw(st.tuples(codelists("CL_BAD"), codelists("CL_SEX")))
    days = next(one for one in BASE.variables if one.id == "DAYS")
    low, high = sorted((draw(DECIMALS), draw(DECIMALS)), key=float)
    bounded: Variable = replace(days, least=draw(st.none() | st.just(low)), most=draw(st.none() | st.just(high)))
    variables = tuple(bounded if one.id == "DAYS" else one for one in BASE.variables)
    questions = draw(st.lists(questions_of([v.id for v in variables]), max_size=4, unique_by=lambda one: one.id))
    rules = draw(st.lists(rules_of(), max_size=3, unique_by=lambda one: one.id))
    mapped = draw(st.lists(maps(lists), max_size=3, unique_by=lambda one: (one.codelist, one.code)))
    numbers = draw(st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9)))
    return replace(
        BASE,
        title=draw(LINES),
        version=".".join(map(str, numbers)),
        replaces="AIR/0.0.1" if mapped else draw(st.none() | st.just("AIR/0.0.1")),
        contact=draw(LINES),
        structure=replace(BASE.structure, codelists=lists),
        variables=variables,
        questions=tuple(questions),
        rules=tuple(rules),
        method=draw(st.none() | st.just(Counting(name="table/1", parameters={"a b": "c"}, sample=7))),
        metadata=draw(st.dictionaries(IDS, texts(1), max_size=2)),
        map_from_previous=tuple(mapped),
        disclaimer=draw(LINES.map(lambda line: line.replace("a", "\n"))),
    )


def questions_of(variables: list[str]) -> st.SearchStrategy[Question]:
    return st.builds(
        Question,
        id=IDS,
        variable=st.sampled_from(variables),
        text=texts(1),
        instruction=texts(),
        reference=texts(),
        when=st.none(),
    )


def rules_of() -> st.SearchStrategy[Rule]:
    mandatory = st.builds(
        Rule,
        id=IDS,
        kind=st.just("mandatory"),
        of=st.just(("OUT", "DAYS")),
        severity=st.sampled_from(["error", "warning"]),
        explained=st.sampled_from([None, "B", "D", "U"]),
        text=texts(),
        whole=st.none(),
        least=st.none(),
        most=st.none(),
        tolerance=st.none(),
    )
    jump = st.builds(
        Rule,
        id=IDS,
        kind=st.just("jump"),
        of=st.just(("n",)),
        most=DECIMALS,
        text=texts(),
        whole=st.none(),
        least=st.none(),
        tolerance=st.none(),
        severity=st.just("warning"),
        explained=st.none(),
    )
    return mandatory | jump


@st.composite
def maps(draw: st.DrawFn, lists: tuple[Codelist, ...]) -> Mapped:
    codelist = draw(st.sampled_from(lists))
    becomes = draw(st.lists(st.sampled_from(codelist.ids), max_size=2, unique=True))
    return Mapped(codelist=codelist.id, code=draw(IDS), becomes=tuple(becomes), breaks=draw(st.booleans()))
