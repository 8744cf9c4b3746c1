"""What a norm is made of beside its structure: variables, questions, rules, the method, what became of old codes.

Nouns only. Every part that a norm may do without has a default, so that a short norm stays short.
"""

from dataclasses import dataclass, field
from typing import Final, Literal, get_args

from comity.canon import Digest

Texts = dict[str, str]  # language (BCP 47) -> text
Kind = Literal["mandatory", "code-list", "unique", "range", "sum", "part", "jump", "mirror"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """What is measured of whom.

    concept: id of the dimension that it fills, or of a concept that no dimension has (the unit, the period).
    codelist: the list of a coded variable, or None for the unit's id and the period.
    missing: texts that mean "no answer" in the norm.
    least, most: bounds to which a value is clipped, as decimals (`model.decimals`, with a sign); None: no bound.
    """

    id: str
    concept: str
    universe: str
    unit: str  # unit of observation, such as "person"
    codelist: str | None = None
    missing: tuple[str, ...] = ()
    least: str | None = None
    most: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Protection:
    """The least protection the norm asks; a member's policy may ask more."""

    unit: str  # the privacy unit, such as "person"
    cells: int  # cells of one table that one unit can touch
    threshold: int  # national tables: fewer contributors than this are suppressed


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """Whose norm it is: the members' own, or one that follows what they recognise from outside.

    version, digest: of the outside norm that it follows, as it was recognised (`bundle.recognised`).
    """

    kind: Literal["own", "recognised"]
    source: str
    citation: str
    version: str = ""
    digest: Digest | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    """Asked only of those whose variable has one of these codes."""

    variable: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """How a variable is asked for.

    text: the question by language; instruction: to the interviewer; reference: the period that it asks about.
    when: of whom it is asked; None: of everybody in the variable's universe.
    """

    id: str
    variable: str
    text: Texts
    instruction: Texts = field(default_factory=dict)
    reference: Texts = field(default_factory=dict)
    when: Routing | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counting:
    """By which method of the shelf it is counted, and from how many at least."""

    name: str  # name/version, such as table/1
    parameters: dict[str, str] = field(default_factory=dict)
    sample: int = 0  # least number of units in a sample; 0: none is asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One of eight kinds of what data of this norm keep to.

    of: what it is about, by kind.
        mandatory, code-list, unique: variables (unique: all of them together).
        range: one variable or measure, between `least` and `most`.
        sum: codes as DIMENSION.CODE, or measures, that add up to `whole`, but for `tolerance`.
        part: one code or measure that is at most `whole`.
        jump: measures that change by at most `most` (a share of the earlier value) from one period to the next.
        mirror: two dimensions, such as reporter and partner, whose exchange changes a measure by at most `tolerance`.
    severity: an error refuses data; a warning asks for an explanation.
    explained: OBS_STATUS of a breach that is explained: B (break), D (definition differs), U (low reliability).
    """

    id: str
    kind: Kind
    of: tuple[str, ...]
    whole: str | None = None
    least: str | None = None
    most: str | None = None
    tolerance: str | None = None
    severity: Literal["error", "warning"] = "error"
    explained: Literal["B", "D", "U"] | None = None
    text: Texts = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapped:
    """What became of a code of the version before: the codes that take its place, and whether a series breaks there.

    A code that stands for itself without a break means what it meant, under another name.
    """

    codelist: str
    code: str
    becomes: tuple[str, ...] = ()
    breaks: bool
