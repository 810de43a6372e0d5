"""What a grant sees, by the words of the design and the policy.

"An agency sees the households of its jurisdiction (region prefix), and those shown to it": 46-2.1, 46-4.2. Everything of a
household is visible with it, with two exceptions. Circumstances are visible to those who read the registry that reports them
(46-2.3). Rows whose existence reveals a fact (alerts, aid and needs of a kind) are visible to those who read such facts, and
to auditors (46-4.3).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from tests.hub.policy.permissions.reasons import DUTY
from tests.policy import FORM_IMPLIES, KIND_IMPLIES
from tests.schema.fuzz.plain.tables import Row, Tables

PUBLIC = ("region", "agency")
WRITTEN = {"aid_record": ("agency_id", "OWN_RECORD"), "referral": ("from_agency", "REFERRAL_SENT")}
"""Rows that an agency wrote are visible to it without the household: the column of the agency, and the reason."""


@dataclass
class Sight:
    """The rows that an agency with scopes sees."""

    tables: Tables
    agency: str
    regions: tuple[str, ...]
    scopes: frozenset[str]
    households: set[UUID] = field(init=False)
    wrote: set[tuple[UUID, str]] = field(init=False)

    def __post_init__(self) -> None:
        now = datetime.now(UTC)
        lasting = [
            (row["household_id"], row["because"])
            for row in self.tables.rows["shown_household"]
            if row["agency_id"] == self.agency and (row["until"] is None or row["until"] > now)
        ]
        shown = {household for household, because in lasting if because in DUTY}
        self.wrote = set(lasting)
        self.households = {
            row["id"]
            for row in self.tables.rows["household"]
            if row["id"] in shown or any(row["region"].startswith(region) for region in self.regions)
        }

    def sees(self, table: str, row: Row) -> bool:
        """Whether a row is visible to the grant."""
        if table in PUBLIC:
            return True
        seen = row["id" if table == "household" else "household_id"] in self.households
        if not (seen or self._wrote(table, row)):
            return False
        match table:
            case "circumstance":
                return f"circumstance.{row['source_registry']}:read" in self.scopes
            case "near_relative":
                return "certification.near_relative:read" in self.scopes
            case "aid_record":
                return self._knows(row["kind"]) and self._knows_form(row)
            case "referral":
                parties = row["from_agency"], row["to_agency"], row["escalated_to"]
                return self._knows(row["need"]) or self.agency in parties
            case "visit":
                of_household = self.tables.of_household["alert"][row["household_id"]]
                checked = [one for one in of_household if one["id"] == row["alert_id"]]
                return all(self._knows_alert(one) for one in checked)
            case "alert":
                return self._knows_alert(row)
        return True

    def _wrote(self, table: str, row: Row) -> bool:
        """Whether the agency wrote the row about a household out of its sight, and may still see it."""
        column, because = WRITTEN.get(table, ("", ""))
        return bool(column) and row[column] == self.agency and (row["household_id"], because) in self.wrote

    def _knows_alert(self, alert: Row) -> bool:
        return "audit:read" in self.scopes or self.scopes >= set(alert["needs"])

    def _knows(self, kind: str) -> bool:
        """Whether aid of a kind reveals to the grant only facts that it reads anyway."""
        own = {f"aid.{kind.lower()}:read", "audit:read"}
        return bool(own & self.scopes) or self.scopes >= set(KIND_IMPLIES[kind].split())

    def _knows_form(self, aid: Row) -> bool:
        forms = {
            one["form"]
            for one in self.tables.of_household["other_detail"][aid["household_id"]]
            if one["id"] == aid["id"]
        }
        return "audit:read" in self.scopes or all(
            self.scopes >= set(FORM_IMPLIES.get(form, "").split()) for form in forms
        )

    def rows(self, table: str, household: Any = None, **equal: Any) -> Iterator[Row]:
        """The visible rows of a table, of one household or of all, with these values."""
        among = self.tables.rows[table] if household is None else self.tables.of_household[table][household]
        for row in among:
            if all(row[name] == value for name, value in equal.items()) and self.sees(table, row):
                yield row
