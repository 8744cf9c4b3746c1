"""A reference sample by strata of a map: what share of each stratum is really what, and how sure that is.

A stratum is one class of a map, with its mapped area; its points were drawn at random within it, or a random sample is
stratified afterwards. Fractions throughout: estimates and variances are exact, and rounded by whoever publishes them.
Standard library alone, so that methods and `geo.accuracy` share one arithmetic. Source: Olofsson et al. (2014), Good
practices for estimating area and assessing accuracy of land change, Remote Sensing of Environment 148, 42-57, eq. 9-11;
Cochran (1977), Sampling Techniques, 3rd ed., 5A.9 (stratification after selection).
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Final

LEAST: Final = 2  # points of a stratum, or its variance has no estimate
UNSAMPLED: Final = Fraction(1, 100)
"""Largest part of a region whose strata may have fewer than `LEAST` points: that much is taken as the map says.

Our own rule, not Olofsson's, whose every stratum is sampled. Without it a class that only touches a zone would cost the
zone its estimates. What the rule may hide is no part of a variance: whoever publishes says so.
"""

Strata = Mapping[int, Mapping[int, int]]  # class on the map -> class in the reference -> points


def strata(areas: Sequence[int], pairs: Iterable[tuple[int, int]]) -> Strata | None:
    """The strata of one region that have points enough; None if the sample does not cover the region.

    areas: mapped area of each class of the region.
    pairs: of each point the class on the map and the class in the reference, as indices into `areas`.
    """
    points: dict[int, Counter[int]] = {}
    for mapped, reference in pairs:
        points.setdefault(mapped, Counter())[reference] += 1
    enough = {mapped: found for mapped, found in sorted(points.items()) if found.total() >= LEAST}
    missed = sum(area for mapped, area in enumerate(areas) if mapped not in enough)
    return enough if enough and missed <= UNSAMPLED * sum(areas) else None


def share(hits: int, points: int) -> tuple[Fraction, Fraction]:
    """Share of a stratum by `hits` of its `points`, and the variance of that share: p (1 - p) / (n - 1).

    >>> share(5, 75)
    (Fraction(1, 15), Fraction(7, 8325))
    """
    part = Fraction(hits, points)
    return part, part * (1 - part) / (points - 1)


def areas_of(found: Strata, areas: Sequence[int]) -> tuple[tuple[Fraction, Fraction], ...]:
    """Estimated area of each reference class of a region and its variance, in the unit of the areas and its square.

    A class whose stratum is not among `found` is taken as the map says, without a variance.
    """
    estimates = [Fraction(0 if at in found else area) for at, area in enumerate(areas)]
    variances = [Fraction(0)] * len(areas)
    for mapped, references in found.items():
        points = sum(references.values())
        for reference, hits in references.items():
            part, variance = share(hits, points)
            estimates[reference] += areas[mapped] * part
            variances[reference] += areas[mapped] ** 2 * variance
    return tuple(zip(estimates, variances, strict=True))
