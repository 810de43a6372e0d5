"""Crowds as faults: many writers at one locked household, and many batches of one client."""

import threading
from collections.abc import Callable
from contextlib import suppress

import httpx
import psycopg

from tests.faults.installation import NUMBERS, Installation
from tests.journeys.outcomes import RECORD_AID, RECORD_AIDS, urgent_payment

WRITERS, BATCHES, OF_A_BATCH = 16, 24, 500
_LONGEST = 40.0


class Crowd:
    """Threads with a client of their own that send writes to the first process until they are stopped."""

    def __init__(self) -> None:
        self._over = threading.Event()
        self._threads: list[threading.Thread] = []
        self._locking: psycopg.Connection | None = None

    def at_a_locked_household(self, world: Installation) -> None:
        """Lock a household as a hanging transaction would, and send writers to it."""
        self._locking = psycopg.connect(world.urls.owner)
        self._locking.execute("select 1 from household where code = 'K-0' for update")

        def one(writer: int, number: int) -> tuple[str, dict[str, object]]:
            name = f"crowd-{id(self)}-{writer}-{number}"
            return RECORD_AID, urgent_payment({"idNumber": NUMBERS[0]}, externalId=name, program=name)

        self._begin(world, WRITERS, one)

    def of_batches(self, world: Installation) -> None:
        """Let one client send its largest batches, all at the same time."""

        def many(writer: int, number: int) -> tuple[str, dict[str, object]]:
            names = [f"batch-{id(self)}-{writer}-{number}-{row}" for row in range(OF_A_BATCH)]
            outcomes = [
                urgent_payment({"idNumber": NUMBERS[row % len(NUMBERS)]}, externalId=name, program=name)
                for row, name in enumerate(names)
            ]
            return RECORD_AIDS, {"outcomes": outcomes}

        self._begin(world, BATCHES, many)

    def dismiss(self, _world: Installation) -> None:
        """Stop sending, wait for the last answers, and unlock the household."""
        self._over.set()
        if self._locking is not None:
            self._locking.close()
            self._locking = None
        for thread in self._threads:
            thread.join(_LONGEST)
        self._threads.clear()

    def _begin(
        self, world: Installation, many: int, request: Callable[[int, int], tuple[str, dict[str, object]]]
    ) -> None:
        self._over.clear()
        url, client = world.hubs[0].url, world.other_client
        with httpx.Client(base_url=url, timeout=_LONGEST) as http:
            answered = http.post(
                "/oauth/token",
                auth=(client["client_id"], client["client_secret"]),
                data={"grant_type": "client_credentials"},
            )
        headers = {"authorization": f"Bearer {answered.json()['access_token']}"}

        def send(writer: int) -> None:
            number = 0
            with httpx.Client(base_url=url, timeout=_LONGEST, headers=headers) as http:
                while not self._over.is_set():
                    query, variables = request(writer, number)
                    with suppress(httpx.HTTPError):
                        http.post("/graphql", json={"query": query, "variables": {"input": variables}})
                    number += 1
                    self._over.wait(0.1)

        self._threads = [threading.Thread(target=send, args=(writer,), daemon=True) for writer in range(many)]
        for thread in self._threads:
            thread.start()
