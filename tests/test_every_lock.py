"""Every place where the code takes a lock is tried by two at once: the test that fails without it is named here. A lock that is
new has no test here yet, and fails."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
CALLS = re.compile(r"with_for_update|pg_(try_)?advisory_\w*lock\w*|flock")
TEXTS = re.compile(r"\bfor (no key )?(update|share)\b|pg_(try_)?advisory_\w*lock\w*\(|\block table\b", re.I)
WITHOUT_WAITING = ", without waiting"
TWO_OF_A_KIND = (
    "tests/schema/test_two_at_once.py::test_of_two_inputs_at_once_both_are_kept_or_one_wins_as_documented"
)
BESIDE = "tests/schema/test_one_beside_another.py::test_of_two_commands_at_once_each_is_answered_as_one_after_the_other"
FILE_TWICE = "tests/hub/imports/test_files_at_once.py::test_a_file_that_comes_twice_at_once_is_imported_once_and_undone_once"
OF_JOBS = "tests/hub/service/test_jobs_at_once.py"
COMMANDS = "tests/hub/service/test_commands_at_once.py"
LOG = "tests/hub/ledger/test_log.py"
EQUAL = "tests/schema/test_equal_requests.py::test_the_same_write_sent_at_once_waits_for_the_first_and_answers_the_same"
TRIED = {
    "hub/aid/charity_offers.py offer_refusals":
        "tests/journeys/test_charity_offers.py::test_many_at_once_are_given_no_more_than_there_is",
    "hub/county_options/commands.py _RecordOption.find_one": TWO_OF_A_KIND,
    "hub/county_options/commands.py _EndOption.find": BESIDE,
    "hub/disclosures/commands.py _PublishDisclosure.find_one": TWO_OF_A_KIND,
    "hub/disclosures/commands.py _WithdrawDisclosure.find": BESIDE,
    "hub/disclosures/objections.py _Object.find_one":
        "tests/schema/test_one_beside_another.py::test_a_list_is_not_withdrawn_while_an_objection_to_it_is_under_way",
    "hub/evaluation/live/refreshing.py _to_evaluate":
        "tests/hub/evaluation/live/test_two_at_once.py::test_two_processes_evaluate_each_household_once_and_leave_none",
    "hub/evaluation/monitoring/run.py run_monitoring, without waiting":
        "tests/hub/evaluation/monitoring/test_run.py::test_two_runs_at_once_are_one_run_and_a_refusal",
    "hub/foundation/folder_use.py _locked":
        "tests/hub/foundation/test_embedded.py::test_many_that_start_and_stop_at_once_all_find_a_server_and_leave_none",
    "hub/foundation/words.py _refuse_where_used":
        "tests/migrations/test_words.py::test_a_word_that_somebody_is_writing_is_waited_for_and_does_not_go",
    "hub/households/import_lock.py one_at_a_time":
        f"{COMMANDS}::test_a_file_that_two_processes_import_registers_each_household_once",
    "hub/imports/job_leases.py claim":
        f"{OF_JOBS}::test_two_processes_take_up_two_imports_and_neither_waits_for_the_other",
    "hub/imports/jobs.py create_job":
        f"{OF_JOBS}::test_an_agency_has_no_more_than_twenty_open_imports_however_many_come_at_once",
    "hub/imports/jobs.py find_job":
        "tests/hub/service/test_who_asks_second.py::test_whoever_asks_second_sees_what_the_first_did",
    "hub/ledger/chain.py _LOCK":
        "tests/hub/ledger/test_chain.py::test_writers_of_the_same_households_make_whole_chains_and_never_deadlock",
    "hub/ledger/sealing.py seal": f"{LOG}::test_two_processes_that_seal_at_once_seal_everything_once",
    "hub/ledger/sealing.py seal, without waiting":
        f"{LOG}::test_a_process_that_will_not_wait_leaves_the_sealing_to_the_one_that_is_at_it",
    "hub/overlaps/detection.py _LOCK_PERSONS":
        "tests/schema/test_overlap_cases_at_once.py::test_a_case_and_another_write_of_the_same_person_at_once_both_stand",
    "hub/service/exports/jobs.py create_export":
        f"{OF_JOBS}::test_a_client_has_no_more_than_four_open_exports_however_many_come_at_once",
    "hub/service/migrate.py _migrate": f"{COMMANDS}::test_a_database_that_two_processes_migrate_is_migrated_once",
    "hub/service/schedule/running.py _locked, without waiting":
        "tests/hub/service/schedule/test_running.py::test_what_is_due_runs_once_however_many_look_and_says_what_came_of_it",
    "schema/engine/execute/transactions.py Writer._wait_for_equals": EQUAL,
    "schema/engine/execute/transactions.py Writer._wait_for_equals, without waiting": EQUAL,
}  # fmt: skip
"""By the place of a lock, a test that fails without it."""
BEHIND_ANOTHER = {
    "hub/households/identity.py _Correcting.read": FILE_TWICE,
    "hub/households/registered.py read_registered": FILE_TWICE,
    "hub/imports/undo.py _locked_run": FILE_TWICE,
    "hub/lines/commands.py restore_lines": FILE_TWICE,
}
"""Locks of rows that are only taken by whoever holds the one of `import_lock.py`, and a test of two who want that."""
SEEN_BY_NOBODY = {
    "hub/offers/commands.py _WithdrawOffer.find": "nothing can be said of a withdrawal, so that two are one request",
}
"""Locks without which every answer and every row would be the same."""


@cache
def parsed(path: Path) -> ast.Module:
    """A file."""
    return ast.parse(path.read_text("utf-8"))


def locks_in(node: ast.AST, place: str = "") -> Iterator[str]:
    """The places in a module at which a lock is taken: functions, methods, or names of the module."""
    for child in ast.iter_child_nodes(node):
        within = place
        match child:
            case ast.Expr(value=ast.Constant()):  # a docstring
                continue
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                within = f"{place}.{name}".strip(".")
            case ast.Assign(targets=[ast.Name(id=name)]) if not place:
                within = name
            case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name)) if CALLS.fullmatch(name):
                yield place + (WITHOUT_WAITING if "_try_" in name else "")
            case ast.Constant(value=str(text)) if TEXTS.search(text):
                yield place + (WITHOUT_WAITING if "_try_" in text else "")
        yield from locks_in(child, within)


def test_every_lock_has_a_test_of_two_at_once() -> None:
    found = {
        f"{path.relative_to(ROOT).as_posix()} {place}"
        for package in ("auth", "hub", "schema")
        for path in sorted((ROOT / package).rglob("*.py"))
        for place in locks_in(parsed(path))
    }
    assert found == TRIED.keys() | BEHIND_ANOTHER.keys() | SEEN_BY_NOBODY.keys()


def test_every_test_that_is_named_is_there() -> None:
    named: defaultdict[str, set[str]] = defaultdict(set)
    for test in (TRIED | BEHIND_ANOTHER).values():
        file, _, name = test.partition("::")
        named[file].add(name)
    for file, names in named.items():
        functions = ast.FunctionDef | ast.AsyncFunctionDef
        assert names <= {node.name for node in parsed(ROOT / file).body if isinstance(node, functions)}, file


def test_a_lock_is_found_however_it_is_taken() -> None:
    for text, places in {
        "LOCKED = sa.select(t).with_for_update(skip_locked=True)": ["LOCKED"],
        "class A:\n async def find(self): await s.execute(sa.select(sa.func.pg_advisory_xact_lock(1)))": [
            "A.find"
        ],
        "def run(c):\n c.exec_driver_sql(f'lock table {t} in share mode')": ["run"],
        "def run(c):\n c.execute('select 1 from t for update skip locked')": ["run"],
        "def run(c):\n c.execute('select pg_try_advisory_lock(1)')": ["run, without waiting"],
        "def run(f):\n fcntl.flock(f, 2)": ["run"],
        "def run(c):\n c.execute(sa.update(t))": [],
    }.items():
        assert list(locks_in(ast.parse(text))) == places, text
