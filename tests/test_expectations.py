"""What tests expect is written from the policy, the law, a standard or the contract (`tests.policy`), and is not taken from the
code that they check. Each name that a test takes from a module of rules is on the list below, with the reason."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parent
OF_RULES = (
    "rules", "ages", "supplements", "urgent", "warnings", "forms", "overlapping_aid", "withholding", "counting", "windows",
    "sums", "overpayments", "ranking", "lateness", "row_policies", "jurisdiction", "field_scopes", "amounts",
)  # fmt: skip
"""Modules that hold what the hub decides by."""
BOUNDS = ("MOST_", "FRESH_", "LARGEST_", "LONGEST_", "FEW")
"""How names of bounds begin, wherever they stand."""
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
            "ages": {"test_members"}, "aid": {"test_edges", "test_households"}, "alerts": {"test_households"},
            "certifications": {"test_edges", "test_households"}, "circumstances": {"test_edges", "test_households"},
            "conditions": {"test_members", "test_households"}, "labour": {"test_members", "test_households"},
            "persons": {"test_edges", "test_members"}, "referrals": {"test_households"}, "school_years": {"test_members"},
            "shares": {"test_households"}, "supplements": {"test_members"},
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
    "hub.evaluation.coverage.withholding.Tree": (
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
        {"hub/policy/test_clauses.py", "hub/evaluation/live/test_reading.py"},
    ),
    "hub.evaluation.entitlements.rules.EntitlementRule": (SUBJECT, {"hub/policy/test_clauses.py"}),
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
    "hub.referrals.rules.STEPS": (WALKED, {"hub/referrals/test_rules.py", "journeys/test_referral_life.py"}),
    "hub.referrals.rules.Side": (WALKED, {"journeys/test_referral_life.py"}),
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
            "hub/evaluation/live/test_reading.py",
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
    "hub.evaluation.visits.rules.VisitReason": (WALKED, {"hub/policy/test_clauses.py", "journeys/test_visit_list.py"}),
}  # fmt: skip
"""What is taken, why, and by whom."""


def taken() -> Iterator[tuple[str, str]]:
    """Each name that a test takes from a module of rules, with the file."""
    for file in sorted(TESTS.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if (
                isinstance(node, ast.ImportFrom)
                and node.module
                and node.module.split(".")[0] in ("hub", "schema", "auth")
            ):
                for one in node.names:
                    name = f"{node.module}.{one.name}"
                    if (
                        node.module.startswith("hub.policy.facts")
                        or node.module.split(".")[-1] in OF_RULES
                        or one.name in OF_RULES
                        or one.name.startswith(BOUNDS)
                    ):
                        yield name, file.relative_to(TESTS).as_posix()


def test_no_expectation_is_taken_from_the_rules_that_it_checks() -> None:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for name, file in taken():
        found[name].add(file)
    listed = {name: files for name, (_, files) in ALLOWED.items()}
    assert dict(found) == listed, (
        "write what is expected in tests/policy.py; what is tested itself is listed here"
    )
