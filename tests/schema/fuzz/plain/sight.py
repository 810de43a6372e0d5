"""What a grant sees, by the words of the design and the policy.

"An agency sees the households of its jurisdiction (region prefix), and those shown to it": 46-2.1, 46-4.2. Everything of a
household is seen with it, but for circumstances, which stand with the registry that knows them (46-2.3), and alerts, which
tell the facts they were made of: they are there for who reads such facts, and for auditors (46-4.3).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from tests.hub.policy.permissions.reasons import DUTY
from tests.schema.fuzz.plain.tables import Row, Tables

PUBLIC = ("region", "agency")
WRITTEN = {"aid_record": ("agency_id", "OWN_RECORD"), "referral": ("from_agency", "REFERRAL_SENT")}
"""What an agency wrote itself is seen without the household: by which column, for which reason."""


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
        """Whether a row is there for the grant."""
        if table in PUBLIC:
            return True
        if row["id" if table == "household" else "household_id"] not in self.households:
            return self._wrote(table, row)
        match table:
            case "circumstance":
                return f"circumstance.{row['source_registry']}:read" in self.scopes
            case "alert":
                return "audit:read" in self.scopes or self.scopes >= set(row["needs"])
        return True

    def _wrote(self, table: str, row: Row) -> bool:
        """Whether it is a row that the agency wrote of a household beyond its sight, and still sees."""
        column, because = WRITTEN.get(table, ("", ""))
        return bool(column) and row[column] == self.agency and (row["household_id"], because) in self.wrote

    def rows(self, table: str, household: Any = None, **equal: Any) -> Iterator[Row]:
        """The rows of a table in sight, of one household or of all, with these values."""
        among = self.tables.rows[table] if household is None else self.tables.of_household[table][household]
        for row in among:
            if all(row[name] == value for name, value in equal.items()) and self.sees(table, row):
                yield row
