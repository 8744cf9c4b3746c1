"""Attacks on an office by the names that a reader asks for, and the test that carries each of them out."""

from typing import Final

import pytest

from tests.attacks.named import is_carried_out

ATTACKS: Final = {
    "a collation that splits a code": "adapters/tables/test_bounded.py: test_a_collation_splits_no_code",
    "a collation of a server's own": "postgres/test_equal.py: test_a_collation_neither_merges_persons_nor_codes",
    "hash-salt reuse": "adapters/tables/test_bounded.py: test_hash_salt_reuse_is_none_two_releases_keep_other_cells",
    "a salt in a server's log": (
        "postgres/test_session.py: test_the_words_of_a_salt_are_put_together_by_the_server_and_stand_in_no_log"
    ),
    "weights that blow up one person": (
        "adapters/tables/test_bounded.py: test_one_person_moves_few_cells_by_its_bound_at_most"
    ),
    "a code outside the list hidden in a margin": (
        "adapters/tables/test_bounded.py: test_a_code_outside_the_list_is_hidden_in_no_cell"
    ),
    "a refusal that depends on data": "services/node/test_policy.py: test_no_refusal_depends_on_data",
    "a policy with an unknown word": "model/test_policy_files.py: test_a_word_that_is_not_known_is_refused",
    "a policy with a value that can never fit": (
        "model/test_policy_files.py: test_a_value_that_can_never_fit_is_refused_by_its_field"
    ),
    "a policy that fails half-way": (
        "stages/test_consent_faults.py: test_an_error_at_any_line_of_the_evaluator_never_consents"
    ),
    "a binding changed after consent": (
        "services/node/test_policy.py: test_a_binding_that_changed_after_consent_answers_nothing"
    ),
    "a vintage swapped after consent": "services/node/test_vintages.py: test_vintage_swapped_after_consent",
    "a file that is broken": "attacks/test_hostile_sources.py: test_what_is_not_what_its_name_says_is_not_added",
    "formula cells": "attacks/test_hostile_sources.py: test_a_formula_without_a_value_would_be_no_answer",
    "a zip bomb": "attacks/test_hostile_sources.py: test_a_bomb_is_refused_before_anything_is_unpacked",
    "a wrong encoding": (
        "attacks/test_hostile_sources.py: test_text_in_another_encoding_than_the_file_says_is_refused"
    ),
    "a bomb of ids in a small file": (
        "adapters/tables/test_bounded.py: test_long_ids_in_a_small_file_do_not_fill_the_machine"
    ),
    "a file that is changed while it is counted, and its time set back": (
        "adapters/microdata/test_opening.py: test_a_file_that_changes_while_it_is_open_is_refused"
    ),
    "a catalog that opens a database of its own": (
        "spark/test_table.py: test_a_view_that_brings_settings_of_its_own_is_refused"
    ),
    "a catalog that says one thing and then another": (
        "spark/test_table.py: test_a_metastore_that_says_one_thing_and_then_another_is_not_read"
    ),
    "a place that is many places": "spark/test_table.py: test_a_place_with_a_pattern_is_refused",
    "a link behind a table": "spark/test_table.py: test_what_is_no_plain_file_behind_a_table_is_refused",
    "code in a metastore": "spark/test_catalog.py: test_a_database_of_derby_that_brings_code_along_is_not_asked",
    "a database exchanged for its copy": (
        "postgres/test_vintage.py: test_a_copy_of_the_database_in_its_place_is_noticed"
    ),
    "a type of a server's own that changes its words": (
        "postgres/test_vintage.py: test_a_word_within_a_type_of_the_offices_own_is_noticed"
    ),
    "10,000 columns": "attacks/test_hostile_sources.py: test_more_columns_than_are_read_are_refused_in_any_format",
    "SQL in names and codes, in a file": (
        "attacks/test_hostile_sources.py: test_names_of_columns_and_dimensions_are_names_alone"
    ),
    "SQL in names and codes, on PostgreSQL": "postgres/test_equal.py: test_names_and_codes_are_never_sql",
    "SQL in names and codes, on Spark": (
        "spark/test_spark.py: test_codes_that_spark_might_read_as_something_else_are_texts"
    ),
    "a role that may write": "postgres/test_role.py: test_a_role_that_may_write_is_refused_until_the_way_out_was_taken",
    "a full disk": (
        "attacks/test_full_disk.py: test_nothing_is_said_that_is_not_on_disk_and_it_goes_on_once_there_is_room"
    ),
    "a restored backup that would answer twice": (
        "attacks/test_restored.py: test_a_log_from_before_its_answer_gets_no_second_one"
    ),
    "a backup with secrets of open exchanges": (
        "services/node/test_backup.py: test_what_no_backup_holds_is_not_restored"
    ),
    "egress that the journal does not know": (
        "attacks/test_egress.py: test_every_byte_on_the_socket_is_in_the_journal"
    ),
    "a value in an error": "attacks/test_rows_in_errors.py: test_an_engines_overflow_names_no_value",
    "one person behind a crowd that adds nothing": (
        "attacks/test_alone_in_a_cell.py: test_a_total_that_one_person_makes_is_not_shown"
    ),
    "a second budget for the same data": (
        "services/node/test_sources.py: test_the_same_data_are_no_second_source_with_a_budget_of_its_own"
    ),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_every_named_attack_is_carried_out_by_a_test(name: str) -> None:
    assert is_carried_out(ATTACKS[name])
