"""Each further list: what tells its rows apart, its order, its filters."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from schema.engine.declare import ids
from tests.hub.policy.permissions.sight import Row
from tests.schema.fuzz.further.values import (
    Filter,
    Sight,
    Values,
    at_least,
    before,
    county_of,
    day,
    days,
    equal,
    equal_or_any,
    identity,
    inside,
    month,
    named,
    not_ended,
    on_a_day,
    reaches,
    reckoned,
    since,
    words,
    yes_or_no,
)

Node = Mapping[str, Any]


@dataclass(frozen=True)
class Listed:
    """A list of the root. `columns`: its order, by which each of its pages is sorted; `node`: what is asked of a row, by which
    `of_node` tells rows apart; `of_row` the same of a row of the table."""

    word: str
    table: str
    columns: tuple[str, ...]
    descending: bool
    filters: Mapping[str, Values] = field(default_factory=dict)
    node: str = "id"
    of_node: Callable[[Node], Any] = lambda node: node["id"]
    of_row: Callable[["Listed", Row], Any] = lambda listed, row: ids.encode(listed.word, identity(row))

    def place(self, row: Row) -> list[tuple[bool, Any]]:
        """Where a row stands by the order; absent counts as the largest."""
        return [(row[one] is None, row[one] or 0) for one in self.columns]


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _household(sight: Sight, row: Row) -> Row:
    (found,) = sight.everything.of_id("household", row["household_id"])
    return found


def _status_of_recovery(sight: Sight, row: Row) -> str:
    """WAIVED: the rest is not recovered; otherwise by the sums: nothing is repaid yet, partly, in full."""
    if row["waived"] is not None:
        return "WAIVED"
    repayments = sight.parts("recovery_repayment", "recovery_id", row["id"])
    repaid = sum((one["amount"] for one in repayments), Decimal())
    return "REPAID" if repaid >= row["amount"] else "PARTLY_REPAID" if repaid else "OPEN"


def _status_of_application(sight: Sight, row: Row) -> str | None:
    """How many of its needs are answered, of those that are seen. A forwarded need is answered by the referral that carries it
    on. Of needs that are not seen nothing is known."""
    answered = [
        one["status"] in ("COMPLETED", "ENDED")
        for one in sight.parts("referral", "application_id", row["id"])
        if one["status"] != "FORWARDED"
    ]
    if not answered:
        return None
    return "ANSWERED" if all(answered) else "PARTLY_ANSWERED" if any(answered) else "IN_PROGRESS"


def _late(sight: Sight, row: Row) -> bool:
    """Received after its last day, or not received and that day is over; without a last day it is never late."""
    due, came = row["due_on"], day(row["first_shared_at"])
    return due is not None and (sight.today if came is None else came) > due


def _open(sight: Sight, row: Row) -> bool:
    """Some of it is left, and it has neither run out nor been withdrawn; `until` is its last day."""
    return row["remaining"] > 0 and row["withdrawn_at"] is None and sight.today <= row["until"]


def _line_in_force(sight: Sight, row: Row, on: date) -> bool:
    """It holds from its month on, until a later line replaces it."""
    series = ("county", "residence", "category")
    begun = [
        one["from_month"]
        for one in sight.rows
        if one["from_month"] <= on and all(one[name] == row[name] for name in series)
    ]
    return bool(begun) and row["from_month"] == max(begun)


def _option_in_force(_sight: Sight, row: Row, on: date) -> bool:
    """From its first day; `endedOn` is the first day on which it is no longer in force."""
    return row["since"] <= on and (row["ended_on"] is None or on < row["ended_on"])


def _read(record: Row, person: Row) -> bool:
    """It read data of the person, or may have as of a member of the household, or named them."""
    of_household = person["household_id"] in record["household_ids"]
    return of_household and (record["whole_households"] or person["id"] in record["person_ids"])


def _coordinates(sight: Sight) -> Iterator[Filter]:
    """It read this coordinate, or was refused it."""
    sets = {one["digest"]: set(one["coordinates"]) for one in sight.everything.tables["coordinate_set"]}
    for one in ("Household.code", "Person.name", "Person.idNumber", "Person.phone"):
        yield (
            one,
            lambda row, one=one: one in sets[row["coordinates_digest"]] or one in row["forbidden"],  # type: ignore[misc]
        )


def _numbers(sight: Sight) -> Iterator[Filter]:
    """The digest of a number that it looked for."""
    there = sorted({number for row in sight.rows for number in row["numbers_named"]})
    for one in (*there[:3], b"\0" * 32):
        yield one.hex(), lambda row, one=one: one in row["numbers_named"]  # type: ignore[misc]


def _codes(_sight: Sight) -> Iterator[Filter]:
    """An error of this code is among its own."""
    for one in ("FORBIDDEN_FILTER", "CONFLICT", "NO_SUCH_HOUSEHOLD", "TOO_COSTLY"):
        yield one, lambda row, one=one: one == row["code"] or one in row["codes"]  # type: ignore[misc]


CATEGORIES = ("EXTREME_HARDSHIP", "SUBSISTENCE_ALLOWANCE", "SUBSISTENCE_MARGIN")
LISTS: Mapping[str, Listed] = {
    "recoveries": Listed("Recovery", "recovery", ("opened_on",), True, {
        "kind": words("kind"), "because": words("because"), "agency": equal("agency_id"), "openedOn": days("opened_on"),
        "status": reckoned(("OPEN", "PARTLY_REPAID", "REPAID", "WAIVED"), _status_of_recovery),
    }),
    "applications": Listed("Application", "application", ("submitted_at",), True, {
        "agency": equal("agency_id"),
        "status": reckoned(("IN_PROGRESS", "PARTLY_ANSWERED", "ANSWERED"), _status_of_application),
    }),
    "conferences": Listed("Conference", "conference", ("called_at",), True, {
        "status": words("status"), "calledBy": equal("called_by"), "meetsOn": days("meets_on"),
    }),
    "overlapCases": Listed("OverlapCase", "overlap_case", ("opened_at",), True, {
        "status": words("status"), "disposition": words("disposition"),
    }),
    "nearRelatives": Listed("NearRelative", "near_relative", ("declared_on",), True, {
        "agency": equal("agency_id"), "stands": not_ended("ended_on"),
    }),
    "disclosures": Listed("Disclosure", "disclosure", ("published_at",), True, {
        "region": inside(lambda _, row: row["region"]), "month": month("month"), "listOf": words("list_of"),
        "stands": not_ended("withdrawn_at"),
    }),
    "monitoringRuns": Listed(
        "MonitoringRun", "monitoring_run", ("started_at",), True, node="startedAt region { code }",
        of_node=lambda node: (node["region"]["code"], node["startedAt"]),
        of_row=lambda _, row: (row["region"], _instant(row["started_at"])),
    ),
    "charityOffers": Listed("CharityOffer", "charity_offer", ("offered_at",), True, {
        "region": reaches("region"), "category": equal_or_any("category", CATEGORIES), "open": yes_or_no(_open),
    }),
    "countyOptions": Listed("CountyOption", "county_option", ("recorded_at",), True, {
        "region": county_of("county"), "item": equal("item"), "category": equal("category"),
        "inForceOn": on_a_day("ended_on", _option_in_force),
    }),
    "lines": Listed(
        "PovertyLine", "poverty_line", ("county",), False,
        {
            "region": county_of("county"), "inForceOn": on_a_day("from_month", _line_in_force),
            "residence": equal("residence"), "category": words("category"),
        },
        "county { code } residence category fromMonth",
        lambda node: (node["county"]["code"], node["residence"], node["category"], node["fromMonth"]),
        lambda _, row: (row["county"], row["residence"], row["category"], str(row["from_month"])),
    ),
    "shares": Listed(
        "MonthlyShare", "monthly_share", ("month",), True,
        {
            "registry": words("source_registry", str.upper), "kind": words("kind"), "month": month("month"),
            "region": inside(lambda _, row: row["region"]), "late": yes_or_no(_late),
        },
        "registry kind month region { code }",
        lambda node: (node["registry"], node["kind"], node["month"], node["region"]["code"]),
        lambda _, row: (row["source_registry"].upper(), row["kind"], str(row["month"]), row["region"]),
    ),
    "chainEvents": Listed("ChainEvent", "chain_event", ("position",), False, {
        "type": words("type"), "agency": equal("agency_id"), "occurredOn": days("occurred_at"), "since": since("recorded_at"),
        "household": named("Household", "household", lambda row, one: row["household_id"] == one["id"]),
        "person": named(
            "Person", "person",
            lambda row, one: (row["household_id"], row["person_id"]) == (one["household_id"], one["id"]),
        ),
        "region": inside(lambda sight, row: _household(sight, row)["region"]),
    }),
    "accessRecords": Listed("AccessRecord", "access_record", ("at",), True, {
        "id": named("AccessRecord", "access_record", lambda row, one: row["id"] == one["id"]),
        "agency": equal("agency_id"), "client": equal("client_id"), "person": equal("person"), "purpose": equal("purpose"),
        "operation": equal("operation_name"), "outcome": words("outcome"), "from": since("at"), "until": before("at"),
        "minRows": at_least("rows"), "coordinate": _coordinates, "code": _codes, "number": _numbers,
        "household": named("Household", "household", lambda row, one: one["id"] in row["household_ids"]),
        "subject": named("Person", "person", _read),
    }),
}  # fmt: skip
"""The lists of the root that `tests.schema.fuzz.plain` does not answer, but for the list of visits, which is reckoned."""
