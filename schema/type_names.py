"""Names of types that refer to each other in a cycle, for annotations."""

from typing import TYPE_CHECKING, Annotated

import strawberry

if TYPE_CHECKING:
    from schema.aid.supplements import MonthlySupplement
    from schema.aid.types import AidRecord
    from schema.alerts.types import Alert, Visit
    from schema.applications.types import Application
    from schema.audit.notices import AccessNotice
    from schema.audit.types import AccessRecord
    from schema.certifications.types import Certification
    from schema.chain.types import Chain, ChainEvent
    from schema.circumstances.types import Circumstance
    from schema.conferences.types import Conference
    from schema.coverage.types import Coverage
    from schema.disclosures.types import Disclosure
    from schema.entitlements.types import Entitlement
    from schema.households.types import Household
    from schema.liability.types import LiabilityDecision
    from schema.near_relatives.types import NearRelative
    from schema.overlaps.types import OverlapCase
    from schema.persons.types import Person
    from schema.provenance.types import Provenance
    from schema.recoveries.types import Recovery
    from schema.referrals.types import Referral

LazyApplication = Annotated["Application", strawberry.lazy("schema.applications.types")]
LazyAccessNotice = Annotated["AccessNotice", strawberry.lazy("schema.audit.notices")]
LazyAccessRecord = Annotated["AccessRecord", strawberry.lazy("schema.audit.types")]
LazyAidRecord = Annotated["AidRecord", strawberry.lazy("schema.aid.types")]
LazyAlert = Annotated["Alert", strawberry.lazy("schema.alerts.types")]
LazyVisit = Annotated["Visit", strawberry.lazy("schema.alerts.types")]
LazyCertification = Annotated["Certification", strawberry.lazy("schema.certifications.types")]
LazyChain = Annotated["Chain", strawberry.lazy("schema.chain.types")]
LazyChainEvent = Annotated["ChainEvent", strawberry.lazy("schema.chain.types")]
LazyCircumstance = Annotated["Circumstance", strawberry.lazy("schema.circumstances.types")]
LazyConference = Annotated["Conference", strawberry.lazy("schema.conferences.types")]
LazyCoverage = Annotated["Coverage", strawberry.lazy("schema.coverage.types")]
LazyDisclosure = Annotated["Disclosure", strawberry.lazy("schema.disclosures.types")]
LazyEntitlement = Annotated["Entitlement", strawberry.lazy("schema.entitlements.types")]
LazyHousehold = Annotated["Household", strawberry.lazy("schema.households.types")]
LazyOverlapCase = Annotated["OverlapCase", strawberry.lazy("schema.overlaps.types")]
LazyLiabilityDecision = Annotated["LiabilityDecision", strawberry.lazy("schema.liability.types")]
LazyNearRelative = Annotated["NearRelative", strawberry.lazy("schema.near_relatives.types")]
LazyPerson = Annotated["Person", strawberry.lazy("schema.persons.types")]
LazyProvenance = Annotated["Provenance", strawberry.lazy("schema.provenance.types")]
LazyRecovery = Annotated["Recovery", strawberry.lazy("schema.recoveries.types")]
LazyReferral = Annotated["Referral", strawberry.lazy("schema.referrals.types")]
LazyMonthlySupplement = Annotated["MonthlySupplement", strawberry.lazy("schema.aid.supplements")]
