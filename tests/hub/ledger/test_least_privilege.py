"""The roles that serve requests have the privileges that they need and no others, whatever the hub's own code might try."""

from collections.abc import Iterator

import psycopg
import pytest
import sqlalchemy as sa
from psycopg import sql
from psycopg.errors import InsufficientPrivilege

from hub.foundation.privileges import existing_privileges
from hub.model.every_table import metadata
from hub.model.privileges import (
    CHANGED,
    LOADED_BY_THE_OWNER,
    NOT_READ_BY_READERS,
    declared_privileges,
)
from hub.model.privileges import READ_IN_PART as READ_IN_PART_OF_THE_LIST
from hub.service.migrate import migrate
from tests.conftest import TestCluster

LEDGER = (
    "chain_event", "field_change", "record_event", "log_checkpoint", "log_block", "access_record", "coordinate_set",
    "operation_text", "write_receipt", "sent_household", "sent_member", "sent_certification", "sent_circumstance",
    "recovery_repayment", "disclosure_entry", "disclosure_objection", "alert_referral", "application", "conference_measure",
    "conference_participant", "import_before", "key_check", "liability_decision", "monitoring_result", "referral_aid",
    "share_entry", "visit",
    *(
        f"{kind}_detail" for kind in (
            "basic_living", "charity", "disaster", "education", "employment", "housing", "medical", "other",
            "relapse_prevention", "service", "temporary",
        )
    ),
)  # fmt: skip
"""Tables that are written once: events, access records, messages, decisions, findings, repayments, measurements."""
REFERENCE = ("region", "agency", "schema_version")
WRITTEN_BY_THE_DATABASE = ("record_event",)
NEVER_QUERIED = (
    "elsewhere_searches", "export_job", "import_before", "import_job", "log_block", "log_checkpoint", "oauth_client",
    "record_event", "scheduled_job", "sealed_part", "share_entry", "write_receipt",
)  # fmt: skip
READ_IN_PART = ("import_run",)
EVERY = (*sorted(metadata.tables), "alembic_version")
ROLES = ("hub_reader", "hub_writer")


