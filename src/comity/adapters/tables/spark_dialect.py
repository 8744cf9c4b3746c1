"""Ibis for Spark, mended where it would not say what it says to other engines. Loaded when a source is Spark's.

Results come as Arrow without passing through pandas, which makes floats of whole numbers beside a NULL; a floating
number becomes the text that the others write (docs/binding.md): Spark alone writes 1.0E10; and nothing of this process
is handed to Spark as a table, which loses NULLs.
"""

from typing import Any, Final

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.operations as ops
import pyarrow as pa
import sqlglot.expressions as sge
from ibis.backends.pyspark import Backend
from ibis.backends.sql.compilers.pyspark import PySparkCompiler

_LOADED: Final = ibis.pyspark  # Ibis knows its options for Spark once this was named

_LONG: Final = dt.Decimal(38, 21)  # holds each double between 1e-4 and 1e16 that is not whole

# From what Java writes to what Python's `repr` and the other engines do.
_EXPONENT: Final = (("[.]0E", "E"), ("E(?=[0-9])", "e+"), ("E-", "e-"), ("e([+-])([0-9])$", "e$10$2"))


@ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]
def conv(number: str, base: int, to: int) -> str:  # type: ignore[empty-body]
    """Spark's own: a number in another base."""


class Compiler(PySparkCompiler):  # type: ignore[misc]
    """Spark's SQL, with one more cast."""

    __slots__ = ()

    def visit_Cast(self, op: ops.Cast, *, arg: Any, to: Any) -> Any:  # noqa: N802
        if op.arg.dtype.is_floating() and to.is_string():
            return self._text(arg, self._shortest(arg) if op.arg.dtype.is_float64() else self.cast(arg, dt.string))
        return super().visit_Cast(op, arg=arg, to=to)

    def _text(self, number: Any, java: Any) -> Any:
        """Of a floating number as Java writes it, with point and exponent where `repr` of Python has them."""
        f = self.f
        plain = self.cast(self.cast(java, _LONG), dt.string)
        plain = f.regexp_replace(plain, "([.][0-9]+?)0+$", "$1")
        for found, written in _EXPONENT:
            java = f.regexp_replace(java, found, written)
        size, least, most = f.abs(number), *map(sge.Literal.number, ("1e-4", "1e16"))
        infinite = sge.EQ(this=size, expression=self.cast(sge.convert("inf"), dt.float64))
        sign = self.if_(sge.GT(this=number, expression=sge.convert(0)), sge.convert("inf"), sge.convert("-inf"))
        between = sge.and_(sge.GTE(this=size, expression=least), sge.LT(this=size, expression=most))
        return sge.Case(
            ifs=[self.if_(f.isnan(number), sge.convert("nan")), self.if_(infinite, sign), self.if_(between, plain)],
            default=java,
        )

    def _shortest(self, number: Any) -> Any:
        """As Java writes it, without the digit or two more than are needed that Java before 19 may write (JDK-4511638).

        Above 1e17 it may have written another last digit than the others do; that cannot be told from its text.
        """
        f, java = self.f, self.cast(number, dt.string)
        size = f.coalesce(f.abs(number), sge.Literal.number("0e0"))  # Java writes no number, cut to no digit, as ''
        mantissa = f.regexp_replace(f.format_string(sge.convert("%.16e"), size), "0*e.*$", "")
        sign = self.if_(sge.LT(this=number, expression=sge.convert(0)), sge.convert("-"), sge.convert(""))
        found = [self.if_(sge.EQ(this=size, expression=sge.convert(0)), java)]
        for less in (2, 1, 0):
            behind = f.length(mantissa) - (2 + less)  # digits behind the point that are left
            form = f.concat(
                sge.convert("%."), self.cast(f.greatest(behind, sge.convert(0)), dt.string), sge.convert("e")
            )
            fewer = f.format_string(form, size)
            same = sge.EQ(this=self.cast(fewer, dt.float64), expression=size)
            short = f.regexp_replace(f.regexp_replace(fewer, "([.][0-9]*?)0+e", "$1e"), "[.]e", "e")
            fits = sge.and_(sge.GTE(this=behind, expression=sge.convert(0)), same)
            found.append(self.if_(fits, f.concat(sign, short)))
        return sge.Case(ifs=found, default=java)


class Exact(Backend):  # type: ignore[misc]
    """Ibis's backend, but for what comes back."""

    compiler = Compiler()

    def to_pyarrow(
        self, expr: Any, /, *, params: Any = None, limit: Any = None, **kwargs: Any
    ) -> "pa.Table | pa.Array | pa.Scalar":
        table = expr.as_table()
        found = self._session.sql(self.compile(table, params=params, limit=limit)).toArrow()
        return expr.__pyarrow_result__(found.cast(table.schema().to_pyarrow()))
