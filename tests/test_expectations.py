"""Expected values of tests are written from the policy, the law, a standard or the contract (`tests.policy`), not taken from
the code under test. Each name that a test takes from a module of rules is on the list below, with the reason."""

import ast
from collections import defaultdict
from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path

TESTS = Path(__file__).parent
OF_RULES = (
    "rules", "ages", "supplements", "urgent", "warnings", "forms", "overlapping_aid", "withholding", "counting", "windows",
    "sums", "overpayments", "ranking", "lateness", "row_policies", "jurisdiction", "field_scopes", "amounts",
    "permissions.sight", "permissions.implied_facts", "model.records", "model.privileges",
)  # fmt: skip
"""Modules that contain the rules of the hub, by the end of their names."""
DATA_OF_RULES = (".toml", ".csv", ".txt")
"""Suffixes of files that contain rules of the hub, beside its modules."""
BOUNDS = ("MOST_", "FRESH_", "LARGEST_", "LONGEST_", "FEW")
"""How names of bounds begin, in any module."""
SUBJECT = "it is what the test checks, against literal cases"
WALKED = "the test walks all of it, so that none is left out"
ALLOWED: dict[str, tuple[str, set[str]]] = {
    "hub.aid.supplements.supplements_due": (SUBJECT, {"hub/aid/test_supplements.py"}),
    "hub.aid.ages": (SUBJECT, {"hub/persons/test_ages.py"}),
    "hub.policy.facts.aid.papers_due": (SUBJECT, {"hub/aid/test_urgent.py"}),
    "hub.policy.facts.aid.month_due": (SUBJECT, {"hub/evaluation/entitlements/test_windows.py"}),
    "hub.policy.facts.aid.payment_due": (SUBJECT, {"hub/aid/test_payments.py"}),
    "hub.foundation.amounts.amount_of": (SUBJECT, {"hub/aid/test_amounts.py"}),
    **{
        f"hub.policy.facts.{noun}": (SUBJECT, {f"hub/policy/facts/{file}.py" for file in files})
        for noun, files in {
            "ages": {"test_members", "test_twins"},
            "aid": {"test_edges", "test_households", "test_lists_and_deadlines", "test_twins"},
            "alerts": {"test_households", "test_lists_and_deadlines", "test_twins"},
            "certifications": {"test_edges", "test_households", "test_twins"},
            "circumstances": {"test_edges", "test_households", "test_lists_and_deadlines", "test_twins"},
            "conditions": {"test_members", "test_households"}, "county_options": {"test_lists_and_deadlines"},
            "disclosures": {"test_lists_and_deadlines", "test_twins"}, "labour": {"test_members", "test_households"},
            "lines": {"test_lists_and_deadlines"}, "near_relatives": {"test_lists_and_deadlines", "test_twins"},
            "offers": {"test_lists_and_deadlines", "test_twins"}, "periods": {"test_lists_and_deadlines", "test_twins"},
            "persons": {"test_edges", "test_members", "test_twins"}, "recoveries": {"test_lists_and_deadlines"},
            "referrals": {"test_households", "test_lists_and_deadlines", "test_twins"},
            "school_years": {"test_members", "test_twins"}, "shares": {"test_households", "test_lists_and_deadlines"},
            "supplements": {"test_members"}, "versions": {"test_twins"},
        }.items()
    },
    "hub.policy.facts.sight.everything": (SUBJECT, {"hub/policy/facts/test_households.py"}),
    "hub.aid.rules.KIND_RULES": (SUBJECT, {"hub/referrals/test_rules.py"}),
    "hub.certifications.rules.CATEGORY_RULES": (SUBJECT, {"hub/certifications/test_rules.py"}),
    "hub.certifications.rules.END_RULES": (SUBJECT, {"hub/certifications/test_rules.py"}),
    "hub.certifications.rules.authority_refusal": (SUBJECT, {"hub/certifications/test_rules.py"}),
    "hub.certifications.rules.end_clause": (SUBJECT, {"hub/certifications/test_rules.py"}),
    "hub.certifications.rules.end_fault": (SUBJECT, {"hub/certifications/test_rules.py"}),
    "hub.certifications.rules.faults": (SUBJECT, {"hub/certifications/test_rules.py"}),
    "hub.evaluation.coverage.counting.count_county": (SUBJECT, {"schema/test_what_has_ended_counts_nowhere.py"}),
    "hub.evaluation.entitlements.windows": (SUBJECT, {"hub/evaluation/entitlements/test_windows.py"}),
    "hub.circumstances.rules.REGISTRIES": (SUBJECT, {"hub/policy/permissions/test_one_table.py"}),
    "hub.policy.permissions.field_scopes.opened_by": (WALKED, {"schema/test_refused_writes_are_recorded.py"}),
    "hub.policy.permissions.field_scopes.reading": (
        "the list names fields, and the scopes of fields have one table, which the permission matrix shows",
        {"schema/state_dependent_codes.py"},
    ),
    "hub.policy.permissions.field_scopes.NOUNS": (WALKED, {"hub/policy/permissions/test_one_table.py"}),
    "hub.policy.permissions.field_scopes.OF_HOUSEHOLD": (
        SUBJECT,
        {"journeys/test_provenance.py", "hub/policy/permissions/test_one_table.py"},
    ),
    "hub.policy.permissions.field_scopes.OF_PERSON": (
        SUBJECT,
        {"journeys/test_provenance.py", "hub/policy/permissions/test_one_table.py"},
    ),
    "hub.circumstances.ages": (SUBJECT, {"hub/persons/test_ages.py"}),
    "hub.evaluation.coverage.withholding.RegionTree": (
        SUBJECT, {"hub/evaluation/coverage/test_withholding.py", "hub/evaluation/coverage/test_what_is_still_told.py"},
    ),
    "hub.evaluation.coverage.withholding.parts_of": (
        SUBJECT, {"hub/evaluation/coverage/test_withholding.py", "hub/evaluation/coverage/test_what_is_still_told.py"},
    ),
    "hub.evaluation.coverage.withholding.published_of_kind": (
        SUBJECT, {"hub/evaluation/coverage/test_withholding.py", "hub/evaluation/coverage/test_what_is_still_told.py"},
    ),
    "hub.evaluation.coverage.withholding.published_regions": (
        SUBJECT, {"hub/evaluation/coverage/test_withholding.py", "hub/evaluation/coverage/test_what_is_still_told.py"},
    ),
    "hub.disclosures.rules.DISCLOSED_KINDS": (SUBJECT, {"journeys/test_disclosures.py"}),
    "hub.disclosures.rules.masked_name": (SUBJECT, {"journeys/test_disclosures.py"}),
    "hub.evaluation.monitoring.rules.CONDITIONS": (
        SUBJECT,
        {
            "hub/evaluation/monitoring/test_against_python.py", "hub/evaluation/monitoring/test_first_and_last_days.py",
            "hub/evaluation/monitoring/test_run.py", "hub/policy/permissions/test_one_table.py",
        },
    ),
    "hub.overlaps.rules.Family": (SUBJECT, {"hub/overlaps/test_rules.py"}),
    "hub.overlaps.rules.OVERLAP_RULES": (SUBJECT, {"hub/overlaps/test_rules.py", "hub/policy/test_clauses.py"}),
    "hub.overlaps.rules.OverlapRule": (SUBJECT, {"hub/policy/test_clauses.py"}),
    "hub.evaluation.entitlements.rules.RULE_BY_CODE": (WALKED, {"hub/evaluation/entitlements/test_withheld.py"}),
    "hub.evaluation.entitlements.rules.RULES": (
        SUBJECT,
        {
            "hub/policy/test_clauses.py", "hub/evaluation/live/test_reading.py", "hub/evaluation/live/test_days_and_scopes.py",
        },
    ),
    "hub.evaluation.entitlements.rules.EntitlementRule": (SUBJECT, {"hub/policy/test_clauses.py"}),
    "hub.evaluation.visits.rules.reasons_withheld": (SUBJECT, {"hub/evaluation/visits/test_withheld.py"}),
    "hub.evaluation.visits.ranking.to_visit": (SUBJECT, {"hub/evaluation/visits/test_withheld.py"}),
    "hub.evaluation.visits.rules.CLAUSE": (SUBJECT, {"hub/policy/test_clauses.py"}),
    "hub.overlaps.rules.rule_between": (SUBJECT, {"hub/overlaps/test_rules.py"}),
    "hub.persons.ages.STAGE_AGES": (SUBJECT, {"hub/persons/test_ages.py"}),
    "hub.policy.facts.ages.full_years": (SUBJECT, {"hub/persons/test_ages.py"}),
    "hub.policy.facts.school_years.school_year": (SUBJECT, {"hub/evaluation/entitlements/test_windows.py"}),
    "hub.policy.facts.school_years.school_year_of": (SUBJECT, {"hub/persons/test_ages.py"}),
    "hub.persons.ages.stage_fits": (SUBJECT, {"hub/persons/test_ages.py"}),
    "hub.recoveries.overpayments.aid_in_question": (SUBJECT, {"hub/recoveries/test_sums.py"}),
    "hub.recoveries.sums.outstanding": (SUBJECT, {"hub/recoveries/test_sums.py"}),
    "hub.recoveries.sums.status": (SUBJECT, {"hub/recoveries/test_sums.py"}),
    "hub.referrals.rules.DEADLINES": (SUBJECT, {"hub/referrals/test_rules.py"}),
    "hub.referrals.rules.STEPS": (WALKED, {"hub/referrals/test_rules.py"}),
    "hub.policy.permissions.row_policies.RULES": (
        WALKED,
        {
            "hub/policy/permissions/test_row_policies.py", "hub/policy/permissions/test_rows_of_every_table.py",
            "schema/fuzz/test_the_sample_has_everything.py",
            "schema/fuzz/test_what_is_outside_the_grant_changes_nothing.py",
        },
    ),
    "hub.policy.permissions.row_policies.ForGrants": (
        SUBJECT,
        {"hub/policy/permissions/reading.py", "hub/policy/permissions/test_when_sight_ends.py"},
    ),
    "hub.policy.permissions.jurisdiction.grant_parameters": (
        SUBJECT,
        {
            "hub/policy/permissions/reading.py", "hub/policy/permissions/test_when_sight_ends.py",
            "hub/evaluation/live/test_reading.py", "hub/evaluation/live/test_days_and_scopes.py",
        },
    ),
    "hub.policy.permissions.row_policies.UndeclaredTable": (SUBJECT, {"hub/policy/permissions/test_row_policies.py"}),
    "hub.policy.permissions.jurisdiction.end_of": (SUBJECT, {"hub/policy/permissions/test_row_policies.py"}),
    "hub.policy.permissions.row_policies.visible": (
        SUBJECT,
        {
            "hub/policy/permissions/test_row_policies.py", "hub/policy/permissions/test_rows_of_every_table.py",
            "hub/policy/permissions/reading.py", "hub/policy/permissions/test_when_sight_ends.py",
        },
    ),
    **{
        f"hub.model.privileges.{name}": (
            "the database is compared with the list, which is written out beside", {"hub/ledger/test_least_privilege.py"}
        )
        for name in ("CHANGED", "LOADED_BY_THE_OWNER", "NOT_READ_BY_READERS", "READ_IN_PART", "declared_privileges")
    },
    "hub.model.records.NO_RECORDS": (SUBJECT, {"hub/ledger/test_record_form.py"}),
    "hub.model.records.covered_columns": (SUBJECT, {"hub/ledger/test_record_form.py", "hub/ledger/test_tampering.py"}),
    "hub.model.records.household_column": (WALKED, {"hub/ledger/test_tampering.py"}),
    "hub.model.records.record_tables": (
        SUBJECT,
        {"hub/ledger/test_record_form.py", "hub/ledger/test_recording.py", "hub/ledger/test_tampering.py"},
    ),
    **{
        f"hub.policy.permissions.implied_facts.{name}": (SUBJECT, {"hub/policy/permissions/test_one_table.py"})
        for name in ("EVENT_ABOUT", "FORM_IMPLIES", "KIND_IMPLIES", "SIGHT_EVENTS", "kind_is_there_for")
    },
    "hub.evaluation.visits.rules.VisitReason": (WALKED, {"hub/policy/test_clauses.py"}),
}  # fmt: skip
"""For each name: the reason, and the files that may take it."""


