"""Every statement has a time limit: a setting for requests, an hour for jobs."""

import pytest
import sqlalchemy as sa

from hub.foundation.database import Database, with_limits_of_jobs
from hub.foundation.settings import Settings

LIMITS = sa.text("select current_setting('statement_timeout'), current_setting('lock_timeout')")


@pytest.mark.anyio
async def test_a_statement_of_a_job_may_take_an_hour_and_the_next_request_has_its_own_limit_again(
    database_url: str, settings: Settings
) -> None:
    database = Database(database_url, settings.model_copy(update={"pool_size": 1}))
    try:
        async with database.write() as session:
            of_requests = tuple((await session.execute(LIMITS)).one())
        async with database.write() as session:
            await with_limits_of_jobs(session)
            assert tuple((await session.execute(LIMITS)).one()) == ("1h", "1h")
        async with database.write() as session:
            assert tuple((await session.execute(LIMITS)).one()) == of_requests
        assert "0" not in of_requests
    finally:
        await database.close()
