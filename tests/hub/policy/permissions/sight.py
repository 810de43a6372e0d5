"""The rows that an agency may see, in plain Python over dumped tables: a second implementation of the row policies in SQL.

It is written from the text of the permissions, and uses none of the hub's predicates:

- "An agency sees the households of its jurisdiction (region prefix), and those shown to it by a referral". The same holds for
  an agency that takes part in a household's conference, is notified of an alert, or is called when a referral is late. "Such
  sight has a reason, a measure, a beginning and an end": by its own record, or by a referral that it sent, an agency sees
  only these rows (`reasons`).
- "A row out of sight answers exactly as a row that does not exist."
- "What stands for a guarded fact is guarded": a row that reveals a fact by its existence is visible to those who may read
  such facts: aid and needs by their kind, events by their subject.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import dict_row

from auth.grant import Grant
from hub.model.every_table import metadata
from tests.hub.policy.permissions.events import EVENTS
from tests.hub.policy.permissions.reasons import DUTY, Sight, lasting
from tests.policy import FORM_IMPLIES, KIND_IMPLIES

Row = Mapping[str, Any]
Key = tuple[Any, ...]
PUBLIC = ("region", "agency", "poverty_line", "charity_offer", "county_option")
"""Public tables: everybody sees all of their rows."""
SEEN_WITH_THEIR_HOUSEHOLD = ("entitlement", "household_to_visit", "provenance", "change")
MADE_OF_OTHER_ROWS = ("access_notice", *SEEN_WITH_THEIR_HOUSEHOLD)
"""Views of rows under names of their own, which are not tables; each belongs to a household."""
OPEN_FIELDS: Mapping[str, str] = {
    **dict.fromkeys(("code", "region", "residence"), "household:read"),
    "address": "household:read household.address:read",
    "incomePerCapita": "household:read household.finance:read",
    **dict.fromkeys(("name", "relation", "birthDate", "gender"), "household:read person:read"),
    "idNumber": "household:read person:read person.identity:read",
    "phone": "household:read person:read person.contact:read",
    "account": "household:read person:read household.finance:read",
    "health": "household:read person:read person.health:read",
    **dict.fromkeys(
        ("disabilityType", "disabilityGrade"), "household:read person:read person.disability:read"
    ),
    **dict.fromkeys(("educationStage", "school"), "household:read person:read person.education:read"),
    **dict.fromkeys(("employment", "labour"), "household:read person:read person.employment:read"),
}
"""A change of a field is visible to readers of the field, who need all of its scopes."""
OF_AN_UPDATE: Mapping[str, str] = {
    **OPEN_FIELDS,
    **dict.fromkeys(("members", "rejoined", "left"), "household:read person:read"),
}
"""The fields that an update of a household may name, and the persons who joined, came back or left."""


@dataclass(frozen=True)
class Everything:
    """All rows of a database, as its owner sees them."""

    tables: Mapping[str, list[dict[str, Any]]]
    sights: frozenset[Sight] = frozenset()
    _households: dict[tuple[str, tuple[str, ...]], set[UUID]] = field(default_factory=dict)
    _rows: dict[tuple[str, Grant], set[Key]] = field(default_factory=dict)
    _by_id: dict[str, dict[Any, list[Row]]] = field(default_factory=dict)

    @classmethod
    def of(cls, url: str) -> "Everything":
        """The dump of a database."""
        with psycopg.connect(url, row_factory=dict_row) as connection:
            tables = {
                name: connection.execute(f"table {name}".encode()).fetchall() for name in metadata.tables
            }
        return cls(tables, frozenset(lasting(tables, datetime.now(UTC))))

    def households_of(self, grant: Grant) -> set[UUID]:
        """The households that an agency has in sight (46-2.1, 46-3.3)."""
        key = grant.agency, tuple(grant.regions)
        if key not in self._households:
            self._households[key] = {
                one["id"] for one in self.tables["household"] if one["region"].startswith(grant.regions)
            } | {
                household for agency, household, why in self.sights if agency == grant.agency and why in DUTY
            }
        return self._households[key]

    def of_id(self, table: str, id: Any) -> Sequence[Row]:
        """The rows of a table that have an id."""
        if table not in self._by_id:
            self._by_id[table] = {}
            for row in self.tables[table]:
                self._by_id[table].setdefault(row["id"], []).append(row)
        return self._by_id[table].get(id, ())

    def seen(self, table: str, grant: Grant) -> set[Key]:
        """The keys of the rows of a table that a grant may see."""
        if (table, grant) not in self._rows:
            may = MAY_SEE[table]
            self._rows[table, grant] = {
                key_of(table, row) for row in self.tables[table] if may(self, grant, row)
            }
        return self._rows[table, grant]

    def seen_with_their_household(self, table: str, grant: Grant) -> set[Key]:
        """Those of them whose household is in sight too, if the table belongs to households."""
        of = household_column(table)
        if of is None:
            return self.seen(table, grant)
        households, seen = self.households_of(grant), self.seen(table, grant)
        inside = {key_of(table, row) for row in self.tables[table] if row[of] in households}
        return seen & inside


def key_of(table: str, row: Row) -> Key:
    """The primary key of a row."""
    return tuple(row[column.name] for column in metadata.tables[table].primary_key)


def household_column(table: str) -> str | None:
    """The column that refers to the household of a row; None if the table has none."""
    if table == "household":
        return "id"
    return "household_id" if "household_id" in metadata.tables[table].c else None


MaySee = Callable[[Everything, Grant, Row], bool]


def everybody(_all: Everything, _grant: Grant, _row: Row) -> bool:
    """Visible to everybody."""
    return True


def in_sight(all_rows: Everything, grant: Grant, row: Row) -> bool:
    """Visible if the household is in sight."""
    return row["household_id"] in all_rows.households_of(grant)


def or_wrote(reason: str, column: str) -> MaySee:
    """Visible if the household is in sight, or to the author of the row while the sight of it lasts."""

    def own(all_rows: Everything, grant: Grant, row: Row) -> bool:
        return row[column] == grant.agency and (grant.agency, row["household_id"], reason) in all_rows.sights

    return either(in_sight, own)


def of_own_aid_or_in_sight(all_rows: Everything, grant: Grant, row: Row) -> bool:
    """Visible if the household is in sight, or to the author of the aid record that the detail belongs to, while the sight of
    it lasts."""
    return any(_OWN_AID(all_rows, grant, aid) for aid in all_rows.of_id("aid_record", row["id"]))


def the_household(all_rows: Everything, grant: Grant, row: Row) -> bool:
    """Visible if the household itself is in sight."""
    return row["id"] in all_rows.households_of(grant)


def in_region(_all: Everything, grant: Grant, row: Row) -> bool:
    """Visible if the row's region is within the grant's."""
    return str(row["region"]).startswith(grant.regions)


def reads(scope: str) -> MaySee:
    """Visible to readers with a scope; `{column}` stands for a word of the row, in lower case."""

    def holds(_all: Everything, grant: Grant, row: Row) -> bool:
        return scope.format(**{name: str(value).lower() for name, value in row.items()}) in grant.scopes

    return holds


def both(*rules: MaySee) -> MaySee:
    """Visible if every rule allows it."""
    return lambda all_rows, grant, row: all(rule(all_rows, grant, row) for rule in rules)


def either(*rules: MaySee) -> MaySee:
    """Visible if one rule allows it."""
    return lambda all_rows, grant, row: any(rule(all_rows, grant, row) for rule in rules)


def knows_what_it_needs(_all: Everything, grant: Grant, row: Row) -> bool:
    """Visible to readers of every fact that the row reveals, and to auditors."""
    return "audit:read" in grant.scopes or all(scope in grant.scopes for scope in row["needs"])


def _holds(grant: Grant, scopes: str) -> bool:
    return grant.scopes.issuperset(scopes.split())


def knows_the_kind(grant: Grant, kind: str) -> bool:
    """Whether a grant may read aid of the kind, or the facts by which it is granted; auditors may (46-4.3)."""
    return (
        "audit:read" in grant.scopes
        or f"aid.{kind.lower()}:read" in grant.scopes
        or _holds(grant, KIND_IMPLIES[kind])
    )


def knows_why_it_was_granted(all_rows: Everything, grant: Grant, row: Row) -> bool:
    """Aid: visible to readers of its kind; for other aid, also the disability or the death that its form implies."""
    forms = {one["form"] for one in all_rows.of_id("other_detail", row["id"])}
    return knows_the_kind(grant, row["kind"]) and (
        "audit:read" in grant.scopes or all(_holds(grant, FORM_IMPLIES.get(form, "")) for form in forms)
    )


def knows_the_need(_all: Everything, grant: Grant, row: Row) -> bool:
    """Referrals: visible to readers of aid of the kind, and to the agencies that it went from and to."""
    parties = (row["from_agency"], row["to_agency"], row["escalated_to"])
    return knows_the_kind(grant, row["need"]) or grant.agency in parties


def sees_what_it_is_about(all_rows: Everything, grant: Grant, row: Row) -> bool:
    """Events: visible to those who see the object, for an update to readers of one of the changed fields, and to auditors."""
    if "audit:read" in grant.scopes:
        return True
    about = EVENTS[row["type"]]
    if not _holds(grant, f"household:read {about.scopes}"):
        return False
    if about.table:
        decides = about.table == "overlap_case" and "overlap:write" in grant.scopes
        return decides or _sees_its_object(all_rows, grant, row, about.table)
    match row["type"]:
        case "CIRCUMSTANCE_REPORTED" | "CIRCUMSTANCE_ENDED":
            return any(
                scope.startswith("circumstance.") and scope.endswith(":read") for scope in grant.scopes
            )
        case "HOUSEHOLD_UPDATED":
            return any(_holds(grant, OF_AN_UPDATE[one]) for one in row["body"]["changed"])
    return True


def _sees_its_object(all_rows: Everything, grant: Grant, event: Row, table: str) -> bool:
    return any(_OBJECTS[table](all_rows, grant, one) for one in all_rows.of_id(table, event["subject_id"]))


def knows_what_it_checked(all_rows: Everything, grant: Grant, row: Row) -> bool:
    """Visits: visible to those who may know of the alert that was checked, if any."""
    return row["alert_id"] is None or any(
        knows_what_it_needs(all_rows, grant, one) for one in all_rows.of_id("alert", row["alert_id"])
    )


def sees_its_record(all_rows: Everything, grant: Grant, row: Row) -> bool:
    """Recoveries: visible to those who may read amounts of the kind and see the record concerned."""
    return f"aid.{row['kind'].lower()}:read" in grant.scopes and any(
        knows_why_it_was_granted(all_rows, grant, one) for one in all_rows.of_id("aid_record", row["aid_id"])
    )


def of_an_alert_that_is_seen(all_rows: Everything, grant: Grant, row: Row) -> bool:
    """Visible to those who see this alert, not another one of the household."""
    return (row["household_id"], row["alert_id"]) in all_rows.seen("alert", grant)


def of_a_run_that_is_seen(all_rows: Everything, grant: Grant, row: Row) -> bool:
    """Visible to those who see this run, not another one."""
    return (row["run_id"],) in all_rows.seen("monitoring_run", grant)


def takes_part(all_rows: Everything, grant: Grant, row: Row) -> bool:
    """Visible to the agencies in this conference, to civil affairs, which calls conferences, and to auditors."""
    conference = row.get("conference_id", row.get("id"))
    return bool({"conference:write", "audit:read"} & grant.scopes) or any(
        (one["household_id"], one["conference_id"], one["agency_id"])
        == (row["household_id"], conference, grant.agency)
        for one in all_rows.tables["conference_participant"]
    )


def is_a_party(_all: Everything, grant: Grant, row: Row) -> bool:
    """Visible to the two agencies of the overlapping records, wherever the households are."""
    return grant.agency in (row["first_agency"], row["second_agency"])


def has_one_of_two_households(all_rows: Everything, grant: Grant, row: Row) -> bool:
    """Visible to those who have the household of one of the two records in sight."""
    return not all_rows.households_of(grant).isdisjoint((row["household_id"], row["first_household_id"]))


def of_its_agency(_all: Everything, grant: Grant, row: Row) -> bool:
    """Visible if the agency of the request is in the grant's region; to everybody if the request had no proven agency."""
    return not row["agency_id"] or str(row["agency_id"]).partition("@")[2].startswith(grant.regions)


