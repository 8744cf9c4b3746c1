"""The half of `regression/1` that runs on sums: coefficients, their errors, R2, and the spread of residuals.

With A = X'WX, c = X'Wy and q = y'Wy out of the cells, W their weights' sum, n persons, k = p + 1 coefficients:

    coefficient  b = A^-1 c, under the key of the product of 1 with its covariate; the intercept's is "1-1"
                 sampling s^2 (A^-1)_jj, s^2 = (q - b'c) / (n - k), as of weighted least squares
                 noise: sum over cells of the square of what one unit of noise in the cell moves b_j by
    r2           1 - (q - b'c) / (q - Y^2/W), key "_T"
    residual_sd  root of (q - b'c) / (n - k) n / W: of one person of mean weight, key "_T"

Exact fractions; nothing is rounded before it is spelt. Where A has no inverse, or a covariate's variance inflation
factor is above LARGEST, no coefficient exists: status M. Sources and assumptions stand on the card.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final

from comity.errors import FormatError
from comity.methods.regression.measures import COEFFICIENT, COUNT, COVARIATES, OUTCOME, R2, RESIDUAL, TERMS
from comity.methods.regression.measures import codes as listed
from comity.methods.regression.measures import covariates as counted
from comity.methods.regression.measures import names as factors
from comity.methods.regression.solve import inflation, inverse
from comity.model.decimals import root
from comity.model.release import Figure
from comity.model.structure import TOTAL, Layout
from comity.model.sums import NORMAL, Sums, figure, insist, read

METHOD: Final = "regression/1"
NUMBERS: Final = (OUTCOME, *COVARIATES)
PARAMETERS: Final = (*NUMBERS, *(f"{name}_decimals" for name in NUMBERS), "weight_decimals")
LARGEST: Final = 10**6  # variance inflation factor


def finish(
    layout: Layout,
    sums: Sequence[int],
    noise_variance: Decimal,
    parameters: Mapping[str, str],
    statuses: Sequence[str] | None = None,
) -> tuple[Figure, ...]:
    """All figures: n, a coefficient for the intercept and each covariate, R2, residual_sd. Where any cell is not
    normal, its status stands for all of them.

    Raises:
        FormatError: layout, sums, statuses or parameters do not fit, or noise is negative or no number.
    """
    insist(METHOD, parameters, wanted=(OUTCOME, COVARIATES[0]), known=PARAMETERS)
    p = counted(parameters)
    if len(layout.dimensions) != 1 or layout.dimensions[0].codes != listed(p):
        raise FormatError(
            "not the products of this regression",
            where="layout",
            found=", ".join(code for axis in layout.dimensions for code in axis.codes[:6]),
            wanted=f"one dimension with the codes {', '.join(listed(p)[:6])}, ...",
            way_out="write the norm's list by methods.regression.measures.codes",
        )
    given = read(METHOD, layout, sums, noise_variance, statuses, terms=[term.id for term in TERMS])
    hidden = next((status for status in given.statuses if status != NORMAL), NORMAL)
    return tuple(_blank(p, hidden) if hidden != NORMAL else _figures(given, p))


def _figures(given: Sums, p: int) -> Iterator[Figure]:
    cells = listed(p)
    names = factors(p)
    by = {code: given.at("wz", at) for at, code in enumerate(cells)}
    size = p + 1

    def of(a: int, b: int) -> Fraction:
        return by[f"{names[min(a, b)]}-{names[max(a, b)]}"]

    a = tuple(tuple(of(i, j) for j in range(size)) for i in range(size))
    c, q, n = [of(i, size) for i in range(size)], of(size, size), given.at("n", 0)
    yield figure((cells[0],), COUNT, n, noise=given.noise("n"))
    solved = inverse(a)
    about_mean = q - c[0] ** 2 / a[0][0] if a[0][0] else Fraction(0)
    if solved is None or inflation(a, solved) > LARGEST or a[0][0] <= 0:
        yield from _none(p, NORMAL)
        return
    b = [sum((row[j] * c[j] for j in range(size)), Fraction(0)) for row in solved]
    residual = q - sum((b[j] * c[j] for j in range(size)), Fraction(0))
    free = n - size
    s2 = max(Fraction(0), residual) / free if free > 0 else None
    for j, code in enumerate(cells[:size]):
        sampling = None if s2 is None else s2 * solved[j][j]
        yield figure((code,), COEFFICIENT, b[j], sampling=sampling, noise=_moved(solved[j], b, given.noise("wz")))
    yield figure((TOTAL,), R2, 1 - residual / about_mean if about_mean > 0 else None)
    yield figure((TOTAL,), RESIDUAL, None if s2 is None else root(s2 * n / a[0][0]))


def _moved(row: Sequence[Fraction], b: Sequence[Fraction], noise: Fraction) -> Fraction:
    """Variance of a coefficient by noise in every cell. row: of A^-1.

    b = A^-1 c, so one unit in c_i moves it by row_i, one in A_ij by -(row_i b_j + row_j b_i), one in A_ii by half that.
    """
    if not noise:
        return Fraction(0)
    size = len(b)
    moves = [row[i] for i in range(size)]
    moves += [row[i] * b[j] + row[j] * b[i] for i in range(size) for j in range(i)]
    moves += [row[i] * b[i] for i in range(size)]
    return noise * sum((move**2 for move in moves), Fraction(0))


def _blank(p: int, status: str) -> Iterator[Figure]:
    yield figure((listed(p)[0],), COUNT, None, status=status)
    yield from _none(p, status)


def _none(p: int, status: str) -> Iterator[Figure]:
    for code in listed(p)[: p + 1]:
        yield figure((code,), COEFFICIENT, None, status=status)
    for digits in (R2, RESIDUAL):
        yield figure((TOTAL,), digits, None, status=status)
