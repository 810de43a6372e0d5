"""Migrations: forwards, backwards and forwards again, to exactly the tables that the code declares."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from hub.foundation.words import sync_words, vocabularies
from hub.model.every_table import metadata
from hub.service.migrate import alembic_config, migrate
from tests.conftest import TestCluster

Catalog = dict[str, list[tuple[object, ...]]]

CATALOG = {
    "columns": """
        select c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated,
               (select collname from pg_collation where oid = a.attcollation), pg_get_expr(d.adbin, d.adrelid)
        from pg_attribute a join pg_class c on c.oid = a.attrelid
        left join pg_attrdef d on (d.adrelid, d.adnum) = (a.attrelid, a.attnum)
        where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped""",
    "constraints": """
        select conrelid::regclass::text, conname, pg_get_constraintdef(oid) from pg_constraint
        where connamespace = 'public'::regnamespace""",
    "indexes": "select tablename, indexname, indexdef from pg_indexes where schemaname = 'public'",
    "relations": "select relname, relkind from pg_class where relnamespace = 'public'::regnamespace",
    "types": "select typname, typtype from pg_type where typnamespace = 'public'::regnamespace",
    "functions": """
        select proname, pg_get_functiondef(oid), proacl::text from pg_proc
        where pronamespace = 'public'::regnamespace and prokind = 'f'""",
    "triggers": "select tgrelid::regclass::text, tgname from pg_trigger where not tgisinternal",
    "policies": "select tablename, policyname from pg_policies",
    "schemas": "select nspname from pg_namespace where nspname !~ '^pg_'",
    "extensions": "select extname from pg_extension",
}
GRANTS = """
    select table_name, grantee, privilege_type from information_schema.role_table_grants
    where grantee in ('hub_reader', 'hub_writer')
    union all select nspname, acl.grantee::regrole::text, acl.privilege_type
    from pg_namespace, aclexplode(nspacl) acl where acl.grantee::regrole::text in ('hub_reader', 'hub_writer')"""


@pytest.fixture
def fresh(cluster: TestCluster) -> Iterator[sa.Engine]:
    """An empty database."""
    with empty_database(cluster) as engine:
        yield engine


@contextmanager
def empty_database(cluster: TestCluster) -> Iterator[sa.Engine]:
    """A database without any objects, dropped afterwards."""
    name = f"hub_migrations_{uuid4().hex[:8]}"
    engine = sa.create_engine(sa.make_url(cluster.create(name)).set(drivername="postgresql+psycopg"))
    yield engine
    engine.dispose()
    cluster.drop(name)


def catalog(engine: sa.Engine) -> Catalog:
    """All objects in the public schema, and the objects beside it."""
    with engine.connect() as connection:
        found = {
            kind: [tuple(row) for row in connection.execute(sa.text(query))]
            for kind, query in CATALOG.items()
        }
    return {
        kind: sorted((row for row in rows if "alembic_version" not in str(row)), key=repr)
        for kind, rows in found.items()
    }


def grants(engine: sa.Engine) -> list[tuple[object, ...]]:
    """The privileges of the service's roles."""
    with engine.connect() as connection:
        return sorted(tuple(row) for row in connection.execute(sa.text(GRANTS)))


def upgrade(engine: sa.Engine, revision: str = "head") -> None:
    """Migrate forwards."""
    with engine.begin() as connection:
        command.upgrade(alembic_config(connection), revision)


def downgrade(engine: sa.Engine, revision: str = "base") -> None:
    """Migrate backwards."""
    with engine.begin() as connection:
        command.downgrade(alembic_config(connection), revision)


@pytest.mark.usefixtures("template")  # another database that needs the roles, as a cluster may have
def test_going_back_leaves_nothing_and_going_forward_again_makes_the_same(fresh: sa.Engine) -> None:
    before = catalog(fresh)
    upgrade(fresh)
    first, granted = catalog(fresh), grants(fresh)
    assert len(granted) > 50
    downgrade(fresh)
    assert catalog(fresh) == before
    assert grants(fresh) == []
    upgrade(fresh)
    assert catalog(fresh) == first
    assert grants(fresh) == granted


def test_alembic_finds_nothing_to_migrate(fresh: sa.Engine) -> None:
    upgrade(fresh)
    with fresh.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, metadata) == []


def test_migrations_make_exactly_the_tables_that_the_code_declares(
    fresh: sa.Engine, cluster: TestCluster
) -> None:
    upgrade(fresh)
    with fresh.begin() as connection:
        sync_words(connection, vocabularies(metadata))
    with empty_database(cluster) as declared:
        with declared.begin() as connection:
            sync_words(connection, vocabularies(metadata))
        metadata.create_all(declared)
        expected = catalog(declared)
    migrated = catalog(fresh)
    assert len(expected["columns"]) > 200
    for kind, rows in expected.items():
        assert migrated[kind] == rows, kind


