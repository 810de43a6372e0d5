"""Which rows an agency may see, in plain Python over dumped tables: what the row policies say in SQL, said a second time.

Written from the permissions' own words, and nothing of the hub's predicates is asked:

- "An agency sees the households of its jurisdiction (region prefix), and those shown to it by a referral"; so does who takes
  part in a household's conference, is told an alert of it, or is called when a referral is late. "Such sight has a reason, a
  measure, a beginning and an end": by its own record, or by a referral that it sent, it sees these rows alone (`reasons`).
- "A row out of sight answers exactly as a row that does not exist."
- "What stands for a guarded fact is guarded": a row that tells a fact by being there is there for those who read such facts.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import dict_row

from auth.grant import Grant
from hub.model.every_table import metadata
from tests.hub.policy.permissions.reasons import DUTY, Sight, lasting

Row = Mapping[str, Any]
Key = tuple[Any, ...]
PUBLIC = ("region", "agency", "poverty_line", "charity_offer")
"""What is nobody's secret: everybody sees all of it."""
MADE_OF_OTHER_ROWS = ("entitlement", "household_to_visit", "provenance", "change")
"""What is read under a name of its own and is no table; each belongs to a household."""
OPEN_FIELDS: Mapping[str, str] = {
    **dict.fromkeys(("code", "region", "residence"), "household:read"),
    "address": "household:read household.address:read",
    "incomePerCapita": "household:read household.finance:read",
    **dict.fromkeys(("name", "relation", "birthDate", "gender"), "household:read person:read"),
    "idNumber": "household:read person:read person.identity:read",
    "phone": "household:read person:read person.contact:read",
    "account": "household:read person:read household.finance:read",
    "health": "household:read person:read person.health:read",
    **dict.fromkeys(("disabilityType", "disabilityGrade"), "household:read person:read person.disability:read"),
    **dict.fromkeys(("educationStage", "school"), "household:read person:read person.education:read"),
    **dict.fromkeys(("employment", "labour"), "household:read person:read person.employment:read"),
}  # fmt: skip
"""A change of a field is there for those who read the field: all scopes of it."""


@dataclass(frozen=True)
class Everything:
    """All rows of a database, as its owner sees them."""

    tables: Mapping[str, list[dict[str, Any]]]
    sights: frozenset[Sight] = frozenset()
    _households: dict[tuple[str, tuple[str, ...]], set[UUID]] = field(default_factory=dict)
    _rows: dict[tuple[str, Grant], set[Key]] = field(default_factory=dict)

    @classmethod
    def of(cls, url: str) -> "Everything":
        """A database, dumped."""
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

    def seen(self, table: str, grant: Grant) -> set[Key]:
        """The keys of the rows of a table that a grant may see."""
        if (table, grant) not in self._rows:
            may = MAY_SEE[table]
            self._rows[table, grant] = {
                key_of(table, row) for row in self.tables[table] if may(self, grant, row)
            }
        return self._rows[table, grant]

    def seen_with_their_household(self, table: str, grant: Grant) -> set[Key]:
        """Those of them whose household is in sight too, where the table has one."""
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
    """The column by which the rows of a table hang on a household; None where they hang on none."""
    if table == "household":
        return "id"
    return "household_id" if "household_id" in metadata.tables[table].c else None


MaySee = Callable[[Everything, Grant, Row], bool]


def everybody(_all: Everything, _grant: Grant, _row: Row) -> bool:
    """Everybody."""
    return True


def in_sight(all_rows: Everything, grant: Grant, row: Row) -> bool:
    """Who has its household in sight."""
    return row["household_id"] in all_rows.households_of(grant)


def or_wrote(reason: str, column: str) -> MaySee:
    """Who has its household in sight, or wrote the very row and has not lost sight of what it wrote."""

    def own(all_rows: Everything, grant: Grant, row: Row) -> bool:
        return row[column] == grant.agency and (grant.agency, row["household_id"], reason) in all_rows.sights

    return either(in_sight, own)


def of_aid_that_is_seen(all_rows: Everything, grant: Grant, row: Row) -> bool:
    """Who sees the very record."""
    return (row["household_id"], row["id"], row["version"]) in all_rows.seen("aid_record", grant)


def the_household(all_rows: Everything, grant: Grant, row: Row) -> bool:
    """Who has it in sight."""
    return row["id"] in all_rows.households_of(grant)


