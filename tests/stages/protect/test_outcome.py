"""What is handed out and what stays at home, of files in all their forms."""

import numpy as np

from comity.model.cell_file import CellDimension, CellFile
from comity.model.protection import Rules
from comity.stages.protect import outcome, placing, tables
from comity.stages.protect.cells import Cells
from comity.stages.protect.outcome import Outcome
from comity.stages.protect.problem import Intervals, Pattern


def file(*lines: str) -> Cells:
    header, *rows = [line.split(",") for line in lines]
    return Cells(name="a.csv", columns={column: [row[at] for row in rows] for at, column in enumerate(header)})


def hiding(given: Cells, form: CellFile, rules: Rules, *names: str) -> Outcome:
    """The outcome if the sensitive cells are hidden and these besides, whatever an attacker makes of it."""
    placed = placing.placed([given], form)
    linked = tables.link([one.table for one in placed], rules)
    suppressed = linked.problem.primary.copy()
    for one, place in zip(placed, linked.places, strict=True):
        suppressed[[int(place[at]) for at in range(one.table.cells) if one.table.name(at) in names]] = True
    values = linked.problem.values
    pattern = Pattern(
        suppressed=suppressed,
        intervals=Intervals(low=np.zeros_like(values), high=values + 100),
        cost=int(linked.problem.cost[suppressed & ~linked.problem.shut].sum()),
        bound=0,
        optimal=False,
        unprotectable=np.array([], np.int64),
        counts={},
    )
    return Outcome(placed=placed, linked=linked, pattern=pattern)


def lines(of: Outcome) -> list[str]:
    """The one file that is handed out, a text a line."""
    ((_, columns),) = outcome.handed_out(of)
    return [",".join(columns), *(",".join(row) for row in zip(*columns.values(), strict=True))]


PEOPLE = CellFile(counts=True)


def test_margins_that_are_made_have_the_units_of_the_file_and_what_is_the_same_in_all_lines() -> None:
    given = file("UNIT,R,VALUE,CONTRIBUTORS,NOTE", "EUR,a,10.25,1,x", "EUR,b,20.5,9,y", "EUR,c,7,9,y")
    form = CellFile(keep=("UNIT", "NOTE"))
    assert [
        "UNIT,R,VALUE,NOTE,OBS_STATUS",
        "EUR,a,,x,Q",
        "EUR,b,20.5,y,A",
        "EUR,c,,y,Q",
        "EUR,_T,37.75,,A",
    ] == lines(hiding(given, form, Rules(threshold=2), "R=c"))


def test_an_error_beside_a_hidden_figure_is_hidden_with_it() -> None:
    """A careless officer keeps the standard errors, which tell of the figures; names of codes stay."""
    given = file("R,VALUE,CONTRIBUTORS,SE,NAME", "a,10,1,3.1,alpha", "b,20,9,1.2,beta", "c,7,9,1.5,gamma")
    form = CellFile(keep=("SE", "NAME"))
    assert [
        "R,VALUE,SE,NAME,OBS_STATUS",
        "a,,,alpha,Q",
        "b,20,1.2,beta,A",
        "c,,,gamma,Q",
        "_T,37,,,A",
    ] == lines(hiding(given, form, Rules(threshold=2), "R=c"))


def test_margins_of_two_ways_to_group_are_each_written_once() -> None:
    form = CellFile(
        counts=True,
        dimension=(
            CellDimension(id="R", parents={"a": "AB", "b": "AB"}),
            CellDimension(id="R", parents={"b": "BC", "c": "BC"}),
        ),
    )
    given = file("R,VALUE", "a,1", "b,20", "c,40")
    assert ["R,VALUE,OBS_STATUS", "a,,Q", "b,20,A", "c,40,A", "_T,61,A", "AB,,Q", "BC,60,A"] == lines(
        hiding(given, form, Rules(threshold=5), "R=AB")
    )


def test_a_line_is_hidden_whichever_of_a_files_tables_hides_it() -> None:
    """Groups of two kinds stand in one file; each is a cell of one of its tables alone."""
    ab, bc = {"a": "AB", "b": "AB"}, {"b": "BC", "c": "BC"}
    form = CellFile(counts=True, dimension=(CellDimension(id="R", parents=ab), CellDimension(id="R", parents=bc)))
    given = file("R,VALUE", "_T,61", "AB,21", "BC,60", "a,1", "b,20", "c,40")
    expected = ["_T,61,A", "AB,,Q", "BC,60,A", "a,,Q", "b,20,A", "c,40,A"]
    assert expected == lines(hiding(given, form, Rules(threshold=5), "R=AB"))[1:]


def test_a_status_that_said_more_says_no_more_than_others() -> None:
    """What the office had marked itself, and by which word, is no reader's affair."""
    given = file("R,VALUE,CONF_STATUS", "_T,96,F", "a,1,F", "b,20,N", "c,75,D")
    assert ["R,VALUE,CONF_STATUS", "_T,96,F", "a,,C", "b,,C", "c,,C"] == lines(
        hiding(given, PEOPLE, Rules(threshold=5), "R=b", "R=c")
    )


def test_the_pattern_says_of_each_hidden_cell_why() -> None:
    given = file("R,VALUE,CONF_STATUS", "_T,96,F", "a,1,F", "b,20,N", "c,75,F")
    found = outcome.pattern_lines(hiding(given, PEOPLE, Rules(threshold=5), "R=b", "R=c"))
    assert {
        "table": ["a.csv"] * 3,
        "cell": ["R=a", "R=b", "R=c"],
        "hidden": ["primary", "before", "secondary"],
        "rule": ["threshold", "", ""],
        "line": ["3", "4", "5"],
    } == found


def test_intervals_are_said_in_the_units_of_the_file() -> None:
    given = file("R,VALUE,CONTRIBUTORS", "a,10.25,1", "b,20.5,9")
    found = outcome.interval_lines(hiding(given, CellFile(), Rules(threshold=2, width=20), "R=b"))
    assert {
        "table": ["a.csv"], "cell": ["R=a"], "value": ["10.25"], "needs-low": ["8.20"], "needs-high": ["12.30"],
        "low": ["0.00"], "high": ["11.25"], "rule": ["threshold"], "alone": ["yes"],
    } == found  # fmt: skip


def test_margins_that_are_hidden_and_in_no_file_are_counted() -> None:
    """They must not be published elsewhere: the file that came shows some margins, and not these."""
    given = file("R,S,VALUE", "_T,F,61", "a,F,1", "b,F,60", "a,M,30", "b,M,50")
    hidden = hiding(given, PEOPLE, Rules(threshold=5), "R=b S=F", "R=a S=_T", "R=b S=_T")
    assert 2 == outcome.summary(hidden)["hidden-and-in-no-file"]


def test_what_was_in_hand_when_somebody_broke_off_is_judged_again() -> None:
    """A lone blank is reckoned exactly: it is called unprotectable, not safe."""
    given = file("R,VALUE", "_T,81", "a,1", "b,20", "c,60")
    lone = hiding(given, PEOPLE, Rules(threshold=5))
    pattern = outcome.kept(lone.linked.problem, lone.pattern.suppressed)
    whole = Outcome(placed=lone.placed, linked=lone.linked, pattern=pattern)
    assert (("a.csv: R=a", "too little may be hidden beside it"),) == outcome.unprotectable(whole)
    both = hiding(given, PEOPLE, Rules(threshold=5), "R=b")
    safe = outcome.kept(both.linked.problem, both.pattern.suppressed)
    assert ([], 20) == (safe.unprotectable.tolist(), safe.cost)
