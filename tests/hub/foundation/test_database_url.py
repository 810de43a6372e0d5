"""The URL of the database with parameters: libpq's names, with the same effect in migrations (psycopg) and in the service
(asyncpg)."""

import asyncio
import json
import re
import time
from collections.abc import Iterator

import psycopg
import pytest
import sqlalchemy as sa

from hub.foundation.database import Database
from hub.foundation.encryption import Keys
from hub.foundation.settings import Settings
from tests.conftest import TestCluster
from tests.fixtures.installation import Installation, installation, told
from tests.fixtures.served import free_port, serve

PARAMETERS = (
    "application_name=the%20hub%26co&connect_timeout=5&sslmode=prefer&target_session_attrs=read-write"
)
COMMANDS = ("migrate", "client list --json")
"""One command for each driver."""


@pytest.fixture(scope="module")
def hub(cluster: TestCluster, template: str) -> Iterator[Installation]:
    """The installation of this file."""
    with installation(cluster, template) as installed:
        yield installed


def of_two_hosts(database_url: str) -> str:
    """A URL with an unreachable host before the real one."""
    url = sa.make_url(database_url)
    both = {"host": f"127.0.0.1,{url.host}", "port": f"{free_port()},{url.port}"}
    named = sa.URL.create("postgresql", url.username, url.password, database=url.database, query=both)
    return named.render_as_string(hide_password=False)


@pytest.mark.parametrize("command", COMMANDS)
def test_parameters_are_taken_by_every_command(hub: Installation, command: str) -> None:
    for url in (f"{hub.database_url}?{PARAMETERS}", of_two_hosts(hub.database_url)):
        done = hub.run(*command.split(), HUB_DATABASE_URL=url)
        assert (done.returncode, done.stderr) == (0, "")
        assert "migrated" in done.stdout if command == "migrate" else json.loads(done.stdout) == []


def test_a_read_is_served_and_the_application_is_named_as_the_url_has_it(
    hub: Installation, settings: Settings, keys: Keys
) -> None:
    url = f"{hub.database_url}?{PARAMETERS}"
    with serve(url, settings, keys) as served:
        answered = served.ask("civil_affairs@4101", "{ households(first: 1) { totalCount } }")
        assert answered.data["households"] == {"totalCount": 0}
        with psycopg.connect(hub.database_url) as owner:
            names = owner.execute(
                "select distinct application_name from pg_stat_activity"
                " where datname = current_database() and pid <> pg_backend_pid()"
            ).fetchall()
    assert names == [("the hub&co",)]


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("parameters", ["ssl=prefer", "sslmode=nonsense", "aplication_name=x"])
def test_a_parameter_that_is_none_is_refused_before_anything_is_done(
    hub: Installation, command: str, parameters: str
) -> None:
    message = told(hub.run(*command.split(), HUB_DATABASE_URL=f"{hub.database_url}?{parameters}"))
    assert message.startswith("SETTING_REFUSED HUB_DATABASE_URL must be the URL of a database on PostgreSQL")
    assert "须为 PostgreSQL 数据库的 URL" in message


@pytest.mark.parametrize(
    ("parameters", "why"),
    [
        ("sslmode=require", "服务器不提供所要求的 TLS"),
        (
            "sslmode=verify-full&sslrootcert=/nowhere/ca.pem",
            "证书不可用或未通过核验|不存在|服务器不提供所要求的 TLS",
        ),
    ],
)
def test_tls_that_is_demanded_and_cannot_be_had_is_told_alike_by_both_drivers(
    hub: Installation, parameters: str, why: str
) -> None:
    for command in COMMANDS:
        message = told(hub.run(*command.split(), HUB_DATABASE_URL=f"{hub.database_url}?{parameters}"))
        english, chinese = message.splitlines()
        assert english.startswith("DATABASE_UNREACHABLE")
        assert re.search(rf"\(({why})\)。$", chinese)


@pytest.mark.anyio
async def test_a_server_that_never_answers_is_waited_for_as_long_as_the_url_says(settings: Settings) -> None:
    async def silent(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(30)
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    database = Database(f"postgresql://hub@127.0.0.1:{port}/hub?connect_timeout=1", settings)
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        await database.fetch_row("select 1", [])
    with pytest.raises(TimeoutError):
        async with database.read():
            pass
    assert time.monotonic() - began < 10
    server.close()
