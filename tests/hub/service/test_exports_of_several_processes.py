"""An export belongs to one process at a time: a process that lost it stops, and the process that takes it up continues after
the stored parts."""

import time
from datetime import timedelta

import httpx
import psycopg
import pytest

from hub.foundation.encryption import Keys
from hub.foundation.settings import Settings
from hub.imports import job_leases
from hub.service.exports import worker
from tests.fixtures.served import Served, serve
from tests.hub.service.test_exports import OFFICE, begun, ended

LONGEST = 30.0
ON_EACH_PART = """
create function on_part() returns trigger security definer language plpgsql as $$ begin {does}; return new; end $$;
create trigger on_part after insert on sealed_part for each row when (new.file = 'TABLE') execute function on_part()
"""
TABLE_PARTS = "select count(*) from sealed_part where job_id = %s and file = 'TABLE'"
GONE = (
    "update export_job set status = 'RUNNING', finished_at = null, attempts = 1, "
    "held_until = now() - interval '1 second' where id = %s returning 1"
)


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes files of many parts."""
    monkeypatch.setattr(worker, "PART_BYTES", 2_000)


def office_of(hub: Served) -> httpx.Client:
    """A client of civil affairs of a county, connected to one of the processes."""
    headers = {"authorization": f"Bearer {hub.token(OFFICE)}"}
    return httpx.Client(base_url=hub.url, timeout=LONGEST, headers=headers)


def on_each_part(hub: Served, does: str) -> None:
    """Run SQL in the database whenever a part is stored in a table."""
    with psycopg.connect(hub.database_url, autocommit=True) as owner:
        owner.execute(ON_EACH_PART.format(does=does).encode())


def test_a_table_whose_process_is_gone_goes_on_after_the_last_part_that_was_kept(
    writable_hub: Served,
) -> None:
    with office_of(writable_hub) as office:
        done = ended(office, begun(office, format="CSV"))
        whole = office.get(done["file"]).content
        ((parts,),) = writable_hub.rows(TABLE_PARTS, done["id"])
        assert parts > 3
        lost = "delete from sealed_part where job_id = %s and file = 'TABLE' and number >= 2 returning 1"
        writable_hub.rows(lost, done["id"])
        writable_hub.rows(GONE, done["id"])
        ended(office, begun(office))
        again = ended(office, done["id"])
        assert again["status"] == "DONE", again
        assert office.get(done["file"]).content == whole


@pytest.mark.parametrize(
    ("what", "status"),
    [
        ("status = 'CANCELLED', finished_at = now()", "CANCELLED"),
        ("attempts = attempts + 1, held_until = now() + interval '1 hour'", "RUNNING"),
    ],
)
def test_whoever_lost_an_export_makes_no_more_of_its_table(
    writable_hub: Served, what: str, status: str
) -> None:
    on_each_part(writable_hub, f"update export_job set {what} where id = new.job_id")
    with office_of(writable_hub) as office:
        job = begun(office, format="CSV")
        until = time.monotonic() + LONGEST
        while writable_hub.rows(TABLE_PARTS, job) == [(0,)]:
            assert time.monotonic() < until
            time.sleep(0.05)
        ended(office, begun(office))
        assert office.get(f"/exports/{job}").json()["status"] == status
    assert writable_hub.rows(TABLE_PARTS, job) == [(1,)]


def test_a_table_that_takes_longer_than_a_job_is_held_is_made_once_by_two_processes(
    sample_copy_url: str, settings: Settings, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_leases, "HELD", timedelta(seconds=0.3))
    with serve(sample_copy_url, settings, keys) as one, serve(sample_copy_url, settings, keys) as other:
        on_each_part(one, "perform pg_sleep(0.06)")
        with office_of(one) as first, office_of(other) as second:
            job = begun(first, format="CSV")
            while (done := first.get(f"/exports/{job}").json())["finishedAt"] is None:
                ended(second, begun(second))
                time.sleep(0.2)
            assert done["status"] == "DONE", done
            again = ended(first, begun(first, format="CSV"))
            assert first.get(done["file"]).content == first.get(again["file"]).content
            assert one.rows(TABLE_PARTS, job) == one.rows(TABLE_PARTS, again["id"])
