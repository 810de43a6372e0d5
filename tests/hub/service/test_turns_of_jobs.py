"""Large exports and imports of a client do not stop others: clients take turns, and a small file does not wait for a large
one."""

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from hub.foundation.database import Database
from hub.foundation.encryption import Keys, Secrecy
from hub.foundation.settings import Settings
from hub.imports.job_leases import RoundRobin
from hub.model.export_jobs import ExportFormat
from hub.service.exports import jobs as exports
from hub.service.exports import worker
from hub.service.uploads.worker import SMALL
from tests.fixtures.served import Served, serve
from tests.hub.imports.conftest import COUNTY_OFFICE
from tests.hub.imports.office import family, write_csv
from tests.hub.imports.test_aid import HEADERS, grant_money
from tests.hub.service.test_exports import HOUSEHOLDS, OFFICE, begun, ended
from tests.hub.service.test_uploads import ended as imported

LONGEST = 30.0
ONE_BY_ONE = HOUSEHOLDS.replace("first: 7", "first: 1")
A_PAGE = """query ($after: String) {
  households(first: 90, after: $after) { nodes { code } pageInfo { hasNextPage endCursor } }
}"""
LOCK_OF_HOUSEHOLDS = 4_600_001
"""The advisory lock that every import of households waits for."""


def client_of(hub: Served, agency: str, client: str) -> httpx.Client:
    """One of several clients of an agency."""
    headers = {"authorization": f"Bearer {hub.token(agency, client=client)}"}
    return httpx.Client(base_url=hub.url, timeout=LONGEST, headers=headers)


def until(client: httpx.Client, address: str, **states: Any) -> dict[str, Any]:
    """The job, when it has these values."""
    end = time.monotonic() + LONGEST
    while not states.items() <= (found := client.get(address).json()).items():
        assert time.monotonic() < end, found
        time.sleep(0.05)
    return dict(found)


@pytest.mark.anyio
async def test_exports_are_taken_up_client_by_client_and_those_of_each_in_their_order(
    database: Database, secrecy: Secrecy
) -> None:
    async with database.write() as session:
        for client in "aaabc":
            grant, request = replace(COUNTY_OFFICE, client=client), exports.ExportRequest(HOUSEHOLDS)
            await exports.create_export(session, grant, secrecy, request, ExportFormat.JSONL)
    turns, taken = RoundRobin(), []
    async with database.write() as session:
        while (job := await exports.claim_export(session, turns)) is not None:
            taken.append((job["client_id"], job["id"]))
    assert "".join(client for client, _ in taken) == "abcaa"
    of_a = [id for client, id in taken if client == "a"]
    assert of_a == sorted(of_a)


def test_a_client_that_has_spent_its_minute_stops_no_export_of_another(
    sample_copy_url: str, settings: Settings, keys: Keys
) -> None:
    little = settings.model_copy(update={"cost_per_minute": 300})
    with (
        serve(sample_copy_url, little, keys) as hub,
        client_of(hub, OFFICE, "much") as much,
        client_of(hub, OFFICE, "little") as other,
    ):
        jobs = [begun(much, ONE_BY_ONE) for _ in range(4)]
        until(much, f"/exports/{jobs[0]}", status="WAITING")
        assert ended(other, begun(other, A_PAGE))["status"] == "DONE"
        spent = [much.get(f"/exports/{job}").json() for job in jobs]
        assert {one["finishedAt"] for one in spent} == {None}
        assert spent[0]["rows"] > 0
        for job in jobs:
            assert much.delete(f"/exports/{job}").json()["status"] == "CANCELLED"


def test_an_export_in_many_turns_holds_what_one_turn_gives_and_others_come_between(
    writable_hub: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    with client_of(writable_hub, OFFICE, "much") as much, client_of(writable_hub, OFFICE, "little") as other:
        whole = {
            form: much.get(ended(much, begun(much, format=form))["file"]).content for form in ("JSONL", "CSV")
        }
        monkeypatch.setattr(worker, "TURN", 0.0)
        jobs = {form: begun(much, format=form) for form in whole}
        between = begun(other, A_PAGE)
        for form, job in jobs.items():
            assert much.get(ended(much, job)["file"]).content == whole[form]
        ended(other, between)
        order = writable_hub.rows("select id::text from export_job order by finished_at")
        assert order.index((between,)) < min(order.index((job,)) for job in jobs.values())
        monkeypatch.setattr(worker, "MOST_BYTES", len(whole["JSONL"]) - 1)
        large = ended(much, begun(much))
        assert (large["status"], large["error"]["code"]) == ("REFUSED", "EXPORT_TOO_LARGE")


def test_a_small_file_is_imported_while_a_large_one_takes_long(writable_hub: Served, tmp_path: Path) -> None:
    note = "无" * 1_000
    rows = [row | {"备注一": note} for row in family("U-1", 90_001, SMALL // 3_000 + 1)]
    large = write_csv(tmp_path / "户籍.csv", rows, (*rows[0], "备注一")).read_bytes()
    assert len(large) > SMALL
    small = write_csv(tmp_path / "救助.csv", [grant_money("E-1")], HEADERS).read_bytes()
    with (
        psycopg.connect(writable_hub.database_url) as holder,
        client_of(writable_hub, "civil_affairs@410105001", "much") as much,
        client_of(writable_hub, "education@410105", "little") as other,
    ):
        holder.execute("select pg_advisory_xact_lock(%s)", [LOCK_OF_HOUSEHOLDS])
        job = much.post("/imports", params={"kind": "households"}, content=large).json()["id"]
        until(much, f"/imports/{job}", status="RUNNING")
        answered = other.post("/imports", params={"kind": "aid"}, content=small)
        assert imported(other, answered.json()["id"])["status"] == "DONE"
        assert much.get(f"/imports/{job}").json()["status"] == "RUNNING"
        holder.rollback()
        assert imported(much, job)["status"] == "DONE"
