"""What a grant may not see, by the words of the permissions, as data: the scope that each column and each row needs.

A reviewer compares these tables with the words of the scopes (auth/scopes.py); the hub's own plan and predicates are not
used. `household:read` opens its columns to its holders, `a|b` to the holders of either, `a&b` to the holders of both.
`{kind}` stands for a column of the row in lower case. A column under NOTHING is in no response at all. A row out of sight, or
of a table whose scope in ROWS is missing, is outside with all its columns. KEPT holds the columns that say where a row
belongs and how it is found; they are open if the row is visible. So is the decision about two records: callers who read both
records see an entitlement that counts them once.
"""

from collections.abc import Mapping
from typing import Any

from auth.departments import DEPARTMENTS, scope_of
from auth.grant import Grant
from auth.scopes import Scope

NOTHING = ""


OPENS: Mapping[str, Mapping[str, str]] = {
    "household": {
        "household:read": "code region residence version updated_at",
        "household.address:read": "address",
        "household.finance:read": "income_per_capita",
        NOTHING: "source_agency created_at",
    },
    "person": {
        "person:read": "name id_number_masked birth_date gender relation left_on",
        "person.identity:read": "id_number_sealed id_number_index",
        "person.contact:read": "phone_sealed",
        "household.finance:read": "account_sealed",
        "person.health:read": "health",
        "person.disability:read": "disability_type disability_grade",
        "person.education:read": "education_stage school",
        "person.employment:read": "employment labour",
        NOTHING: "source_agency version created_at updated_at",
    },
    "certification": {
        "certification:read": "category subtype support valid_from valid_until ended_on ended_because end_reason authority"
        " policy_basis version",
        "certification:read&aid.basic_living:read": "certified_amount",
        NOTHING: "recorded_at",
    },
    "near_relative": {
        "certification.near_relative:read": "kinship office post agency_id declared_on ended_on end_reason policy_basis version",
        NOTHING: "external_id recorded_at",
    },
    "liability_decision": {
        "liability:read": "aid_id party outcome reason measure agency_id decided_on policy_basis",
        NOTHING: "external_id recorded_at",
    },
    "disclosure": {
        "disclosure:read": "agency_id published_at entries policy_basis withdrawn_at withdraw_reason version",
        NOTHING: "external_id",
    },
    "disclosure_entry": {"disclosure:read": "masked_name category aid_kind since"},
    "disclosure_objection": {
        "alert:read": "agency_id objected_on ground alert_id recorded_at",
        NOTHING: "external_id",
    },
    "circumstance": {
        "circumstance.{source_registry}:read": "kind since until disability_type disability_grade education_stage"
        " school amount note agency_id version",
        NOTHING: "recorded_at external_id",
    },
    "aid_record": {
        "aid:read": "kind program agency_id period_from period_until status decided_on paid_on policy_basis"
        " recorded_at superseded_at",
        "aid.{kind}:read": "amount outcome amendment_reason revoked_because",
        NOTHING: "external_id client_id",
    },
    "basic_living_detail": {"aid.basic_living:read": "form payee month_supplement institution"},
    "medical_detail": {"aid.medical:read": "form hospital total_cost insurance_paid premium_in_full"},
    "education_detail": {"aid.education:read": "form school_year stage school"},
    "housing_detail": {"aid.housing:read": "form floor_area danger_grade"},
    "employment_detail": {"aid.employment:read": "form employer post"},
    "disaster_detail": {"aid.disaster:read": "form disaster struck_on"},
    "temporary_detail": {
        "aid.temporary:read": "form trouble happened_at_region papers_due_on papers_supplied_on conference"
        " no_conference_reason happened_on",
    },
    "service_detail": {"aid.service:read": "form provider times"},
    "other_detail": {"aid.other:read": "form quantity"},
    "charity_detail": {"aid.charity:read": "form organisation project offer"},
    "relapse_prevention_detail": {"aid.relapse_prevention:read": "form measure"},
    "recovery": {
        "aid.{kind}:read": "agency_id because manner goods amount reason opened_on due_on waived waive_reason waived_by waived_on"
        " policy_basis version",
        NOTHING: "external_id recorded_at",
    },
    "recovery_repayment": {
        "aid.{kind}:read": "agency_id amount repaid_on",
        NOTHING: "external_id recorded_at",
    },
    "referral": {
        "referral:read": "from_agency to_agency need reason status sent_at due_at accepted_at closed_at"
        " end_reason reminded_at escalated_at escalated_to return_reason outcome version",
        NOTHING: "external_id",
    },
    "sent_household": {
        "household:read": "region residence",
        "household.address:read": "address",
        "household.finance:read": "income_per_capita",
    },
    "sent_member": {
        "referral:read&person:read": "name id_number_masked birth_date gender relation",
        "person.health:read": "health",
        "person.disability:read": "disability_type disability_grade",
        "person.education:read": "education_stage school",
        "person.employment:read": "employment labour",
    },
    "sent_certification": {
        "referral:read&certification:read": "category subtype support valid_from valid_until authority",
    },
    "sent_circumstance": {
        "referral:read&circumstance.{source_registry}:read": "kind since until disability_type disability_grade"
        " education_stage school amount note",
    },
    "application": {"referral:read": "agency_id channel submitted_at", NOTHING: "external_id"},
    "alert": {
        "alert:read": "finding severity evidence reason policy_basis raised_by to_agency raised_at due_at status disposition"
        " disposition_reason disposed_by disposed_at certification_id conference_id closed_at closed_because version",
        NOTHING: "external_id run_id as_of",
    },
    "overlap_case": {
        "overlap:read": "rule said to_agency opened_at reason decided_by decided_at version",
    },
    "monitoring_run": {"alert:read": "as_of started_at finished_at"},
    "monitoring_result": {"alert:read": "found raised closed milliseconds"},
    "visit": {
        "visit:read": "agency_id visited_on visitors found recommendation recorded_at",
        NOTHING: "external_id",
    },
    "conference": {
        "conference:read": "called_by called_at meets_on matter status held_on minutes decision version",
        NOTHING: "alert_id external_id",
    },
    "conference_measure": {"conference:read": "agency_id kind amount what referral_id"},
    "chain_event": {
        "household:read": "type agency_id occurred_at recorded_at policy_basis",
        "audit:read": "client_id body hash previous_hash",
        "person:read|audit:read": "person_id",
        "aid:read|referral:read|certification:read|alert:read|visit:read|conference:read|overlap:read|audit:read"
        "|certification.near_relative:read|liability:read|disclosure:read": "subject_id",
    },
    "field_change": {"field.{field}": "before after"},
    "access_record": {
        "audit:read|household.access:read": "at agency_id purpose coordinates_digest kept household_ids person_ids"
        " whole_households",
        "audit:read": "client_id person operation_name operation_hash forbidden rows milliseconds outcome code codes refused"
        " numbers_named variables",
    },
    "shown_household": {NOTHING: "since"},
    "monthly_share": {
        "statistics:read|circumstance.{source_registry}:read": "policy_basis due_on rows agency_id first_shared_at shared_at"
        " found_late_at late_closed_at",
    },
    "coverage": {"statistics:read": "parent day as_of"},
    "coverage_category": {"statistics:read": "households persons told"},
    "coverage_kind": {"statistics:read": "entitled received referred missing duplicated told"},
}
"""Table, the scope, and the columns that it opens.

The type, agency and time of an event of the chain are open even if the data that it is about is outside: the words of
`household:read` say so. The event itself is outside if its existence reveals a fact, that is, if a scope of its `needs` is
missing. `statistics:read` opens the numbers of coverage, whatever they count; tests/journeys/test_coverage.py tests which
numbers are withheld.
"""

