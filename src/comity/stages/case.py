"""One question to a node as its policy sees it: the study and its norm, the policy, the log, and what is known at home.

Nouns alone; what follows from them is `permission` (the rules of policy) and `consent` (the decision). Nothing in them
comes from a row of data, so that no refusal can tell what a country's table holds.
"""

from dataclasses import dataclass
from decimal import Decimal

from comity.assembly.state import State
from comity.methods.card import Card
from comity.model.norm import Norm
from comity.model.policy import Policy
from comity.model.study import Study


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What this node knows of itself when it is asked.

    card: of the method that the study names, if `methods.registry.held` gave one.
    bound: whether a source is bound to the study's norm.
    epsilon: of one release at the study's plan, as this node computed it (`stages.protect.noise.loss`); None where
        the study has no noise.
    affordable: whether that release fits into the budget (`stages.protect.budget.fits`).
    approved: the officers who approved it, by name; one without a name is "".
    declined: whether an officer declined it.
    producer: whether this node is a producer's: open data, no vote, no seal.
    finishes: whether the method's finish takes the study's layout and parameters (`misfits.unfinished`).
    products: parameters of a raster study that the layers at home contradict (`stages.layers.products`).
    earlier: versions of the norm that came before it, as far as their texts are at hand (`stages.lineage`).
    source: id of the source that would answer; None where it is not known.
    reserved: whether the binding keeps to the norm, or a reservation of this office says that it does not.
    """

    card: Card | None
    bound: bool
    epsilon: Decimal | None
    affordable: bool
    approved: tuple[str, ...] = ()
    declined: bool = False
    producer: bool = False
    finishes: bool = True
    products: tuple[str, ...] = ()
    earlier: tuple[Norm, ...] = ()
    source: str | None = None
    reserved: bool = True

    @property
    def rasters(self) -> bool:
        """Whether the study asks for areas, so that there are no persons to protect."""
        return self.card is not None and self.card.needs.data == "rasters"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """The question, and everything that the answer may rest on.

    norm: the study's norm, if its text is at hand.
    now: POSIX seconds by this node's clock.
    """

    study: Study
    norm: Norm | None
    policy: Policy
    state: State
    period: str
    facts: Facts
    now: int
