"""The one table of field scopes: for each noun, the scopes that open it, and the scopes that open each of its fields.

The names are those of the published schema. A line names fields, or covers the groups of columns that the model declares
(`groups_of`). The schema's types, the changes and events of the chain, the snapshots of referrals, the facts of the rules and
the sentences of the chain all read their scopes here. A field without a line stops the start. Ids are open, and so are the
fields of a payload, which show what the mutation just wrote.
"""

from collections.abc import Iterable, Mapping

from auth.grant import Grant, ScopeSets
from auth.scopes import Scope
from hub.model.households import HouseholdRow
from hub.model.persons import PersonRow
from hub.policy.permissions import bases
from hub.policy.permissions.aid_fields import AID_OF_KIND, AID_RECORD, RECOVERY
from hub.policy.permissions.chain_fields import CHAIN
from hub.policy.permissions.groups import groups_of
from hub.policy.permissions.nouns import Noun, UndeclaredField, noun
from hub.policy.permissions.root_scopes import MUTATION, QUERY
from hub.policy.permissions.scope_sets import OPEN, needs, together

HOUSEHOLD = noun(
    bases.HOUSEHOLD,
    {
        "code region": OPEN,
        "residence circumstances entitlements entitlementsWithheld chain provenance version updatedAt": bases.HOUSEHOLD,
        **groups_of("household", HouseholdRow),
        "incomePerCapita": together(bases.HOUSEHOLD, bases.FINANCE),
        "members": bases.PERSON,
        "category certifications": bases.CERTIFICATION,
        "partlyCovered coveredMembers": together(bases.CERTIFICATION, bases.PERSON),
        "aidRecords recoveries": bases.AID,
        "referrals applications": bases.REFERRAL,
        "alerts alertsWithheld": bases.ALERT,
        "visits": bases.VISIT,
        "conferences": bases.CONFERENCE,
        "overlapCases": bases.OVERLAP,
        "accessRecords": bases.AUDIT,
        "accessNotices": bases.NOTICE,
    },
)

PERSON = noun(
    bases.PERSON,
    {
        "name idNumberMasked birthDate gender relation monthlySupplement": bases.PERSON,
        "idNumber": bases.IDENTITY,
        "phone": bases.CONTACT,
        "account": bases.FINANCE,
        **groups_of("person", PersonRow),
        "circumstances": bases.REGISTRY,
        "aidRecords": bases.AID,
        "accessRecords searches": bases.AUDIT,
        "accessNotices": bases.NOTICE,
        "household chain": bases.HOUSEHOLD,
        "entitlements entitlementsWithheld provenance": together(bases.HOUSEHOLD, bases.PERSON),
    },
)

MONTHLY_SUPPLEMENT = noun(
    bases.PERSON,
    {
        "aged minor": together(bases.PERSON, PERSON["birthDate"]),
        "severelyDisabled": together(bases.PERSON, PERSON["disabilityGrade"]),
        "seriouslyIll": together(bases.PERSON, PERSON["health"]),
        "inCollege": together(bases.PERSON, PERSON["educationStage"]),
        "covered": together(bases.PERSON, bases.CERTIFICATION),
        "yuan": together(
            bases.CERTIFICATION,
            *(PERSON[one] for one in ("birthDate", "disabilityGrade", "health", "educationStage")),
        ),
        "policyBasis": bases.PERSON,
    },
)

CERTIFICATION = noun(
    bases.CERTIFICATION,
    {
        "category subtype support validFrom validUntil endedOn endedBecause endReason authority policyBasis": bases.CERTIFICATION,
        "certifiedAmount": together(bases.CERTIFICATION, needs(Scope.AID_BASIC_LIVING_READ)),
        "household provenance": together(bases.HOUSEHOLD, bases.CERTIFICATION),
        "person": bases.PERSON,
        "nearRelativeDeclared nearRelatives": together(bases.CERTIFICATION, bases.NEAR_RELATIVE),
        "version": OPEN,
    },
)

LIABILITY_DECISION = noun(
    bases.LIABILITY,
    {
        "party outcome reason measure agency decidedOn policyBasis": bases.LIABILITY,
        "aidRecord": together(bases.LIABILITY, bases.AID),
        "household": together(bases.LIABILITY, bases.HOUSEHOLD),
    },
)