FIELDS: Mapping[str, str] = {
    field: scope
    for scope, fields in {
        "household:read": "code region residence",
        "household:read&household.address:read": "address",
        "household:read&household.finance:read": "incomePerCapita",
        "household:read&person:read": "name relation birthDate gender",
        "household:read&person:read&person.identity:read": "idNumber",
        "household:read&person:read&person.contact:read": "phone",
        "household:read&person:read&household.finance:read": "account",
        "household:read&person:read&person.health:read": "health",
        "household:read&person:read&person.disability:read": "disabilityType disabilityGrade",
        "household:read&person:read&person.education:read": "educationStage school",
        "household:read&person:read&person.employment:read": "employment labour",
    }.items()
    for field in fields.split()
}
"""The scopes that open the change of each field. `field.address` stands for those of `address`."""

COLUMNS: Mapping[str, Mapping[str, str]] = {
    table: {column: scope for scope, columns in opens.items() for column in columns.split()}
    for table, opens in OPENS.items()
}
"""The same by column: the scope that opens it."""

ROWS: Mapping[str, str] = {
    "person": "person:read",
    "certification": "certification:read",
    "near_relative": "certification.near_relative:read",
    "liability_decision": "liability:read",
    "disclosure": "disclosure:read",
    "disclosure_entry": "disclosure:read",
    "disclosure_objection": "alert:read",
    "circumstance": "circumstance.{source_registry}:read",
    "aid_record": "aid:read",
    "recovery": "aid.{kind}:read",
    "recovery_repayment": "aid.{kind}:read",
    "referral": "referral:read",
    "referral_aid": "referral:read",
    "sent_household": "referral:read",
    "sent_member": "referral:read&person:read",
    "sent_certification": "referral:read&certification:read",
    "sent_circumstance": "referral:read&circumstance.{source_registry}:read",
    "application": "referral:read",
    "alert": "alert:read",
    "alert_referral": "alert:read",
    "overlap_case": "overlap:read",
    **dict.fromkeys(("monitoring_run", "monitoring_result"), "alert:read"),
    "visit": "visit:read",
    "conference": "conference:read",
    "conference_participant": "conference:read",
    "conference_measure": "conference:read",
    "chain_event": "household:read",
    "field_change": "field.{field}",
    "access_record": "audit:read|household.access:read",
    "monthly_share": "statistics:read|circumstance.{source_registry}:read",
    **dict.fromkeys(("coverage", "coverage_category", "coverage_kind"), "statistics:read"),
}
"""The scope that a row needs to be visible at all. Of a household in sight, everybody may see the id."""

