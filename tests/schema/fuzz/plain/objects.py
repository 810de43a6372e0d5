"""The values of the fields of the covered types."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from tests.schema.fuzz.plain.contract import KINDS
from tests.schema.fuzz.plain.facts import Facts
from tests.schema.fuzz.plain.lists import NEWEST, Order, Page, paged
from tests.schema.fuzz.plain.tables import Row


class Opaque(str):
    """A text whose content has no meaning; equal for equal things."""

    of: tuple[Any, ...]

    def __new__(cls, of: tuple[Any, ...]) -> "Opaque":
        """`of` is the thing for which it stands."""
        made = super().__new__(cls, repr(of))
        made.of = of
        return made


@dataclass(frozen=True)
class Object:
    """A row as an object of a type."""

    type: str
    row: Row

    @property
    def id(self) -> Opaque:
        """Its id: the type, and the key without a version."""
        word = "AidRecord" if self.type in KINDS.values() else self.type
        return Opaque((word, *(self.row[name] for name in ("household_id", "id") if name in self.row)))


def aid(row: Row) -> Object:
    """An aid record, of the type of its kind."""
    return Object(KINDS[row["kind"]], row)


def objects(of: str, rows: list[Row]) -> list[Object]:
    """Rows as objects."""
    return [aid(row) if of == "AidRecord" else Object(of, row) for row in rows]


def _one(facts: Facts, of: str, table: str, household: Any = None, **equal: Any) -> Object | None:
    found = next(facts.sight.rows(table, household, **equal), None)
    return None if found is None or None in equal.values() else Object(of, found)


def _household(facts: Facts, row: Row, _: Any) -> Object | None:
    return _one(facts, "Household", "household", id=row["household_id"])


def _person(facts: Facts, row: Row, _: Any) -> Object | None:
    return _one(facts, "Person", "person", row["household_id"], id=row["person_id"])


def _agency(column: str) -> "Field":
    return lambda facts, row, _: _one(facts, "Agency", "agency", id=row[column])


def _region(facts: Facts, row: Row, _: Any) -> Object | None:
    return _one(facts, "Region", "region", code=row["region"])


def _list(of: str, rows: Callable[[Facts, Row], list[Row]], order: Order | None = None) -> "Field":
    return lambda facts, row, _: objects(of, (order or NEWEST[of]).of(rows(facts, row)))


def _connection(of: str, rows: Callable[[Facts, Row], list[Row]]) -> "Field":
    return lambda facts, row, given: paged(of, NEWEST[of].of(rows(facts, row)), **given)


def _of_household(table: str, **equal: Any) -> Callable[[Facts, Row], list[Row]]:
    return lambda facts, row: list(facts.sight.rows(table, row["id"], **equal))


def _of_person(table: str, **equal: Any) -> Callable[[Facts, Row], list[Row]]:
    return lambda facts, row: list(facts.sight.rows(table, row["household_id"], person_id=row["id"], **equal))


def _referral(facts: Facts, row: Row, **equal: Any) -> Object | None:
    return _one(facts, "Referral", "referral", row["household_id"], **equal)


def _pushed(facts: Facts, alert: Row) -> list[Row]:
    of = alert["household_id"]
    pushed = {one["referral_id"] for one in facts.sight.rows("alert_referral", of, alert_id=alert["id"])}
    return [one for one in facts.sight.rows("referral", of) if one["id"] in pushed]


Field = Callable[[Facts, Row, Mapping[str, Any]], Any]
_BY_ID = Order(("id",))
_OF_AID: Mapping[str, Field] = {
    "household": _household,
    "person": _person,
    "agency": _agency("agency_id"),
    "period": lambda _facts, row, _: Object("AidPeriod", row),
    "history": _list(
        "AidRecord",
        lambda facts, row: list(facts.sight.rows("aid_record", row["household_id"], id=row["id"])),
        Order(("version",)),
    ),
}
_KIND_OF_VISIT = {"education": "SCHOOL", "health": "HEALTH", "disabled_federation": "DISABILITY"}
"""The duty of a visit, by the department of its agency (46-2.3)."""
FIELDS: Mapping[str, Field] = {
    "Household.region": _region,
    "Household.category": lambda facts, row, _: facts.category(row),
    "Household.certifications": _list("Certification", _of_household("certification")),
    "Household.partlyCovered": lambda facts, row, _: facts.partly_covered(row),
    "Household.coveredMembers": _list("Person", Facts.covered_members, _BY_ID),
    "Household.circumstances": _list("Circumstance", _of_household("circumstance")),
    "Household.members": _list("Person", Facts.members, _BY_ID),
    "Household.aidRecords": _connection("AidRecord", _of_household("aid_record", superseded_at=None)),
    "Household.referrals": _connection("Referral", _of_household("referral")),
    "Household.alerts": _connection("Alert", _of_household("alert")),
    "Household.visits": _connection("Visit", _of_household("visit")),
    "Person.household": _household,
    "Person.circumstances": _list("Circumstance", _of_person("circumstance")),
    "Person.aidRecords": _connection("AidRecord", _of_person("aid_record", superseded_at=None)),
    **{f"{kind}.{name}": field for kind in KINDS.values() for name, field in _OF_AID.items()},
    "BasicLivingAid.paidInTime": lambda facts, row, _: facts.paid_in_time(row),
    "TemporaryAid.papersOverdue": lambda facts, row, _: facts.papers_overdue(row),
    "AidPeriod.start": lambda _facts, row, _: row["period_from"],
    "AidPeriod.end": lambda _facts, row, _: row["period_until"],
    "Referral.household": _household,
    "Referral.person": _person,
    "Referral.from": _agency("from_agency"),
    "Referral.to": _agency("to_agency"),
    "Referral.escalatedTo": _agency("escalated_to"),
    "Referral.overdue": lambda facts, row, _: facts.referral_overdue(row),
    "Referral.forwardedFrom": lambda facts, row, _: _referral(facts, row, id=row["forwarded_from"]),
    "Referral.forwardedTo": lambda facts, row, _: _referral(facts, row, forwarded_from=row["id"]),
    "Referral.aidRecords": _list("AidRecord", Facts.aid_of),
    "Referral.answerRevoked": lambda facts, row, _: facts.answer_revoked(row),
    "Certification.household": _household,
    "Certification.person": _person,
    "Certification.authority": _agency("authority"),
    "Certification.nearRelativeDeclared": lambda facts, row, _: facts.near_relative_declared(row),
    "Circumstance.agency": _agency("agency_id"),
    "Alert.household": _household,
    "Alert.person": _person,
    "Alert.raisedBy": _agency("raised_by"),
    "Alert.to": _agency("to_agency"),
    "Alert.disposedBy": _agency("disposed_by"),
    "Alert.overdue": lambda facts, row, _: facts.alert_overdue(row),
    "Alert.visits": _list(
        "Visit",
        lambda facts, row: list(facts.sight.rows("visit", row["household_id"], alert_id=row["id"])),
    ),
    "Alert.referrals": _list("Referral", _pushed),
    "Alert.certification": lambda facts, row, _: _one(
        facts, "Certification", "certification", row["household_id"], id=row["certification_id"]
    ),
    "Visit.household": _household,
    "Visit.person": _person,
    "Visit.agency": _agency("agency_id"),
    "Visit.kind": lambda _facts, row, _: _KIND_OF_VISIT.get(row["agency_id"].partition("@")[0], "ASSISTANCE"),
    "Circumstance.sourceRegistry": lambda _facts, row, _: row["source_registry"].upper(),
    "Agency.department": lambda _facts, row, _: row["department"].upper(),
    "Agency.code": lambda _facts, row, _: row["id"],
    "Agency.region": _region,
}
"""Fields that are not simply a column. Every other field is the column of its name."""


def value_of(facts: Facts, one: Object, name: str, given: Mapping[str, Any]) -> Any:
    """The value of a field of an object, as JSON or as further objects."""
    if name == "id":
        return one.id
    field = FIELDS.get(f"{one.type}.{name}")
    value = (
        field(facts, one.row, given)
        if field
        else one.row[re.sub("[A-Z]", lambda a: f"_{a[0].lower()}", name)]
    )
    match value:
        case datetime():
            return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        case date():
            return value.isoformat()
        case Decimal():
            return str(value)
    return value


def of_page(page: Page, name: str, cursor: Callable[[Row], Opaque]) -> Any:
    """The value of a field of a connection, or of its PageInfo, without a cursor in the arguments."""
    match name:
        case "nodes":
            return objects(page.of, page.rows)
        case "edges":
            return [
                (cursor(row), one) for row, one in zip(page.rows, objects(page.of, page.rows), strict=True)
            ]
        case "totalCount":
            return len(page.whole)
        case "hasNextPage":
            return not page.backwards and page.more
        case "hasPreviousPage":
            return page.backwards and page.more
        case "startCursor":
            return cursor(page.rows[0]) if page.rows else None
        case "endCursor":
            return cursor(page.rows[-1]) if page.rows else None
    return page
