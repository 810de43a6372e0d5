"""Two processes of the hub on machines with different clocks agree: on tokens up to 30 seconds apart, and on the time of
events always."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from auth.tokens import Tokens
from hub.foundation.encryption import Keys
from hub.foundation.settings import Settings
from schema.engine.declare.ids import decode
from tests.conftest import TestCluster
from tests.fixtures.clock import Clock
from tests.fixtures.commands import environment
from tests.fixtures.served import Served, free_port, serve
from tests.schema.desk import OFFICE, Desk, errors_in
from tests.schema.inputs_that_are_kept import aid

ASKED = "{ viewer { purposes } }"


@contextmanager
def beside(hub: Served, keys: Keys, clock: Clock, apart: timedelta, folder: Path) -> Iterator[Served]:
    """Another process on the same database, on a machine with another clock."""
    keys.save(folder / "keys.json")
    port = free_port()
    settings = {"HUB_DATABASE_URL": hub.database_url, "HUB_DATA_DIR": str(folder), "HUB_SCHEDULE": "off"}
    with clock.apart(apart):
        process = subprocess.Popen(
            [sys.executable, "-m", "hub.service.cli", "serve", "--port", str(port)],
            env=environment(**settings),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
    with process:
        assert process.stdout is not None
        assert "ready" in process.stdout.readline()
        url = f"http://127.0.0.1:{port}"
        try:
            with httpx.Client(base_url=url, timeout=30) as http:
                yield replace(hub, url=url, http=http)
        finally:
            process.terminate()


@pytest.mark.parametrize("seconds", [-25, 25, 120])
def test_processes_with_clocks_apart_agree(
    cluster: TestCluster,
    sample_template: str,
    settings: Settings,
    keys: Keys,
    clock: Clock,
    tmp_path: Path,
    seconds: int,
) -> None:
    name = f"hub_clocks_{seconds + 200}"
    apart = timedelta(seconds=seconds)
    with (
        serve(cluster.create(name, sample_template), settings, keys) as hub,
        beside(hub, keys, clock, apart, tmp_path) as other,
    ):
        with clock.apart(apart):
            of_the_other = Tokens(keys, settings).issue(hub.grant(OFFICE))
        answered = hub.http.post(
            "/graphql", json={"query": ASKED}, headers={"authorization": f"Bearer {of_the_other}"}
        )
        if seconds > 30:
            code = answered.json()["errors"][0]["extensions"]["code"]
            assert (answered.status_code, code) == (401, "TOKEN_NOT_YET_VALID")
        else:
            assert answered.status_code == 200
        assert other.ask(OFFICE, ASKED).status == 200
        desks = Desk(hub), Desk(other)
        desks[1]._numbers = 1000
        household = desks[0].household()
        for place in range(6):
            desk = desks[place % 2]
            variables = aid(desk, "other") | {"subject": household}
            assert errors_in(desk.send(OFFICE, "recordAid", variables).data["recordAid"]) == []
        _, (id,) = decode(household["householdId"])
        chain = hub.rows("select recorded_at from chain_event where household_id = %s order by number", id)
        recorded = [at for (at,) in chain]
        assert len(recorded) > 6
        assert recorded == sorted(set(recorded))
        assert recorded[-1] - recorded[0] < timedelta(seconds=60)
        (written,) = hub.rows(
            "select array_agg(recorded_at order by recorded_at) from aid_record where household_id = %s", id
        )[0]
        assert len(written) == 6
        assert recorded[0] - timedelta(seconds=5) < written[0] < written[-1]
        assert written[-1] < recorded[-1] + timedelta(seconds=1)
    cluster.drop(name)
