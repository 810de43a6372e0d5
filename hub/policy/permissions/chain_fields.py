"""The table of field scopes: the assistance chain, the provenance of its values, and the access records."""

from collections.abc import Mapping

from auth.grant import ScopeSets
from auth.scopes import Scope
from hub.model.aid import AidKind
from hub.policy.permissions import bases
from hub.policy.permissions.aid_scopes import read_scope
from hub.policy.permissions.nouns import Noun, noun
from hub.policy.permissions.registry_scopes import REGISTRIES
from hub.policy.permissions.registry_scopes import read_scope as read_scope_of_registry
from hub.policy.permissions.scope_sets import needs, together

_EVERY_EVENT: ScopeSets = (
    *together(bases.HOUSEHOLD, bases.AUDIT),
    *together(
        bases.HOUSEHOLD,
        needs(*map(read_scope_of_registry, REGISTRIES), *map(read_scope, AidKind)),
        needs(Scope.CONFERENCE_WRITE, Scope.OVERLAP_WRITE),
        *(bases.ADDRESS, bases.FINANCE, bases.PERSON, bases.IDENTITY, bases.CONTACT),
        *(bases.HEALTH, bases.DISABILITY, bases.EDUCATION, bases.EMPLOYMENT),
        *(
            bases.CERTIFICATION,
            bases.NEAR_RELATIVE,
            bases.LIABILITY,
            bases.AID,
            bases.REFERRAL,
            bases.CONFERENCE,
            bases.OVERLAP,
        ),
        *(bases.ALERT, bases.VISIT, bases.DISCLOSURE),
    ),
)
"""Who sees every event of a chain. The length of a chain, or a gap in its numbers, reveals an event that others do not see."""

CHAIN: Mapping[str, Noun] = {
    "ChainEvent": noun(
        bases.HOUSEHOLD,
        {
            "number": _EVERY_EVENT,
            "type household agency occurredAt recordedAt policyBasis changes answers followsFrom answeredBy": bases.HOUSEHOLD,
            "summary summaryZh": bases.HOUSEHOLD,
            "person": together(bases.HOUSEHOLD, bases.PERSON),
            "aidRecord recovery": together(bases.HOUSEHOLD, bases.AID),
            "referral application": together(bases.HOUSEHOLD, bases.REFERRAL),
            "certification": together(bases.HOUSEHOLD, bases.CERTIFICATION),
            "circumstance": together(bases.HOUSEHOLD, bases.REGISTRY),
            "alert": together(bases.HOUSEHOLD, bases.ALERT),
            "visit": together(bases.HOUSEHOLD, bases.VISIT),
            "conference": together(bases.HOUSEHOLD, bases.CONFERENCE),
            "overlapCase": together(bases.HOUSEHOLD, bases.OVERLAP),
            "nearRelative": together(bases.HOUSEHOLD, bases.NEAR_RELATIVE),
            "liabilityDecision": together(bases.HOUSEHOLD, bases.LIABILITY),
            # A list shows a category, or that aid was received. The event reveals which household its masked line is about.
            "disclosure": together(bases.HOUSEHOLD, bases.DISCLOSURE, bases.CERTIFICATION, bases.AID),
            "client body hash previousHash": bases.AUDIT,
        },
    ),
    "Chain": noun(bases.HOUSEHOLD, {"events head verified": bases.HOUSEHOLD}),
    "ChainVerdict": noun(bases.HOUSEHOLD, {"whole": bases.HOUSEHOLD, "length brokenAt reason": _EVERY_EVENT}),
    "FeedStatus": noun(bases.HOUSEHOLD, {"newest newestAt waiting waitingSince": bases.HOUSEHOLD}),
    "FieldChange": noun(bases.HOUSEHOLD, {"field before after": bases.HOUSEHOLD}),
    # The list contains a field only if the caller may read that field.
    "Provenance": noun(
        bases.HOUSEHOLD,
        {
            "field agency at origin importKind importStartedAt event replaced": bases.HOUSEHOLD,
            "importFile client": bases.AUDIT,
        },
    ),
    "AccessNotice": noun(
        bases.NOTICE, {"at agency purpose purposeWords purposeWordsZh matters mattersZh wrote": bases.NOTICE}
    ),
    "UnusualAccess": noun(
        bases.AUDIT,
        {
            "kind words wordsZh agency client person day count bound": bases.AUDIT,
            "household": together(bases.AUDIT, bases.HOUSEHOLD),
        },
    ),
    "AccessRecord": noun(
        bases.AUDIT,
        {
            "id at agency client person purpose operationName operationHash document variables": bases.AUDIT,
            "coordinates forbidden": bases.AUDIT,
            "households": together(bases.AUDIT, bases.HOUSEHOLD),
            "people": together(bases.AUDIT, bases.PERSON),
            "householdCount rows milliseconds outcome code codes refused kept numbersNamed": bases.AUDIT,
        },
    ),
}
"""By the name of the type in the schema."""
