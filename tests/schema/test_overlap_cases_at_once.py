"""A case of overlapping aid is in the chains of both households (46-2.1). The household of the other record is locked last:
only when the person's rows are locked does the writer know which household it is. Two writers can then each hold a lock that
the other needs. PostgreSQL ends one of them, and the hub tries it again. No caller notices, and both writes are saved."""

import threading
import time
from typing import Any

import psycopg
import pytest

from schema.engine.declare.ids import encode
from tests.schema.desk import OFFICE, STREET, ArgumentValue, Desk, answered, contents, errors_in, registered
from tests.schema.inputs_that_are_kept import SCHOOLS, aid

CITY_SCHOOLS = "education@4101"
PROGRAM = "同一助学项目"
SECONDS_IN_TURN = 30


def person_of(desk: Desk, code: str) -> dict[str, str]:
    """The subject of the only member of a household, present or not."""
    ((household, person),) = desk.served.rows(
        "select p.household_id, p.id from person p join household h on h.id = p.household_id where h.code = %s",
        code,
    )
    return {"personId": encode("Person", (household, person))}


def the_same_person(desk: Desk, former: str, code: str) -> None:
    """Make the member of one household the person who left the other household."""
    with psycopg.connect(desk.served.database_url) as connection:
        connection.execute(
            "update person set left_on = current_date - 30, id_number_index = (select p.id_number_index from person p"
            " join household h on h.id = p.household_id where h.code = %s)"
            " where household_id = (select id from household where code = %s)",
            [code, former],
        )


def waiting(desk: Desk, table: str) -> int:
    """The number of statements that wait for a lock on rows of a table."""
    ((count,),) = desk.served.rows(
        "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query ilike %s",
        f"%{table}%",
    )
    return int(count)


def until(desk: Desk, table: str) -> None:
    """Wait until a statement on a table waits for a lock."""
    end = time.monotonic() + SECONDS_IN_TURN
    while not waiting(desk, table):
        assert time.monotonic() < end, f"nobody waits for {table}"
        time.sleep(0.02)


def deadlocks(desk: Desk) -> int:
    """The number of transactions of the database that were ended because of a deadlock."""
    ((count,),) = desk.served.rows(
        "select deadlocks from pg_stat_database where datname = current_database()"
    )
    return int(count)


class Sent(threading.Thread):
    """A mutation that is being sent, in a thread of its own."""

    def __init__(self, desk: Desk, agency: str, mutation: str, given: ArgumentValue) -> None:
        super().__init__(daemon=True)
        self._sending = (desk, agency, mutation, given)
        self.payload: dict[str, Any] = {}
        self.start()

    def run(self) -> None:
        """Send it."""
        self.payload = answered(*self._sending)

    def errors(self) -> list[str]:
        """The codes of the refusals, after the response."""
        self.join(SECONDS_IN_TURN)
        assert self.payload, "it was not answered"
        return [one["code"] for one in errors_in(self.payload)]


@pytest.mark.parametrize("rival", ["a registration", "aid of another agency"])
def test_a_case_and_another_write_of_the_same_person_at_once_both_stand(desk: Desk, rival: str) -> None:
    present, former = registered(desk), registered(desk)
    assert errors_in(answered(desk, STREET, "upsertHouseholds", {"households": [present, former]})) == []
    the_same_person(desk, former["code"], present["code"])
    first = aid(desk, "education", subject=person_of(desk, present["code"]), program=PROGRAM)
    desk.write(CITY_SCHOOLS, "recordAid", first)
    second = aid(desk, "education", subject=person_of(desk, former["code"]), program=PROGRAM)
    before, ended = contents(desk), deadlocks(desk)
    with psycopg.connect(desk.served.database_url) as holder:
        # The second record then has locked the person's rows, and no household but its own.
        holder.execute(
            "insert into write_receipt select %s, 'AID', %s, household_id, record_id, digest from write_receipt"
            " where agency_id = %s and external_id = %s",
            [SCHOOLS, second["externalId"], CITY_SCHOOLS, first["externalId"]],
        )
        case = Sent(desk, SCHOOLS, "recordAid", second)
        until(desk, "write_receipt")
        if rival == "a registration":
            changed = {"code": present["code"], "members": [present["members"][0] | {"phone": "13900002222"}]}
            other = Sent(desk, STREET, "upsertHouseholds", {"households": [changed]})
        else:
            given = aid(desk, "other", {"form": "HEATING"}, subject=person_of(desk, present["code"]))
            other = Sent(desk, OFFICE, "recordAid", given)
        until(desk, "person")
        holder.rollback()
        assert (case.errors(), other.errors()) == ([], [])
    after = contents(desk)
    assert after["overlap_case"][0] == before["overlap_case"][0] + 1
    assert after["aid_record"][0] == before["aid_record"][0] + (1 if rival == "a registration" else 2)
    end = time.monotonic() + SECONDS_IN_TURN
    while deadlocks(desk) == ended:  # PostgreSQL counts them with a delay
        assert time.monotonic() < end, "the two were not in one another's way"
        time.sleep(0.1)
