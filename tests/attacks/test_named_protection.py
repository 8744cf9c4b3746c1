"""Attacks on what may leave by the names that a reader asks for, and the test that carries each of them out."""

import ast
from typing import Final

import pytest

from tests.attacks.named import ROOT, is_carried_out

ATTACKS: Final = {
    "differencing": "attacks/test_differencing.py: test_two_tables_of_many_tell_of_one",
    "differencing over two releases of one member": (
        "attacks/test_differencing_releases.py: test_two_tables_that_hide_other_neighbours_give_the_small_cell_away"
    ),
    "trackers": "attacks/test_trackers.py: test_of_the_two_answers_one_is_not_shown",
    "averaging": "attacks/test_averaging.py: test_the_budget_ends_the_averaging_before_it_tells_the_truth",
    "intersection of margins": (
        "attacks/test_intersection.py: test_three_margins_without_a_small_cell_tell_of_one_person_inside"
    ),
    "linked tables": "attacks/test_linked_tables.py: test_each_table_tells_no_sensitive_cell_and_both_tell_k",
    "4x4 attacker example": "attacks/test_square_attacker.py: test_one_more_cell_hides_it_from_0_to_78",
    "singletons": "attacks/test_singletons.py: test_one_of_two_lone_firms_reckons_the_other",
    "coalitions of two": "attacks/test_singletons.py: test_two_of_three_lone_firms_reckon_the_third",
    "zeros as information": "attacks/test_zeros.py: test_whoever_is_in_a_row_with_one_cell_is_in_that_cell",
    "hierarchy subtraction": (
        "attacks/test_hierarchy_subtraction.py: test_blanks_below_and_a_blank_region_are_subtracted_from_the_country"
    ),
    "joint sum minus own figure": (
        "attacks/test_sum_minus_own.py: test_without_a_rule_of_its_own_the_members_small_cell_is_what_is_left"
    ),
    "dominance by a known competitor": (
        "attacks/test_known_competitor.py: test_the_competitor_is_p_per_cent_off_or_more"
    ),
    "pattern that gives the value away by being minimal": (
        "attacks/test_minimal_pattern.py: test_four_ones_that_hide_each_other_are_four_ones"
    ),
    "timing that depends on data": "attacks/test_timing.py: test_a_sampler_that_rejects_tells_what_it_drew",
    "float residue": "attacks/test_float_residue.py: test_without_whole_numbers_the_attack_tells_the_tables_apart",
    "wrong sensitivity": (
        "attacks/test_wrong_sensitivity.py: test_no_person_of_ten_thousand_plans_moves_a_count_further"
    ),
    "budget after restore": "attacks/test_restored.py: test_budget_after_restore_of_the_ledger_alone",
    "planted DP bugs": "attacks/test_planted_bugs.py: test_a_planted_bug_is_found",
    "an auditor that certifies 0.9 of epsilon": (
        "attacks/test_planted_bugs.py: test_the_honest_mechanism_keeps_its_claim_and_the_claim_is_tight"
    ),
    "rounding undone by margins": (
        "attacks/test_rounding_undone.py: test_five_twos_that_all_went_down_under_a_total_that_went_up_are_twos"
    ),
    "cell keys reused over tables": (
        "attacks/test_cell_keys_reused.py: test_two_tables_that_differ_by_one_person_do_not_show_her"
    ),
    "rounded, then shown under another policy": (
        "attacks/test_policy_changed.py: test_a_table_that_was_rounded_is_not_shown_as_it_is_under_another_policy"
    ),
    "a stricter policy between two attempts": (
        "attacks/test_policy_changed.py: test_a_stricter_policy_hides_what_an_attempt_before_it_would_have_shown"
    ),
    "cell keys changed by a policy": (
        "attacks/test_policy_changed.py: test_other_tables_of_changes_do_not_change_a_published_cell_anew"
    ),
    "the same people from a second source": (
        "attacks/test_second_source.py: test_the_difference_of_two_sources_is_nobody"
    ),
    "sums of powers": "attacks/test_sums_of_powers.py: test_three_persons_are_not_enough_where_squares_are_summed_too",
    "one sum by two methods": "stages/protect/test_numbers.py: test_a_sum_has_one_name_by_whatever_method",
    "two studies at once": (
        "services/node/test_beside.py: test_the_next_table_of_the_same_people_is_begun_once_the_last_one_was_fetched"
    ),
    "kill -9 between charge and send": "kill/test_ledger_kill.py: test_what_left_was_charged_and_was_drawn_once",
    "an error beside a hidden figure": (
        "stages/protect/test_outcome.py: test_an_error_beside_a_hidden_figure_is_hidden_with_it"
    ),
    "dimensions in which persons do not differ": (
        "attacks/test_cell_keys_reused.py: test_dimensions_in_which_the_persons_do_not_differ_give_no_further_answers"
    ),
    "what did not change in later data": (
        "attacks/test_differencing_releases.py: test_what_did_not_change_is_the_same_in_later_data"
    ),
    "who adds nothing to a sum": (
        "attacks/test_alone_in_a_cell.py: test_a_table_does_not_say_how_many_add_nothing_to_a_sum"
    ),
    "a table that a tool would not finish reading": (
        "adapters/test_cell_files.py: test_a_million_columns_are_refused_before_anything_is_made_of_them"
    ),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_every_named_attack_is_carried_out_by_a_test(name: str) -> None:
    assert is_carried_out(ATTACKS[name])


BY_NAME: Final = """
differencing; trackers; averaging; intersection of margins; linked tables; 4x4 attacker example; singletons;
coalitions of two; zeros as information; hierarchy subtraction; joint sum minus own figure; dominance by a known
competitor; pattern that gives the value away by being minimal; timing that depends on data; float residue; wrong
sensitivity; budget after restore; planted DP bugs; rounding undone by margins; cell keys reused over tables
"""


@pytest.mark.parametrize("name", " ".join(BY_NAME.split()).split("; "))
def test_a_docstring_begins_with_the_attack_that_it_is(name: str) -> None:
    path, test = ATTACKS[name].split(": ")
    module = ast.parse((ROOT / path).read_text("utf-8"))
    (found,) = [one for one in module.body if isinstance(one, ast.FunctionDef) and one.name == test]
    first = [(ast.get_docstring(one) or "").partition("\n")[0].casefold() for one in (module, found)]
    assert any(name.casefold() in line for line in first), first
