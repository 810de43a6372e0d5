"""The scopes of the roots of the schema: those that open a query, and those that a mutation checks before its command checks
its own."""

from hub.model.aid import AidKind
from hub.policy.permissions import aid_scopes, bases, registry_scopes, write_scopes
from hub.policy.permissions.nouns import noun
from hub.policy.permissions.scope_sets import OPEN, any_of, needs, together

QUERY = noun(
    OPEN,
    {
        "node viewer permissionMatrix codeTables policyClauses lines countyOptions": OPEN,
        "household households chainEvents feedStatus": bases.HOUSEHOLD,
        "person": together(bases.PERSON, bases.IDENTITY),
        "aidRecords recoveries": bases.AID,
        "referrals applications": bases.REFERRAL,
        "alerts monitoringRuns": bases.ALERT,
        "visits": bases.VISIT,
        "visitList": together(bases.HOUSEHOLD, bases.VISIT),
        "conferences": bases.CONFERENCE,
        "overlapCases": bases.OVERLAP,
        "nearRelatives": bases.NEAR_RELATIVE,
        "disclosures": bases.DISCLOSURE,
        "charityOffers": bases.CHARITY,
        "shares": (*bases.STATISTICS, *bases.REGISTRY),
        "coverage": bases.STATISTICS,
        "accessRecords unusualAccess": bases.AUDIT,
    },
)

MUTATION = noun(
    OPEN,
    {
        "recordAid recordAids amendAid revokeAid mediateOverlap openRecovery recordRepayment waiveRecovery": any_of(
            *map(aid_scopes.write_scope, AidKind)
        ),
        "supplyPapers": needs(write_scopes.PAPERS),
        "recordUrgentAid": needs(write_scopes.PAPERS, *write_scopes.REGISTERING),
        "recordCountyOption endCountyOption": needs(write_scopes.COUNTY_OPTION),
        "offerCharity withdrawOffer": needs(write_scopes.OFFER),
        "createReferral acceptReferral returnReferral completeReferral forwardReferral endReferral": needs(
            write_scopes.REFERRAL
        ),
        "submitApplication": needs(*write_scopes.APPLICATION),
        "upsertHouseholds": needs(*write_scopes.REGISTERING),
        "certify terminateCertification": needs(write_scopes.CERTIFICATION),
        "declareNearRelative endNearRelative": needs(write_scopes.NEAR_RELATIVE),
        "reportCircumstances": any_of(*map(registry_scopes.write_scope, registry_scopes.REGISTRIES)),
        "raiseAlert": any_of(*write_scopes.RAISING),
        "disposeAlert": needs(write_scopes.ALERT),
        "recordVisit": any_of(*write_scopes.VISITING),
        "recordLiability": needs(*write_scopes.LIABILITY),
        "openConference closeConference": needs(write_scopes.CONFERENCE),
        "decideOverlap": needs(write_scopes.OVERLAP),
        "publishDisclosure withdrawDisclosure": needs(write_scopes.DISCLOSURE),
        "objectToDisclosure": needs(*write_scopes.OBJECTION),
    },
)