READ: dict[str, tuple[str, set[str]]] = {
    "zhengzhou_2024_46.txt": (
        "it is the policy itself",
        {"hub/policy/test_clauses.py", "journeys/test_policy_clauses.py"},
    ),
    "clauses.toml": (
        SUBJECT,
        {"hub/policy/test_clauses.py", "journeys/clauses/test_every_row.py", "test_architecture.py"},
    ),
    "zhengzhou.csv": (SUBJECT, {"hub/regions/test_places.py"}),
    "departments.toml": (
        "the file is named, and not read",
        {"hub/service/test_cli.py", "test_what_a_change_touches.py"},
    ),
    "aid.toml": ("the file is named, and not read", {"test_what_a_change_touches.py"}),
    "files of hub.policy": ("it reads the policy itself", {"journeys/test_policy_clauses.py"}),
    "files of hub.regions": (SUBJECT, {"hub/regions/test_places.py"}),
    "files of hub.imports": ("it asks for the names of the files", {"hub/imports/test_words.py"}),
}
"""The files of rules that tests name, the reason, and the tests."""


def of_rules(module: str) -> bool:
    """Whether a module contains rules of the hub."""
    return f".{module}".endswith(tuple(f".{rule}" for rule in OF_RULES))


def of_the_hub(module: str) -> bool:
    """Whether a module belongs to the checked packages."""
    return module.partition(".")[0] in ("hub", "schema", "auth")


