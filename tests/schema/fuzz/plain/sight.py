"""What a grant sees, by the words of the design and the policy.

"An agency sees the households of its jurisdiction (region prefix), and those shown to it": 46-2.1, 46-4.2. Everything of a
household is seen with it, but for circumstances, which stand with the registry that knows them (46-2.3), and alerts, which
tell the facts they were made of: they are there for who reads such facts, and for auditors (46-4.3).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from tests.schema.fuzz.plain.tables import Row, Tables

PUBLIC = ("region", "agency")


@dataclass
class Sight:
    """The rows that an agency with scopes sees."""

    tables: Tables
    agency: str
    regions: tuple[str, ...]
    scopes: frozenset[str]
    households: set[UUID] = field(init=False)

    def __post_init__(self) -> None:
        shown = {
            row["household_id"]
            for row in self.tables.rows["shown_household"]
            if row["agency_id"] == self.agency
        }
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
            return False
        match table:
            case "circumstance":
                return f"circumstance.{row['source_registry']}:read" in self.scopes
            case "alert":
                return "audit:read" in self.scopes or self.scopes >= set(row["needs"])
        return True

    def rows(self, table: str, household: Any = None, **equal: Any) -> Iterator[Row]:
        """The rows of a table in sight, of one household or of all, with these values."""
        among = self.tables.rows[table] if household is None else self.tables.of_household[table][household]
        for row in among:
            if all(row[name] == value for name, value in equal.items()) and self.sees(table, row):
                yield row