def in_region(_all: Everything, grant: Grant, row: Row) -> bool:
    """Whose region holds its own."""
    return str(row["region"]).startswith(grant.regions)


def reads(scope: str) -> MaySee:
    """Who holds a scope; `{column}` stands for a word of the row, in lower case."""

    def holds(_all: Everything, grant: Grant, row: Row) -> bool:
        return scope.format(**{name: str(value).lower() for name, value in row.items()}) in grant.scopes

    return holds


def both(*rules: MaySee) -> MaySee:
    """Who satisfies every rule."""
    return lambda all_rows, grant, row: all(rule(all_rows, grant, row) for rule in rules)


def either(*rules: MaySee) -> MaySee:
    """Who satisfies one rule."""
    return lambda all_rows, grant, row: any(rule(all_rows, grant, row) for rule in rules)


def knows_what_it_needs(_all: Everything, grant: Grant, row: Row) -> bool:
    """Who reads every fact that it tells; and auditors."""
    return "audit:read" in grant.scopes or all(scope in grant.scopes for scope in row["needs"])


def of_an_alert_that_is_seen(all_rows: Everything, grant: Grant, row: Row) -> bool:
    """Who sees the very alert, not another one of the household."""
    return (row["household_id"], row["alert_id"]) in all_rows.seen("alert", grant)


def of_a_run_that_is_seen(all_rows: Everything, grant: Grant, row: Row) -> bool:
    """Who sees the very run, not another one."""
    return (row["run_id"],) in all_rows.seen("monitoring_run", grant)


def takes_part(all_rows: Everything, grant: Grant, row: Row) -> bool:
    """The agencies of the very conference; civil affairs, who calls them, and auditors."""
    conference = row.get("conference_id", row.get("id"))
    return bool({"conference:write", "audit:read"} & grant.scopes) or any(
        (one["household_id"], one["conference_id"], one["agency_id"])
        == (row["household_id"], conference, grant.agency)
        for one in all_rows.tables["conference_participant"]
    )


def is_a_party(_all: Everything, grant: Grant, row: Row) -> bool:
    """The two agencies whose records meet, wherever the households are."""
    return grant.agency in (row["first_agency"], row["second_agency"])


def has_one_of_two_households(all_rows: Everything, grant: Grant, row: Row) -> bool:
    """Who has the household of one record or of the other in sight."""
    return not all_rows.households_of(grant).isdisjoint((row["household_id"], row["first_household_id"]))


def of_its_agency(_all: Everything, grant: Grant, row: Row) -> bool:
    """Whose region holds that of the agency that asked."""
    return str(row["agency_id"]).partition("@")[2].startswith(grant.regions)


def reads_the_field(_all: Everything, grant: Grant, row: Row) -> bool:
    """Who reads the field that was changed."""
    return grant.scopes.issuperset(OPEN_FIELDS[row["field"]].split())


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
            "person", "certification", "referral_aid", "application", "sent_household", "sent_member", "sent_certification",
            "visit",
        ),
        in_sight,
    ),
    "aid_record": _OWN_AID,
    **dict.fromkeys(
        (
            "basic_living_detail", "medical_detail", "education_detail", "housing_detail", "employment_detail",
            "disaster_detail", "temporary_detail", "service_detail", "other_detail", "charity_detail",
        ),
        of_aid_that_is_seen,
    ),
    "referral": or_wrote("REFERRAL_SENT", "from_agency"),
    "circumstance": both(in_sight, _OF_ITS_REGISTRY),
    "sent_circumstance": both(in_sight, _OF_ITS_REGISTRY),
    "recovery": both(_OWN_AID, _OF_ITS_KIND),
    "recovery_repayment": both(_OWN_AID, _OF_ITS_KIND),
    "near_relative": both(in_sight, reads("certification.near_relative:read")),
    "alert": both(in_sight, knows_what_it_needs),
    "alert_referral": of_an_alert_that_is_seen,
    "chain_event": both(in_sight, knows_what_it_needs),
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
    "coverage": _NUMBERS,
    "coverage_category": _NUMBERS,
    "coverage_kind": _NUMBERS,
    "monthly_share": both(in_region, either(reads("statistics:read"), _OF_ITS_REGISTRY)),
    "disclosure": _LISTS,
    "disclosure_entry": _LISTS,
    "disclosure_objection": both(in_sight, reads("alert:read")),
}  # fmt: skip
"""Of each table who may see a row of it. What is in no answer at all has no line here."""
