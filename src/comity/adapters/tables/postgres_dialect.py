"""Ibis for PostgreSQL, mended where it would not say what it says to other engines. Loaded when a source wants it.

A text that is no number is NULL and no error; a list of codes is looked up in one constant; sums of whole numbers are
64 bits or an error; a floating number is spelt as everywhere (docs/binding.md); and the words of
a salt are put together by the server from two halves, of which statements hold one.
"""

from collections.abc import Mapping
from typing import Any, Final

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.operations as ops
import pyarrow as pa
import sqlglot as sg
import sqlglot.expressions as sge
from ibis.backends.postgres import Backend
from ibis.backends.sql.compilers.postgres import PostgresCompiler

from comity.adapters.tables.decimals import LONGEST, PLAIN, POWER

_LOADED: Final = ibis.postgres  # Ibis knows its options for PostgreSQL once this was named

PAD: Final = "comity.pad"  # and a word's place, settings of the session: the half that no statement holds

# `decimals.DECIMAL`, without an exponent and with one: that may lie beyond a double, an error to PostgreSQL, inf or 0
# to others.
_LARGEST, _LEAST = "1.7976931348623157e308", "2.3e-308"


@ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]
def comity_number(text: str) -> int:  # type: ignore[empty-body]
    """The first 60 bits of the SHA-256 of a text's UTF-8; written out by `Compiler`."""


@ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]
def comity_word(half: int, place: int) -> int:  # type: ignore[empty-body]
    """A word of the salt, of which the session's pad holds the other half; written out by `Compiler`."""


