"""Misfits: what in a study its method cannot work with. A study that has one is refused, and never counted.

Pure: a study, a card and a norm. What in a study contradicts its norm or itself is `model.study.unsound`'s.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction
from math import prod
from typing import Final

from comity.errors import ComityError, FormatError
from comity.methods.card import WEIGHT, Card, Method
from comity.model.norm import Norm
from comity.model.study import Study, unsound

_LARGEST: Final = 2**63 - 1  # of int64


def unfinished(study: Study, method: Method) -> str:
    """Why no table of this study can be finished, in the method's words; empty where it can.

    Tried on zeros: of areas in one zone, the first dimension; of persons in one code of each dimension but the last. A
    study that its method cannot finish would be computed for hours, answered, and never released.
    """
    dimensions = study.layout.dimensions
    short = range(1) if method.card.needs.data == "rasters" else range(len(dimensions) - 1)
    layout = replace(
        study.layout,
        dimensions=tuple(
            replace(axis, codes=axis.codes[:1]) if at in short else axis for at, axis in enumerate(dimensions)
        ),
    )
    try:
        method.finish(layout, (0,) * layout.length, Decimal(0), study.parameters)
    except ComityError as e:
        return str(e)
    return ""


def misfits(study: Study, card: Card, norm: Norm | None) -> Iterator[str]:
    """Fields of a study that its method cannot work with. `norm`: the study's, where its text is at hand."""
    needs, measures = card.needs, study.layout.measures
    if (card.name, card.version) != (study.method.name, study.method.version):
        yield "method"
    decimals = decimals_of(study, card)
    named = decimals is not None and _named(study, card, norm)
    if not named or (norm is not None and decimals and _beyond(study, card, norm, decimals)):
        yield "parameters"
    ids, moments = tuple(m.id for m in measures), tuple(moment.id for moment in needs.moments)
    if ids not in (needs.measures, (*needs.measures, *moments)) or any(m.bound > needs.part for m in measures):
        yield "layout"
    if decimals is not None and not _scaled(study, card, decimals):
        yield "layout"
    if study.layout.cells > card.bounds.cells:
        yield "layout"
    if study.noise is None if needs.noise else study.noise is not None and needs.data == "rasters":
        yield "noise"
    touched = card.bounds.touched or study.layout.cells
    if study.noise and study.noise.cells < touched:
        yield "noise.cells"
    if norm is not None and needs.data == "persons" and norm.protection.cells < touched:
        yield "norm"  # of what one person adds, some would be left out by chance


def insist(study: Study, card: Card, norm: Norm) -> None:
    """FormatError unless the study's cells and parameters are such as can be counted by its method.

    For whoever counts before anybody consented: what is wrong with its noise, its dates or its periods is told beside
    the table, and the office's answer is a refusal.
    """
    found = {*unsound(study, norm), *misfits(study, card, norm)}
    if wrong := sorted(found & {"norm", "method", "layout", "parameters"}):
        raise FormatError(
            "the study contradicts its norm or its method, so that nothing is counted",
            where=f"study {study.id}/{study.version}",
            found=f"study.not-sound: {', '.join(wrong)}",
            wanted=f"what the card of {card.name}/{card.version} names, of the norm {norm.name}",
            way_out="correct the draft, and comity study pack",
        )


def wanted(study: Study, card: Card) -> str:
    """What a method's card asks of a study's measures and parameters, in words: for who drafts one."""
    needs, decimals = card.needs, decimals_of(study, card)
    digits = {one.id: sum(decimals[factor] for factor in one.factors) for one in needs.terms} if decimals else {}
    measures = [f"{id} of {digits[id]} decimals" if id in digits else id for id in needs.measures]
    words = [f"measures {', '.join(measures)}"]
    if needs.moments:
        words.append(f"all or none of {', '.join(moment.id for moment in needs.moments)}")
    known = (*needs.parameters, *needs.numbers, *(f"{factor}_decimals" for factor in _factors(card)))
    words += [f"no parameters but {', '.join(known)}"] if known else ["no parameters"]
    if needs.numbers:
        words.append(f"{', '.join(needs.numbers)}: variables with `least` and `most`")
    return "; ".join(words)


