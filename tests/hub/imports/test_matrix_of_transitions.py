"""The test for each transition of each import: every cell names an existing test, or the reason why there is none."""

import ast
from pathlib import Path

from hub.model.import_runs import ImportKind

HERE = Path(__file__).parent
TRANSITIONS = (
    "left and back",
    "to empty",
    "from empty",
    "moved and back",
    "written otherwise",
    "in another order",
)
WHAT_FILES_SAY = (
    "HOUSEHOLDS", "HOUSEHOLDS certified", "HOUSEHOLDS ending", "HOUSEHOLDS correcting numbers", "MONITORED", "AID", "LINES",
    "CIRCUMSTANCES", "CIRCUMSTANCES of a month",
)  # fmt: skip

BY_FILES, OF_PEOPLE = "transitions_by_files", "transitions_of_people_on_lists"
CERTIFICATION = f"{BY_FILES}.what_a_certification_says_goes_to_empty_and_back"
OF_REGISTRY = f"{OF_PEOPLE}.what_a_registry_says_goes_to_another_value_and_to_empty_and_back"
VALUES = "transitions.every_value_goes_to_empty_and_back_and_each_step_is_told_once"
WATCHED = f"{OF_PEOPLE}.what_a_monitored_row_says_of_an_end_is_kept_once_however_it_is_written_or_left_out"
ORDER = f"{OF_PEOPLE}.lists_in_another_order_say_the_same"
OUTCOME = (
    "transitions_of_lists.an_outcome_stays_what_it_was_however_it_is_written_and_other_content_conflicts"
)
GIVEN_WHERE = (
    f"{OF_PEOPLE}.an_outcome_stays_with_the_household_in_which_it_was_given_and_the_next_goes_where_they_are"
)
LINE_STAYS = f"{OF_PEOPLE}.a_line_that_the_next_file_leaves_out_or_leaves_empty_stays"
MONTHS = f"{OF_PEOPLE}.who_is_on_a_list_of_one_month_and_not_of_the_next_counts_where_they_are"
NUMBERS = "correcting_numbers.numbers_that_move_on_from_one_to_the_next_are_corrected_by_one_file"
NO_TEST = "-"

MATRIX: dict[str, tuple[str, ...]] = {
    "HOUSEHOLDS": (
        f"{BY_FILES}.somebody_moves_out_and_comes_back_twice_and_is_one_person", VALUES, VALUES,
        f"{BY_FILES}.somebody_moves_to_another_household_and_back_and_is_in_one_at_a_time"
        f" {BY_FILES}.a_household_moves_to_another_village_and_back",
        f"{BY_FILES}.a_value_that_is_written_otherwise_is_the_same_value"
        " transitions.an_amount_written_otherwise_is_the_same_amount",
        "transitions.the_same_household_in_another_order_is_the_same"
        f" {BY_FILES}.the_same_columns_in_another_order_say_the_same",
    ),
    "HOUSEHOLDS certified": (
        f"{BY_FILES}.who_was_covered_leaves_and_comes_back_and_is_covered_anew_by_a_later_date",
        f"{CERTIFICATION} transitions.a_category_that_is_empty_in_the_next_file_ends_nothing_and_stands_when_it_comes_back",
        CERTIFICATION, f"{BY_FILES}.who_was_covered_in_one_household_is_covered_by_the_other_from_its_date",
        f"{BY_FILES}.a_value_that_is_written_otherwise_is_the_same_value",
        "transitions.the_same_household_in_another_order_is_the_same",
    ),
    "HOUSEHOLDS ending": (
        f"{BY_FILES}.somebody_moves_out_and_comes_back_twice_and_is_one_person",
        "endings.a_row_that_names_another_person_or_says_two_things_ends_nothing",
        "endings.who_moves_out_is_no_member_from_that_day_on",
        f"{BY_FILES}.who_leaves_one_household_is_in_the_other_by_the_same_file_where_that_row_comes_later",
        "endings.a_death_is_reported_with_its_day_and_ends_what_is_certified_for_the_dead",
        f"{BY_FILES}.rows_that_end_something_in_another_order_end_the_same",
    ),
    "HOUSEHOLDS correcting numbers": (
        NUMBERS, "- a row without its former number corrects nothing",
        "correcting_numbers.who_has_no_number_is_registered_by_a_paper_found_by_it_and_completed_later",
        "correcting_numbers.a_number_that_one_household_frees_is_anothers_by_the_same_file",
        "correcting_numbers.who_has_no_number_is_registered_by_a_paper_found_by_it_and_completed_later", NUMBERS,
    ),
    "MONITORED": (
        "transitions_of_lists.a_risk_that_is_gone_stays_gone_and_another_begins", WATCHED, WATCHED,
        f"{OF_PEOPLE}.a_monitored_household_is_found_where_its_head_is_now_and_by_the_code_in_its_own_county",
        WATCHED, ORDER,
    ),
    "AID": (GIVEN_WHERE, OUTCOME, OUTCOME, GIVEN_WHERE, OUTCOME, ORDER),
    "LINES": (
        LINE_STAYS, LINE_STAYS, LINE_STAYS, "- a county does not move",
        "transitions_of_lists.a_line_goes_to_another_figure_or_source_and_back_and_every_version_stays_readable", ORDER,
    ),
    "CIRCUMSTANCES": (
        f"{OF_PEOPLE}.a_fact_of_somebody_who_left_finds_nobody_and_is_the_same_fact_when_they_are_back",
        f"{OF_REGISTRY} transitions_of_lists.what_a_fact_says_goes_to_empty_and_back", OF_REGISTRY,
        f"{OF_PEOPLE}.a_fact_goes_to_the_household_of_whom_it_is_with_the_next_list_and_back"
        f" {OF_PEOPLE}.a_fact_with_a_number_of_its_registry_goes_with_whom_it_is_too",
        f"{OF_PEOPLE}.a_fact_that_is_written_otherwise_is_the_same_fact", ORDER,
    ),
    "CIRCUMSTANCES of a month": (
        MONTHS, "monthly_lists.an_empty_file_is_an_empty_list_and_one_of_which_nothing_landed_has_not_come",
        "transitions_of_lists.a_list_of_which_nothing_was_kept_has_not_come", MONTHS,
        "monthly_lists.a_list_in_parts_and_again_counts_each_fact_once", MONTHS,
    ),
}  # fmt: skip


def test_every_import_has_a_line_for_each_transition() -> None:
    assert set(MATRIX) == set(WHAT_FILES_SAY)
    assert {one.partition(" ")[0] for one in WHAT_FILES_SAY} == {kind.name for kind in ImportKind}
    assert {len(cells) for cells in MATRIX.values()} == {len(TRANSITIONS)}


def test_every_test_of_the_matrix_is_there() -> None:
    for value, cells in MATRIX.items():
        for transition, cell in zip(TRANSITIONS, cells, strict=True):
            assert cell.strip(), (value, transition)
            for name in [] if cell.startswith(NO_TEST) else cell.split():
                file, _, test = name.partition(".")
                parsed = ast.parse((HERE / f"test_{file}.py").read_text("utf-8"))
                tests = {node.name for node in parsed.body if isinstance(node, ast.AsyncFunctionDef)}
                assert f"test_{test}" in tests, (value, transition)