def reads_the_field(_all: Everything, grant: Grant, row: Row) -> bool:
    """Visible to readers of the changed field."""
    return grant.scopes.issuperset(OPEN_FIELDS[row["field"]].split())


_OBJECTS: Mapping[str, MaySee] = {
    "aid_record": knows_why_it_was_granted,
    "recovery": sees_its_record,
    "referral": knows_the_need,
    "alert": knows_what_it_needs,
    "visit": knows_what_it_checked,
    "conference": takes_part,
    "overlap_case": is_a_party,
}
"""For each kind of object of an event: who sees such a row if the household is in sight."""
_OF_ITS_REGISTRY = reads("circumstance.{source_registry}:read")
_OF_ITS_KIND = reads("aid.{kind}:read")
_OWN_AID = or_wrote("OWN_RECORD", "agency_id")
_CONFERENCE = both(in_sight, takes_part)
_NUMBERS = both(reads("statistics:read"), in_region)
_LISTS = both(reads("disclosure:read"), in_region)

MAY_SEE: Mapping[str, MaySee] = {
    **dict.fromkeys(PUBLIC, everybody),
    "household": the_household,
    **dict.fromkeys(
        (
            "person", "certification", "referral_aid", "application", "sent_household", "sent_member",
            "sent_certification",
        ),
        in_sight,
    ),
    "aid_record": both(_OWN_AID, knows_why_it_was_granted),
    **dict.fromkeys(
        (
            "basic_living_detail", "medical_detail", "education_detail", "housing_detail", "employment_detail",
            "disaster_detail", "temporary_detail", "service_detail", "other_detail", "charity_detail",
            "relapse_prevention_detail",
        ),
        of_own_aid_or_in_sight,
    ),
    "referral": both(or_wrote("REFERRAL_SENT", "from_agency"), knows_the_need),
    "circumstance": both(in_sight, _OF_ITS_REGISTRY),
    "sent_circumstance": both(in_sight, _OF_ITS_REGISTRY),
    "recovery": both(_OWN_AID, sees_its_record),
    "visit": both(in_sight, knows_what_it_checked),
    "recovery_repayment": both(_OWN_AID, _OF_ITS_KIND),
    "liability_decision": both(in_sight, reads("liability:read")),
    "near_relative": both(in_sight, reads("certification.near_relative:read")),
    "alert": both(in_sight, knows_what_it_needs),
    "alert_referral": of_an_alert_that_is_seen,
    "chain_event": both(in_sight, knows_what_it_needs, sees_what_it_is_about),
    "field_change": both(in_sight, reads_the_field),
    "conference": _CONFERENCE,
    "conference_participant": _CONFERENCE,
    "conference_measure": _CONFERENCE,
    "overlap_case": either(
        is_a_party,
        both(either(reads("overlap:write"), reads("audit:read")), has_one_of_two_households),
    ),
    "monitoring_run": in_region,
    "monitoring_result": both(of_a_run_that_is_seen, knows_what_it_needs),
    "access_record": both(reads("audit:read"), of_its_agency),
    "coordinate_set": reads("audit:read"),
    "operation_text": reads("audit:read"),
    "coverage": _NUMBERS,
    "coverage_category": _NUMBERS,
    "coverage_kind": _NUMBERS,
    "monthly_share": both(in_region, either(reads("statistics:read"), _OF_ITS_REGISTRY)),
    "disclosure": _LISTS,
    "disclosure_entry": _LISTS,
    "disclosure_objection": both(in_sight, reads("alert:read")),
}  # fmt: skip
"""For each table: who may see a row of it. Tables that are in no answer have no line here."""
