"""The Strawberry peer's types, each made from its row, with a permission class on every guarded field."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

import strawberry
from strawberry.permission import BasePermission
from strawberry.types import Info

from hub.model.aid import AidKind, AidRecordRow, AidStatus, EducationForm
from hub.model.certifications import Category
from hub.model.circumstances import CircumstanceKind
from hub.model.households import HouseholdRow, Residence
from hub.model.persons import (
    DisabilityType,
    EducationStage,
    Employment,
    Gender,
    Health,
    Labour,
    PersonRow,
    Relation,
)
from hub.model.referrals import ReferralRow, ReferralStatus

for _words in (
    AidKind,
    AidStatus,
    EducationForm,
    Category,
    CircumstanceKind,
    Residence,
    DisabilityType,
    EducationStage,
    Employment,
    Gender,
    Health,
    Labour,
    Relation,
    ReferralStatus,
):
    strawberry.enum(_words)


@cache
def scope(name: str) -> type[BasePermission]:
    """The permission class of a scope."""

    class HasScope(BasePermission):
        """Whether the token has the scope."""

        message = f"needs {name}"

        def has_permission(self, source: Any, info: Info, **_: Any) -> bool:  # Strawberry's signature
            """Looks the scope up in the claims of the request."""
            return name in info.context["scopes"]

    return HasScope


def guarded(name: str) -> Any:
    """A field that needs a scope."""
    return strawberry.field(permission_classes=[scope(name)])


def behind(name: str) -> Callable[[Callable[..., Any]], Any]:
    """A resolver that needs a scope."""
    return lambda resolver: strawberry.field(resolver, permission_classes=[scope(name)])


@strawberry.type
class Region:
    """区划."""

    code: str
    name: str


@strawberry.type
class Agency:
    """单位."""

    code: str
    name: str


async def _agency(info: Info, code: str) -> Agency:
    """An agency by its loader."""
    row = await info.context["loaders"].agency_by_id.load(code)
    return Agency(code=row.id, name=row.name)


@strawberry.type
class Certification:
    """认定."""

    category: Category
    valid_from: date
    valid_until: date | None
    ended_on: date | None


@strawberry.type
class Person:
    """人员."""

    name: str
    gender: Gender
    birth_date: date
    relation: Relation
    id_number_masked: str
    health: Health | None = guarded("person.health:read")
    disability_type: DisabilityType | None = guarded("person.disability:read")
    disability_grade: int | None = guarded("person.disability:read")
    education_stage: EducationStage | None = guarded("person.education:read")
    school: str | None = guarded("person.education:read")
    employment: Employment | None = guarded("person.employment:read")
    labour: Labour | None = guarded("person.employment:read")

    @classmethod
    def of(cls, row: PersonRow) -> "Person":
        """The type of a row."""
        return cls(
            name=row.name,
            gender=row.gender,
            birth_date=row.birth_date,
            relation=row.relation,
            id_number_masked=row.id_number_masked,
            health=row.health,
            disability_type=row.disability_type,
            disability_grade=row.disability_grade,
            education_stage=row.education_stage,
            school=row.school,
            employment=row.employment,
            labour=row.labour,
        )


@strawberry.type
class AidRecord:
    """救助记录."""

    id: UUID
    kind: AidKind
    program: str
    status: AidStatus
    decided_on: date
    paid_on: date | None
    agency_id: strawberry.Private[str]
    amount: Decimal | None = guarded("aid:read")
    outcome: str | None = guarded("aid:read")

    @strawberry.field
    async def agency(self, info: Info) -> Agency:
        """The agency that gives it."""
        return await _agency(info, self.agency_id)

    @classmethod
    def of(cls, row: AidRecordRow) -> "AidRecord":
        """The type of a row."""
        return cls(
            id=row.id,
            kind=row.kind,
            program=row.program,
            status=row.status,
            decided_on=row.decided_on,
            paid_on=row.paid_on,
            agency_id=row.agency_id,
            amount=row.amount,
            outcome=row.outcome,
        )


@strawberry.type
class Referral:
    """转办单."""

    need: AidKind
    status: ReferralStatus
    reason: str
    sent_at: datetime
    due_at: datetime
    to_agency: strawberry.Private[str]

    @strawberry.field
    async def to(self, info: Info) -> Agency:
        """The receiving agency."""
        return await _agency(info, self.to_agency)

    @classmethod
    def of(cls, row: ReferralRow) -> "Referral":
        """The type of a row."""
        return cls(
            need=row.need,
            status=row.status,
            reason=row.reason,
            sent_at=row.sent_at,
            due_at=row.due_at,
            to_agency=row.to_agency,
        )


@strawberry.type
class AidRecordConnection:
    """A page of aid records."""

    nodes: list[AidRecord]


@strawberry.type
class ReferralConnection:
    """A page of referrals."""

    nodes: list[Referral]


@strawberry.type
class Household:
    """户."""

    id: strawberry.Private[UUID]
    code: str
    residence: Residence
    updated_at: datetime
    region_code: strawberry.Private[str]
    address: str | None = guarded("household.address:read")
    income_per_capita: Decimal | None = guarded("household.finance:read")

    @strawberry.field
    async def region(self, info: Info) -> Region:
        """The region of its residence."""
        row = await info.context["loaders"].region_by_code.load(self.region_code)
        return Region(code=row.code, name=row.name)

    @behind("certification:read")
    async def certifications(self, info: Info) -> list[Certification]:
        """Newest first."""
        return [
            Certification(
                category=row.category,
                valid_from=row.valid_from,
                valid_until=row.valid_until,
                ended_on=row.ended_on,
            )
            for row in await info.context["loaders"].certifications_of.load(self.id)
        ]

    @behind("person:read")
    async def members(self, info: Info) -> list[Person]:
        """Its members."""
        return [Person.of(row) for row in await info.context["loaders"].members_of.load(self.id)]

    @behind("aid:read")
    async def aid_records(self, info: Info, first: int = 50) -> AidRecordConnection:
        """Newest first."""
        rows = await info.context["loaders"].aid_of.load((self.id, first))
        return AidRecordConnection(nodes=[AidRecord.of(row) for row in rows])

    @behind("referral:read")
    async def referrals(self, info: Info, first: int = 50) -> ReferralConnection:
        """Newest first."""
        rows = await info.context["loaders"].referrals_of.load((self.id, first))
        return ReferralConnection(nodes=[Referral.of(row) for row in rows])

    @classmethod
    def of(cls, row: HouseholdRow) -> "Household":
        """The type of a row."""
        return cls(
            id=row.id,
            code=row.code,
            residence=row.residence,
            updated_at=row.updated_at,
            region_code=row.region,
            address=row.address,
            income_per_capita=row.income_per_capita,
        )
