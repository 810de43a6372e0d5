"""The words of each enum stand in one function, which the CHECK of every column of them calls.

Until here each CHECK listed them, so that another word altered every table that may hold it. From here on `hub migrate` writes
the functions from the enums (`hub.foundation.words`), and a word needs no migration.
"""

from collections.abc import Mapping, Sequence

from alembic import op

from hub.foundation.words import write_words

revision: str = "2026_11_30_words"
down_revision: str | None = "2026_11_29_changes"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
previous_code_runs: bool = False

_WORDS: Mapping[str, str] = {
    "is_access_outcome": "ANSWERED PARTLY_FORBIDDEN REFUSED FAILED",
    "is_aid_kind": "BASIC_LIVING MEDICAL EDUCATION HOUSING EMPLOYMENT DISASTER TEMPORARY SERVICE OTHER CHARITY",
    "is_aid_status": "APPROVED PAID DELIVERED ENDED REVOKED",
    "is_alert_status": "OPEN VISITED DISPOSED CLOSED",
    "is_basic_living_form": "SUBSISTENCE_ALLOWANCE EXTREME_HARDSHIP_SUPPORT",
    "is_category": (
        "EXTREME_HARDSHIP SUBSISTENCE_ALLOWANCE POVERTY_RELAPSE_MONITORED SUBSISTENCE_MARGIN RIGID_EXPENDITURE "
        "OTHER_HARDSHIP"
    ),
    "is_channel": "COUNTER ONLINE VISIT HOTLINE",
    "is_charity_form": "DONATION PROJECT VOLUNTEER",
    "is_circumstance_kind": (
        "HARDSHIP_STUDENT REGISTERED_UNEMPLOYED SERIOUS_ILLNESS CHRONIC_ILLNESS RIGID_EXPENSE DISABILITY DEATH "
        "DISASTER MONITORED"
    ),
    "is_closed_because": "FACT_GONE DISPOSED",
    "is_conference_status": "CALLED HELD",
    "is_correction_reason": "MISTAKE FALSE_CLAIM NO_LONGER_ENTITLED DECEASED DUPLICATE",
    "is_danger_grade": "A B C D",
    "is_department": (
        "civil_affairs education human_resources urban_construction housing_security agriculture health "
        "emergency_management medical_insurance disabled_federation finance development_reform charity audit"
    ),
    "is_disability_type": "VISUAL HEARING SPEECH PHYSICAL INTELLECTUAL MENTAL MULTIPLE",
    "is_disaster_form": "EMERGENCY TRANSITIONAL DROUGHT WINTER_SPRING REBUILDING",
    "is_disposition": "CARRY_OUT INCLUDE CONFERENCE TERMINATE",
    "is_education_form": "GRANT LIVING_ALLOWANCE WORK_STUDY LOAN FEE_WAIVER",
    "is_education_stage": "KINDERGARTEN PRIMARY JUNIOR_HIGH SENIOR_HIGH VOCATIONAL COLLEGE",
    "is_employment": "EMPLOYED FLEXIBLE FARMING UNEMPLOYED STUDYING RETIRED NONE",
    "is_employment_form": "INTEREST_SUBSIDY TAX_RELIEF TRAINING_SUBSIDY SOCIAL_INSURANCE_SUBSIDY PUBLIC_WELFARE_POST",
    "is_end_reason": "DECEASED NO_LONGER_ELIGIBLE RISK_GONE FALSE_CLAIM MISTAKE RECERTIFIED COVERED_WHOLE COVERED_BY_MEMBER",
    "is_event_type": (
        "HOUSEHOLD_REGISTERED HOUSEHOLD_UPDATED CERTIFIED CERTIFICATION_ENDED CIRCUMSTANCE_REPORTED AID_RECORDED "
        "AID_AMENDED REFERRAL_SENT REFERRAL_ACCEPTED REFERRAL_RETURNED REFERRAL_COMPLETED CONFERENCE_CALLED "
        "CONFERENCE_HELD ALERT_RAISED ALERT_DISPOSED ALERT_CLOSED VISITED REFERRAL_FORWARDED REFERRAL_ENDED "
        "REFERRAL_REMINDED REFERRAL_ESCALATED APPLICATION_SUBMITTED CIRCUMSTANCE_ENDED OVERLAP_FOUND OVERLAP_DECIDED "
        "AID_REVOKED RECOVERY_OPENED RECOVERY_REPAID RECOVERY_WAIVED NEAR_RELATIVE_DECLARED NEAR_RELATIVE_ENDED "
        "DISCLOSED"
    ),
    "is_finding": (
        "STUDENT_WITHOUT_AID UNEMPLOYED_WITHOUT_AID ZERO_EMPLOYMENT ILLNESS_OUTSIDE SEVERE_DISABILITY_OUTSIDE "
        "DECEASED_RECIPIENT PARTLY_COVERED WITHOUT_LABOUR PREMIUM_NOT_IN_FULL SUPPLEMENT_MISSING ALLOWANCE_LATE "
        "DUPLICATE_AID PERSON_IN_TWO_HOUSEHOLDS REFERRAL_OVERDUE INCOME_ABOVE_LINE FOUND_ON_THE_SPOT "
        "MONTHLY_SHARE_LATE"
    ),
    "is_gender": "MALE FEMALE",
    "is_health": "HEALTHY CHRONIC SERIOUS",
    "is_housing_form": "PUBLIC_RENTAL RENT_SUBSIDY HOUSE_RENOVATION",
    "is_import_kind": "HOUSEHOLDS MONITORED AID LINES CIRCUMSTANCES",
    "is_job": "monitoring coverage reminders",
    "is_kinship": "SPOUSE PARENT CHILD SIBLING GRANDPARENT GRANDCHILD",
    "is_labour": "FULL WEAK NONE",
    "is_list_of": "CERTIFIED HELPED",
    "is_medical_form": "PREMIUM_SUBSIDY COST_AID EMERGENCY_FUND",
    "is_monitored_subtype": "UNSTABLE MARGINAL SUDDEN_HARDSHIP",
    "is_other_form": "HEATING FUNERAL_FEES ELECTRICITY WATER GAS DISABILITY_LIVING CHILD_REHABILITATION BARRIER_FREE",
    "is_outcome": "DONE FAILED",
    "is_overlap_code": (
        "ALLOWANCE_OR_SUPPORT RENTAL_OR_SUBSIDY PAID_FIRST_TOGETHER COST_LEFT_BY_INSURANCE MEDICAL_FORMS "
        "EDUCATION_FORMS EMPLOYMENT_FORMS DISASTER_FORMS SERVICE_FORMS OTHER_FORMS CHARITY_BESIDE NO_DUPLICATE"
    ),
    "is_overlap_disposition": "NOT_DUPLICATE BOTH_STAND CORRECT RECOVER",
    "is_overlap_side": "FIRST SECOND",
    "is_overlap_status": "OPEN DECIDED",
    "is_payee": "PERSON INSTITUTION",
    "is_receipt_of": (
        "AID REFERRAL CERTIFICATION CONFERENCE ALERT VISIT APPLICATION CIRCUMSTANCE RECOVERY REPAYMENT NEAR_RELATIVE "
        "OBJECTION CHANGE"
    ),
    "is_recommendation": "NOTHING CARRY_OUT INCLUDE CONFERENCE TERMINATE",
    "is_referral_status": "SENT ACCEPTED RETURNED COMPLETED FORWARDED ENDED",
    "is_region_level": "PROVINCE CITY COUNTY TOWNSHIP VILLAGE",
    "is_relation": "HEAD SPOUSE CHILD GRANDCHILD PARENT GRANDPARENT SIBLING OTHER",
    "is_residence": "URBAN RURAL",
    "is_service_form": "VISIT CARE COUNSELLING SOCIAL_WORK",
    "is_severity": "URGENT HIGH NORMAL",
    "is_shown_because": "REFERRAL_SENT REFERRAL_RECEIVED OWN_RECORD CONFERENCE ALERT ESCALATION",
    "is_support": "INSTITUTIONAL DISPERSED",
    "is_temporary_form": "PAY_FIRST CASE_CONFERENCE VAGRANT_RESCUE",
}
"""The words that each function knows at first."""

