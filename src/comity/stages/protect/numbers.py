"""Which number a measure of a study is, and how many persons hide each other in all the sums that a study asks of them.

One number may be asked by several studies and methods: a sum of the same variables in the same decimals is the same
sum, by whatever name, and its tables are protected together. What a method counts in its own way is that method's.

Sums of powers tell more than a sum. Of two unknown incomes their sum and the sum of their squares give both; a lone
respondent of three takes his own out first. In general as many equations as unknowns: `least` asks for one person more
than lone respondents, who pool what they know, and the equations could bring to light. Weights, and how persons were
drawn, are taken to be known. That figures are whole numbers, and so have fewer solutions, is not reckoned.
"""

from typing import Final

from comity import canon
from comity.methods.card import WEIGHT, Card
from comity.model.study import Study
from comity.stages import misfits
from comity.stages.protect.sdc import Measured

COUNTED: Final = 1  # a threshold that asks nothing


def measures(study: Study, card: Card) -> dict[str, Measured]:
    """The measures that are sums over persons, by their ids in the layout; the others are moments."""
    moments = {moment.id for moment in card.needs.moments}
    sums = [measure.id for measure in study.layout.measures if measure.id not in moments]
    factors, decimals = {term.id: term.factors for term in card.needs.terms}, misfits.decimals_of(study, card) or {}

    def what(id: str) -> str:
        named = sorted(f"{study.parameters.get(one, one)}:{decimals.get(one, 0)}" for one in factors.get(id, ()))
        if named:
            return f"sum {canon.encode(named).decode()}"
        return f"{card.name}/{card.version} {canon.encode(study.parameters).decode()} {id}"

    return {
        id: Measured(what=what(id), counts=not factors.get(id) if factors else True, part=at)
        for at, id in enumerate(sums)
    }


def least(study: Study, card: Card, *, threshold: int, coalition: int) -> int:
    """A threshold at which no cell's sums give its persons away to so many lone respondents; not below the one asked.

    A threshold that asks nothing is an office's own word, and stays.
    """
    asked = {measure.id for measure in study.layout.measures}
    numbers = {term.id: set(term.factors) - {WEIGHT} for term in card.needs.terms}
    sums = [id for id, of in numbers.items() if of and id in asked]
    sums += [one.id for one in card.needs.moments if one.id in asked and any(numbers[term] for term in one.of)]
    unknown = {name for id in asked for name in numbers.get(id, ())}
    if threshold <= COUNTED or not unknown:
        return threshold
    return max(threshold, len(sums) // len(unknown) + coalition + 1)