NEAR_RELATIVE = noun(
    bases.NEAR_RELATIVE,
    {
        "kinship office post agency declaredOn endedOn endReason policyBasis version": bases.NEAR_RELATIVE,
        "household": together(bases.NEAR_RELATIVE, bases.HOUSEHOLD),
        "person": together(bases.NEAR_RELATIVE, bases.PERSON),
    },
)

CIRCUMSTANCE = noun(
    bases.REGISTRY,
    {
        "kind sourceRegistry since until disabilityType disabilityGrade educationStage school amount note": bases.REGISTRY,
        "version agency": bases.REGISTRY,
        "provenance": together(bases.HOUSEHOLD, bases.REGISTRY),
    },
)

REFERRAL = noun(
    bases.REFERRAL,
    {
        "from to need reason status sentAt dueAt overdue acceptedAt closedAt returnReason outcome endReason": bases.REFERRAL,
        "forwardedFrom forwardedTo application remindedAt escalatedAt escalatedTo version": bases.REFERRAL,
        "household asSent": together(bases.REFERRAL, bases.HOUSEHOLD),
        "person": together(bases.REFERRAL, bases.PERSON),
        "aidRecords answerRevoked": together(bases.REFERRAL, bases.AID),
    },
)


def _sent(of: Noun, names: str) -> dict[str, ScopeSets]:
    """Fields as they were when a referral was sent: they need the scopes of the noun, of the field, and of the referral."""
    return {name: together(bases.REFERRAL, of.base, of[name]) for name in names.split()}


SENT_HOUSEHOLD = noun(
    together(bases.REFERRAL, bases.HOUSEHOLD),
    {
        **_sent(HOUSEHOLD, "region residence address incomePerCapita"),
        "members": together(bases.REFERRAL, bases.PERSON),
        "certifications": together(bases.REFERRAL, bases.CERTIFICATION),
        "circumstances": together(bases.REFERRAL, bases.REGISTRY),
    },
)

SENT_MEMBER = noun(
    together(bases.REFERRAL, bases.PERSON),
    {
        "person": together(bases.REFERRAL, bases.PERSON),
        **_sent(
            PERSON, "name idNumberMasked birthDate gender relation health disabilityType disabilityGrade"
        ),
        **_sent(PERSON, "educationStage school employment labour"),
    },
)

SENT_CERTIFICATION = noun(
    together(bases.REFERRAL, bases.CERTIFICATION),
    {
        **_sent(CERTIFICATION, "category subtype support validFrom validUntil authority"),
        "person": together(bases.REFERRAL, bases.CERTIFICATION, bases.PERSON),
    },
)

SENT_CIRCUMSTANCE = noun(
    together(bases.REFERRAL, bases.REGISTRY),
    {
        "kind sourceRegistry since until disabilityType disabilityGrade educationStage school amount note": together(
            bases.REFERRAL, bases.REGISTRY
        ),
        "person": together(bases.REFERRAL, bases.PERSON),
    },
)

APPLICATION = noun(
    bases.REFERRAL,
    {
        "agency channel submittedAt status answers": bases.REFERRAL,
        "household": together(bases.REFERRAL, bases.HOUSEHOLD),
        "person": together(bases.REFERRAL, bases.PERSON),
    },
)

CONFERENCE = noun(
    bases.CONFERENCE,
    {
        "calledBy calledAt meetsOn matter status participants heldOn minutes decision measures version": bases.CONFERENCE,
        "household": together(bases.CONFERENCE, bases.HOUSEHOLD),
        "person": together(bases.CONFERENCE, bases.PERSON),
    },
)

OVERLAP_CASE = noun(
    bases.OVERLAP,
    {
        "yourSide rule clause text externalId said toAgency openedAt status disposition withdrawn reason": bases.OVERLAP,
        "decidedBy decidedAt version": bases.OVERLAP,
        "household": together(bases.OVERLAP, bases.HOUSEHOLD),
        "person": together(bases.OVERLAP, bases.PERSON),
        "first firstAgency second secondAgency": together(bases.OVERLAP, bases.AID),
        "alert": together(bases.OVERLAP, bases.ALERT),
    },
)