def test_a_database_with_data_is_migrated_again_without_a_change(
    cluster: TestCluster, fresh: sa.Engine
) -> None:
    url = fresh.url.set(drivername="postgresql").render_as_string(hide_password=False)
    migrate(url)
    first, counted = catalog(fresh), counts(fresh)
    migrate(url)
    assert catalog(fresh) == first
    assert counts(fresh) == counted
    assert counted["region"] > 3000


def counts(engine: sa.Engine) -> dict[str, int]:
    """The number of rows in each table."""
    with engine.connect() as connection:
        return {
            name: connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0
            for name, table in metadata.tables.items()
        }


def test_a_migration_that_fails_leaves_the_database_as_it_was(fresh: sa.Engine) -> None:
    with fresh.begin() as connection:
        connection.execute(sa.text("create table referral_aid (mine text)"))
    before = catalog(fresh)
    with pytest.raises(sa.exc.ProgrammingError):
        migrate(fresh.url.set(drivername="postgresql").render_as_string(hide_password=False))
    assert catalog(fresh) == before


def test_events_that_stand_keep_their_order_and_are_counted_from_one(fresh: sa.Engine) -> None:
    """The events of a transaction stay together, in the order of the transactions' numbers; within a transaction they keep
    the order in which they were written."""
    insert = sa.text(
        "insert into chain_event (household_id, number, type, agency_id, client_id, occurred_at, recorded_at, needs, body,"
        " previous_hash, hash, transaction) values (gen_random_uuid(), :number, 'CERTIFIED', 'x', 'x', now(), now(), '{}', '{}',"
        " '', '', :transaction)"
    )
    written = [(1, 700), (2, 500), (3, 700), (4, 500), (5, 600)]
    in_order = sa.text("select position, number from chain_event order by position")
    upgrade(fresh, "2026_11_30_certified_amounts")
    with fresh.begin() as connection:
        connection.execute(sa.text("set session_replication_role = replica"))  # events need no household
        connection.execute(
            insert, [{"number": number, "transaction": transaction} for number, transaction in written]
        )
    upgrade(fresh, "2026_11_30_order_of_events")
    expected = [(1, 2), (2, 4), (3, 5), (4, 1), (5, 3)]
    with fresh.connect() as connection:
        assert [tuple(row) for row in connection.execute(in_order)] == expected
        assert connection.scalar(sa.text("select newest from feed_counter")) == len(written)
        assert connection.scalar(sa.text("select count(distinct id) from chain_event")) == len(written)
    downgrade(fresh, "2026_11_30_certified_amounts")
    with fresh.begin() as connection:
        connection.execute(sa.text("set session_replication_role = replica"))
        connection.execute(insert, [{"number": 6, "transaction": 10**9}])
        again = sa.text("select position, number from chain_event order by transaction, position")
        assert [tuple(row) for row in connection.execute(again)] == [*expected, (6, 6)]


def test_the_ends_of_certifications_get_the_policys_word_for_what_was_written(fresh: sa.Engine) -> None:
    ends = [
        ("SUBSISTENCE_ALLOWANCE", "死亡", "DECEASED"),
        ("SUBSISTENCE_ALLOWANCE", "重新认定", "RECERTIFIED"),
        ("SUBSISTENCE_ALLOWANCE", "改为整户保障", "COVERED_WHOLE"),
        ("SUBSISTENCE_ALLOWANCE", "改为按人保障", "COVERED_BY_MEMBER"),
        ("SUBSISTENCE_MARGIN", "收入超标", "NO_LONGER_ELIGIBLE"),
        ("SUBSISTENCE_MARGIN", None, "NO_LONGER_ELIGIBLE"),
        ("POVERTY_RELAPSE_MONITORED", "收入稳定", "RISK_GONE"),
    ]
    upgrade(fresh, "2026_11_23_client_documents")
    with fresh.begin() as connection:
        connection.exec_driver_sql(
            "set local session_replication_role = replica"
        )  # neither household nor agency
        for category, words, _ in ends:
            subtype = "UNSTABLE" if category == "POVERTY_RELAPSE_MONITORED" else None
            connection.execute(
                sa.text(
                    "insert into certification (household_id, id, category, subtype, valid_from, ended_on, end_reason,"
                    " authority, policy_basis, version, recorded_at) values (gen_random_uuid(), gen_random_uuid(),"
                    " :category, :subtype,"
                    " '2026-03-01', '2026-02-01', :words, 'civil_affairs@410105001', '46-1.2.1', 1, now())"
                ),
                {"category": category, "subtype": subtype, "words": words},
            )
    upgrade(fresh, "2026_11_23_certifications")
    with fresh.connect() as connection:
        rows = connection.execute(
            sa.text("select category, end_reason, ended_because, ended_on = valid_from from certification")
        ).all()
    assert sorted(rows, key=repr) == sorted(((*end, True) for end in ends), key=repr)
    downgrade(fresh, "2026_11_23_client_documents")
    upgrade(fresh)
