"""A few households with every kind of row, made by hand so that each row rule distinguishes two agencies.

Households of two counties each have the rows that an overlooked condition would reveal: agencies of a third county that sent,
received, gave or took part in something; two alerts, two conferences and two referrals side by side; a referral that was
returned or ended, aid that was revoked, an alert that was closed; a case of overlap with parties that have nothing else to do
with either household.
"""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import psycopg
import sqlalchemy as sa
from psycopg import sql
from psycopg.types.json import Jsonb

from hub.agencies.shown import compute_sight
from hub.foundation.database import Database, table_of
from hub.foundation.settings import Settings
from hub.model.every_table import metadata
from hub.model.households import HouseholdRow
from tests.hub.policy.permissions.events import EVENTS
from tests.hub.policy.permissions.sight import OF_AN_UPDATE, OPEN_FIELDS

HOME, OTHER, FAR = "410105001", "410103001", "410182001"
"""Townships: two in neighbouring counties in the middle of the city, one in a county far from both."""
AT = datetime(2026, 3, 1, 8, tzinfo=UTC)
DAY = date(2026, 3, 1)
NEEDS = (
    (),
    ("circumstance.education:read",),
    ("aid.temporary:read", "circumstance.education:read"),
    ("certification.near_relative:read", "person.health:read"),
)
"""The scopes that alerts and events need: none, one, two."""


class Stage:
    """Inserts rows into a database as its owner."""

    def __init__(self, connection: "psycopg.Connection[Any]") -> None:
        self._connection = connection
        self._numbers = count(1)

    def put(self, table: str, **given: Any) -> Any:
        """Insert one row; columns that are not passed and may not be null get some value. Returns the row's id, if it has
        one."""
        columns = {
            column.name: self._something(column)
            for column in metadata.tables[table].columns
            if not column.nullable and column.server_default is None and column.identity is None
        } | given
        self._connection.execute(
            sql.SQL("insert into {} ({}) values ({})").format(
                sql.Identifier(table),
                sql.SQL(", ").join(map(sql.Identifier, columns)),
                sql.SQL(", ").join(sql.Placeholder() * len(columns)),
            ),
            [*columns.values()],
        )
        return columns.get("id")

    def _something(self, column: "sa.Column[Any]") -> Any:
        """A value that a column accepts: the agency or region of HOME for a reference to one; texts are all different."""
        for key in column.foreign_keys:
            if (
                named := {"agency": f"civil_affairs@{HOME[:6]}", "region": HOME}.get(key.column.table.name)
            ) is not None:
                return named
        if isinstance(column.type, sa.Enum):
            return column.type.enums[0]
        if isinstance(column.type, sa.ARRAY):
            return []
        if isinstance(column.type, sa.JSON):
            return Jsonb({})
        match column.type.python_type.__name__:
            case "UUID":
                return uuid4()
            case "datetime":
                return AT
            case "date":
                return DAY
            case "int":
                return next(self._numbers) if column.unique else 1
            case "Decimal":
                return Decimal(1)
            case "bool":
                return False
            case "bytes":
                return str(next(self._numbers)).encode()
        return f"x{next(self._numbers)}"


def stage(url: str) -> None:
    """Insert all rows into a database that has regions and agencies; sight must be computed afterwards."""
    with psycopg.connect(url) as connection:
        on = Stage(connection)
        homes = {
            region: on.put("household", code=f"H{region}", region=region) for region in (HOME, OTHER, FAR)
        }
        for region, household in homes.items():
            _persons(on, household, region)
            _aid(on, household, region)
            _found(on, household, region)
            _events(on, household)
        _third_parties(on, homes[HOME])
        _cases(on, homes)
        _numbers(on)
        _every_event(on, connection)


async def reckon(url: str, settings: Settings) -> None:
    """Compute the shown households, as commands do."""
    database = Database(url, settings)
    async with database.write() as session:
        await compute_sight(session, await session.scalars(sa.select(table_of(HouseholdRow).c.id)))
    await database.close()


def _persons(on: Stage, household: UUID, region: str) -> None:
    office = f"civil_affairs@{region[:6]}"
    for _ in range(2):
        person = on.put("person", household_id=household)
        on.put("near_relative", household_id=household, person_id=person, agency_id=office)
    on.put("liability_decision", household_id=household, agency_id=office)
    certification = on.put(
        "certification", household_id=household, category="SUBSISTENCE_ALLOWANCE", authority=office
    )
    application = on.put("application", household_id=household, agency_id=office)
    referral = on.put(
        "referral",
        household_id=household,
        from_agency=office,
        to_agency=f"education@{region[:6]}",
        application_id=application,
    )
    on.put("sent_household", household_id=household, referral_id=referral, region=region)
    on.put("sent_member", household_id=household, referral_id=referral, person_id=person)
    on.put(
        "sent_certification",
        household_id=household,
        referral_id=referral,
        certification_id=certification,
        category="SUBSISTENCE_ALLOWANCE",
    )
    for registry in ("education", "health"):
        circumstance = on.put("circumstance", household_id=household, source_registry=registry)
        on.put(
            "sent_circumstance",
            household_id=household,
            referral_id=referral,
            circumstance_id=circumstance,
            source_registry=registry,
        )


