"""Who uploads a file, and what other clients of the agency see of it (46-4.2, 46-4.3)."""

import httpx

from tests.fixtures.served import Served
from tests.hub.service.test_uploads import COUNTY, OFFICE, client_of, ended, file, office

__all__ = ["file", "office"]


def test_every_request_for_a_file_stands_in_the_access_records_of_its_client(
    writable_hub: Served, office: httpx.Client, file: bytes
) -> None:
    job = office.post("/imports", params={"kind": "households"}, content=file).json()["id"]
    ended(office, job)
    office.delete(f"/imports/{job}")
    office.post("/imports", params={"kind": "monitored"}, content=file)
    with client_of(writable_hub, COUNTY) as other:
        other.get(f"/imports/{job}/report")
    records = "select client_id, operation_name, outcome, code from access_record order by at, id"
    mine, others = f"test-{OFFICE}", f"test-{COUNTY}"
    assert writable_hub.rows(records) == [
        (mine, "import upload", "ANSWERED", None),
        (mine, "import households", "WRITE_REFUSED", "VALUE_MISSING"),
        (mine, "import cancellation", "ANSWERED", None),
        (mine, "import upload", "REFUSED", "NOT_YOUR_LIST"),
        (others, "import report", "REFUSED", "NOT_FOUND"),
    ]
    of_job = "select count(*) from access_record where operation_hash = sha256(uuid_send(%s::uuid))"
    assert writable_hub.rows(of_job, job) == [(3,)]


def test_the_name_of_a_file_is_for_its_client_and_for_who_has_its_scopes(
    writable_hub: Served, office: httpx.Client, file: bytes
) -> None:
    named = {"kind": "households", "fileName": "王小明.csv"}
    job = office.post("/imports", params=named, content=file).json()["id"]
    ended(office, job)
    fewer = frozenset(sorted(writable_hub.grant(OFFICE).scopes)[1:])
    for changes, name in (
        ({"client": "another"}, "王小明.csv"),
        ({"scopes": fewer}, "王小明.csv"),
        ({"client": "another", "scopes": fewer}, None),
    ):
        with client_of(writable_hub, OFFICE, **changes) as other:
            assert other.get(f"/imports/{job}").json()["fileName"] == name
            assert [one["fileName"] for one in other.get("/imports").json()["imports"]] == [name]
