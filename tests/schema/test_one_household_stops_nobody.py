"""A household that is locked for long delays those who write to it, for five seconds, and nobody else."""

import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import psycopg

from tests.fixtures.served import Served
from tests.journeys.outcomes import RECORD_AID, urgent_payment

OFFICE = "civil_affairs@410105"
WRITERS = 16
SOMEBODY = "{ households(first: 2) { nodes { code members { id } } } }"
WAITING = (
    "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
)
BUSY_WITHIN = 9.0
"""In seconds: five, and the time that a busy machine may add."""


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

    assert write("first", 0, subjects[1])[1] == []
    with (
        ThreadPoolExecutor(WRITERS) as threads,
        psycopg.connect(hub.database_url) as owner,
        psycopg.connect(hub.database_url, autocommit=True) as looking,
    ):
        owner.execute("select id from household where code = %s for update", [one["code"]])
        crowd = [
            threads.submit(write, f"crowd-{number % 4}", number, subjects[0]) for number in range(WRITERS)
        ]
        while looking.execute(WAITING).fetchone() != (2,):
            assert not any(each.done() for each in crowd)
        token = httpx.post(
            f"{hub.url}/oauth/token",
            data={"grant_type": "client_credentials"},
            auth=("nobody", "nothing"),
            timeout=30,
        )
        elsewhere = write("elsewhere", 1, subjects[1])
        assert (token.status_code, elsewhere[1]) == (401, [])
        assert not any(each.done() for each in crowd), "both came before the first of the crowd gave up"
        assert looking.execute(WAITING).fetchall()[0][0] <= 2, "a quarter of the writers' connections"
        for each in crowd:
            seconds, codes = each.result()
            assert (codes, seconds < BUSY_WITHIN) == (["BUSY"], True), (codes, seconds)
        owner.rollback()
    assert write("crowd-0", 0, subjects[0])[1] == []


REGISTER = "mutation ($them: [HouseholdInput!]!) { upsertHouseholds(input: {households: $them}) { errors { code } } }"
TOWNSHIP = "civil_affairs@410105001"
REGISTERING = 4_600_001
"""The advisory lock of registration (`hub/households/import_lock.py`)."""


def test_a_file_that_registers_for_long_holds_up_no_token_and_no_write_elsewhere(
    writable_hub: Served,
) -> None:
    hub = writable_hub
    (one, *_) = hub.ask(OFFICE, SOMEBODY).data["households"]["nodes"]
    person = {"personId": one["members"][0]["id"]}

    def send(agency: str, client: str, document: str, variables: dict[str, object]) -> httpx.Response:
        return httpx.post(
            f"{hub.url}/graphql",
            json={"query": document, "variables": variables},
            headers={"authorization": f"Bearer {hub.token(agency, client=client)}"},
            timeout=30,
        )

    def register(number: int) -> tuple[float, list[str]]:
        began = time.monotonic()
        them = [{"code": f"R-{number}", "members": []}]
        answered = send(TOWNSHIP, f"crowd-{number % 4}", REGISTER, {"them": them}).json()
        errors = answered["data"]["upsertHouseholds"]["errors"]
        return time.monotonic() - began, [error["code"] for error in errors]

    assert register(0)[1] == []
    with (
        ThreadPoolExecutor(WRITERS) as threads,
        psycopg.connect(hub.database_url) as file,
        psycopg.connect(hub.database_url, autocommit=True) as looking,
    ):
        file.execute("select pg_advisory_xact_lock(%s)", [REGISTERING])
        crowd = [threads.submit(register, number) for number in range(WRITERS)]
        while looking.execute(WAITING).fetchone() != (2,):
            assert not any(each.done() for each in crowd)
        given = urgent_payment(person, externalId="elsewhere", program="elsewhere")
        elsewhere = send(OFFICE, "elsewhere", RECORD_AID, {"input": given}).json()
        assert elsewhere["data"]["recordAid"]["errors"] == []
        assert not any(each.done() for each in crowd), "it came before the first of the crowd gave up"
        assert looking.execute(WAITING).fetchall()[0][0] <= 2, "a quarter of the writers' connections"
        for each in crowd:
            seconds, codes = each.result()
            assert (codes, seconds < BUSY_WITHIN) == (["BUSY"], True), (codes, seconds)
    assert register(0)[1] == []
