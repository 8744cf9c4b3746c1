"""Views of a catalog: which are read, and the tables behind them.

A view is the office's own; but its text runs here, with this node's rights, and must say the same at each look. So it
is read if all of it is on these lists, looked at before Spark resolves any of it: selecting, joining, grouping and
uniting rows of tables that are read, and functions that are of their arguments alone. Not on them, among others: a
program that rows are piped through, `reflect`, functions out of jars, files in place of tables, random numbers, clocks,
limits, samples, ranks among equals. A view also brings settings along that its text is read by: those that another
reading of it, or a catalog of its own, could come from are refused.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from comity.errors import SourceError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

CATALOG: Final = "spark_catalog"  # Spark's own name for the one catalog


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_NODES: Final = _words(
    "Project Filter Join Union Distinct SubqueryAlias UnresolvedRelation Aggregate UnresolvedHaving Sort Intersect "
    "Except"
)
_EXPRESSIONS: Final = _words(
    "Alias UnresolvedAlias UnresolvedAttribute UnresolvedStar UnresolvedFunction Literal Cast CaseWhen And Or Not In "
    "InSet EqualTo EqualNullSafe GreaterThan GreaterThanOrEqual LessThan LessThanOrEqual IsNull IsNotNull Like RLike "
    "LikeAll LikeAny NotLikeAll NotLikeAny Add Subtract Multiply Divide Remainder IntegralDivide UnaryMinus "
    "UnaryPositive Concat SortOrder"
)
_FUNCTIONS: Final = _words(
    "abs between bround cast ceil ceiling char_length coalesce concat concat_ws count date_add date_sub datediff day "
    "dayofmonth extract floor greatest if ifnull int isnotnull isnull least left length lower lpad ltrim make_date max "
    "min mod month months_between nullif nvl nvl2 pmod quarter regexp_extract regexp_replace replace right round rpad "
    "rtrim sign string substr substring sum to_date translate trim trunc upper when year bigint date"
)
_CLOCKS: Final = _words(
    "current_catalog current_database current_date current_schema current_time current_timestamp current_timezone "
    "current_user grouping__id localtimestamp now session_user user"
)
_SETTINGS: Final = _words(  # with which a view was made, and is read
    "spark.sql.ansi.enabled spark.sql.artifact.isolation.enabled spark.sql.caseSensitive spark.sql.charAsVarchar "
    "spark.sql.crossJoin.enabled spark.sql.legacy.timeParserPolicy spark.sql.mapKeyDedupPolicy "
    "spark.sql.readSideCharPadding spark.sql.session.timeZone spark.sql.sources.partitionColumnTypeInference.enabled "
    "spark.sql.sources.partitionOverwriteMode spark.sql.storeAssignmentPolicy spark.sql.variable.substitute"
)
_VARIABLE: Final = "${"  # to Spark what follows is no text, but a setting, or a word of the environment


def behind(spark: "SparkSession", view: Any, *, where: str) -> Iterator[tuple[str, str]]:
    """Database and name of each table or view that the text of a view names.

    Args:
        view: Spark's CatalogTable.

    Raises:
        SourceError: something of it is not on the lists.
    """
    text = view.viewText()
    if text.isEmpty():
        raise _unread("a view without a text", where)
    for name in sorted(str(entry._1()) for entry in _each(view.viewSQLConfigs().toSeq())):
        if name not in _SETTINGS:
            raise _unread(f"setting {name}", where)
    if _VARIABLE in text.get():
        raise _unread(_VARIABLE, where)
    catalog, *spaces = [*_each(view.viewCatalogAndNamespace())] or [CATALOG]
    if catalog != CATALOG or len(spaces) > 1:
        raise _unread("a table of another catalog", where)
    home = [view.identifier().database().get(), *spaces][-1]
    for node in nodes(spark._jsparkSession.sessionState().sqlParser().parsePlan(text.get())):
        if (kind := _kind(node)) not in _NODES:
            raise _unread(kind, where)
        for expression in _each(node.expressions()):
            _insist(expression, text.get(), where)
        if kind == "UnresolvedRelation":
            if not node.options().isEmpty():
                raise _unread("WITH, and options of a table", where)
            yield _named(list(_each(node.multipartIdentifier())), home, where)


def insist(rows: "DataFrame", *, where: str) -> None:
    """Refuse a view that asks for the day as a text ('today', in whatever way it is put together) made a date."""
    for node in nodes(rows._jdf.queryExecution().analyzed()):
        for expression in _each(node.expressions()):
            for one in nodes(expression):
                if _kind(one) == "Cast" and _is_time(one) and one.child().foldable() and _is_text(one.child()):
                    raise _unread("a text that is made a date", where)


def _is_time(expression: Any) -> bool:
    return str(expression.dataType().typeName()).startswith(("date", "timestamp"))


def _is_text(expression: Any) -> bool:
    return str(expression.dataType().typeName()).startswith(("string", "char", "varchar"))


def _named(parts: list[str], home: str, where: str) -> tuple[str, str]:
    if parts[0].lower() == CATALOG and len(parts) == 3:
        parts = parts[1:]
    if len(parts) > 2:
        raise _unread("a table of another catalog", where)
    return (parts[0], parts[1]) if len(parts) == 2 else (home, parts[0])


def _insist(expression: Any, text: str, where: str) -> None:
    for one in nodes(expression):
        if (kind := _kind(one)) not in _EXPRESSIONS:
            raise _unread(kind, where)
        if kind == "UnresolvedFunction" and (name := str(one.nameParts().mkString(".")).lower()) not in _FUNCTIONS:
            raise _unread(f"{name}()", where)
        if kind == "UnresolvedAttribute" and (name := str(one.nameParts().mkString(".")).lower()) in _CLOCKS:
            raise _unread(name, where)
        if kind == "Literal" and _is_time(one) and str(one.toString())[:10] not in text:
            raise _unread("a date that is not written out", where)  # DATE 'today' is one by now


def _unread(found: str, where: str) -> SourceError:
    return SourceError(
        "the view holds what is not read",
        where=where,
        found=found,
        wanted="rows of tables selected, joined, grouped and united (docs/sources.md)",
        way_out="write its rows to a table: CREATE TABLE ... USING parquet AS SELECT * FROM the view",
    )


def _kind(node: Any) -> str:
    return str(node.getClass().getSimpleName())


def _each(items: Any) -> Iterator[Any]:
    """Of a sequence of Scala's."""
    for at in range(items.size()):
        yield items.apply(at)


def nodes(node: Any) -> Iterator[Any]:
    """A tree of Spark's, from its root."""
    waiting = [node]
    while waiting:
        yield (one := waiting.pop())
        waiting.extend(_each(one.children()))
