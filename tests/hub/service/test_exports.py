"""A query over all of its pages as a file, under the grant of the client that requested it."""

import asyncio
import csv
import io
import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from openpyxl import load_workbook

from auth.scopes import Scope
from hub.service.exports import tables, worker
from tests.fixtures.served import Served

OFFICE, EDUCATION = "civil_affairs@410105", "education@410105"
LONGEST = 30.0
HOUSEHOLDS = """
query ($after: String) {
  households(first: 7, after: $after) {
    nodes { code region { code name } category members { name idNumber } }
    pageInfo { hasNextPage endCursor }
  }
}
"""


@pytest.fixture
def office(writable_hub: Served) -> Iterator[httpx.Client]:
    """A client of civil affairs of a county."""
    headers = {"authorization": f"Bearer {writable_hub.token(OFFICE)}"}
    with httpx.Client(base_url=writable_hub.url, timeout=LONGEST, headers=headers) as client:
        yield client


def begun(client: httpx.Client, query: str = HOUSEHOLDS, **more: Any) -> str:
    """Start an export; returns its id."""
    answered = client.post("/exports", json={"query": query, **more})
    assert answered.status_code == 201, answered.text
    assert answered.headers["location"] == f"/exports/{answered.json()['id']}"
    return str(answered.json()["id"])


def ended(client: httpx.Client, job: str) -> dict[str, Any]:
    """The export, when it has ended."""
    until = time.monotonic() + LONGEST
    while (found := client.get(f"/exports/{job}").json())["finishedAt"] is None:
        assert time.monotonic() < until, found
        time.sleep(0.05)
    return dict(found)


def codes(answered: httpx.Response) -> list[str]:
    """The codes of a refusal."""
    return [error["extensions"]["code"] for error in answered.json()["errors"]]


def walked(hub: Served, scopes: frozenset[Scope] | None = None) -> list[dict[str, Any]]:
    """The rows that the client reads page by page."""
    nodes: list[dict[str, Any]] = []
    after = None
    while True:
        page = hub.ask(OFFICE, HOUSEHOLDS, {"after": after}, scopes=scopes).body["data"]["households"]
        nodes += page["nodes"]
        if not page["pageInfo"]["hasNextPage"]:
            return nodes
        after = page["pageInfo"]["endCursor"]


@pytest.mark.parametrize("scopes", [None, frozenset({Scope.HOUSEHOLD_READ, Scope.PERSON_READ})])
def test_an_export_holds_what_the_pages_of_the_query_hold_and_tells_what_is_withheld(
    writable_hub: Served, scopes: frozenset[Scope] | None
) -> None:
    token = writable_hub.token(OFFICE, **({} if scopes is None else {"scopes": scopes}))
    with httpx.Client(
        base_url=writable_hub.url, timeout=LONGEST, headers={"authorization": f"Bearer {token}"}
    ) as client:
        done = ended(client, begun(client))
        file = client.get(done["file"])
    rows = [json.loads(line) for line in file.text.splitlines()]
    assert rows == walked(writable_hub, scopes)
    assert len(rows) > 14
    withheld = [] if scopes is None else ["Household.category", "Person.idNumber"]
    assert (done["status"], done["rows"], sorted(done["withheld"])) == ("DONE", len(rows), withheld)
    assert file.headers["content-type"] == "application/jsonl"


def test_a_table_has_a_column_for_each_path(writable_hub: Served, office: httpx.Client) -> None:
    done = ended(office, begun(office, format="CSV"))
    content = office.get(done["file"]).content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(content)))
    nodes = walked(writable_hub)
    assert [(row["code"], row["region.name"]) for row in rows] == [
        (node["code"], node["region"]["name"]) for node in nodes
    ]
    assert [json.loads(row["members"]) for row in rows] == [node["members"] for node in nodes]


def test_a_workbook_holds_what_the_table_holds_every_cell_as_text(office: httpx.Client) -> None:
    as_csv = office.get(ended(office, begun(office, format="CSV"))["file"]).content.decode("utf-8-sig")
    answered = office.get(ended(office, begun(office, format="XLSX"))["file"])
    assert answered.headers["content-disposition"].endswith('.xlsx"')
    workbook = load_workbook(io.BytesIO(answered.content))
    sheet = workbook.worksheets[0]
    rows = [[cell or "" for cell in row] for row in sheet.iter_rows(values_only=True)]
    assert rows == list(csv.reader(io.StringIO(as_csv)))
    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value} == {"s"}


def test_a_download_that_broke_off_goes_on(office: httpx.Client) -> None:
    done = ended(office, begun(office))
    whole = office.get(done["file"])
    assert whole.headers["accept-ranges"] == "bytes"
    assert int(whole.headers["content-length"]) == len(whole.content)
    half = len(whole.content) // 2
    rest = office.get(done["file"], headers={"range": f"bytes={half}-"})
    assert (rest.status_code, rest.content) == (206, whole.content[half:])
    assert rest.headers["content-range"] == f"bytes {half}-{len(whole.content) - 1}/{len(whole.content)}"
    assert office.get(done["file"], headers={"range": "bytes=-10"}).content == whole.content[-10:]
    assert office.get(done["file"], headers={"range": "bytes=3-8"}).content == whole.content[3:9]
    beyond = office.get(done["file"], headers={"range": f"bytes={len(whole.content)}-"})
    assert (beyond.status_code, codes(beyond)) == (416, ["RANGE_NOT_SATISFIABLE"])


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{ viewer { purposes } }", "NOT_A_LIST"),
        ("{ households(first: 7) { nodes { code } pageInfo { hasNextPage endCursor } } }", "NOT_A_LIST"),
        ("query ($after: String) { households(first: 7, after: $after) { nodes { code } } }", "NOT_A_LIST"),
        ("{ households { nothing } }", "BAD_USER_INPUT"),
        ("mutation { revokeAid(input: {}) { errors { code } } }", "BAD_USER_INPUT"),
    ],
)
def test_what_is_no_list_to_be_walked_is_refused_with_its_reason(
    office: httpx.Client, query: str, code: str
) -> None:
    done = ended(office, begun(office, query))
    assert done["status"] == "REFUSED"
    assert done["error"]["messageZh"]
    if code == "NOT_A_LIST":
        assert done["error"]["code"] == code
    job = done["id"]
    answered = office.get(f"/exports/{job}/file")
    assert (answered.status_code, codes(answered)) == (409, ["EXPORT_NOT_FINISHED"])


