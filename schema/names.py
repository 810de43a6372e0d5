"""Names of types that refer to each other in a circle, for annotations."""

from typing import TYPE_CHECKING, Annotated

import strawberry

if TYPE_CHECKING:
    from schema.aid import AidRecord
    from schema.alerts import Alert, Visit
    from schema.applications import Application
    from schema.certifications import Certification
    from schema.chain import AccessRecord, Chain, ChainEvent
    from schema.circumstances import Circumstance
    from schema.conferences import Conference
    from schema.coverage import Coverage
    from schema.disclosures import Disclosure
    from schema.entitlements import Entitlement
    from schema.households import Household
    from schema.near_relatives import NearRelative
    from schema.overlaps import OverlapCase
    from schema.persons import Person
    from schema.provenance import Provenance
    from schema.recoveries import Recovery
    from schema.referrals import Referral
    from schema.supplements import MonthlySupplement

LazyApplication = Annotated["Application", strawberry.lazy("schema.applications")]
LazyAccessRecord = Annotated["AccessRecord", strawberry.lazy("schema.chain")]
LazyAidRecord = Annotated["AidRecord", strawberry.lazy("schema.aid")]
LazyAlert = Annotated["Alert", strawberry.lazy("schema.alerts")]
LazyVisit = Annotated["Visit", strawberry.lazy("schema.alerts")]
LazyCertification = Annotated["Certification", strawberry.lazy("schema.certifications")]
LazyChain = Annotated["Chain", strawberry.lazy("schema.chain")]
LazyChainEvent = Annotated["ChainEvent", strawberry.lazy("schema.chain")]
LazyCircumstance = Annotated["Circumstance", strawberry.lazy("schema.circumstances")]
LazyConference = Annotated["Conference", strawberry.lazy("schema.conferences")]
LazyCoverage = Annotated["Coverage", strawberry.lazy("schema.coverage")]
LazyDisclosure = Annotated["Disclosure", strawberry.lazy("schema.disclosures")]
LazyEntitlement = Annotated["Entitlement", strawberry.lazy("schema.entitlements")]
LazyHousehold = Annotated["Household", strawberry.lazy("schema.households")]
LazyOverlapCase = Annotated["OverlapCase", strawberry.lazy("schema.overlaps")]
LazyNearRelative = Annotated["NearRelative", strawberry.lazy("schema.near_relatives")]
LazyPerson = Annotated["Person", strawberry.lazy("schema.persons")]
LazyProvenance = Annotated["Provenance", strawberry.lazy("schema.provenance")]
LazyRecovery = Annotated["Recovery", strawberry.lazy("schema.recoveries")]
LazyReferral = Annotated["Referral", strawberry.lazy("schema.referrals")]
LazyMonthlySupplement = Annotated["MonthlySupplement", strawberry.lazy("schema.supplements")]
