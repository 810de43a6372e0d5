"""Equal requests at the same time: one writes, however long it takes, and the others get its result."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from auth.departments import DEPARTMENTS
from auth.grant import Grant
from hub.foundation.database import Database
from hub.foundation.encryption import Secrecy
from hub.foundation.settings import Settings
from hub.ledger.access import AccessLog
from schema.engine.execute.executor import Executor
from schema.engine.execute.request import Request
from schema.engine.execute.transactions import RequestInProgress, Writer
from schema.hub_schema import build
from schema.user_errors import user_errors
from tests.fixtures.days import day

pytestmark = pytest.mark.anyio

CHARITY = DEPARTMENTS["charity"]
GIVER = Grant("charity@410105", "giver", CHARITY.scopes, ("410105",), CHARITY.purposes[0])
OFFER = """
mutation Offer($input: OfferCharityInput!) {
  offerCharity(input: $input) { offer { id } errors { code } }
}"""
SLOW = """
create function slow() returns trigger language plpgsql as $$ begin perform pg_sleep(1); return new; end $$;
create trigger slow before insert on charity_offer for each row execute function slow();"""


@pytest.fixture
async def impatient(database_url: str, settings: Settings) -> AsyncIterator[Database]:
    """A database where no statement waits for a lock for more than 100 ms."""
    opened = Database(database_url, settings)

    def begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("set local lock_timeout = '100ms'")

    sa.event.listen(opened.writer.sync_engine, "begin", begin)
    yield opened
    await opened.close()


async def test_the_same_write_sent_at_once_waits_for_the_first_and_answers_the_same(
    impatient: Database, secrecy: Secrecy, settings: Settings, database_url: str
) -> None:
    engine = sa.create_engine(sa.make_url(database_url).set(drivername="postgresql+psycopg"))
    with engine.begin() as connection:
        connection.exec_driver_sql(SLOW)
    engine.dispose()
    input = {
        "externalId": "O-1",
        "organisation": "慈善总会",
        "what": "冬衣",
        "quantity": 5,
        "region": "410105",
        "until": day(30),
    }
    async with AccessLog(impatient) as access:
        executor = Executor(build(), impatient, secrecy, access, settings)
        request = Request(OFFER, {"input": input})
        answers = await asyncio.gather(*(executor.answer(request, GIVER) for _ in range(4)))
    payloads: list[Any] = [orjson.loads(answer.content)["data"]["offerCharity"] for answer in answers]
    assert payloads == [payloads[0]] * 4
    assert payloads[0]["errors"] == []
    assert payloads[0]["offer"] is not None


async def test_a_request_whose_equal_does_not_end_is_told_so(
    database_url: str, settings: Settings, secrecy: Secrecy
) -> None:
    database = Database(database_url, settings.model_copy(update={"statement_timeout_ms": 300}))
    writer = Writer(GIVER, database, secrecy, request="the same")

    async def slowly(_session: AsyncSession) -> None:
        await asyncio.sleep(1)

    first = asyncio.create_task(writer.run(slowly))
    await asyncio.sleep(0.2)
    with pytest.raises(RequestInProgress) as told:
        await writer.run(slowly)
    assert told.value.message_numbers == {"retryAfterSeconds": 2}
    assert RequestInProgress.code in user_errors()
    await first
    await database.close()