class Acting:
    """A connection that may act as one of the roles."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self.connection = connection

    def may(self, role: str, statement: str, table: str = "household") -> bool:
        """Whether a role may run a statement on a table; its effect is rolled back."""
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
            except psycopg.IntegrityError:  # an empty row: the role may insert, but the values are refused
                return True
            return True

    def those_that(self, role: str, statement: str) -> set[str]:
        """The tables on which a role may run a statement."""
        return {table for table in EVERY if self.may(role, statement, table)}


@pytest.fixture(scope="module")
def acting(cluster: TestCluster, template: str) -> Iterator[Acting]:
    """The owner of a migrated database, who acts as the roles; shared, since nothing here is committed."""
    name = f"{template}_acting"
    with psycopg.connect(cluster.create(name, template)) as connection:
        yield Acting(connection)
    cluster.drop(name)


@pytest.fixture
def owner(database_url: str) -> Iterator[sa.Engine]:
    """The owner of a fresh database, to change its privileges."""
    engine = sa.create_engine(sa.make_url(database_url).set(drivername="postgresql+psycopg"))
    yield engine
    engine.dispose()


SELECT = "select * from {table} limit 1"
INSERT = "insert into {table} default values"
UPDATE = "update {table} set {column} = {column}"
DELETE = "delete from {table}"
TRUNCATE = "truncate {table} cascade"


@pytest.mark.parametrize("role", ROLES)
def test_nobody_who_serves_can_change_what_the_ledger_holds(acting: Acting, role: str) -> None:
    assert acting.those_that(role, UPDATE).isdisjoint(LEDGER)


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
    read = set(metadata.tables) - set(NEVER_QUERIED) - set(READ_IN_PART)
    assert acting.those_that("hub_reader", SELECT) == read


def test_the_writer_inserts_everywhere_but_into_reference_data_and_what_the_database_writes(
    acting: Acting,
) -> None:
    tables = set(metadata.tables)
    assert acting.those_that("hub_writer", SELECT) == tables
    assert acting.those_that("hub_writer", INSERT) == tables - {
        *REFERENCE,
        *WRITTEN_BY_THE_DATABASE,
        "feed_counter",
    }


def changeable(acting: Acting, table: str) -> set[str]:
    """The columns of a table that the writer may update."""
    return {
        column.name
        for column in metadata.tables[table].columns
        if acting.may("hub_writer", f"update {table} set {column.name} = default")
    }


NEVER_CHANGED: dict[str, str] = {
    "person": "household_id id created_at",
    "household": "id code created_at",
    "certification": "household_id id person_id category policy_basis recorded_at",
    "circumstance": "household_id id person_id kind source_registry agency_id external_id recorded_at",
    "near_relative": "household_id id person_id kinship office post agency_id declared_on policy_basis external_id recorded_at",
    "aid_record": "household_id id version person_id kind program agency_id period_from period_until status amount decided_on"
    " paid_on outcome policy_basis external_id amendment_reason revoked_because client_id recorded_at",
    "recovery": "household_id id person_id aid_id kind agency_id because manner goods amount reason opened_on due_on"
    " policy_basis external_id recorded_at",
    "referral": "household_id id person_id from_agency to_agency need reason sent_at due_at forwarded_from application_id"
    " external_id",
    "conference": "household_id id person_id alert_id called_by called_at meets_on matter external_id",
    "alert": "household_id id person_id finding severity evidence reason needs policy_basis raised_by to_agency raised_at due_at"
    " external_id run_id as_of",
    "overlap_case": "household_id id person_id rule first_household_id first_id first_agency second_agency second_external_id"
    " said to_agency opened_at",
    "disclosure": "id region month list_of agency_id entries policy_basis external_id published_at",
    "county_option": "id county item category since document agency_id external_id recorded_at",
    "charity_offer": "id agency_id external_id organisation what category region quantity until offered_at",
    "poverty_line": "county residence category from_month version yuan source recorded_by client_id recorded_at",
    "monthly_share": "source_registry kind month region policy_basis due_on",
    "monitoring_run": "id region as_of started_at",
    "shown_household": "household_id agency_id because since",
    "import_run": "id kind agency_id client_id file_name file_sha256 rows accepted changed refused started_at finished_at",
    "import_job": "id agency_id client_id person scopes regions purpose external_id kind month file_name created_at",
    "export_job": "id agency_id client_id person scopes regions purpose request format created_at",
    "oauth_client": "client_id client_name secret_hash agency_id scopes purposes reject_forbidden trusted_documents_only"
    " created_at",
    "oauth_client_document": "client_id sha256 text",
    "feed_counter": "id",
}
"""Values that no command changes once they are written: the subject of a row, a decision, the scopes of a client."""
WRITTEN_ANEW = (
    "coverage", "coverage_category", "coverage_kind", "live_household", "live_entitlement", "elsewhere_searches", "office_word",
    "installation", "scheduled_job", "sealed_part",
)  # fmt: skip
"""Computed values, counters, the state of the hub and its jobs, and the meaning of an office's words."""


def test_every_table_is_in_one_list_of_what_may_change_in_it() -> None:
    assert sorted([*LEDGER, *REFERENCE, *NEVER_CHANGED, *WRITTEN_ANEW]) == sorted(metadata.tables)


@pytest.mark.parametrize("table", sorted(NEVER_CHANGED))
def test_who_somebody_is_and_what_was_decided_is_never_written_anew(acting: Acting, table: str) -> None:
    assert changeable(acting, table).isdisjoint(NEVER_CHANGED[table].split())


def test_nothing_more_is_granted_than_the_list_declares_and_nothing_less(
    acting: Acting, owner: sa.Engine
) -> None:
    with owner.connect() as connection:
        assert existing_privileges(connection) == declared_privileges(metadata)


def test_every_column_that_the_list_names_is_there() -> None:
    named = [privilege for privilege in declared_privileges(metadata) if privilege.column]
    assert len(named) > 100
    assert [
        privilege for privilege in named if privilege.column not in metadata.tables[privilege.table].c
    ] == []
    lists = (
        *CHANGED,
        *READ_IN_PART_OF_THE_LIST,
        *LOADED_BY_THE_OWNER,
        *NOT_READ_BY_READERS,
    )
    assert set(lists) <= set(metadata.tables)


