"""A household that is locked for long holds up those who write to it, for five seconds, and nobody else."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import psycopg

from tests.fixtures.served import Served
from tests.journeys.outcomes import RECORD_AID, urgent_payment

OFFICE = "civil_affairs@410105"
WRITERS = 16
SOMEBODY = "{ households(first: 2) { nodes { code members { id } } } }"
QUICK, BUSY_WITHIN = 2.0, 6.0
"""Seconds: what is quick on a machine that does other things too; and five with the way there and back."""


def test_sixteen_writers_at_one_locked_household_hold_up_no_token_and_no_write_elsewhere(
    writable_hub: Served,
) -> None:
    hub = writable_hub
    one, other = hub.ask(OFFICE, SOMEBODY).data["households"]["nodes"]
    subjects = [{"personId": household["members"][0]["id"]} for household in (one, other)]

    def write(client: str, number: int, subject: dict[str, str]) -> tuple[float, list[str]]:
        given = urgent_payment(subject, externalId=f"{client}-{number}", program=f"{client}-{number}")
        token = hub.token(OFFICE, client=client)
        began = time.monotonic()
        answered = httpx.post(
            f"{hub.url}/graphql",
            json={"query": RECORD_AID, "variables": {"input": given}},
            headers={"authorization": f"Bearer {token}"},
            timeout=30,
        ).json()
        errors = answered["data"]["recordAid"]["errors"]
        return time.monotonic() - began, [error["code"] for error in errors]

    def timed(send: Callable[[], httpx.Response]) -> float:
        began = time.monotonic()
        assert send().status_code in {200, 401}
        return time.monotonic() - began

    assert write("first", 0, subjects[1])[1] == []
    with ThreadPoolExecutor(WRITERS) as threads, psycopg.connect(hub.database_url) as owner:
        owner.execute("select id from household where code = %s for update", [one["code"]])
        waiting = [
            threads.submit(write, f"crowd-{number % 4}", number, subjects[0]) for number in range(WRITERS)
        ]
        time.sleep(0.7)
        held = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
        with psycopg.connect(hub.database_url, autocommit=True) as looking:
            assert looking.execute(held).fetchone() == (2,), "a quarter of the writers' connections"
        for _ in range(3):
            token = timed(
                lambda: httpx.post(
                    f"{hub.url}/oauth/token",
                    data={"grant_type": "client_credentials"},
                    auth=("nobody", "nothing"),
                    timeout=30,
                )
            )
            assert token < QUICK
        for number in range(3):
            seconds, codes = write("elsewhere", number, subjects[1])
            assert (codes, seconds < QUICK) == ([], True), (codes, seconds)
        for ended in waiting:
            seconds, codes = ended.result()
            assert (codes, seconds < BUSY_WITHIN) == (["BUSY"], True), (codes, seconds)
        owner.rollback()
    assert write("crowd-0", 0, subjects[0])[1] == []
