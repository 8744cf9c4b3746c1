"""Inverse of a symmetric matrix in fractions, and how near its covariates are to determining each other."""

from collections.abc import Sequence
from fractions import Fraction

Matrix = Sequence[Sequence[Fraction]]


def inverse(matrix: Matrix) -> tuple[tuple[Fraction, ...], ...] | None:
    """The inverse by Gauss and Jordan's elimination, exact; None for a singular matrix.

    >>> inverse([[Fraction(2), Fraction(0)], [Fraction(0), Fraction(4)]])
    ((Fraction(1, 2), Fraction(0, 1)), (Fraction(0, 1), Fraction(1, 4)))
    """
    size = len(matrix)
    rows = [[*row, *(Fraction(int(i == j)) for j in range(size))] for i, row in enumerate(matrix)]
    for at in range(size):
        pivot = next((i for i in range(at, size) if rows[i][at]), None)
        if pivot is None:
            return None
        rows[at], rows[pivot] = rows[pivot], rows[at]
        head = rows[at][at]
        rows[at] = [value / head for value in rows[at]]
        for i, row in enumerate(rows):
            if i != at and row[at]:
                times = row[at]
                rows[i] = [value - times * lead for value, lead in zip(row, rows[at], strict=True)]
    return tuple(tuple(row[size:]) for row in rows)


def inflation(matrix: Matrix, inverse: Matrix) -> Fraction:
    """The largest variance inflation factor of the covariates beside an intercept, whose row is the first.

    Of covariate j: its sum of squares about the mean, times the inverse's entry (Marquardt 1970, Technometrics 12,
    591).
    """
    whole = matrix[0][0]
    about_mean = (matrix[j][j] - matrix[0][j] ** 2 / whole for j in range(1, len(matrix)) if whole)
    return max((of * inverse[j][j] for j, of in enumerate(about_mean, 1)), default=Fraction(0))