EXCESS = (
    "grant delete on household to hub_writer",
    "grant update (amount) on aid_record to hub_writer",
    "grant all on chain_event to hub_writer",
    "grant select on oauth_client to hub_reader",
    "grant select (secret_hash) on oauth_client to public",
    "grant insert on household to public",
    "grant create on schema public to hub_writer",
    "grant all on schema public to public",
    "grant execute on function is_aid_kind(text) to public",
    "grant temporary on database {} to public",
    "grant temporary on database {} to hub_reader",
    "revoke select on person from hub_reader",
    "revoke usage on schema public from hub_writer",
)


def test_migrating_takes_away_what_nobody_declared_and_gives_back_what_is_missing(owner: sa.Engine) -> None:
    url = owner.url.set(drivername="postgresql").render_as_string(hide_password=False)
    migrate(url)
    before = everything_granted(owner)
    with owner.begin() as connection:
        for statement in EXCESS:
            connection.exec_driver_sql(statement.format(owner.url.database))
    assert everything_granted(owner) != before
    migrate(url)
    assert everything_granted(owner) == before
    migrate(url)
    assert everything_granted(owner) == before


def test_public_has_nothing_in_a_migrated_database(owner: sa.Engine) -> None:
    migrate(owner.url.set(drivername="postgresql").render_as_string(hide_password=False))
    assert [one for one in everything_granted(owner) if one[1] == "-"] == []


def test_a_role_of_the_operator_s_own_keeps_what_it_has(owner: sa.Engine) -> None:
    with owner.begin() as connection:
        connection.exec_driver_sql("create role hub_test_backup")
        connection.exec_driver_sql("grant select on all tables in schema public to hub_test_backup")
    try:
        migrate(owner.url.set(drivername="postgresql").render_as_string(hide_password=False))
        grants = [one for one in everything_granted(owner) if one[1] == "hub_test_backup"]
        assert len(grants) == len(EVERY)
    finally:
        with owner.begin() as connection:
            connection.exec_driver_sql("drop owned by hub_test_backup")
            connection.exec_driver_sql("drop role hub_test_backup")


def everything_granted(engine: sa.Engine) -> list[tuple[str, ...]]:
    """Every privilege of roles other than owners, on the database, the schema and its objects."""
    with engine.connect() as connection:
        return sorted(tuple(row) for row in connection.execute(GRANTED))


GRANTED = sa.text("""
    with held (what, acl, owner) as (
        select 'database', coalesce(datacl, acldefault('d', datdba)), datdba from pg_database
            where datname = current_database()
        union all select 'schema', coalesce(nspacl, acldefault('n', nspowner)), nspowner from pg_namespace
            where nspname = 'public'
        union all select oid::regprocedure::text, coalesce(proacl, acldefault('f', proowner)), proowner from pg_proc
            where pronamespace = 'public'::regnamespace
        union all select relname, relacl, relowner from pg_class where relnamespace = 'public'::regnamespace
        union all select relname || '.' || attname, attacl, relowner
            from pg_attribute join pg_class on attrelid = pg_class.oid where relnamespace = 'public'::regnamespace
    )
    select what, one.grantee::regrole::text, one.privilege_type from held, aclexplode(held.acl) one
    where one.grantee <> held.owner
""")


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    "statement",
    [
        "create table extra (id int)",
        "create schema extra",
        "create function extra() returns int language sql as 'select 1'",
        "create role extra",
        "alter table chain_event disable trigger all",
        "set session_replication_role = replica",
        "drop trigger record_insert on aid_record",
        "alter table chain_event add column extra int",
        "drop table chain_event",
        "drop index ix_chain_event_subject",
        "create rule extra as on insert to chain_event do instead nothing",
        "create trigger extra before insert on chain_event execute function suppress_redundant_updates_trigger()",
        "insert into feed_counter (id, newest) values (1, 0)",
        "delete from feed_counter",
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
        [list(ROLES), [*LEDGER, *REFERENCE]],
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
