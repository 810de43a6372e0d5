"""However much one client uploads or watches at the same time, other clients can write and upload meanwhile."""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import httpx
import psycopg

from auth.tokens import LEEWAY_SECONDS, Tokens
from hub.foundation.encryption import Keys
from hub.foundation.settings import Settings
from tests.fixtures.served import Served
from tests.hub.service.test_uploads import OFFICE, OTHER_OFFICE, client_of, codes
from tests.journeys.outcomes import RECORD_AID, urgent_payment
from tests.schema.test_naming_by_number import nobody

AT_ONCE, MOST_OF_CLIENT = 12, 8
SOON = 3.0
"""Seconds within which a client with few requests is answered, though others wait longer."""
RECEIVING = {"params": {"kind": "households"}, "headers": {"upload-complete": "?0"}}
EVENTS = {"accept": "text/event-stream"}


class Part(threading.Thread):
    """Sends a part of a file, in a thread of its own."""

    def __init__(self, office: httpx.Client, job: str) -> None:
        super().__init__(daemon=True)
        self._office, self._job = office, job
        self.answered: httpx.Response | None = None
        self.start()

    def run(self) -> None:
        """Send the part."""
        headers = {"upload-offset": "0", "upload-complete": "?0"}
        self.answered = self._office.patch(f"/imports/{self._job}", content=b"x", headers=headers)


@contextmanager
def quick() -> Iterator[None]:
    """Asserts that the block ends soon."""
    began = time.monotonic()
    yield
    assert time.monotonic() - began < SOON


def test_many_parts_of_one_client_that_wait_for_each_other_leave_connections_to_all_else(
    writable_hub: Served,
) -> None:
    with client_of(writable_hub, OFFICE) as much, client_of(writable_hub, OTHER_OFFICE) as other:
        job = much.post("/imports", **RECEIVING).json()["id"]  # type: ignore[arg-type]
        with psycopg.connect(writable_hub.database_url) as holder:
            holder.execute("select 1 from import_job where id = %s for update", [job])
            parts = [Part(much, job) for _ in range(AT_ONCE)]
            time.sleep(0.5)
            with quick():
                variables = {"input": urgent_payment({"idNumber": nobody()})}
                assert writable_hub.ask(OFFICE, RECORD_AID, variables).data["recordAid"]["errors"]
            with quick():
                assert other.post("/imports", **RECEIVING).status_code == 201  # type: ignore[arg-type]
                assert other.get("/exports").status_code == 200
            assert [one.answered for one in parts] == [None] * AT_ONCE
            holder.rollback()
        for part in parts:
            part.join(30)
    answers = [one.answered for one in parts if one.answered is not None]
    assert len(answers) == AT_ONCE
    assert sorted(answer.status_code for answer in answers) == [200, *[409] * (AT_ONCE - 1)]


def test_a_client_watches_so_many_imports_and_whoever_leaves_makes_room(writable_hub: Served) -> None:
    with client_of(writable_hub, OFFICE) as much, client_of(writable_hub, OTHER_OFFICE) as other:
        job = much.post("/imports", **RECEIVING).json()["id"]  # type: ignore[arg-type]
        others = other.post("/imports", **RECEIVING).json()["id"]  # type: ignore[arg-type]
        with ExitStack() as watching:
            for _ in range(MOST_OF_CLIENT):
                watched = watching.enter_context(much.stream("GET", f"/imports/{job}", headers=EVENTS))
                assert watched.status_code == 200
            more = much.get(f"/imports/{job}", headers=EVENTS)
            assert (more.status_code, codes(more)) == (429, ["TOO_MANY_PROGRESS_STREAMS"])
            assert int(more.headers["retry-after"]) > 0
            with other.stream("GET", f"/imports/{others}", headers=EVENTS) as watched:
                assert watched.status_code == 200
        until = time.monotonic() + 10
        while (again := _watched(much, job)) == 429:
            assert time.monotonic() < until
            time.sleep(0.1)
        assert again == 200


def _watched(office: httpx.Client, job: str) -> int:
    with office.stream("GET", f"/imports/{job}", headers=EVENTS) as watched:
        return watched.status_code


def test_who_watches_an_import_is_told_of_it_until_the_token_ends(
    writable_hub: Served, settings: Settings, keys: Keys
) -> None:
    with client_of(writable_hub, OFFICE) as office:
        job = office.post("/imports", **RECEIVING).json()["id"]  # type: ignore[arg-type]
    left = 2 - LEEWAY_SECONDS
    old = Tokens(keys, settings, clock=lambda: time.time() - settings.token_seconds + left)
    headers = {"authorization": f"Bearer {old.issue(writable_hub.grant(OFFICE))}", **EVENTS}
    with httpx.stream("GET", f"{writable_hub.url}/imports/{job}", headers=headers, timeout=10) as watched:
        assert watched.status_code == 200
        events = [line for line in watched.iter_lines() if line.startswith("data: ")]
    assert len(events) == 1