ALERT = noun(
    bases.ALERT,
    {
        "finding words wordsZh severity evidence reason policyBasis raisedBy to raisedAt dueAt overdue status": bases.ALERT,
        "disposition dispositionReason disposedBy disposedAt closedAt closedBecause version": bases.ALERT,
        "household": together(bases.ALERT, bases.HOUSEHOLD),
        "person": together(bases.ALERT, bases.PERSON),
        "visits": together(bases.ALERT, bases.VISIT),
        "referrals": together(bases.ALERT, bases.REFERRAL),
        "conference": together(bases.ALERT, bases.CONFERENCE),
        "certification": together(bases.ALERT, bases.CERTIFICATION),
        "overlapCase": together(bases.ALERT, bases.OVERLAP),
    },
)

VISIT = noun(
    bases.VISIT,
    {
        "agency kind visitedOn visitors found recommendation recordedAt": bases.VISIT,
        "household": together(bases.VISIT, bases.HOUSEHOLD),
        "person": together(bases.VISIT, bases.PERSON),
    },
)

_TO_GO = together(bases.HOUSEHOLD, bases.VISIT)
HOUSEHOLD_TO_VISIT = noun(
    _TO_GO,
    {
        "household rank reasons reasonsZh reasonsWithheld policyBasis lastVisit": _TO_GO,
        "openAlerts": together(_TO_GO, bases.ALERT),
    },
)

ENTITLEMENT = noun(
    bases.HOUSEHOLD,
    {
        "rule aidKind program clause clauseText toCheck withheld windowFrom windowUntil evidence": bases.HOUSEHOLD,
        "person": bases.PERSON,
        "status": bases.AID,
    },
)
"""A household in sight opens the list. The list contains a rule only if the caller may read the rule's own facts."""

ENTITLEMENT_EVIDENCE = noun(
    bases.HOUSEHOLD,
    {
        "person": bases.PERSON,
        "certifications": bases.CERTIFICATION,
        "circumstances": bases.REGISTRY,
        "aidRecords": bases.AID,
        "referrals": bases.REFERRAL,
    },
)

DISCLOSURE = noun(
    bases.DISCLOSURE,
    {
        "region month listOf publishedBy publishedAt policyBasis entryCount entries withdrawnAt withdrawReason": bases.DISCLOSURE,
        "version": bases.DISCLOSURE,
        "objections": together(bases.DISCLOSURE, bases.ALERT),
    },
)

