"""The work in Python of a read that is repeated. Its plan is cached, a slot is free, and there is no error. The test counts
the calls of the hub's own functions, because times depend on the machine."""

import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import FrameType

import pytest
import sqlalchemy as sa

from auth.departments import DEPARTMENTS
from auth.grant import Grant
from hub.foundation.database import Database
from hub.foundation.encryption import Secrecy
from hub.foundation.settings import Settings
from hub.ledger.access import AccessLog
from schema.engine.execute.executor import Executor
from schema.engine.execute.request import Request
from schema.hub_schema import build

pytestmark = pytest.mark.anyio

OURS = tuple(f"{Path(__file__).parents[2] / name}/" for name in ("hub", "schema", "auth"))
GENERATED = "_GeneratorContextManager", "_AsyncGeneratorContextManager"
QUERY = "query Read($code: String!) { household(code: $code) { code residence members { name } } }"
REPEATED = 10
CALLS = 110
"""For one request; a coroutine that is resumed counts again."""


async def calls_of(asking: Callable[[], Awaitable[object]]) -> Counter[str]:
    """The calls of the hub's functions, and of context managers made from generators, by name."""
    called: Counter[str] = Counter()

    def note(frame: FrameType, event: str, _argument: object) -> None:
        code = frame.f_code
        if event == "call" and (code.co_filename.startswith(OURS) or code.co_qualname.startswith(GENERATED)):
            called[code.co_qualname] += 1

    sys.setprofile(note)
    try:
        await asking()
    finally:
        sys.setprofile(None)
    return called


async def test_a_read_that_is_asked_again_takes_few_steps(
    sample: Database, secrecy: Secrecy, settings: Settings
) -> None:
    civil_affairs = DEPARTMENTS["civil_affairs"]
    purpose, *_ = civil_affairs.purposes
    clerk = Grant("civil_affairs@4101", "clerk", civil_affairs.scopes, ("4101",), purpose)
    async with sample.read() as connection:
        code = (await connection.execute(sa.text("select min(code) from household"))).scalar_one()
    request = Request(QUERY, {"code": code})
    async with AccessLog(sample) as access:
        executor = Executor(build(), sample, secrecy, access, settings)

        async def ask() -> None:
            for _ in range(REPEATED):
                assert (await executor.answer(request, clerk)).codes == frozenset()

        await ask()
        called = await calls_of(ask)
    assert called["Executor.answer"] >= REPEATED
    assert not [name for name in called if name.startswith(GENERATED)]
    assert called.total() / REPEATED <= CALLS, called.most_common(40)
