"""Names of types that refer to each other in a circle, for annotations."""

from typing import TYPE_CHECKING, Annotated

import strawberry

if TYPE_CHECKING:
    from schema.aid import AidRecord
    from schema.certifications import Certification
    from schema.chain import AccessRecord, Chain, ChainEvent
    from schema.circumstances import Circumstance
    from schema.households import Household
    from schema.persons import Person
    from schema.referrals import Referral

LazyAccessRecord = Annotated["AccessRecord", strawberry.lazy("schema.chain")]
LazyAidRecord = Annotated["AidRecord", strawberry.lazy("schema.aid")]
LazyCertification = Annotated["Certification", strawberry.lazy("schema.certifications")]
LazyChain = Annotated["Chain", strawberry.lazy("schema.chain")]
LazyChainEvent = Annotated["ChainEvent", strawberry.lazy("schema.chain")]
LazyCircumstance = Annotated["Circumstance", strawberry.lazy("schema.circumstances")]
LazyHousehold = Annotated["Household", strawberry.lazy("schema.households")]
LazyPerson = Annotated["Person", strawberry.lazy("schema.persons")]
LazyReferral = Annotated["Referral", strawberry.lazy("schema.referrals")]
