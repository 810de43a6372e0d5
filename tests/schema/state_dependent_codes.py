"""What each refusal of a mutation reveals of stored data, as a list that a reviewer compares with the policy (46-4.2).

A code may depend on the input, the grant, the day and public registers (`BY_INPUT`); on what the caller's own agency wrote
before (`OF_ONES_OWN`); or on stored fields, each with a line in `DEPENDENCIES`. A caller who may not read all these fields is
refused before anything is looked up. The single bits that a duty requires to reveal are `TOLD` in `fuzz/told_by_writes.py`,
and `ACCEPTED_BITS` here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from auth.grant import ScopeSets
from hub.policy.permissions.field_scopes import reading
from tests.schema.fuzz.told_by_writes import TOLD, ArgumentValue


@dataclass(frozen=True)
class Dependency:
    """The `codes` of some `mutations` reveal `fields` (coordinates). `of`: a field of the input that is compared with them,
    if not every input is."""

    mutations: str
    codes: str
    fields: str
    of: str = ""

    @property
    def lines(self) -> frozenset[tuple[str, str]]:
        """Each mutation with each code."""
        return frozenset(product(self.mutations.split(), self.codes.split()))

    @property
    def scopes(self) -> Sequence[ScopeSets]:
        """The scope sets that open each of the fields."""
        return [reading(one) for one in self.fields.split()]


@dataclass(frozen=True)
class AcceptedBit:
    """The `codes` of some `mutations` reveal one bit, which the duty cannot do without."""

    mutations: frozenset[str]
    codes: frozenset[str]
    clause: str
    reason: str


_OF_THE_INPUT = (
    "AID_FORM_NOT_YOURS AMBIGUOUS_REGION BATCH_TOO_LARGE CERTIFICATION_SUBJECT_INVALID CONFERENCE_REQUIRED"
    " CONFERENCE_OR_REASON_REQUIRED COUNTY_CONFIRMATION_REQUIRED"
    " COUNTY_OFFICE_REQUIRED DATE_IN_FUTURE DUPLICATE_HEAD DUPLICATE_HOUSEHOLD DUPLICATE_ROW FORBIDDEN_WRITE"
    " HEAD_REQUIRED LIABILITY_BY_COUNTY_REQUIRED"
    " HOUSEHOLD_VALUE_MISMATCH IDENTITY_NUMBER_MISMATCH INVALID_ACCOUNT INVALID_IDENTITY_NUMBER"
    " INVALID_INPUT INVALID_MONEY INVALID_NUMBER INVALID_PHONE INVALID_TEXT NOT_IN_CHARGE NOT_YOUR_CATEGORY"
    " NOT_YOUR_CONFERENCE NOT_YOUR_COUNTY NOT_YOUR_REGISTRY PAY_FIRST_LIMIT_EXCEEDED INVALID_PERIOD PERSON_REQUIRED"
    " REGION_OUTSIDE_JURISDICTION SEARCH_DEFERRED STANDARD_UNKNOWN SUBTYPE_INVALID SUPPORT_NOT_APPLICABLE"
    " TOO_MANY_HOUSEHOLDS CERTIFIED_AMOUNT_INVALID CERTIFIED_AMOUNT_NOT_APPLICABLE"
    " TOO_MANY_MEMBERS UNKNOWN_COUNTY UNKNOWN_REGION USE_REVOKE_AID VISIT_IN_FUTURE WAIVER_BY_COUNTY_REQUIRED"
)
BY_INPUT = frozenset(_OF_THE_INPUT.split())
"""They depend on the input, the grant and the day, and on registers that everybody may read: regions, agencies, standards."""

OF_ONES_OWN: Mapping[str, str] = {
    "CONFLICT": "the earlier content of the same agency under the same externalId",
    "MATTER_LIMIT_EXCEEDED": "the earlier pay-first aid of the same agency for the same matter",
    "SEARCH_LIMIT_REACHED": "how often the same client searched that day",
}

ONLY_WARNED = frozenset({"AGE_UNLIKELY", "NAME_CHANGED", "SCHOOL_YEAR_UNLIKELY", "STAGE_UNLIKELY"})
"""They refuse nothing. They warn about data that the caller may read
(`fuzz/test_what_is_outside_the_grant_changes_no_write.py`)."""

_AID = "recordAid recordAids amendAid revokeAid supplyPapers"
_CHANGES_OF_AID = "amendAid revokeAid supplyPapers"
_STEPS = "acceptReferral returnReferral completeReferral endReferral forwardReferral"
_SENDING = "createReferral forwardReferral submitApplication openConference closeConference disposeAlert"
_CERTIFYING = "certify terminateCertification disposeAlert"
_ABOUT_SOMEBODY = (
    "recordAid recordAids raiseAlert recordVisit submitApplication certify reportCircumstances openConference declareNearRelative"
    " mediateOverlap createReferral recordUrgentAid"
)
_ABOUT_A_RECORD = (
    f"{_CHANGES_OF_AID} {_STEPS} recordLiability"
    " disposeAlert terminateCertification closeConference publishDisclosure withdrawDisclosure"
    " objectToDisclosure endNearRelative offerCharity withdrawOffer decideOverlap openRecovery recordRepayment waiveRecovery"
    " upsertHouseholds recordCountyOption endCountyOption"
)

ACCEPTED_BITS: Sequence[AcceptedBit] = (
    AcceptedBit(
        frozenset(_ABOUT_SOMEBODY.split()),
        frozenset({"NOT_FOUND"}),
        "46-2.1",
        "only the hub creates ids, for callers who saw the row; only callers who read numbers name people by number. The writer"
        " learns that the row is no longer in sight, and nothing else about it",
    ),
    AcceptedBit(
        frozenset(f"{_ABOUT_SOMEBODY} {_ABOUT_A_RECORD}".split()),
        frozenset({"AMBIGUOUS_IDENTITY"}),
        "46-2.1",
        "a person in sight is a member of two households; revealed to those who name by number, and so read numbers",
    ),
    AcceptedBit(
        frozenset({"supplyPapers"}),
        frozenset({"EXCLUSIVE_AID"}),
        "46-2.1",
        "an amendment is checked against existing aid; one of papers alone overlaps only with what its record overlapped before",
    ),
)

DEPENDENCIES: Sequence[Dependency] = (
    Dependency(_CHANGES_OF_AID, "NOT_FOUND STALE_VERSION ALREADY_REVOKED NOT_YOUR_RECORD", "AidRecord.status AidRecord.agency"),
    Dependency("amendAid supplyPapers", "DETAIL_KIND_MISMATCH FORBIDDEN_WRITE", "AidRecord.kind"),
    Dependency("supplyPapers", "NO_PAPERS_DUE", "TemporaryAid.form TemporaryAid.papersSuppliedOn"),
    Dependency("supplyPapers", "INVALID_INPUT", "AidRecord.decidedOn"),
    Dependency(
        "recordAid recordAids amendAid supplyPapers", "NOT_FOUND CONFERENCE_NOT_HELD NOT_DECIDED_BY_CONFERENCE",
        "Conference.status ConferenceMeasure.amount", of="conference",
    ),
    Dependency("recordCountyOption", "NOT_FOUND", "CountyOption.county"),
    Dependency(
        "recordUrgentAid", "CONFERENCE_NOT_HELD NOT_DECIDED_BY_CONFERENCE", "Conference.status ConferenceMeasure.amount",
        of="conference",
    ),
    Dependency("recordUrgentAid", "OFFER_EXHAUSTED", "CharityOffer.remaining CharityOffer.until", of="offer"),
    Dependency(
        "recordUrgentAid",
        "FOREIGN_HOUSEHOLD HEAD_MISSING HEAD_NAME_MISMATCH HEAD_REFUSED NAMES_SHIFTED PERSON_IN_ANOTHER_HOUSEHOLD STALE_VERSION"
        " VALUE_MISSING",
        "Household.code Household.version Person.idNumber Person.name", of="idNumber",
    ),
    Dependency(
        "recordUrgentAid",
        "ALREADY_CERTIFIED CERTIFICATION_ENDED CERTIFICATION_OVERLAPS CONTRADICTORY_CERTIFICATION HOUSEHOLD_ALREADY_COVERED",
        "Certification.category Certification.validFrom Certification.endedOn", of="category",
    ),
    Dependency("recordUrgentAid", "NAME_MISMATCH", "Person.name Person.idNumber", of="idNumber"),
    Dependency(_AID, "NOT_FOUND OFFER_EXHAUSTED", "CharityOffer.remaining CharityOffer.until", of="offer"),
    Dependency("mediateOverlap", "NOT_FOUND", "Person.idNumber", of="idNumber"),
    Dependency(
        "openRecovery",
        "NOT_FOUND FORBIDDEN_WRITE NOT_YOUR_RECOVERY",
        "AidRecord.kind AidRecord.agency Household.region",
    ),
    Dependency("openRecovery", "INVALID_INPUT", "EducationAid.revokedBecause"),
    Dependency(
        "openRecovery",
        "NOTHING_TO_RECOVER ALREADY_RECOVERED AMOUNT_EXCEEDS_PAID",
        "EducationAid.amount Recovery.amount",
    ),
    Dependency(
        "recordRepayment waiveRecovery", "NOT_FOUND STALE_VERSION FORBIDDEN_WRITE NOT_YOUR_RECOVERY RECOVERY_SETTLED",
        "Recovery.kind Recovery.outstanding AidRecord.agency Household.region",
    ),
    Dependency("recordRepayment", "AMOUNT_EXCEEDS_OUTSTANDING INVALID_INPUT", "Recovery.outstanding Recovery.openedOn"),
    Dependency("waiveRecovery", "FALSE_CLAIM_NOT_WAIVABLE", "Recovery.because"),
    Dependency(
        _STEPS, "NOT_FOUND STALE_VERSION NOT_YOUR_REFERRAL NOT_REFERRAL_SENDER REFERRAL_STATUS_CONFLICT",
        "Referral.status Referral.from Referral.to",
    ),
    Dependency("forwardReferral", "INVALID_INPUT", "Referral.to"),
    Dependency(
        "completeReferral", "NOT_FOUND AID_DOES_NOT_MATCH_NEED REVOKED_AID_CANNOT_ANSWER", "AidRecord.kind AidRecord.status",
        of="aidRecordIds",
    ),
    Dependency("offerCharity publishDisclosure", "NOT_FOUND", "Region.code"),
    Dependency(
        "createReferral forwardReferral submitApplication openConference",
        "AGENCY_OUTSIDE_REGION",
        "Household.region",
    ),
    Dependency("disposeAlert", "AGENCY_OUTSIDE_REGION", "Household.region", of="toAgency"),
    Dependency("closeConference", "AGENCY_OUTSIDE_REGION", "Household.region"),
    Dependency("submitApplication", "NO_AGENCY_IN_CHARGE", "Household.region Household.residence"),
    Dependency(
        "certify",
        "ALREADY_CERTIFIED CERTIFICATION_ENDED CERTIFICATION_OVERLAPS CONTRADICTORY_CERTIFICATION HOUSEHOLD_ALREADY_COVERED",
        "Certification.category Certification.validFrom Certification.endedOn",
    ),
    Dependency("certify terminateCertification", "OUTSIDE_JURISDICTION", "Household.region"),
    Dependency(
        "terminateCertification",
        "NOT_FOUND STALE_VERSION ALREADY_CERTIFIED CERTIFICATION_ENDED CERTIFICATION_OVERLAPS CONTRADICTORY_CERTIFICATION"
        " HOUSEHOLD_ALREADY_COVERED NOT_YOUR_CATEGORY INVALID_INPUT INVALID_PERIOD",
        "Certification.category Certification.validFrom Certification.endedOn",
    ),
    Dependency("disposeAlert", "NOT_FOUND STALE_VERSION ALERT_DISPOSED ALERT_NOT_VISITED", "Alert.status"),
    Dependency(
        "disposeAlert",
        "ALREADY_CERTIFIED CERTIFICATION_ENDED CERTIFICATION_OVERLAPS CONTRADICTORY_CERTIFICATION HOUSEHOLD_ALREADY_COVERED"
        " OUTSIDE_JURISDICTION NOT_YOUR_CATEGORY"
        " INVALID_INPUT INVALID_PERIOD",
        "Certification.category Certification.validFrom Certification.endedOn Household.region", of="termination",
    ),
    Dependency(
        "disposeAlert",
        "ALREADY_CERTIFIED CERTIFICATION_ENDED CERTIFICATION_OVERLAPS CONTRADICTORY_CERTIFICATION HOUSEHOLD_ALREADY_COVERED"
        " OUTSIDE_JURISDICTION",
        "Certification.category Certification.validFrom Certification.endedOn Household.region", of="inclusion",
    ),
    Dependency("recordVisit", "NOT_FOUND INVALID_INPUT", "Alert.raisedAt", of="alertId"),
    Dependency(
        "closeConference", "NOT_FOUND STALE_VERSION CONFERENCE_HELD NOT_YOUR_CONFERENCE INVALID_INPUT",
        "Conference.status Conference.calledBy Conference.calledAt",
    ),
    Dependency(
        "decideOverlap",
        "NOT_FOUND STALE_VERSION OVERLAP_DECIDED NOT_YOUR_OVERLAP_CASE",
        "OverlapCase.status OverlapCase.toAgency",
    ),
    Dependency("publishDisclosure", "ALREADY_DISCLOSED", "Disclosure.month Disclosure.withdrawnAt"),
    Dependency(
        "withdrawDisclosure",
        "NOT_FOUND STALE_VERSION DISCLOSURE_WITHDRAWN NOT_YOUR_DISCLOSURE",
        "Disclosure.withdrawnAt",
    ),
    Dependency("objectToDisclosure", "NOT_FOUND INVALID_INPUT", "Disclosure.publishedAt DisclosureEntry.place"),
    Dependency("objectToDisclosure", "DISCLOSURE_WITHDRAWN", "Disclosure.withdrawnAt"),
    Dependency(
        "endNearRelative",
        "NOT_FOUND STALE_VERSION DECLARATION_ENDED NOT_YOUR_DECLARATION",
        "NearRelative.endedOn NearRelative.agency",
    ),
    Dependency(
        "recordLiability", "NOT_FOUND FORBIDDEN_WRITE LIABILITY_NOT_APPLICABLE", "AidRecord.kind AidRecord.status",
    ),
    Dependency("recordCountyOption", "ALREADY_EXTENDED", "CountyOption.since CountyOption.category"),
    Dependency(
        "endCountyOption",
        "NOT_FOUND STALE_VERSION NOT_YOUR_COUNTY COUNTY_OPTION_ENDED INVALID_INPUT",
        "CountyOption.county CountyOption.endedOn CountyOption.since",
    ),
    Dependency("withdrawOffer", "NOT_FOUND STALE_VERSION OFFER_WITHDRAWN", "CharityOffer.withdrawnAt"),
    Dependency("reportCircumstances", "STALE_VERSION", "Circumstance.version"),
    Dependency(
        "recordAid recordAids reportCircumstances mediateOverlap", "NAME_MISMATCH", "Person.name", of="'name'",
    ),
    Dependency("upsertHouseholds", "HEAD_NAME_MISMATCH HEAD_REFUSED NAMES_SHIFTED", "Household.code Person.idNumber Person.name"),
    Dependency(
        "upsertHouseholds", "NOT_FOUND STALE_VERSION HEAD_MISSING VALUE_MISSING DUPLICATE_HEAD",
        "Household.code Household.version Person.idNumber",
    ),
    Dependency(
        "upsertHouseholds",
        "ALREADY_CERTIFIED CERTIFICATION_ENDED CERTIFICATION_OVERLAPS CONTRADICTORY_CERTIFICATION HOUSEHOLD_ALREADY_COVERED",
        "Certification.category Certification.validFrom Certification.endedOn", of="category",
    ),
)  # fmt: skip


def lines_of(mutation: str) -> frozenset[str]:
    """The codes of a mutation that have a line in any of the lists."""
    own = {code for one in DEPENDENCIES for name, code in one.lines if name == mutation}
    bits = {code for one in ACCEPTED_BITS if mutation in one.mutations for code in one.codes}
    told = {code for one in TOLD if mutation in one.mutations for code in one.codes | one.follows}
    return frozenset(own | bits | told)


def needed(mutation: str, given: ArgumentValue) -> Sequence[ScopeSets]:
    """The scope sets that open everything that the refusals of an input reveal."""
    about = [one for one in DEPENDENCIES if mutation in one.mutations.split() and one.of in str(given)]
    return list(dict.fromkeys(scopes for one in about for scopes in one.scopes))
