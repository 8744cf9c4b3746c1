"""Versions: whether a norm's number says what changed since the version that it replaces.

What a reader of figures must know of is major: a code, a dimension, a measure, a variable, a question or a rule that
refuses data is gone, or means something else. What only adds is minor; what only words is patch. A field that no line
here names counts as major: nothing slips through as a correction. Who holds the older text asks; the log holds none.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Final, Literal

from comity.model.bundle.faults import VERSION
from comity.model.bundle.norm import Norm
from comity.model.bundle.parts import Question, Rule
from comity.model.structure import Code, Codelist

Size = Literal["none", "patch", "minor", "major"]
SIZES: Final[tuple[Size, ...]] = ("none", "patch", "minor", "major")


# By field: how large a change of it is, or None where a function below says more. What no table names is major.
_NORM: Final[Mapping[str, Size | None]] = {
    **dict.fromkeys(("version", "replaces"), None),
    **dict.fromkeys(("authority", "structure", "protection", "method"), None),
    **dict.fromkeys(("variables", "questions", "rules", "metadata"), None),
    **dict.fromkeys(("title", "contact", "disclaimer", "map_from_previous"), "patch"),
}
_AUTHORITY: Final[Mapping[str, Size | None]] = {
    **dict.fromkeys(("version", "digest"), "minor"),
    **dict.fromkeys(("source", "citation"), "patch"),
}
_STRUCTURE: Final[Mapping[str, Size | None]] = {
    **dict.fromkeys(("codelists", "dimensions", "measures"), None),
    **dict.fromkeys(("name", "version"), "patch"),
}
_CODELIST: Final[Mapping[str, Size | None]] = {"codes": None, "agency": "patch", "version": "patch"}
_QUESTION: Final[Mapping[str, Size | None]] = {"text": "minor", "reference": "minor", "instruction": "patch"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that is different, in plain words."""

    size: Size
    what: str


def change(old: Norm, new: Norm) -> Size:
    """The largest change between two norms."""
    return max((one.size for one in changes(old, new)), key=SIZES.index, default="none")


def changes(old: Norm, new: Norm) -> tuple[Change, ...]:
    """Everything that is different between two norms but their numbers, the largest first."""
    found = [
        *_fields("the norm", old, new, _NORM),
        *_fields("the authority", old.authority, new.authority, _AUTHORITY),
        *_fields("the protection", old.protection, new.protection, {}),
        *_structure(old, new),
        *_each("variable", old.variables, new.variables, {"missing": "minor"}),
        *_each("question", old.questions, new.questions, _QUESTION, same=_worded),
        *_rules(old, new),
        *_method(old, new),
        *_metadata(old.metadata, new.metadata),
        *_order("questions", _ids(old.questions), _ids(new.questions), "minor"),
        *_order("variables", _ids(old.variables), _ids(new.variables), "patch"),
        *_order("rules", _ids(old.rules), _ids(new.rules), "patch"),
    ]
    return tuple(sorted(found, key=lambda one: -SIZES.index(one.size)))


def version_faults(old: Norm, new: Norm) -> tuple[str, ...]:
    """Why `new` is no honest next version of `old`, as one line each; empty if it is one. Never raises."""
    rules = [
        (new.id == old.id, f"it is called {new.id}, and not {old.id}"),
        (new.replaces == old.name, f"it says that it replaces {new.replaces or 'none'}, and not {old.name}"),
        (_number(new) > _number(old), f"its version {new.version} is not above {old.version}"),
    ]
    lines = [line for holds, line in rules if not holds]
    if _number(new) > _number(old):
        lines += number_faults(old, new)
    gone = {(c.id, code) for c in old.structure.codelists for code in c.ids}
    gone -= {(c.id, code) for c in new.structure.codelists for code in c.ids}
    gone -= {(entry.codelist, entry.code) for entry in new.map_from_previous}
    lines += [f"map_from_previous does not say what became of {at}.{code}" for at, code in sorted(gone)]
    return tuple(lines)


def number_faults(old: Norm, new: Norm) -> tuple[str, ...]:
    """Changes since an earlier version, not only the last, that the number of `new` does not say."""
    said = _said(_number(old), _number(new))
    unsaid = [one for one in changes(old, new) if SIZES.index(one.size) > SIZES.index(said)]
    return tuple(f"{one.what}: that is a {one.size} change of {old.name}, and {new.version} says {said}"
                 for one in unsaid)  # fmt: skip


def _number(norm: Norm) -> tuple[int, ...]:
    """The three numbers; of what is no version, none, which is below all."""
    return tuple(map(int, norm.version.split("."))) if VERSION.fullmatch(norm.version) else ()


def _said(old: tuple[int, ...], new: tuple[int, ...]) -> Size:
    """What a step from one number to another promises at most."""
    if not old or not new or new <= old:
        return "none"
    return "major" if new[0] > old[0] else "minor" if new[1] > old[1] else "patch"


def _fields(where: str, old: Any, new: Any, sizes: Mapping[str, Size | None]) -> Iterator[Change]:
    """Single fields of two records that differ."""
    for field in fields(old):
        size = sizes.get(field.name, "major")
        if size is not None and getattr(old, field.name) != getattr(new, field.name):
            yield Change(size=size, what=f"{where}: another {field.name.replace('_', ' ')}")