@pytest.mark.parametrize(
    "body", [{}, {"query": 1}, {"query": "{ a }", "format": "PDF"}, {"query": "{ a }", "variables": []}]
)
def test_what_is_no_export_is_refused_at_once(office: httpx.Client, body: dict[str, Any]) -> None:
    answered = office.post("/exports", json=body)
    assert (answered.status_code, codes(answered)) == (400, ["INVALID_INPUT"])


def test_an_export_is_its_client_s_alone_and_each_page_and_download_leaves_a_record(
    writable_hub: Served, office: httpx.Client
) -> None:
    named = HOUSEHOLDS.replace("query (", "query Everybody (")
    done = ended(office, begun(office, named))
    office.get(done["file"])
    for agency, changes in ((OFFICE, {"client": "another"}), (EDUCATION, {})):
        headers = {"authorization": f"Bearer {writable_hub.token(agency, **changes)}"}
        with httpx.Client(base_url=writable_hub.url, timeout=LONGEST, headers=headers) as other:
            for answered in (other.get(done["file"]), other.get(f"/exports/{done['id']}")):
                assert (answered.status_code, codes(answered)) == (404, ["NOT_FOUND"])
            assert other.get("/exports").json() == {"exports": []}
    pages = -(-done["rows"] // 7)
    counted = "select count(*) from access_record where operation_name = %s"
    assert writable_hub.rows(counted, "Everybody") == [(pages,)]
    assert writable_hub.rows(counted, "export") == [(1,)]
    files = "select outcome, code, rows from access_record where operation_name = 'export file' order by at"
    assert writable_hub.rows(files) == [("ANSWERED", None, done["rows"]), *[("REFUSED", "NOT_FOUND", 0)] * 2]
    office.delete(f"/exports/{done['id']}")
    assert writable_hub.rows(counted, "export cancellation") == [(1,)]


def test_a_query_and_its_rows_lie_in_the_database_encrypted(
    writable_hub: Served, office: httpx.Client
) -> None:
    done = ended(office, begun(office))
    name = json.loads(office.get(done["file"]).text.splitlines()[0])["members"][0]["name"]
    for (sealed,) in writable_hub.rows(
        "select sealed from sealed_part union all select request from export_job"
    ):
        assert name.encode() not in bytes(sealed)
        assert b"households" not in bytes(sealed)


def test_an_export_whose_process_is_gone_goes_on_after_the_last_page_that_was_kept(
    writable_hub: Served, office: httpx.Client
) -> None:
    done = ended(office, begun(office))
    gone = (
        "update export_job set status = 'RUNNING', finished_at = null, attempts = 1, "
        "held_until = now() - interval '1 second' where id = %s returning 1"
    )
    first = office.get(done["file"]).content
    writable_hub.rows(gone, done["id"])
    ended(office, begun(office))
    again = ended(office, done["id"])
    assert again["status"] == "DONE"
    assert office.get(again["file"]).content[: len(first)] == first


def test_a_cancelled_export_is_forgotten_an_old_one_too_and_what_is_open_is_bounded(
    writable_hub: Served, office: httpx.Client
) -> None:
    done = ended(office, begun(office))
    old = "update export_job set finished_at = finished_at - interval '2 days' returning 1"
    writable_hub.rows(old)
    answered = office.get(done["file"])
    assert (answered.status_code, codes(answered)) == (410, ["EXPORT_EXPIRED"])
    held = (
        "update export_job set status = 'RUNNING', finished_at = null, held_until = now() + interval '1 hour' "
        "where id = %s returning 1"
    )
    for _ in range(4):
        writable_hub.rows(held, ended(office, begun(office))["id"])
    more = office.post("/exports", json={"query": HOUSEHOLDS})
    assert (more.status_code, codes(more)) == (429, ["TOO_MANY_EXPORTS"])
    assert int(more.headers["retry-after"]) > 0
    listed = office.get("/exports", params={"first": 2}).json()["exports"]
    assert [one["status"] for one in listed] == ["RUNNING", "RUNNING"]
    assert office.delete(f"/exports/{listed[0]['id']}").json()["status"] == "CANCELLED"
    begun(office)


def test_the_rows_of_an_export_are_read_and_written_beside_the_event_loop(
    office: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_the_loop = []

    def cells_of(node: dict[str, Any]) -> Iterator[tuple[str, str]]:
        try:
            on_the_loop.append(asyncio.get_running_loop() is not None)
        except RuntimeError:
            on_the_loop.append(False)
        return tables.cells_of(node)

    monkeypatch.setattr(worker, "cells_of", cells_of)
    assert ended(office, begun(office))["rows"] > 14
    assert len(on_the_loop) > 14
    assert not any(on_the_loop)