def _aid(on: Stage, household: UUID, region: str) -> None:
    """An aid record of each kind with its detail, two of them with recoveries; also other aid after a death and for a
    disability."""
    for detail in sorted(name for name in metadata.tables if name.endswith("_detail")):
        kind = detail.removesuffix("_detail").upper()
        record = on.put(
            "aid_record", household_id=household, kind=kind, agency_id=f"civil_affairs@{region[:6]}"
        )
        on.put(detail, household_id=household, id=record)
        if kind in ("EDUCATION", "TEMPORARY"):
            recovery = on.put("recovery", household_id=household, aid_id=record, kind=kind)
            on.put("recovery_repayment", household_id=household, recovery_id=recovery, kind=kind)
    for form in ("FUNERAL_FEES", "DISABILITY_LIVING"):
        record = on.put(
            "aid_record", household_id=household, kind="OTHER", agency_id=f"civil_affairs@{region[:6]}"
        )
        on.put("other_detail", household_id=household, id=record, form=form)
        on.put("recovery", household_id=household, aid_id=record, kind="OTHER")


def _found(on: Stage, household: UUID, region: str) -> None:
    """Two conferences of different agencies; an alert for each set of needed scopes, each with a referral of its own; a list."""
    county = region[:6]
    for other in ("education", "human_resources"):
        conference = on.put("conference", household_id=household, called_by=f"civil_affairs@{county}")
        for agency in (f"civil_affairs@{county}", f"{other}@{county}"):
            on.put(
                "conference_participant", household_id=household, conference_id=conference, agency_id=agency
            )
        on.put(
            "conference_measure",
            household_id=household,
            conference_id=conference,
            agency_id=f"{other}@{county}",
        )
    listed = on.put("disclosure", region=region, month=DAY)
    for number, needs in enumerate(NEEDS, 1):
        alert = on.put(
            "alert",
            household_id=household,
            finding="FOUND_ON_THE_SPOT",
            needs=[*needs],
            to_agency=f"civil_affairs@{county}",
        )
        referral = on.put(
            "referral",
            household_id=household,
            from_agency=f"civil_affairs@{county}",
            to_agency=f"education@{county}",
        )
        on.put("alert_referral", household_id=household, alert_id=alert, referral_id=referral)
        on.put("referral_aid", household_id=household, referral_id=referral)
        on.put("visit", household_id=household, alert_id=alert, agency_id=f"civil_affairs@{county}")
        on.put(
            "disclosure_entry",
            disclosure_id=listed,
            number=number,
            region=region,
            household_id=household,
            category="SUBSISTENCE_ALLOWANCE",
        )
        on.put(
            "disclosure_objection",
            household_id=household,
            disclosure_id=listed,
            number=number,
            alert_id=alert,
        )


def _events(on: Stage, household: UUID) -> None:
    for number, needs in enumerate(NEEDS, 1):
        on.put("chain_event", household_id=household, number=number, needs=[*needs])
    for field in OPEN_FIELDS:
        on.put("field_change", household_id=household, number=1, field=field)


def _every_event(on: Stage, connection: "psycopg.Connection[Any]") -> None:
    """For each object, an event of each type that can be about it, in each of its households; an update of each field, and of
    two at the same time; for events without an object, one event of each type."""
    ((home,),) = connection.execute("select id from household where region = %s", [HOME]).fetchall()
    numbers = count(len(NEEDS) + 1)
    for type_, about in EVENTS.items():
        owners = [(home, None)]
        if about.table:
            first = "first_household_id" if about.table == "overlap_case" else "household_id"
            found = connection.execute(
                sql.SQL("select household_id, {}, id from {}").format(
                    sql.Identifier(first), sql.Identifier(about.table)
                )
            ).fetchall()
            owners = sorted({(one, id) for *both, id in found for one in both})
        for household, subject in owners:
            bodies: list[dict[str, Any]] = [{}]
            if type_ == "HOUSEHOLD_UPDATED":
                bodies = [{"changed": [field]} for field in OF_AN_UPDATE]
                bodies += [{"changed": ["code", "idNumber"]}, {"changed": ["phone", "school"]}]
            for body in bodies:
                on.put(
                    "chain_event",
                    household_id=household,
                    number=next(numbers),
                    type=type_,
                    subject_id=subject,
                    body=Jsonb(body),
                )


