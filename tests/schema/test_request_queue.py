"""The request queue: a client never has more slots than its own, no client is passed over, and a request that waited too long
gets an error."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from hub.foundation.troubles import ServerBusy
from schema.engine.execute.request_queue import BATCH, LARGE, RequestQueue, RequestQueues, TooManyAtOnce

pytestmark = pytest.mark.anyio


class Desk:
    """Requests that hold their slot until the test releases them, in the order in which they got it."""

    def __init__(self, turns: RequestQueue) -> None:
        self.turns = turns
        self.got: list[str] = []
        self.let_go: list[asyncio.Event] = []

    async def hold(self, client: str) -> None:
        """Take a slot and hold it."""
        async with self.turns.slot(client):
            self.got.append(client)
            self.let_go.append(end := asyncio.Event())
            await end.wait()

    async def sent(self, *clients: str) -> list[asyncio.Task[None]]:
        """Start one request of each client."""
        tasks = [asyncio.create_task(self.hold(client)) for client in clients]
        await asyncio.sleep(0.01)
        return tasks

    async def end(self, place: int) -> None:
        """End the request that was this one in the order of slots."""
        self.let_go[place].set()
        await asyncio.sleep(0.01)


async def test_a_client_leaves_room_for_the_others() -> None:
    desk = Desk(RequestQueue(size=3, each=2))
    tasks = await desk.sent(*["many"] * 9, "one")
    assert desk.got == ["many", "many", "one"]
    await cancelled(tasks)


async def test_clients_that_wait_come_one_after_the_other_however_much_each_has_sent() -> None:
    desk = Desk(RequestQueue(size=1, each=1))
    tasks = await desk.sent("first", *["many"] * 5, "few", "few", "one")
    for place in range(6):
        await desk.end(place)
    assert desk.got == ["first", "many", "few", "one", "many", "few", "many"]
    await cancelled(tasks)


async def test_who_waits_too_long_is_refused_and_what_stood_behind_comes_all_the_same() -> None:
    desk = Desk(RequestQueue(size=1, each=1, wait=0.05))
    holding = await desk.sent("one")
    with pytest.raises(TooManyAtOnce) as mine:
        await desk.hold("one")
    assert mine.value.message_numbers == {"most": 1, "retryAfterSeconds": 2}
    with pytest.raises(ServerBusy):
        await desk.hold("another")
    waiting = await desk.sent("another")
    await desk.end(0)
    assert desk.got == ["one", "another"]
    await cancelled([*holding, *waiting])
    assert not (await desk.sent("one"))[0].done()
    assert desk.got[-1] == "one"


async def test_a_free_turn_is_taken_at_once_and_one_that_is_not_free_is_waited_for() -> None:
    turns = RequestQueue(size=2, each=1)
    assert turns.try_enter("one")
    assert not turns.try_enter("one"), "it has all of its own"
    assert turns.try_enter("another")
    assert not turns.try_enter("a third"), "all are taken"
    waiting = asyncio.create_task(turns.wait("a third"))
    await asyncio.sleep(0)
    turns.leave("one")
    await waiting
    assert not turns.try_enter("one"), "it went to who waited"


async def test_a_clients_line_has_an_end_and_whoever_comes_then_is_refused_at_once() -> None:
    desk = Desk(RequestQueue(size=1, each=1))
    tasks = await desk.sent("one", *["one"] * 100)
    with pytest.raises(TooManyAtOnce):
        await desk.hold("one")
    await cancelled(tasks)


async def test_who_would_wait_too_long_by_the_pace_of_late_is_refused_at_once() -> None:
    turns = RequestQueue(size=1, each=1, wait=0.5)
    assert turns.try_enter("one")
    waiting = [asyncio.create_task(turns.wait("one")) for _ in range(5)]
    await asyncio.sleep(0)
    turns.leave("one")
    await asyncio.sleep(0.2)
    turns.leave("one")
    began = asyncio.get_running_loop().time()
    with pytest.raises(TooManyAtOnce):
        await turns.wait("one")
    assert asyncio.get_running_loop().time() - began < 0.1
    await cancelled(waiting)


async def test_who_goes_away_while_it_waits_leaves_its_place() -> None:
    desk = Desk(RequestQueue(size=1, each=1))
    holding = await desk.sent("one")
    gone = await desk.sent("gone", "gone")
    stays = await desk.sent("stays")
    await cancelled(gone)
    await desk.end(0)
    assert desk.got == ["one", "stays"]
    await cancelled([*holding, *stays])


async def test_who_goes_away_in_the_moment_of_its_turn_leaves_it_to_the_next_of_its_line() -> None:
    turns = RequestQueue(size=1, each=1)
    assert turns.try_enter("one")
    gone, stays = (asyncio.create_task(turns.wait("one")) for _ in range(2))
    await asyncio.sleep(0)
    gone.cancel()
    turns.leave("one")
    async with asyncio.timeout(1):
        await stays


async def test_large_reads_never_take_the_turns_of_small_ones() -> None:
    queues = RequestQueues(8)
    async with AsyncExitStack() as held:
        await held.enter_async_context(queues.of(LARGE, None).slot("a"))
        await held.enter_async_context(queues.of(LARGE, None).slot("b"))
        for client in ("a", "b", "c"):
            for _ in range(2):
                await held.enter_async_context(queues.of(1, None).slot(client))


async def test_batches_never_take_the_turns_of_small_writes() -> None:
    queues = RequestQueues(8)
    batches = queues.of(BATCH, 0)
    assert [batches.try_enter("batches") for _ in range(3)] == [True, True, False]
    small = queues.of(1, 1)
    assert [small.try_enter("one") for _ in range(5)] == [True] * 4 + [False]
    assert [small.try_enter("another") for _ in range(3)] == [True, True, False]


async def test_what_takes_long_in_python_is_done_for_each_client_one_after_the_other() -> None:
    queues, under_way, most = RequestQueues(8), 0, 0

    def work() -> None:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        under_way -= 1

    await asyncio.gather(*(queues.plan("one", work) for _ in range(20)))
    assert most == 1


async def cancelled(tasks: list[asyncio.Task[None]]) -> None:
    """Cancel the remaining tasks."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