class Compiler(PostgresCompiler):  # type: ignore[misc]
    """PostgreSQL's SQL."""

    __slots__ = ()

    def visit_Sum(self, op: ops.Sum, *, arg: Any, where: Any) -> Any:  # noqa: N802
        total = super().visit_Sum(op, arg=arg, where=where)
        return self.cast(total, dt.int64) if op.dtype.is_integer() else total

    def visit_Cast(self, op: ops.Cast, *, arg: Any, to: Any) -> Any:  # noqa: N802
        if op.arg.dtype.is_floating() and to.is_string():
            return self._text(arg)
        return super().visit_Cast(op, arg=arg, to=to)

    def visit_TryCast(self, op: ops.TryCast, *, arg: Any, to: Any) -> Any:  # noqa: N802
        if op.arg.dtype.is_string() and to.is_floating():
            return self._number(arg)
        return self.visit_Cast(op, arg=arg, to=to)

    def visit_Select(self, op: Any, **kw: Any) -> Any:  # noqa: N802
        """What is looked up in lists by their places is one list of rows.

        With a query or a function in it PostgreSQL would read the table that it is joined with by one process, or look
        up again for each of its rows.
        """
        match op.parent:
            case ops.DummyTable(values=values) if isinstance(of := next(iter(values.values())), ops.Unnest):
                places = range(of.arg.start.value, of.arg.stop.value, of.arg.step.value)
                rows = [tuple(self._looked_up(value, i) for value in op.selections.values()) for i in places]
                names = [sg.to_identifier(name, quoted=True) for name in op.selections]
                return sg.select("*").from_(sge.values(rows, alias="listed", columns=names))
        return super().visit_Select(op, **kw)

    def _looked_up(self, value: Any, place: int) -> Any:
        """What an expression is at a place of its lists."""
        if isinstance(value, ops.Cast):
            return self.cast(self._looked_up(value.arg, place), value.to)
        return sge.convert(value.arg.exprs[place].value)

    def visit_MapGet(self, op: ops.MapGet, *, arg: Any, key: Any, default: Any) -> Any:  # noqa: N802
        if not isinstance(op.arg, ops.Literal):
            return super().visit_MapGet(op, arg=arg, key=key, default=default)
        import json

        codes = json.dumps(dict(op.arg.value), ensure_ascii=False)
        found = self.f.anon.jsonb_extract_path_text(self._as(sge.convert(codes), "jsonb"), key)
        return self.f.coalesce(found, default)

    def visit_SearchedCase(self, op: ops.SearchedCase, *, cases: Any, results: Any, default: Any) -> Any:  # noqa: N802
        """A case by one value asks for it once: PostgreSQL would reckon it again for each code."""
        equal = [case for case in op.cases if isinstance(case, ops.Equals) and isinstance(case.right, ops.Literal)]
        if len(equal) != len(op.cases) or len({case.left for case in equal}) != 1:
            return super().visit_SearchedCase(op, cases=cases, results=results, default=default)
        pairs = zip(cases, results, strict=True)
        ifs = [self.if_(case.expression, result) for case, result in pairs]
        return sge.Case(this=cases[0].this, ifs=ifs, default=default)

    def visit_ScalarUDF(self, op: Any, **kw: Any) -> Any:  # noqa: N802
        name = type(op).__name__
        if name.startswith("comity_word"):
            return self._word(*(arg.value for arg in op.args))
        if name.startswith("comity_number"):
            return self._digest(next(iter(kw.values())))
        return super().visit_ScalarUDF(op, **kw)

    def _word(self, half: int, place: int) -> Any:
        """Both halves, in one scalar query: reckoned once and not for each row."""
        pad = self._as(self.f.anon.current_setting(sge.convert(f"{PAD}{place}")), "bigint")
        return sge.Subquery(this=sge.Select(expressions=[sge.BitwiseXor(this=pad, expression=sge.convert(half))]))

    def _digest(self, text: Any) -> Any:
        f = self.f.anon
        digits = f.left(
            f.encode(f.sha256(f.convert_to(text, sge.convert("UTF8"))), sge.convert("hex")), sge.convert(15)
        )
        hex = f.concat(sge.convert("x0"), digits)
        return self._as(self._as(hex, "bit(64)"), "bigint")

    def _number(self, text: Any) -> Any:
        """A double, or NULL: decided on the digits first, since PostgreSQL's casts have no way to fail softly."""
        f, real = self.f, "double precision"
        size = f.abs(self._as(text, "numeric"))
        largest, least = (self._as(sge.convert(word), "numeric") for word in (_LARGEST, _LEAST))
        minus = sge.RegexpLike(this=text, expression=sge.convert("^-"))
        infinite = sge.Case(ifs=[self.if_(minus, sge.convert("-inf"))], default=sge.convert("inf"))
        plain = sge.RegexpLike(this=text, expression=sge.convert(PLAIN))
        power = sge.RegexpLike(this=text, expression=sge.convert(POWER))
        beyond = sge.Case(
            ifs=[
                self.if_(sge.GT(this=size, expression=largest), self._as(infinite, real)),
                self.if_(sge.LT(this=size.copy(), expression=least), self._as(sge.convert("0"), real)),
            ],
            default=self._as(text, real),
        )
        short = sge.LTE(this=f.length(text), expression=sge.convert(LONGEST))
        return sge.Case(
            ifs=[
                self.if_(sge.and_(short, plain), self._as(text, real)),
                self.if_(sge.and_(short.copy(), power), beyond),
            ],
            default=self._as(sge.Null(), real),
        )

    def _text(self, number: Any) -> Any:
        """PostgreSQL writes an exponent from 1e15 on, others from 1e16 on, and infinity in full."""
        own, f = self._as(number, "text"), self.f.anon
        size = self.f.abs(number)
        infinite = sge.EQ(this=size, expression=self._as(sge.convert("inf"), "double precision"))
        sign = sge.Case(ifs=[self.if_(number > sge.convert(0), sge.convert("inf"))], default=sge.convert("-inf"))
        wide = sge.and_(size >= sge.Literal.number("1e15"), size < sge.Literal.number("1e16"))
        plain = self._as(f.trim_scale(self._as(own.copy(), "numeric")), "text")
        return sge.Case(ifs=[self.if_(infinite, sign), self.if_(wide, plain)], default=own)

    @staticmethod
    def _as(value: Any, kind: str) -> Any:
        return sge.Cast(this=value, to=sge.DataType.build(kind, dialect="postgres"))


class Exact(Backend):  # type: ignore[misc]
    """Ibis's backend over a session that is set up already."""

    compiler = Compiler()

    def to_pyarrow_batches(
        self, expr: Any, /, *, params: Any = None, limit: Any = None, chunk_size: int = 1_000_000, **_: Any
    ) -> pa.RecordBatchReader:
        """Not through a cursor of the server, which would keep PostgreSQL from counting with several workers."""
        kinds = expr.as_table().schema()
        with self.con.cursor() as cursor:
            rows = cursor.execute(self.compile(expr, params=params, limit=limit)).fetchall()
        columns = zip(*rows, strict=True) if rows else ((),) * len(kinds)
        arrays = [pa.array(column, type=kind) for column, kind in zip(columns, kinds.to_pyarrow().types, strict=True)]
        return pa.Table.from_arrays(arrays, schema=kinds.to_pyarrow()).to_reader(chunk_size)

    @classmethod
    def reading(cls, connection: Any, query: str, kinds: Mapping[str, str]) -> "ibis.Table":
        """A query over a session as a table; kinds: each column's type, "unknown" for what no method reads."""
        schema = {name: dt.unknown if kind == "unknown" else dt.dtype(kind) for name, kind in kinds.items()}
        return cls.from_connection(connection).sql(query, schema=ibis.schema(schema))