def _each(
    kind: str,
    old: Iterable[Any],
    new: Iterable[Any],
    sizes: Mapping[str, Size | None],
    *,
    same: Callable[[Any, Any], Any] | None = None,
) -> Iterator[Change]:
    """Things by id: one that is gone is major, one that is new is minor, one that differs by its fields.

    same: the new thing with what is only wording taken from the old; if nothing else differs, it is a patch.
    """
    before, after = ({thing.id: thing for thing in things} for things in (old, new))
    yield from (Change(size="major", what=f"{kind} {id} is gone") for id in before if id not in after)
    for id, thing in after.items():
        if id not in before:
            yield Change(size="minor", what=f"{kind} {id} is new")
            continue
        compared = same(before[id], thing) if same else thing
        yield from _fields(f"{kind} {id}", before[id], compared, sizes)
        if compared != thing:
            yield Change(size="patch", what=f"{kind} {id}: other translations")


def _worded(old: Question, new: Question) -> Question:
    """The new question with the texts of the old in languages that only one of them has: a translation is wording."""
    texts = {tag: new.text.get(tag, text) for tag, text in old.text.items()}
    return replace(new, text=texts)


def _structure(old: Norm, new: Norm) -> Iterator[Change]:
    before, after = old.structure, new.structure
    yield from _fields("the structure", before, after, _STRUCTURE)
    yield from _each("dimension", before.dimensions, after.dimensions, {"name": "patch"})
    yield from _each("measure", before.measures, after.measures, {"name": "patch"})
    yield from _order("dimensions", _ids(before.dimensions), _ids(after.dimensions))
    yield from _order("measures", _ids(before.measures), _ids(after.measures))
    yield from _order("code lists", _ids(before.codelists), _ids(after.codelists), "patch")
    lists = {codelist.id: codelist for codelist in after.codelists}
    kept = {(entry.codelist, entry.code) for entry in new.map_from_previous
            if entry.becomes == (entry.code,) and not entry.breaks}  # fmt: skip
    yield from _each("code list", before.codelists, after.codelists, _CODELIST)
    for codelist in before.codelists:
        if codelist.id in lists:
            yield from _codes(codelist, lists[codelist.id], kept)


def _codes(old: Codelist, new: Codelist, kept: set[tuple[str, str]]) -> Iterator[Change]:
    """Codes of one list. Its name is what a code means, unless the map says that it means what it meant."""
    yield from _order(f"codes of {old.id}", old.ids, new.ids)
    before = {code.id: code for code in old.codes}
    for code in new.codes:
        means: Size = "patch" if (old.id, code.id) in kept else "major"
        if code.id in before:
            sizes: dict[str, Size | None] = {"name": means, "names": "patch", "starts": "minor", "until": "minor"}
            yield from _fields(f"code {old.id}.{code.id}", before[code.id], code, sizes)
    present: Sequence[Code] = new.codes
    yield from (Change(size="major", what=f"code {old.id}.{id} is gone") for id in before if id not in new.ids)
    yield from (Change(size="minor", what=f"code {old.id}.{c.id} is new") for c in present if c.id not in before)


def _ids(things: Iterable[Any]) -> list[str]:
    return [thing.id for thing in things]


def _order(kind: str, old: Sequence[str], new: Sequence[str], size: Size = "major") -> Iterator[Change]:
    """Another order of what both have; of dimensions, measures and codes it moves the cells."""
    if [id for id in old if id in new] != [id for id in new if id in old]:
        yield Change(size=size, what=f"{kind}: another order")


def _rules(old: Norm, new: Norm) -> Iterator[Change]:
    """A rule that refuses data is part of what the figures mean; one that asks for an explanation is not."""
    before, after = ({rule.id: rule for rule in norm.rules} for norm in (old, new))
    for id, rule in before.items():
        size: Size = "major" if _refuses(rule) else "minor"
        if id not in after:
            yield Change(size=size, what=f"rule {id} is gone")
        elif replace(after[id], text={}) != replace(rule, text={}):
            size = "major" if _refuses(rule) or _refuses(after[id]) else "minor"
            yield Change(size=size, what=f"rule {id} says something else")
        elif after[id] != rule:
            yield Change(size="patch", what=f"rule {id}: other words")
    yield from (Change(size="minor", what=f"rule {id} is new") for id in after if id not in before)


def _refuses(rule: Rule) -> bool:
    return rule.kind == "mandatory" or rule.severity == "error"


def _method(old: Norm, new: Norm) -> Iterator[Change]:
    if old.method is None or new.method is None:
        if old.method != new.method:
            gone: Size = "major" if new.method is None else "minor"
            yield Change(size=gone, what="the method is gone" if new.method is None else "the method is new")
        return
    yield from _fields("the method", old.method, new.method, {"sample": "minor"})


def _metadata(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    for concept in sorted({*old, *new}):
        if old.get(concept) != new.get(concept):
            yield Change(size="patch", what=f"metadata {concept}: other words")