def _factors(card: Card) -> tuple[str, ...]:
    """What can have decimals of its own: the method's numbers, and the weight if a term has it."""
    needs = card.needs
    return (*needs.numbers, *(["weight"] if any(WEIGHT in term.factors for term in needs.terms) else []))


def decimals_of(study: Study, card: Card) -> dict[str, int] | None:
    """Decimals of each of a method's factors; None for a parameter that it does not know, or that is no digit."""
    needs, factors = card.needs, _factors(card)
    if not set(study.parameters) <= {*needs.parameters, *needs.numbers, *(f"{factor}_decimals" for factor in factors)}:
        return None
    texts = {factor: study.parameters.get(f"{factor}_decimals", "0") for factor in factors}
    if not all(len(text) == 1 and text in "0123456789" for text in texts.values()):
        return None
    return {WEIGHT if factor == "weight" else factor: int(text) for factor, text in texts.items()}


def _named(study: Study, card: Card, norm: Norm | None) -> bool:
    """Whether each number that a method needs is a variable between bounds."""
    needs = card.needs
    missing = set(needs.numbers) - set(needs.optional) - set(study.parameters)
    bounded = {v.id for v in norm.variables if v.least is not None and v.most is not None} if norm else None
    named = {study.parameters[name] for name in needs.numbers if name in study.parameters}
    return not missing and (bounded is None or named <= bounded)


def wanted_sizes(study: Study, card: Card, norm: Norm) -> str:
    """Which sums 64 bits do not hold, and what is asked of them; empty where that is not what is wrong."""
    decimals = decimals_of(study, card)
    if not decimals or not _named(study, card, norm) or not (large := _beyond(study, card, norm, decimals)):
        return ""
    return (
        f"{', '.join(large)} of one person within 64 bits, at the ends of the norm's bounds and by a weight of 1: "
        "fewer decimals, or a larger unit of the variable in the norm"
    )


def wanted_noise(card: Card) -> str:
    """What a method's card asks of the noise of a joint sum, in words: for who drafts a study."""
    if card.needs.noise:
        return "noise: sigma2, cells, delta, epsilon; no sum by this method goes without"
    return "no noise: what is counted is no persons"


def _beyond(study: Study, card: Card, norm: Norm, decimals: Mapping[str, int]) -> tuple[str, ...]:
    """Numbers, terms, and moments that the study asks for, of which int64 does not hold what one row adds, at the ends
    of the norm's bounds and by a weight of 1.

    A weight is known at home alone: sums and moments that it takes beyond 64 bits are refused there, uncharged
    (`adapters.tables.bounded`, `stages.variance`).
    """
    sizes: dict[str, int] = {WEIGHT: int(10 ** decimals.get(WEIGHT, 0))}
    for name in (one for one in card.needs.numbers if one in study.parameters):
        variable = norm.variable(study.parameters[name])
        ends = (Decimal(end or "0").scaleb(decimals[name]) for end in (variable.least, variable.most))
        sizes[name] = max(abs(int(end.to_integral_value(ROUND_FLOOR))) for end in ends)
    terms = {term.id: prod(sizes.get(factor, 1) for factor in term.factors) for term in card.needs.terms}
    digits = {measure.id: measure.decimals for measure in study.layout.measures}
    moments = {
        moment.id: Fraction(terms[a] * terms[b] * 10 ** digits[moment.id], 10 ** (digits[a] + digits[b]))
        for moment in card.needs.moments
        for a, b in [moment.of]
        if {moment.id, a, b} <= digits.keys()
    }
    together: dict[str, int | Fraction] = {**sizes, **terms, **moments}
    return tuple(id for id, size in together.items() if size > _LARGEST)


def _scaled(study: Study, card: Card, decimals: Mapping[str, int]) -> bool:
    """Whether the measure of each term has the decimals of its factors together."""
    given = {measure.id: measure.decimals for measure in study.layout.measures}
    return all(given.get(term.id) == sum(decimals[one] for one in term.factors) for term in card.needs.terms)
