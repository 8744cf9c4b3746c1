"""Totals that a file has under another name than `_T`, and nobody said so.

Taken for one more code, a total would be added to its own cells, and who subtracts cells from it would be no attacker
at all. Decides nothing for a dimension that a structure names: there it is said which code is the whole.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from comity.errors import FormatError
from comity.model.cell_file import CellFile
from comity.model.structure import TOTAL
from comity.stages.protect.cells import Cells


def refuse_unsaid(file: Cells, form: CellFile, dimensions: Sequence[str], values: NDArray[np.int64]) -> None:
    """FormatError for a code that is the sum of all other codes in every line. values: of each line."""
    said = {one.id for one in form.dimension}
    for id in dimensions:
        if id not in said and (code := _whole(file, id, dimensions, values)):
            raise FormatError(
                "a code that is the sum of all others, so probably their total",
                where=f"{file.name}: {id}",
                found=code,
                wanted=TOTAL,
                way_out=f'say what it is in a structure file: [[dimension]] id = "{id}" total = "{code}"; or only id, '
                "if it is a code like the others",
            )


def _whole(file: Cells, id: str, dimensions: Sequence[str], values: NDArray[np.int64]) -> str:
    """The code, "" if there is none; of fewer than three codes none can be told from its like."""
    own = np.array(file.columns[id], object)
    part = own != TOTAL
    codes = [code for code in dict.fromkeys(file.columns[id]) if code != TOTAL]
    if len(codes) < 3:
        return ""
    others: dict[tuple[str, ...], int] = {}
    columns = [file.columns[other] for other in dimensions if other != id]
    beside = np.array([others.setdefault(key, len(others)) for key in zip(*columns, strict=True)] or [0] * file.lines)
    sums = np.zeros(beside.max() + 1, np.int64)
    np.add.at(sums, beside[part], values[part])
    half = 2 * values == sums[beside]
    wrong = set(own[~half].tolist())
    several = np.bincount(beside, part & (values > 0))[beside] > 2  # itself and two more: else any code equals another
    some = set(own[half & several].tolist())
    return next((code for code in codes if code in some and code not in wrong), "")