NOUNS: Mapping[str, Noun] = {
    "Query": QUERY,
    "Mutation": MUTATION,
    "Household": HOUSEHOLD,
    "Person": PERSON,
    "MonthlySupplement": MONTHLY_SUPPLEMENT,
    "Certification": CERTIFICATION,
    "LiabilityDecision": LIABILITY_DECISION,
    "NearRelative": NEAR_RELATIVE,
    "Circumstance": CIRCUMSTANCE,
    "AidRecord": AID_RECORD,
    **{f"{kind.value.title().replace('_', '')}Aid": one for kind, one in AID_OF_KIND.items()},
    "AidPeriod": noun(OPEN, {"start end": OPEN}),
    "Recovery": RECOVERY,
    "Repayment": noun(bases.AID, {"number amount repaidOn agency": bases.AID}),
    "CharityOffer": noun(
        bases.CHARITY,
        {
            "agency externalId organisation what category region quantity remaining until offeredAt": bases.CHARITY,
            "withdrawnAt open": bases.CHARITY,
            "version": OPEN,
        },
    ),
    "Referral": REFERRAL,
    "SentHousehold": SENT_HOUSEHOLD,
    "SentMember": SENT_MEMBER,
    "SentCertification": SENT_CERTIFICATION,
    "SentCircumstance": SENT_CIRCUMSTANCE,
    "Application": APPLICATION,
    "Conference": CONFERENCE,
    "ConferenceParticipant": noun(bases.CONFERENCE, {"agency": bases.CONFERENCE}),
    "ConferenceMeasure": noun(
        bases.CONFERENCE,
        {"agency kind amount what": bases.CONFERENCE, "referral": together(bases.CONFERENCE, bases.REFERRAL)},
    ),
    "OverlapCase": OVERLAP_CASE,
    "Alert": ALERT,
    "Visit": VISIT,
    "HouseholdToVisit": HOUSEHOLD_TO_VISIT,
    "MonitoringRun": noun(bases.ALERT, {"region asOf startedAt finishedAt results": bases.ALERT}),
    "MonitoringResult": noun(bases.ALERT, {"finding found raised closed milliseconds": bases.ALERT}),
    "Entitlement": ENTITLEMENT,
    "EntitlementEvidence": ENTITLEMENT_EVIDENCE,
    "Disclosure": DISCLOSURE,
    "DisclosureEntry": noun(
        bases.DISCLOSURE, {"number place maskedName category aidKind since": bases.DISCLOSURE}
    ),
    "DisclosureObjection": noun(
        bases.ALERT,
        {
            "number ground objectedOn agency recordedAt alert": bases.ALERT,
            "household": together(bases.ALERT, bases.HOUSEHOLD),
        },
    ),
    **CHAIN,
    "Coverage": noun(bases.STATISTICS, {"region month day asOf byCategory byKind byRegion": bases.STATISTICS}),
    "CategoryCoverage": noun(bases.STATISTICS, {"category households persons suppressed": bases.STATISTICS}),
    "KindCoverage": noun(
        bases.STATISTICS,
        {"category aidKind entitled received referred missing duplicated suppressed": bases.STATISTICS},
    ),
    "MonthlyShare": noun(
        QUERY["shares"],
        {
            "registry kind month region policyBasis dueOn rows agency firstSharedAt sharedAt late": QUERY["shares"],
            "foundLateAt lateClosedAt": QUERY["shares"],
        },
    ),
    "PovertyLine": noun(
        OPEN, {"county residence category fromMonth yuan source recordedBy recordedAt": OPEN}
    ),
    "CountyOption": noun(
        OPEN,
        {
            "county item category since document agency recordedAt endedOn endReason policyBasis version": OPEN,
        },
    ),
    "Region": noun(OPEN, {"code name level": OPEN}),
    "Agency": noun(OPEN, {"code name department region": OPEN}),
}  # fmt: skip
"""By the name of the type in the schema."""

SEES_WHOLE_SCHEMA = frozenset({Scope.AUDIT_READ, Scope.HUB_ADMIN})
"""With one of these scopes a caller sees the schema with every field, whatever the grant opens."""


def opened_by(coordinate: str) -> ScopeSets:
    """The scopes that open a field, by its coordinate (`Person.school`); raises UndeclaredField."""
    name, _, field = coordinate.partition(".")
    if name not in NOUNS or field not in NOUNS[name].fields:
        raise UndeclaredField(coordinate)
    return NOUNS[name][field]


def existence_of(name: str) -> ScopeSets:
    """The scopes that reveal whether a record of a noun exists at all, by the name of its type."""
    return NOUNS[name].base


def reading(coordinate: str) -> ScopeSets:
    """The scopes needed to read a field in a row of its noun: those for the row's existence, and the field's own."""
    return together(existence_of(coordinate.partition(".")[0]), opened_by(coordinate))


def _changed(names: str, of: Noun, *within: Noun) -> dict[str, frozenset[Scope]]:
    """Fields whose changes the chain shows. They need the scopes of the field, of its noun, and of the nouns around it
    (`within`)."""
    fields: dict[str, frozenset[Scope]] = {}
    for name in names.split():
        (fields[name],) = together(*(one.base for one in within), of.base, of[name])
    return fields


OF_HOUSEHOLD: Mapping[str, frozenset[Scope]] = _changed(
    "code region residence address incomePerCapita", HOUSEHOLD
)
"""The fields of households that departments share, by the names in files and events."""
OF_PERSON: Mapping[str, frozenset[Scope]] = _changed(
    "name idNumber birthDate gender relation phone account health disabilityType disabilityGrade educationStage school "
    "employment labour",
    PERSON,
    HOUSEHOLD,
)
"""The fields of persons that departments share, by the names in files and events."""


def open_fields(fields: Mapping[str, Iterable[Scope]], grant: Grant) -> list[str]:
    """The fields that a grant opens, in their order."""
    return [name for name, scopes in fields.items() if grant.scopes.issuperset(scopes)]
