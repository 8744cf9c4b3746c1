"""A new table and all earlier ones as one problem: what was shown stays shown, what was asked is asked again."""

from dataclasses import fields

import numpy as np

from comity.model.protection import Rules
from comity.pages import words
from comity.stages.protect import sdc, together
from tests.attacks.test_sum_minus_own import table
from tests.stages.protect.test_beside import RULES, made, published


def test_what_an_earlier_table_shows_is_no_cell_to_hide() -> None:
    found = together.join(made([[3, 30], [30, 40]], "D", "E"), RULES, [published(made([33, 70], "D"))])
    values = found.problem.values[~found.problem.open].tolist()
    assert sorted([103, 33, 70, 3]) == sorted(values)  # the total and both rows are public, the 3 is sensitive
    assert [3] == found.problem.values[found.problem.primary].tolist()


def test_a_stricter_rule_takes_nothing_back_and_a_sensitive_cell_that_is_public_is_no_secret() -> None:
    """7 was shown when five were enough; today ten are asked, and the new table hides what can still be hidden."""
    before = published(made([7, 30], "D"))
    found = together.join(made([[7, 0], [30, 40]], "D", "E"), RULES, [before])
    assert found.apart  # 70 and not 30 in D1: data that were corrected
    found = together.join(made([[7, 0], [10, 20]], "D", "E"), RULES, [before])
    row = found.places[1 * 3 : 2 * 3]
    assert [7, 7, 0] == found.problem.values[row].tolist()
    assert not found.problem.primary[row[0]]


def test_levels_of_an_earlier_table_are_kept_for_cells_of_both() -> None:
    earlier = sdc.protected(table([3, 30, 40], "D"), Rules(threshold=20, coalition=0), measures={}).kept
    found = together.join(made([3, 30, 40], "D"), RULES, earlier)
    at = int(found.places[1])
    assert (True, 17) == (bool(found.problem.primary[at]), int(found.problem.upper[at]))


def test_every_reason_has_words_for_the_officer() -> None:
    rules = {field.name for field in fields(Rules)} & {"threshold", "dominance", "p", "sensitive", "zeros"}
    for reason in (*rules, sdc.PRIMARY, sdc.SECONDARY, *(f"whole.{why}" for why in together.WHOLE)):
        assert words.say(f"hidden.{reason}", threshold="10")


def test_relations_hold_of_tables_that_do_not_agree() -> None:
    found = together.join(made([31, 40], "D"), RULES, [published(made([30, 40], "D")), published(made([29, 45], "D"))])
    assert found.apart
    assert not np.any(found.problem.relations @ found.problem.values)
