"""However many requests one client sends at once, another client with few requests gets its responses in the meantime."""

import threading
import time

import psycopg

from tests.fixtures.served import Served

CITY, CLIENTS, COUNTS = "civil_affairs@4101", 16, 75
MANY_COUNTS = (
    "{ " + " ".join(f"c{one}: aidRecords(first: 0) {{ totalCount }}" for one in range(COUNTS)) + " }"
)
LITTLE = "{ households(first: 1) { nodes { code } } }"
WAITING = (
    "select count(*) from pg_stat_activity where datname = current_database() and application_name = 'hub_reader'"
    " and wait_event_type = 'Lock'"
)


class SelectedField(threading.Thread):
    """A request that is being sent, in a thread of its own."""

    def __init__(self, hub: Served) -> None:
        super().__init__(daemon=True)
        self._hub = hub
        self.codes: list[str] | None = None
        self.start()

    def run(self) -> None:
        """Send it."""
        self.codes = self._hub.ask(CITY, MANY_COUNTS).codes


def waiting(hub: Served) -> int:
    """The number of readers' statements that wait for a lock."""
    ((count,),) = hub.rows(WAITING)
    return int(count)


def test_many_counts_of_one_client_leave_connections_to_the_others(hub: Served) -> None:
    """Counting waits while another session holds the table. Responses in the meantime therefore did not wait for a count."""
    with psycopg.connect(hub.database_url) as holder:
        holder.execute("lock table aid_record in access exclusive mode")
        many = [SelectedField(hub) for _ in range(CLIENTS)]
        end = time.monotonic() + 30
        while not waiting(hub):
            assert time.monotonic() < end, "no count began"
            time.sleep(0.02)
        for _ in range(3):
            reply = hub.ask("education@410105", LITTLE)
            assert (reply.status, reply.codes) == (200, [])
            assert [one.codes for one in many] == [None] * CLIENTS, (
                "nothing of the counts was answered before"
            )
        running = waiting(hub)
        holder.rollback()
    for one in many:
        one.join(30)
    assert 0 < running < CLIENTS / 2, "one client holds a part of the connections alone"
    codes = [code for one in many for code in one.codes or ()]
    assert {*codes} <= {"TOO_MANY_AT_ONCE", "RATE_LIMITED"}
    assert [one.codes for one in many].count([]) >= running
