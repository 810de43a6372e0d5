"""Refused requests are counted and recorded every little while, and only what could not be recorded is told in the log."""

import asyncio
import logging
import time

import psycopg
import pytest

from hub.foundation.database import Database
from hub.ledger.access import AccessLog
from hub.ledger.refused_requests import Refusal, RefusedRequests
from tests.hub.ledger.test_access import allow_inserts

pytestmark = pytest.mark.anyio
FIRST, OTHER = Refusal("query", "TOKEN_INVALID"), Refusal("query", "TOKEN_MISSING")
WAITS = "1 records of refused requests wait to be written"
COUNTED = "select code, refused from access_record order by code"
WAITING = """select count(*) from pg_locks where not granted
 and database = (select oid from pg_database where datname = current_database())"""


def errors_logged(caplog: pytest.LogCaptureFixture) -> list[str]:
    """The messages of the errors in the log."""
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]


async def test_what_is_refused_while_others_are_recorded_is_recorded_next_and_is_no_error(
    database: Database, database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with AccessLog(database) as log, RefusedRequests(log) as refusals:
        with psycopg.connect(database_url) as holder:
            holder.execute("lock table access_record in share mode")
            refusals.note(FIRST)
            until = time.monotonic() + 30
            while holder.execute(WAITING).fetchall() == [(0,)]:
                assert time.monotonic() < until
                await asyncio.sleep(0.01)
            refusals.note(OTHER)
        await asyncio.sleep(0.2)
    with psycopg.connect(database_url) as owner:
        assert owner.execute(COUNTED).fetchall() == [("TOKEN_INVALID", 1), ("TOKEN_MISSING", 1)]
    assert errors_logged(caplog) == []


async def test_what_cannot_be_recorded_is_logged_and_recorded_later(
    database: Database, database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with AccessLog(database) as log:
        allow_inserts(database_url, allowed=False)
        async with RefusedRequests(log) as refusals:
            refusals.note(FIRST)
            refusals.note(FIRST)
            until = time.monotonic() + 30
            while WAITS not in errors_logged(caplog):
                assert time.monotonic() < until
                await asyncio.sleep(0.01)
            allow_inserts(database_url, allowed=True)
    with psycopg.connect(database_url) as owner:
        assert owner.execute(COUNTED).fetchall() == [("TOKEN_INVALID", 2)]