@cache
def parsed() -> tuple[tuple[str, ast.Module], ...]:
    """Every test file, by its path."""
    files = sorted(TESTS.rglob("*.py"))
    return tuple((file.relative_to(TESTS).as_posix(), ast.parse(file.read_text("utf-8"))) for file in files)


def names_taken(tree: ast.Module) -> Iterator[str]:
    """Each name that a file takes from a module of rules, in whatever form it is imported."""
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(module=str(module), names=names) if of_the_hub(module):
                for one in names:
                    name = f"{module}.{one.name}"
                    by_facts = module.startswith("hub.policy.facts")
                    if by_facts or of_rules(module) or of_rules(name) or one.name.startswith(BOUNDS):
                        yield name
            case ast.Import(names=names):
                yield from (one.name for one in names if of_the_hub(one.name) and of_rules(one.name))
            case ast.Call(
                func=ast.Name("import_module") | ast.Attribute(attr="import_module"),
                args=[ast.Constant(str(name))],
            ):
                if of_the_hub(name) and of_rules(name):
                    yield name


def files_read(tree: ast.Module, data: Collection[str]) -> Iterator[str]:
    """Each file of rules that a test file names, and each package whose files it reads."""
    for node in ast.walk(tree):
        match node:
            case ast.Constant(str(text)) if text.rpartition("/")[2] in data:
                yield text.rpartition("/")[2]
            case ast.Call(
                func=ast.Name("files") | ast.Attribute(attr="files"), args=[ast.Constant(str(name))]
            ):
                yield f"files of {name}"


