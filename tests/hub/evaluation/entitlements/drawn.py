"""Households with random facts around a day, written directly as rows: the commands would refuse some combinations that may
exist here."""

from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any
from uuid import UUID

import psycopg

from hub.model.aid import (
    AidKind,
    AidStatus,
    CharityForm,
    DisasterForm,
    EducationForm,
    EmploymentForm,
    HousingForm,
    RelapsePreventionForm,
)
from hub.model.certifications import Category, MonitoredSubtype, Support
from hub.model.circumstances import CircumstanceKind
from hub.model.persons import EducationStage, Employment, Health, Labour
from hub.model.referrals import ReferralStatus
from tests.policy import KNOWN_BY

BY_MEMBER = (Category.EXTREME_HARDSHIP, Category.SUBSISTENCE_ALLOWANCE, Category.OTHER_HARDSHIP)
AGENCIES = ("civil_affairs@410105", "civil_affairs@410103")
EDGES = (-366, -365, -184, -183, -31, -11, -10, -1, 0, 1, 10, 30)


class Families:
    """The households of one seed."""

    def __init__(self, connection: psycopg.Connection[Any], seed: int, day: date) -> None:
        self.connection = connection
        self.rng = Random(seed)
        self.day = day

    def id(self) -> UUID:
        return UUID(int=self.rng.getrandbits(128), version=4)

    def near(self) -> date:
        """A day near the evaluated day, often at the edge of a window."""
        days = self.rng.choice(EDGES) if self.rng.random() < 0.5 else self.rng.randint(-500, 60)
        return self.day + timedelta(days=days)

    def maybe(self, value: Any, chance: float = 0.5) -> Any:
        return value if self.rng.random() < chance else None

    def insert(self, table: str, **row: Any) -> None:
        marks = ", ".join(["%s"] * len(row))
        self.connection.execute(
            f"insert into {table} ({', '.join(row)}) values ({marks})",
            list(row.values()),
        )

    def family(self, number: int) -> None:
        rng, household = self.rng, self.id()
        self.insert(
            "household",
            id=household,
            code=f"41010500101{number:04}",
            region="410105001",
            residence=rng.choice(["URBAN", "RURAL"]),
            source_agency=AGENCIES[0],
            version=1,
            created_at=self.at(),
            updated_at=self.at(),
        )
        persons = [self.person(household) for _ in range(rng.randint(1, 3))]
        self.certify(household, persons)
        for _ in range(rng.randint(0, 4)):
            self.circumstance(household, rng.choice([*persons, None]))
        for _ in range(rng.randint(0, 10)):
            self.aid(household, rng.choice([*persons, None]))
        for _ in range(rng.randint(0, 3)):
            self.referral(household, rng.choice([*persons, None]))

    def at(self) -> datetime:
        return datetime.combine(self.near(), time(self.rng.choice((0, 15, 16, 23))), UTC)

    def person(self, household: UUID) -> UUID:
        rng, person = self.rng, self.id()
        years = rng.choice((0, 5, 15, 16, 17, 18, 20, 40, 62, 63, 69, 70, 80))
        last = 28 if (self.day.month, self.day.day) == (2, 29) else self.day.day
        born = date(self.day.year - years, self.day.month, last) + timedelta(
            days=rng.choice((-1, 0, 1, -100))
        )
        grade = self.maybe(rng.randint(1, 4), 0.3)
        self.insert(
            "person",
            household_id=household,
            id=person,
            name="某人",
            id_number_sealed=b"s",
            id_number_index=b"i",
            id_number_masked="41**************11",
            birth_date=born,
            gender="MALE",
            relation="OTHER",
            health=self.maybe(rng.choice(list(Health)).value),
            disability_grade=grade,
            education_stage=self.maybe(rng.choice(list(EducationStage)).value, 0.4),
            employment=self.maybe(rng.choice(list(Employment)).value, 0.8),
            labour=self.maybe(rng.choice(list(Labour)).value, 0.8),
            left_on=self.maybe(self.near(), 0.15),
            source_agency=AGENCIES[0],
            version=1,
            created_at=self.at(),
            updated_at=self.at(),
        )
        return person

    def certify(self, household: UUID, persons: list[UUID]) -> None:
        rng = self.rng
        chosen = rng.sample(list(Category), rng.choice((0, 1, 1, 2)))
        for category in chosen:
            whole = category not in BY_MEMBER or (
                category is not Category.EXTREME_HARDSHIP and rng.random() < 0.5
            )
            since = self.near()
            ended = self.maybe(max(since, self.near()), 0.15)
            self.insert(
                "certification",
                household_id=household,
                id=self.id(),
                person_id=None if whole else rng.choice(persons),
                category=category.value,
                subtype=rng.choice(list(MonitoredSubtype)).value
                if category is Category.POVERTY_RELAPSE_MONITORED
                else None,
                support=self.maybe(rng.choice(list(Support)).value)
                if category is Category.EXTREME_HARDSHIP
                else None,
                certified_amount=self.maybe(rng.choice((300, 400)))
                if category in (Category.SUBSISTENCE_ALLOWANCE, Category.EXTREME_HARDSHIP)
                else None,
                valid_from=since,
                valid_until=self.maybe(max(since, self.near()), 0.4),
                ended_on=ended,
                ended_because=None
                if ended is None
                else rng.choice(("MISTAKE", "NO_LONGER_ELIGIBLE", "FALSE_CLAIM")),
                authority=AGENCIES[0],
                policy_basis="46-1.2.1",
                version=1,
                recorded_at=self.at(),
            )

    def circumstance(self, household: UUID, person: UUID | None) -> None:
        rng, kind, since = self.rng, self.rng.choice(list(CircumstanceKind)), self.near()
        registry = rng.choice(KNOWN_BY[kind])
        self.insert(
            "circumstance",
            household_id=household,
            id=self.id(),
            person_id=person,
            kind=kind.value,
            source_registry=registry,
            since=since,
            until=self.maybe(max(since, self.near()), 0.3),
            disability_grade=rng.randint(1, 4) if kind is CircumstanceKind.DISABILITY else None,
            education_stage=self.maybe(rng.choice(list(EducationStage)).value)
            if kind is CircumstanceKind.HARDSHIP_STUDENT
            else None,
            agency_id=AGENCIES[0],
            recorded_at=self.at(),
        )

    def aid(self, household: UUID, person: UUID | None) -> None:
        """An aid record, and often the same aid once more from another agency."""
        rng, kind, since = self.rng, self.rng.choice(list(AidKind)), self.near()
        detail, program = self.detail(kind), rng.choice(["甲", "乙"])
        until = since + timedelta(days=rng.choice((0, 1, 29, 30, 180, 364)))
        for agency in rng.sample(AGENCIES, rng.choice((1, 2))):
            aid = self.id()
            self.insert(
                "aid_record",
                household_id=household,
                id=aid,
                version=1,
                person_id=person,
                kind=kind.value,
                program=program,
                agency_id=agency,
                period_from=since,
                period_until=until,
                status=rng.choice(list(AidStatus)).value,
                decided_on=since,
                amount=rng.choice((None, 300, 400, 600)) if kind is AidKind.BASIC_LIVING else None,
                policy_basis="46-3",
                external_id=str(aid),
                client_id="test",
                recorded_at=self.at(),
                superseded_at=self.maybe(self.at(), 0.1),
            )
            self.insert(f"{kind.value.lower()}_detail", household_id=household, id=aid, version=1, **detail)

    def detail(self, kind: AidKind) -> dict[str, Any]:
        rng, day = self.rng, self.day
        match kind:
            case AidKind.BASIC_LIVING:
                return {
                    "form": rng.choice(("SUBSISTENCE_ALLOWANCE", "EXTREME_HARDSHIP_SUPPORT")),
                    "payee": "PERSON",
                    "month_supplement": rng.choice((None, 1, 99, 100, 200)),
                }
            case AidKind.MEDICAL:
                form = rng.choice(("PREMIUM_SUBSIDY", "PREMIUM_SUBSIDY", "COST_AID", "EMERGENCY_FUND"))
                return {"form": form, "premium_in_full": rng.choice((None, True, False))}
            case AidKind.EDUCATION:
                return {"form": EducationForm.GRANT.value, "school_year": day.year, "stage": "PRIMARY"}
            case AidKind.HOUSING:
                return {"form": rng.choice(list(HousingForm)).value}
            case AidKind.EMPLOYMENT:
                return {"form": EmploymentForm.TAX_RELIEF.value}
            case AidKind.DISASTER:
                return {"form": DisasterForm.EMERGENCY.value, "disaster": "洪涝", "struck_on": day}
            case AidKind.TEMPORARY:
                return {
                    "form": "PAY_FIRST",
                    "trouble": "失火",
                    "happened_at_region": "410105001",
                    "papers_due_on": self.maybe(self.near()),
                    "papers_supplied_on": self.maybe(day, 0.2),
                }
            case AidKind.SERVICE:
                return {"form": "VISIT", "provider": "某中心", "times": 1}
            case AidKind.OTHER:
                forms = (
                    "HEATING",
                    "FUNERAL_FEES",
                    "ELECTRICITY",
                    "WATER",
                    "GAS",
                    "DISABILITY_LIVING",
                    "CHILD_REHABILITATION",
                    "BARRIER_FREE",
                )
                return {"form": rng.choice(forms)}
            case AidKind.CHARITY:
                return {"form": CharityForm.DONATION.value, "organisation": "某会"}
            case AidKind.RELAPSE_PREVENTION:
                return {"form": RelapsePreventionForm.INDUSTRY.value, "measure": "发放鸡苗"}

    def referral(self, household: UUID, person: UUID | None) -> None:
        sent = self.at()
        closed = self.maybe(max(sent, self.at()), 0.4)
        self.insert(
            "referral",
            household_id=household,
            id=(referral := self.id()),
            person_id=person,
            from_agency=AGENCIES[0],
            to_agency=AGENCIES[1],
            need=self.rng.choice(list(AidKind)).value,
            reason="需核实",
            status=(ReferralStatus.SENT if closed is None else ReferralStatus.RETURNED).value,
            sent_at=sent,
            due_at=sent + timedelta(days=15),
            closed_at=closed,
            external_id=str(referral),
            version=1,
        )


def write_families(connection: psycopg.Connection[Any], seed: int, day: date, count: int) -> None:
    """Write a number of households in the connection's transaction."""
    lot = Families(connection, seed, day)
    for number in range(count):
        lot.family(number)
