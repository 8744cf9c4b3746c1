"""One linear programme that stays warm between solves: the only place where a solver is called. HiGHS, by highspy.

Decides nothing of disclosure. Every programme of a process runs with one thread: HiGHS has one scheduler a process, and
another number of threads makes runs fail that then look infeasible. A run that ends otherwise than solved or infeasible
is an error, never an answer.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array

from comity.errors import ComityError

INFINITE: Final = float("inf")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Solution:
    """An optimum: objective value, and one value and one reduced cost for each column, one dual for each row."""

    objective: float
    columns: NDArray[np.float64]
    reduced: NDArray[np.float64]
    duals: NDArray[np.float64]


class Unfinished(ComityError):
    """A limit, such as "mip_max_nodes" or the caller's, ended a search.

    best: what it had found by then. bound: no solution has a lower objective.
    """

    best: Solution | None = None
    bound: float = -INFINITE


class Programme:
    """Minimise cost x columns, with rows between row_lower and row_upper and columns between lower and upper.

    integer: columns that take whole numbers; such a programme has neither duals nor reduced costs.
    """

    def __init__(
        self,
        matrix: csc_array,
        *,
        row_lower: NDArray[np.float64],
        row_upper: NDArray[np.float64],
        lower: NDArray[np.float64],
        upper: NDArray[np.float64],
        cost: NDArray[np.float64],
        integer: NDArray[np.bool_] | None = None,
    ) -> None:
        import highspy  # a third of a second to import, and only a table with sensitive cells needs it

        model = highspy.HighsLp()
        model.num_row_, model.num_col_ = matrix.shape
        model.col_cost_, model.col_lower_, model.col_upper_ = cost, lower, upper
        model.row_lower_, model.row_upper_ = row_lower, row_upper
        model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        model.a_matrix_.start_, model.a_matrix_.index_ = matrix.indptr, matrix.indices
        model.a_matrix_.value_ = matrix.data.astype(np.float64)
        if integer is not None:
            kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
            model.integrality_ = [kinds[int(one)] for one in integer]
        self._status = highspy.HighsModelStatus
        self._solver: Any = highspy.Highs()  # type: ignore[no-untyped-call]
        for name, value in (("output_flag", False), ("log_to_console", False), ("threads", 1)):
            self._solver.setOptionValue(name, value)
        self._solver.passModel(model)

    def option(self, name: str, value: bool | int | float | str) -> None:
        """An option of HiGHS, such as "presolve" or "simplex_strategy"."""
        self._solver.setOptionValue(name, value)

    def bound(self, column: int, lower: float, upper: float) -> None:
        """Between what a column lies from now on."""
        self._solver.changeColBounds(column, lower, upper)

    def bounds(self, columns: NDArray[np.int32], lower: NDArray[np.float64], upper: NDArray[np.float64]) -> None:
        """Between what several columns lie from now on."""
        self._solver.changeColsBounds(len(columns), columns, lower, upper)

    def charge(self, columns: NDArray[np.int32], cost: NDArray[np.float64]) -> None:
        """What columns cost from now on."""
        self._solver.changeColsCost(len(columns), columns, cost)

    def until(self, enough: Callable[[], bool]) -> None:
        """End a search for whole numbers, as Unfinished, as soon as the caller has enough."""
        self._solver.cbMipInterrupt.subscribe(lambda event: event.interrupt(enough()))

    def solve(self) -> Solution | None:
        """The optimum; None if there is no feasible point.

        Raises:
            Unfinished: a limit that was set came first.
            ComityError: the solver ended otherwise, an unbounded programme included.
        """
        self._solver.run()
        status = self._solver.getModelStatus()
        if status == self._status.kInfeasible:
            return None
        if status in (self._status.kSolutionLimit, self._status.kInterrupt):
            unfinished = Unfinished("a search for whole numbers was ended", where="HiGHS", found=str(status))
            unfinished.bound = self._solver.getInfo().mip_dual_bound
            if self._solver.getInfo().primal_solution_status == 2:  # feasible
                unfinished.best = self._solution()
            raise unfinished
        if status != self._status.kOptimal:
            raise ComityError("a linear programme was not solved", where="HiGHS", found=str(status))
        return self._solution()

    def _solution(self) -> Solution:
        found = self._solver.getSolution()
        return Solution(
            objective=self._solver.getInfo().objective_function_value,
            columns=np.asarray(found.col_value),
            reduced=np.asarray(found.col_dual),
            duals=np.asarray(found.row_dual),
        )
