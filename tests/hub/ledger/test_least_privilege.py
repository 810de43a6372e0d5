"""The roles that serve requests can do what they must and nothing else, whatever the hub's own code would try."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql
from psycopg.errors import InsufficientPrivilege

from hub.model.every_table import metadata
from tests.conftest import TestCluster

LEDGER = (
    "chain_event", "field_change", "access_record", "coordinate_set", "write_receipt",
    "sent_household", "sent_member", "sent_certification", "sent_circumstance",
    "recovery_repayment", "disclosure_entry", "disclosure_objection",
)  # fmt: skip
REFERENCE = ("region", "agency")
SECRET = ("oauth_client",)
REGISTERED = ("oauth_client_document",)
EVERY = (*sorted(metadata.tables), "alembic_version")
ROLES = ("hub_reader", "hub_writer")


class Acting:
    """A connection that may act as one of the roles."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self.connection = connection

    def may(self, role: str, statement: str, table: str = "household") -> bool:
        """Whether a role may run a statement on a table; what it did is taken back."""
        column = (
            next(iter(metadata.tables[table].columns)).name if table in metadata.tables else "version_num"
        )
        with self.connection.transaction(force_rollback=True):
            self.connection.execute(sql.SQL("set local role {}").format(sql.Identifier(role)))
            try:
                self.connection.execute(
                    sql.SQL(statement).format(table=sql.Identifier(table), column=sql.Identifier(column))
                )
            except InsufficientPrivilege:
                return False
            except psycopg.IntegrityError:  # an empty row: it was allowed, and then held nothing
                return True
            return True

    def those_that(self, role: str, statement: str) -> set[str]:
        """The tables on which a role may run a statement."""
        return {table for table in EVERY if self.may(role, statement, table)}


@pytest.fixture(scope="module")
def acting(cluster: TestCluster, template: str) -> Iterator[Acting]:
    """The owner of a migrated database, to act as the roles; one for all, as nothing done here is kept."""
    name = f"{template}_acting"
    with psycopg.connect(cluster.create(name, template)) as connection:
        yield Acting(connection)
    cluster.drop(name)


SELECT = "select * from {table} limit 1"
INSERT = "insert into {table} default values"
UPDATE = "update {table} set {column} = {column}"
DELETE = "delete from {table}"
TRUNCATE = "truncate {table} cascade"


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("statement", [UPDATE, DELETE, TRUNCATE])
@pytest.mark.parametrize("table", LEDGER)
def test_nobody_who_serves_can_change_or_remove_what_the_ledger_holds(
    acting: Acting, role: str, statement: str, table: str
) -> None:
    assert not acting.may(role, statement, table)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("statement", [DELETE, TRUNCATE])
def test_nobody_who_serves_can_delete_anything(acting: Acting, role: str, statement: str) -> None:
    assert acting.those_that(role, statement) == set()


def test_the_reader_writes_nowhere_and_never_sees_a_client_s_secret(acting: Acting) -> None:
    for statement in (
        INSERT,
        UPDATE,
        "select * from {table} for update",
        "select * from {table} for key share",
    ):
        assert acting.those_that("hub_reader", statement) == set()
    assert acting.those_that("hub_reader", SELECT) == set(metadata.tables) - set(SECRET)


def test_the_writer_inserts_everywhere_but_into_reference_data(acting: Acting) -> None:
    tables = set(metadata.tables)
    assert acting.those_that("hub_writer", SELECT) == tables
    assert acting.those_that("hub_writer", INSERT) == tables - set(REFERENCE)
    assert acting.those_that("hub_writer", UPDATE) == tables - set(REFERENCE) - set(LEDGER) - set(REGISTERED)


def test_a_registered_document_can_be_withdrawn_and_its_text_never_changed(acting: Acting) -> None:
    update = "update oauth_client_document set {column} = null"
    writable = {
        column.name
        for column in metadata.tables["oauth_client_document"].columns
        if acting.may("hub_writer", update.replace("{column}", column.name))
    }
    assert writable == {"registered_at", "withdrawn_at"}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    "statement",
    [
        "create table extra (id int)",
        "create schema extra",
        "create function extra() returns int language sql as 'select 1'",
        "create role extra",
        "alter table chain_event disable trigger all",
        "alter table chain_event add column extra int",
        "drop table chain_event",
        "drop index ix_chain_event_feed",
        "create rule extra as on insert to chain_event do instead nothing",
        "create trigger extra before insert on chain_event execute function suppress_redundant_updates_trigger()",
        "select setval(pg_get_serial_sequence('chain_event', 'position'), 1)",
        "select pg_read_file('postgresql.conf')",
        "copy household to program 'cat'",
    ],
)
def test_nobody_who_serves_can_change_the_schema_or_reach_beyond_the_database(
    acting: Acting, role: str, statement: str
) -> None:
    assert not acting.may(role, statement)


def test_no_single_column_of_the_ledger_was_opened_for_change(acting: Acting) -> None:
    opened = acting.connection.execute(
        "select role, name from unnest(%s::text[]) role, unnest(%s::text[]) name"
        " where has_any_column_privilege(role, name, 'UPDATE') or has_table_privilege(role, name, 'TRIGGER')",
        [list(ROLES), list(LEDGER)],
    ).fetchall()
    assert opened == []


def test_the_roles_cannot_log_in_and_hold_no_other_role(acting: Acting) -> None:
    rows = acting.connection.execute(
        "select rolcanlogin, rolsuper, rolcreaterole, rolcreatedb, rolbypassrls, rolreplication from pg_roles"
        " where rolname = any(%s)",
        [list(ROLES)],
    ).fetchall()
    assert rows == [(False,) * 6] * 2
    held = acting.connection.execute(
        "select 1 from pg_auth_members where member::regrole::text = any(%s)", [list(ROLES)]
    )
    assert held.fetchall() == []
