"""Files of SPSS (.sav, .zsav), Stata (.dta) and SAS (.sas7bdat): values as they are, with their labels kept apart.

Read by ReadStat through pyreadstat, piece by piece and only the columns asked for. A value that the file declares
missing is read as the code that it is: whether it means no answer is for the binding to say. SPSS has such codes among
the numbers; the marks of Stata and SAS (.a to .z) are read as the texts ".a" to ".z". The system's own missing value is
no answer. Labels of SAS stand in a catalog beside the file and are not read.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from comity.adapters.microdata import limits
from comity.adapters.microdata.growing import Growing, spelt
from comity.errors import SourceError

if TYPE_CHECKING:
    import pyarrow as pa

FORMS: Final = {"sav": "SPSS", "dta": "Stata", "sas7bdat": "SAS"}
CHUNK: Final = 2**20  # cells
AS_IT_IS: Final = {"output_format": "dict", "user_missing": True}  # values as they stand, as lists of Python
_ENCRYPTED: Final = b"ENCRYPTEDSAV"  # at byte 8 of an encrypted file of SPSS


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """What a file says of one column beside its values.

    values: value, spelt as it is read -> its label.
    missing: ranges of values that the file declares missing; a range of one text for each that is a text.
    marks: the column may hold marks for no answer.
    """

    name: str
    text: str = ""
    values: dict[str, str] = field(default_factory=dict)
    missing: tuple[tuple[float | str, float | str], ...] = ()
    marks: bool = False

    def misses(self, value: str) -> bool:
        """Whether the file declares a value missing; marks always are."""
        return any(_within(value, low, high) for low, high in self.missing) or (self.marks and value.startswith("."))


def described(path: Path, form: str, *, where: str) -> tuple[Labels, ...]:
    """The columns with their labels, in the order of the file; no value is read.

    Raises:
        SourceError: the file is broken, encrypted, in another encoding than it says, or its columns cannot be told
            apart.
    """
    meta = _meta(path, form, where=where)
    return tuple(
        Labels(
            name=name,
            text=meta.column_names_to_labels.get(name) or "",
            values={
                ("." if marks and isinstance(value, str) else "") + _key(value): str(label)
                for value, label in (meta.variable_value_labels.get(name) or {}).items()
            },
            missing=tuple((one["lo"], one["hi"]) for one in meta.missing_ranges.get(name, ())),
            marks=marks,
        )
        for name in meta.column_names
        for marks in (_has_marks(meta, name, form),)
    )


def read(path: Path, form: str, names: Sequence[str], *, where: str) -> "pa.Table":
    """Some columns, by name.

    Raises:
        SourceError: also for what no date can be, and for more than is held in memory.
    """
    import pyarrow as pa

    meta = _meta(path, form, where=where)
    types = meta.readstat_variable_types
    columns = {
        name: Growing(name=name, where=where, marks=_has_marks(meta, name, form), single=types[name] == "float")
        for name in names
    }
    rows, first = max(CHUNK // max(len(names), 1), 1), 0
    with limits.reading(FORMS[form], where=where):
        while True:
            found, _ = _reader(form)(path, usecols=list(names), row_offset=first, row_limit=rows, **AS_IT_IS)
            lengths = {len(values) for values in found.values()}
            if not found or lengths == {0}:
                break
            for name, values in found.items():
                columns[name].add(values, row=first + 1)
            limits.held(sum(column.size for column in columns.values()), where=where)
            (read,) = lengths
            first += read
            if read < rows:
                break
        return pa.table({name: column.closed() for name, column in columns.items()})


def _meta(path: Path, form: str, *, where: str) -> Any:
    """What the file says of itself."""
    with path.open("rb") as file:
        if _ENCRYPTED in file.read(36):
            raise SourceError(
                "an encrypted file of SPSS", where=where, wanted="no password", way_out="save it without a password"
            )
    with limits.reading(FORMS[form], where=where):
        _, meta = _reader(form)(path, metadataonly=True, **AS_IT_IS)
    limits.headed([name or "" for name in meta.column_names], where=where)
    return meta


def _reader(form: str) -> Any:
    import pyreadstat

    return {"sav": pyreadstat.read_sav, "dta": pyreadstat.read_dta, "sas7bdat": pyreadstat.read_sas7bdat}[form]


def _has_marks(meta: Any, name: str, form: str) -> bool:
    """Whether a text among the column's values is a mark for no answer."""
    return form != "sav" and meta.readstat_variable_types[name] != "string"


def _key(value: Any) -> str:
    """A labelled value, as the column spells it."""
    if isinstance(value, str):
        return value
    return spelt(value)


def _within(value: str, low: float | str, high: float | str) -> bool:
    if isinstance(low, str) or isinstance(high, str):
        return value == low
    try:
        return low <= float(value) <= high
    except ValueError:
        return False
