"""An upgrade seals the rows that it changed, the rows from before there were record events, and nothing else."""

from collections.abc import Iterator

import psycopg
import pytest
import sqlalchemy as sa

from hub.ledger.recording import begin_upgrade, seal, set_recording, sync_recording
from hub.model.every_table import metadata
from hub.model.records import record_tables
from hub.service.migrate import migrate

TABLES = record_tables(metadata)
EVENTS = sa.text(
    "select household_id::text, number, reason from record_event where relation = 'household' order by 1, 2"
)
HOUSEHOLDS = (
    "insert into household (id, code, region, residence, version, created_at, updated_at, source_agency)"
    " select ('00000000-0000-0000-0000-00000000000' || n)::uuid, 'code ' || n, '410105001', 'URBAN', 1, now(), now(),"
    " 'civil_affairs@410105001' from generate_series(1, 3) n"
)


def id_of(number: int) -> str:
    """The id of a household."""
    return f"00000000-0000-0000-0000-00000000000{number}"


@pytest.fixture
def owner(database_url: str) -> Iterator[sa.Engine]:
    """The owner of a migrated database with three households."""
    engine = sa.create_engine(sa.make_url(database_url).set(drivername="postgresql+psycopg"))
    with engine.begin() as connection:
        connection.exec_driver_sql(HOUSEHOLDS)
    yield engine
    engine.dispose()


def upgrade(connection: sa.Connection, statement: str) -> None:
    """Runs a migration as `hub migrate` does."""
    begun = begin_upgrade(connection)
    connection.exec_driver_sql(statement)
    sync_recording(connection, TABLES)
    seal(connection, begun, TABLES, "2027_01_01_test")


def test_an_upgrade_seals_what_it_changed_and_leaves_open_what_was_wrong_before(owner: sa.Engine) -> None:
    with owner.begin() as connection:
        connection.exec_driver_sql("set local session_replication_role = replica")
        connection.exec_driver_sql(f"update household set address = 'elsewhere' where id = '{id_of(2)}'")
    with owner.begin() as connection:
        upgrade(connection, f"update household set version = 2 where id <> '{id_of(3)}'")
        found = [tuple(row) for row in connection.execute(EVENTS)]
    assert found == [
        (id_of(1), 1, None),
        (id_of(1), 2, "upgrade 2027_01_01_test"),
        (id_of(2), 1, None),
        (id_of(3), 1, None),
    ]


def test_rows_from_before_there_were_record_events_have_one_each_and_are_marked(owner: sa.Engine) -> None:
    with owner.begin() as connection:
        connection.exec_driver_sql("truncate record_event")
        for table in TABLES:
            connection.exec_driver_sql(f"drop function record_event_of_{table.name}() cascade")
        upgrade(connection, "select 1")
        found = [tuple(row) for row in connection.execute(EVENTS)]
        total = connection.scalar(sa.text("select count(*) from record_event"))
    assert found == [(id_of(number), 1, "baseline 2027_01_01_test") for number in (1, 2, 3)]
    assert (total or 0) > 3_000  # regions, agencies and lines are records too


def test_migrating_again_writes_no_record_event_and_takes_no_lock_of_a_table(
    owner: sa.Engine, database_url: str
) -> None:
    count = sa.text("select count(*) from record_event")
    with owner.begin() as connection:
        before = connection.scalar(count)
        connection.exec_driver_sql("lock table aid_record in share row exclusive mode")
        migrate(database_url)
    with owner.begin() as connection:
        assert connection.scalar(count) == before


def test_what_the_owner_loads_says_why(owner: sa.Engine, database_url: str) -> None:
    with owner.begin() as connection:
        reasons = connection.scalars(
            sa.text("select distinct reason from record_event where relation in ('region', 'agency')")
        ).all()
    assert len(reasons) == 1
    assert str(reasons[0]).startswith("hub migrate ")


def test_a_trigger_that_was_switched_off_is_put_back_by_migrating(
    owner: sa.Engine, database_url: str
) -> None:
    with psycopg.connect(database_url) as plain:
        plain.execute("alter table household disable trigger record_insert")
        plain.execute("drop trigger record_update on household")
    migrate(database_url)
    with owner.begin() as connection:
        watched = connection.scalars(
            sa.text(
                "select tgname from pg_trigger where tgrelid = 'household'::regclass and not tgisinternal"
                " and tgenabled = 'O' order by 1"
            )
        ).all()
    assert watched == ["record_insert", "record_update"]


def test_no_change_writes_no_record_event(owner: sa.Engine) -> None:
    with owner.begin() as connection:
        set_recording(connection, "a test")
        connection.exec_driver_sql("update household set version = version")
        connection.exec_driver_sql(f"update household set version = 5 where id = '{id_of(1)}'")
        found = [tuple(row) for row in connection.execute(EVENTS)]
    assert found == [
        (id_of(1), 1, None),
        (id_of(1), 2, "a test"),
        (id_of(2), 1, None),
        (id_of(3), 1, None),
    ]