def _third_parties(on: Stage, household: UUID) -> None:
    """Agencies of other counties that see the household of HOME, each for one reason; some of the reasons have ended."""
    office, lately = f"civil_affairs@{HOME[:6]}", datetime.now(UTC) - timedelta(days=20)
    for changes in (
        {
            "to_agency": "human_resources@410122",
            "status": "RETURNED",
            "return_reason": "无此业务",
            "closed_at": AT,
        },
        {"to_agency": "health@410181", "status": "ENDED", "end_reason": "已不需要", "closed_at": AT},
        {"from_agency": "disabled_federation@410106", "to_agency": office},
        {"to_agency": "health@410182", "status": "COMPLETED", "outcome": "已办结", "closed_at": lately},
        {"to_agency": "charity@410182", "status": "COMPLETED", "outcome": "已办结", "closed_at": AT},
        {"to_agency": "education@410105", "escalated_to": "emergency_management@410106", "escalated_at": AT},
        {
            "to_agency": "education@410105",
            "need": "MEDICAL",
            "escalated_to": "education@410106",
            "escalated_at": AT,
        },
    ):
        on.put("referral", household_id=household, **{"from_agency": office, **changes})
    reasons: dict[str, dict[str, Any]] = {
        "civil_affairs@410103": {"kind": "TEMPORARY", "status": "PAID"},
        "charity@410106": {"kind": "CHARITY", "status": "REVOKED", "revoked_because": "MISTAKE"},
        "housing_security@410184": {
            "kind": "HOUSING",
            "status": "REVOKED",
            "revoked_because": "MISTAKE",
            "recorded_at": lately,
        },
    }
    for agency, changes in reasons.items():
        record = on.put("aid_record", household_id=household, agency_id=agency, **changes)
        on.put(f"{str(changes['kind']).lower()}_detail", household_id=household, id=record)
        back = {"household_id": household, "kind": changes["kind"], "agency_id": agency}
        on.put("recovery_repayment", **back, recovery_id=on.put("recovery", **back, aid_id=record))
    closed = {"status": "CLOSED", "closed_at": AT, "closed_because": "FACT_GONE"}
    on.put("alert", household_id=household, finding="FOUND_ON_THE_SPOT", to_agency="health@410108", **closed)
    conference = on.put("conference", household_id=household, called_by=office)
    on.put(
        "conference_participant",
        household_id=household,
        conference_id=conference,
        agency_id="agriculture@410184",
    )


def _cases(on: Stage, homes: dict[str, UUID]) -> None:
    """Cases of overlap: in one household and between two, with parties of the same county, of another, and of neither."""
    for second, first, first_agency, second_agency in (
        (HOME, HOME, "civil_affairs@410105", "education@410105"),
        (HOME, OTHER, "civil_affairs@410103", "education@410105"),
        (OTHER, HOME, "health@410105", "civil_affairs@410103"),
        (HOME, OTHER, "housing_security@410184", "civil_affairs@410108"),
        (FAR, FAR, "charity@410182", "health@410182"),
        (FAR, FAR, "finance@410105", "health@410182"),
    ):
        on.put(
            "overlap_case",
            household_id=homes[second],
            first_household_id=homes[first],
            first_agency=first_agency,
            second_agency=second_agency,
        )


def _numbers(on: Stage) -> None:
    """Rows of a region or an agency: of the city, of two counties and of a township of one of them."""
    findings = ("STUDENT_WITHOUT_AID", "ILLNESS_OUTSIDE", "PARTLY_COVERED", "ALLOWANCE_LATE")
    for region in ("4101", "410105", "410103", HOME):
        for table in ("coverage", "coverage_category", "coverage_kind"):
            on.put(table, region=region)
        for registry in ("education", "health"):
            on.put("monthly_share", source_registry=registry, region=region, month=DAY)
        run = on.put("monitoring_run", region=region)
        for finding, needs in zip(findings, NEEDS, strict=True):
            on.put("monitoring_result", run_id=run, finding=finding, needs=[*needs])
        on.put("access_record", agency_id=f"civil_affairs@{region}", coordinates_digest=b"1")
    on.put("access_record", agency_id="", coordinates_digest=b"1")
    on.put("coordinate_set", digest=b"1")
    on.put("operation_text", digest=b"1")
    on.put("charity_offer")
    on.put("county_option", county="410105")
    on.put("poverty_line", county="410105", from_month=DAY)