KEPT: Mapping[str, frozenset[str]] = {
    table: frozenset({"household_id", "id", *more})
    for table, more in {
        "household": (),
        "person": (),
        "certification": ("person_id",),
        "aid_record": ("person_id", "version"),
        "circumstance": ("person_id", "source_registry"),
        "application": ("person_id",),
        "near_relative": ("person_id",),
        "liability_decision": (),
        "disclosure": ("region", "month", "list_of"),
        "disclosure_entry": ("disclosure_id", "number", "region"),
        "disclosure_objection": ("disclosure_id", "number"),
        "recovery": ("person_id", "aid_id", "kind"),
        "recovery_repayment": ("recovery_id", "number", "kind"),
        "referral": ("person_id", "forwarded_from", "application_id"),
        "referral_aid": ("referral_id", "aid_id"),
        "sent_household": ("referral_id",),
        "sent_member": ("referral_id", "person_id"),
        "sent_certification": ("referral_id", "certification_id", "person_id"),
        "sent_circumstance": ("referral_id", "circumstance_id", "person_id", "source_registry"),
        "chain_event": ("number", "answers", "needs", "position"),
        "alert": ("person_id", "needs"),
        "alert_referral": ("alert_id", "referral_id"),
        "visit": ("person_id", "alert_id"),
        "overlap_case": (
            "person_id",
            "first_household_id",
            "first_id",
            "first_agency",
            "second_id",
            "second_agency",
            "second_external_id",
            "alert_id",
            "status",
            "disposition",
            "withdrawn",
        ),
        "monitoring_run": ("region",),
        "monitoring_result": ("run_id", "finding", "needs"),
        "conference": ("person_id",),
        "conference_participant": ("conference_id", "agency_id"),
        "conference_measure": ("conference_id", "number"),
        "field_change": ("number", "field"),
        "access_record": (),
        "shown_household": ("agency_id", "because", "until"),
        "monthly_share": ("source_registry", "kind", "month", "region"),
        "coverage": ("region", "month"),
        "coverage_category": ("region", "month", "category"),
        "coverage_kind": ("region", "month", "category", "aid_kind"),
        **{table: ("version",) for table in COLUMNS if table.endswith("_detail")},
    }.items()
}


def _grant(agency: str, *regions: str, only: str = "", but: str = "", whole: bool = False) -> Grant:
    department, _, region = agency.partition("@")
    scopes = set(Scope) if whole else set(DEPARTMENTS[department].scopes)
    if only:
        scopes = {scope_of(word) for word in only.split()}
    return Grant(agency, "fuzz", frozenset(scopes - set(but.split())), regions or (region,), "test")


GRANTS: Mapping[str, Grant] = {
    "an education office of a county": _grant("education@410105"),
    "a charity, which reads no person": _grant("charity@410105"),
    "civil affairs of a county without money, numbers, telephones, schools and illness": _grant(
        "civil_affairs@410102",
        but="household.finance:read person.identity:read person.contact:read person.education:read"
        " circumstance.health:read",
    ),
    "a township without aid, certifications and deaths": _grant(
        "civil_affairs@410105001", but="aid:read certification:read circumstance.civil_affairs:read"
    ),
    "medical insurance of two counties and of what was shown to it in a third, without households": _grant(
        "medical_insurance@410183",
        "410184",
        "410122",
        but="household:read circumstance.medical_insurance:read",
    ),
    "an auditor of a county who reads no person": _grant("audit@410105", but="person:read"),
    "households and nothing else": _grant("development_reform@410181", only="household:read"),
    "everything, in one county": _grant("civil_affairs@410183", whole=True),
}


def words_of(grant: Grant) -> set[str]:
    """The scopes of a grant, and the words that stand for several of them."""
    fields = (
        f"field.{field.lower()}"
        for field, scope in FIELDS.items()
        if grant.scopes.issuperset(scope.split("&"))
    )
    return {*grant.scopes, *fields}


def opened(scope: str, grant: Grant, row: Mapping[str, Any]) -> bool:
    """Whether a grant has the scope that a row, or a column of it, needs."""
    lower = {name: str(value).lower() for name, value in row.items()}
    return scope != NOTHING and any(
        all(both.format(**lower) in words_of(grant) for both in one.split("&")) for one in scope.split("|")
    )