_COLUMNS: Mapping[str, Mapping[str, str]] = {
    "access_record": {"outcome": "is_access_outcome"},
    "agency": {"department": "is_department"},
    "aid_record": {"kind": "is_aid_kind", "status": "is_aid_status", "revoked_because": "is_correction_reason"},
    "alert": {
        "finding": "is_finding", "severity": "is_severity", "status": "is_alert_status",
        "disposition": "is_disposition", "closed_because": "is_closed_because",
    },
    "application": {"channel": "is_channel"},
    "basic_living_detail": {"form": "is_basic_living_form", "payee": "is_payee"},
    "certification": {
        "category": "is_category", "subtype": "is_monitored_subtype", "support": "is_support",
        "ended_because": "is_end_reason",
    },
    "chain_event": {"type": "is_event_type"},
    "charity_detail": {"form": "is_charity_form"},
    "charity_offer": {"category": "is_category"},
    "circumstance": {
        "source_registry": "is_department", "kind": "is_circumstance_kind", "disability_type": "is_disability_type",
        "education_stage": "is_education_stage",
    },
    "conference": {"status": "is_conference_status"},
    "conference_measure": {"kind": "is_aid_kind"},
    "coverage_category": {"category": "is_category"},
    "coverage_kind": {"category": "is_category", "aid_kind": "is_aid_kind"},
    "disaster_detail": {"form": "is_disaster_form"},
    "disclosure": {"list_of": "is_list_of"},
    "disclosure_entry": {"category": "is_category", "aid_kind": "is_aid_kind"},
    "education_detail": {"stage": "is_education_stage", "form": "is_education_form"},
    "employment_detail": {"form": "is_employment_form"},
    "household": {"residence": "is_residence"},
    "housing_detail": {"form": "is_housing_form", "danger_grade": "is_danger_grade"},
    "import_run": {"kind": "is_import_kind"},
    "medical_detail": {"form": "is_medical_form"},
    "monitoring_result": {"finding": "is_finding"},
    "monthly_share": {"source_registry": "is_department", "kind": "is_circumstance_kind"},
    "near_relative": {"kinship": "is_kinship"},
    "other_detail": {"form": "is_other_form"},
    "overlap_case": {
        "rule": "is_overlap_code", "status": "is_overlap_status", "disposition": "is_overlap_disposition",
        "withdrawn": "is_overlap_side",
    },
    "person": {
        "gender": "is_gender", "relation": "is_relation", "health": "is_health",
        "disability_type": "is_disability_type", "education_stage": "is_education_stage",
        "employment": "is_employment", "labour": "is_labour",
    },
    "poverty_line": {"category": "is_category", "residence": "is_residence"},
    "recovery": {"kind": "is_aid_kind", "because": "is_correction_reason"},
    "recovery_repayment": {"kind": "is_aid_kind"},
    "referral": {"need": "is_aid_kind", "status": "is_referral_status"},
    "region": {"level": "is_region_level"},
    "scheduled_job": {"job": "is_job", "outcome": "is_outcome"},
    "sent_certification": {"category": "is_category", "subtype": "is_monitored_subtype", "support": "is_support"},
    "sent_circumstance": {
        "source_registry": "is_department", "kind": "is_circumstance_kind", "disability_type": "is_disability_type",
        "education_stage": "is_education_stage",
    },
    "sent_household": {"residence": "is_residence"},
    "sent_member": {
        "gender": "is_gender", "relation": "is_relation", "health": "is_health",
        "disability_type": "is_disability_type", "education_stage": "is_education_stage",
        "employment": "is_employment", "labour": "is_labour",
    },
    "service_detail": {"form": "is_service_form"},
    "shown_household": {"because": "is_shown_because"},
    "temporary_detail": {"form": "is_temporary_form"},
    "visit": {"recommendation": "is_recommendation"},
    "write_receipt": {"kind": "is_receipt_of"},
}  # fmt: skip
"""The function of each column of words. `ck_aid_record_aidkind` is the CHECK of `aid_record` that calls `is_aid_kind`."""


def upgrade() -> None:
    """Make the functions, and have the CHECKs call them: each table is read once, and no row of it changes."""
    for function, words in _WORDS.items():
        write_words(op.get_bind(), function, words.split())
    for table, columns in _COLUMNS.items():
        _check(table, {function: f"{function}({column})" for column, function in columns.items()})


def downgrade() -> None:
    """List the words in each CHECK again. It fails, and changes nothing, where a row holds a word that came later."""
    for table, columns in _COLUMNS.items():
        _check(
            table, {function: f"{column} in ({_listed(function)})" for column, function in columns.items()}
        )
    for function in _WORDS:
        op.execute(f"drop function {function}(text)")


def _check(table: str, conditions: Mapping[str, str]) -> None:
    """Put the conditions in the place of those that stand there, all of a table at once."""
    names = {
        function: f"ck_{table}_{function.removeprefix('is_').replace('_', '')}" for function in conditions
    }
    dropped = [f"drop constraint {name}" for name in names.values()]
    added = [
        f"add constraint {names[function]} check ({condition})" for function, condition in conditions.items()
    ]
    op.execute(f"alter table {table} {', '.join(dropped + added)}")


def _listed(function: str) -> str:
    return ", ".join(f"'{word}'" for word in _WORDS[function].split())
