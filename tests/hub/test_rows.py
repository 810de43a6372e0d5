"""The one choke point for rows: every table has a rule, and the rules see what the design says and no row more."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from psycopg.rows import dict_row
from sqlmodel import SQLModel

from auth.departments import DEPARTMENTS
from auth.grant import Grant
from auth.scopes import Scope
from hub.aid.tables import AidRecordRow
from hub.certifications.tables import CertificationRow
from hub.circumstances.tables import CircumstanceRow
from hub.database import Database, table_of
from hub.households.tables import HouseholdRow
from hub.persons.tables import PersonRow
from hub.referrals.tables import ReferralRow
from hub.rows import RULES, UndeclaredTable, end_of, visible
from hub.tables import ROWS, metadata

NEVER_READ_FOR_A_GRANT = {
    "installation": "what the database itself is; no agency's business",
    "oauth_client": "client secrets; only the token endpoint reads it, as hub_writer",
    "oauth_client_document": "looked up for the client that sent its hash, never answered",
    "shown_household": "read inside the rule of households, never answered",
    "write_receipt": "read by the commands of its own agency, never answered",
    "import_run": "read by the operator's command line alone",
    "share_entry": "what a list held, read by the next list of its kind alone",
    "scheduled_job": "read by the operator's command line alone",
}

DIGITS = st.text("0123456789", max_size=12)
ROWS_OF = {table_of(row).name: row for row in
           (HouseholdRow, PersonRow, AidRecordRow, ReferralRow, CertificationRow, CircumstanceRow)}  # fmt: skip


def grant_of(agency: str, *regions: str, scopes: frozenset[Scope] | None = None) -> Grant:
    """A grant of an agency, with its department's scopes and its own region unless others are given."""
    department, _, region = agency.partition("@")
    whole = DEPARTMENTS[department].scopes
    return Grant(agency, "test", whole if scopes is None else scopes, regions or (region,), "test")


GRANTS = [
    grant_of("civil_affairs@4101"),
    grant_of("civil_affairs@410103"),  # it paid where the trouble happened, beyond its own district
    grant_of("civil_affairs@410103016"),
    grant_of("education@410105"),
    grant_of("human_resources@410122"),
    grant_of("medical_insurance@410182", "410182", "410105001"),
    grant_of("charity@410106"),
    grant_of("health@41010"),
    grant_of("education@4102"),
    grant_of("civil_affairs@410105", scopes=frozenset({Scope.CIRCUMSTANCE_HEALTH_READ})),
    grant_of("civil_affairs@4101", scopes=frozenset()),
]


def test_every_table_has_a_rule_or_a_reason_to_be_closed() -> None:
    made_of_other_rows = {"entitlement", "household_to_visit", "provenance", "change"}
    assert metadata.tables.keys() | made_of_other_rows == RULES.keys() | NEVER_READ_FOR_A_GRANT.keys()
    assert not RULES.keys() & NEVER_READ_FOR_A_GRANT.keys()


@pytest.mark.parametrize("name", sorted(NEVER_READ_FOR_A_GRANT))
def test_a_table_without_a_rule_cannot_be_read_for_a_grant(name: str) -> None:
    table = metadata.tables[name]
    for source in (table, table.alias(), sa.select(table).subquery()):
        with pytest.raises(UndeclaredTable):
            visible(source, GRANTS[0])


def test_a_query_that_merely_holds_a_table_with_a_rule_has_none_itself() -> None:
    with pytest.raises(UndeclaredTable):
        visible(sa.select(table_of(HouseholdRow)).subquery("household"), GRANTS[0])


@given(prefix=DIGITS.filter(bool), text=DIGITS)
def test_the_range_of_a_prefix_holds_the_texts_that_start_with_it_and_no_other(
    prefix: str, text: str
) -> None:
    assert (prefix <= text < end_of(prefix)) == text.startswith(prefix)
    assert prefix <= prefix + text < end_of(prefix)


@dataclass(frozen=True)
class Everything:
    """All rows, as the owner of the database sees them."""

    tables: Mapping[str, list[dict[str, Any]]]

    def households_of(self, grant: Grant) -> set[UUID]:
        """Those in its regions, those of a referral it sent or received, those it gave aid (46-2.1, 46-3.3)."""
        return (
            {one["id"] for one in self.tables["household"] if one["region"].startswith(grant.regions)}
            | {one["household_id"] for one in self.tables["referral"]
               if grant.agency in (one["from_agency"], one["to_agency"])}
            | {one["household_id"] for one in self.tables["aid_record"] if one["agency_id"] == grant.agency}
        )  # fmt: skip

    def of(self, table: str, grant: Grant) -> set[tuple[Any, ...]]:
        """The keys of the rows of a table that a grant may see."""
        seen = self.households_of(grant)
        return {
            key_of(table, one)
            for one in self.tables[table]
            if one["id" if table == "household" else "household_id"] in seen
            and (table != "circumstance" or f"circumstance.{one['source_registry']}:read" in grant.scopes)
        }


def key_of(table: str, row: Mapping[str, Any]) -> tuple[Any, ...]:
    """The primary key of a row."""
    return tuple(row[column.name] for column in metadata.tables[table].primary_key)


@pytest.fixture(scope="module")
def everything(sample_url: str) -> Everything:
    """The sample, read as its owner."""
    with psycopg.connect(sample_url, row_factory=dict_row) as connection:
        return Everything({name: connection.execute(f"table {name}").fetchall() for name in ROWS_OF})


@pytest.mark.anyio
@pytest.mark.parametrize(
    "grant", GRANTS, ids=lambda one: f"{one.agency} in {'+'.join(one.regions)} with {len(one.scopes)}"
)
@pytest.mark.parametrize("row", ROWS_OF.values(), ids=ROWS_OF)
async def test_a_grant_sees_exactly_the_rows_that_the_facts_give_it(
    sample: Database, everything: Everything, row: type[SQLModel], grant: Grant
) -> None:
    table = table_of(row)
    for source in (table, table.alias()):
        async with sample.read() as connection:
            answered = await connection.execute(sa.select(source).where(visible(source, grant)))
            keys = [key_of(table.name, dict(one)) for one in answered.mappings()]
        assert len(keys) == len(set(keys)), "a row was answered twice"
        assert set(keys) == everything.of(table.name, grant)


def test_the_grants_tell_the_rules_apart(everything: Everything) -> None:
    """Otherwise the test above would pass for a rule that shows all, or nothing, or the region alone."""
    total = len(everything.tables["household"])
    sizes = {len(everything.households_of(one)) for one in GRANTS}
    assert {0, total} <= sizes
    assert len(sizes) > 5
    regions = {one["id"]: one["region"] for one in everything.tables["household"]}
    beyond = [
        one
        for grant in GRANTS
        for one in everything.households_of(grant)
        if not regions[one].startswith(grant.regions)
    ]
    assert beyond
    by_scope = {len(everything.of("circumstance", one)) for one in GRANTS if one.regions == ("4101",)}
    assert 0 in by_scope
    assert max(by_scope) > 0


def test_every_row_class_is_in_the_metadata() -> None:
    assert {table_of(row).name for row in ROWS} == metadata.tables.keys()