def test_no_expectation_is_taken_from_the_rules_that_it_checks() -> None:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for file, tree in parsed():
        for name in names_taken(tree):
            found[name].add(file)
    listed = {name: files for name, (_, files) in ALLOWED.items()}
    assert dict(found) == listed, (
        "write what is expected in tests/policy.py; what is tested itself is listed here"
    )


def test_no_expectation_is_read_from_the_files_of_rules() -> None:
    here = Path(__file__).name
    data = {
        path.name
        for folder in ("auth", "hub", "schema")
        for path in (TESTS.parent / folder).rglob("*")
        if path.suffix in DATA_OF_RULES
    }
    assert {"sight.toml", "programmes.toml", "holidays.csv"} <= data
    found: defaultdict[str, set[str]] = defaultdict(set)
    for file, tree in parsed():
        for name in files_read(tree, data) if file != here else ():
            found[name].add(file)
    assert dict(found) == {name: files for name, (_, files) in READ.items()}, "write what is expected"


def test_rules_are_found_however_they_are_taken() -> None:
    for text, expected in {
        "from hub.policy.permissions.sight import REASONS": ["hub.policy.permissions.sight.REASONS"],
        "from hub.policy.permissions import sight": ["hub.policy.permissions.sight"],
        "import hub.policy.permissions.sight": ["hub.policy.permissions.sight"],
        "import hub.aid.rules as rules": ["hub.aid.rules"],
        "importlib.import_module('hub.aid.rules')": ["hub.aid.rules"],
        "from hub.imports.records import read_records": [],
        "from tests.hub.policy.permissions.sight import MAY_SEE": [],
    }.items():
        assert list(names_taken(ast.parse(text))) == expected, text
    for text, expected in {
        "tomllib.loads((ROOT / 'hub/policy/permissions/sight.toml').read_text())": ["sight.toml"],
        "open(ROOT / 'hub' / 'sight.toml', 'rb')": ["sight.toml"],
        "files('hub.policy.permissions').joinpath(name)": ["files of hub.policy.permissions"],
        "files('tests').joinpath('a.toml')": ["files of tests"],
    }.items():
        assert list(files_read(ast.parse(text), {"sight.toml"})) == expected, text
