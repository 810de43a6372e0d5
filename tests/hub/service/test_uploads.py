"""An agency uploads a file over HTTP, watches its import, and reads its report (46-2.2): the same import as `hub import`."""

import io
import json
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from openpyxl import load_workbook

from hub.foundation.encryption import Keys
from hub.foundation.settings import Settings
from tests.fixtures.served import Served, serve
from tests.fixtures.wire import wire
from tests.hub.imports.office import family, identity_number, member, write_csv, write_workbook

OFFICE, OTHER_OFFICE, COUNTY = "civil_affairs@410105001", "civil_affairs@410105002", "civil_affairs@410105"
LONGEST = 30.0
Sent = Callable[..., httpx.Response]


@pytest.fixture
def office(writable_hub: Served) -> Iterator[httpx.Client]:
    """The office's client."""
    headers = {"authorization": f"Bearer {writable_hub.token(OFFICE)}"}
    with httpx.Client(base_url=writable_hub.url, timeout=LONGEST, headers=headers) as client:
        yield client


def client_of(hub: Served, agency: str, **changes: Any) -> httpx.Client:
    """Another client."""
    return httpx.Client(
        base_url=hub.url, timeout=LONGEST, headers={"authorization": f"Bearer {hub.token(agency, **changes)}"}
    )


def ended(office: httpx.Client, job: str) -> dict[str, Any]:
    """The job, when it has ended."""
    until = time.monotonic() + LONGEST
    while (found := office.get(f"/imports/{job}").json())["finishedAt"] is None:
        assert time.monotonic() < until, found
        time.sleep(0.05)
    return dict(found)


def codes(answered: httpx.Response) -> list[str]:
    """The codes of a refusal."""
    return [error["extensions"]["code"] for error in answered.json()["errors"]]


@pytest.fixture
def file(tmp_path: Path) -> bytes:
    """A family of three, and a row without a name."""
    rows = [*family("U-1", 90_001, 3), member("U-2", 90_010, 姓名="")]
    return write_csv(tmp_path / "户籍.csv", rows).read_bytes()


def test_an_uploaded_file_is_imported_and_its_refused_rows_stand_in_the_report(
    writable_hub: Served, office: httpx.Client, file: bytes
) -> None:
    answered = office.post("/imports", params={"kind": "households", "fileName": "户籍.csv"}, content=file)
    assert answered.status_code == 201, answered.text
    job = answered.json()["id"]
    assert answered.headers["location"] == f"/imports/{job}"
    assert answered.headers["upload-offset"] == str(len(file))
    done = ended(office, job)
    assert (done["status"], done["rows"]) == ("DONE", {"done": 4, "total": 4, "changed": 3, "refused": 1})
    assert writable_hub.rows("select count(*) from household where code = 'U-1'") == [(1,)]
    report = office.get(done["report"])
    assert report.headers["content-type"] == "text/csv; charset=utf-8"
    assert "姓名" in report.content.decode("utf-8-sig")
    assert identity_number(90_010) not in report.text
    assert writable_hub.rows("select file_name from import_run where id = %s", job) == [("户籍.csv",)]
    rejected = load_workbook(io.BytesIO(office.get(done["rejected"]).content)).active
    assert rejected is not None
    header, row = rejected.iter_rows(values_only=True)
    assert (dict(zip(header, row, strict=True))["户编号"], header[-1]) == ("U-2", "错误原因")


def test_a_form_of_a_browser_is_taken_as_well_as_the_file_itself(
    office: httpx.Client, tmp_path: Path
) -> None:
    workbook = write_workbook(tmp_path / "户籍.xlsx", family("U-3", 90_020, 2)).read_bytes()
    answered = office.post(
        "/imports",
        data={"kind": "households"},
        files={"file": ("户籍.xlsx", workbook, "application/octet-stream")},
    )
    assert answered.status_code == 201, answered.text
    assert answered.json()["fileName"] == "户籍.xlsx"
    done = ended(office, answered.json()["id"])
    assert (done["rows"]["changed"], done["rejected"]) == (2, None)
    nothing = office.get(f"/imports/{done['id']}/rejected")
    assert (nothing.status_code, codes(nothing)) == (404, ["NOTHING_REFUSED"])


def test_an_upload_that_broke_off_goes_on_where_the_hub_has_it(office: httpx.Client, file: bytes) -> None:
    begun = office.post(
        "/imports",
        params={"kind": "households", "fileName": "a.csv"},
        content=file[:100],
        headers={"upload-complete": "?0"},
    )
    job = begun.json()["id"]
    assert begun.json()["status"] == "RECEIVING"
    looked = office.head(f"/imports/{job}")
    assert (looked.headers["upload-offset"], looked.headers["upload-complete"]) == ("100", "?0")
    refused = office.patch(f"/imports/{job}", content=file[50:], headers={"upload-offset": "50"})
    assert (refused.status_code, codes(refused)) == (409, ["UPLOAD_OFFSET_MISMATCH"])
    assert refused.json()["errors"][0]["extensions"]["actual"] == 100
    rest = office.patch(f"/imports/{job}", content=file[100:], headers={"upload-offset": "100"})
    assert rest.status_code == 200, rest.text
    assert ended(office, job)["rows"]["changed"] == 3
    more = office.patch(f"/imports/{job}", content=b"more", headers={"upload-offset": str(len(file))})
    assert (more.status_code, codes(more)) == (409, ["UPLOAD_ENDED"])


def test_what_came_before_a_client_was_gone_is_kept(
    writable_hub: Served, office: httpx.Client, file: bytes
) -> None:
    job = office.post(
        "/imports",
        params={"kind": "households", "fileName": "a.csv"},
        headers={"upload-complete": "?0"},
    ).json()["id"]

    def broken() -> Iterator[bytes]:
        yield file[:200]
        raise ConnectionAbortedError

    with pytest.raises(ConnectionAbortedError):
        office.patch(f"/imports/{job}", content=broken(), headers={"upload-offset": "0"})
    until = time.monotonic() + LONGEST
    while (came := int(office.head(f"/imports/{job}").headers["upload-offset"])) == 0:
        assert time.monotonic() < until
        time.sleep(0.05)
    assert 0 < came <= 200
    office.patch(f"/imports/{job}", content=file[came:], headers={"upload-offset": str(came)})
    assert ended(office, job)["rows"]["changed"] == 3


def test_the_same_external_id_is_the_same_upload(office: httpx.Client, file: bytes) -> None:
    params = {"kind": "households", "fileName": "a.csv", "externalId": "2026-11-30/1"}
    first = office.post("/imports", params=params, content=file)
    again = office.post("/imports", params=params, content=file)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]
    other = office.post("/imports", params={**params, "fileName": "b.csv"}, content=file)
    assert (other.status_code, codes(other)) == (409, ["UPLOAD_CONFLICT"])
    ended(office, first.json()["id"])


def test_a_file_that_cannot_be_read_is_refused_with_its_reason(office: httpx.Client) -> None:
    job = office.post("/imports", params={"kind": "households"}, content=b"\xff\xfe\x00").json()["id"]
    done = ended(office, job)
    assert (done["status"], done["report"]) == ("REFUSED", None)
    assert done["error"]["code"]
    assert done["error"]["messageZh"]
    report = office.get(f"/imports/{job}/report")
    assert (report.status_code, codes(report)) == (409, ["IMPORT_NOT_FINISHED"])


@pytest.mark.parametrize(
    ("agency", "params", "status", "code"),
    [
        ("education@410105", {"kind": "households"}, 403, "FORBIDDEN_WRITE"),
        (OFFICE, {"kind": "monitored"}, 403, "NOT_YOUR_LIST"),
        (OFFICE, {"kind": "households", "month": "2026-11"}, 403, "NO_MONTHLY_LIST"),
        (OFFICE, {"kind": "houses"}, 400, "INVALID_INPUT"),
        (OFFICE, {}, 400, "INVALID_INPUT"),
        (OFFICE, {"kind": "households", "month": "November"}, 400, "INVALID_INPUT"),
        (OFFICE, {"kind": "households", "externalId": "x" * 500}, 400, "INVALID_INPUT"),
    ],
)
def test_what_may_not_be_imported_is_refused_before_the_file_is_kept(
    writable_hub: Served, file: bytes, agency: str, params: dict[str, str], status: int, code: str
) -> None:
    with client_of(writable_hub, agency) as client:
        answered = client.post("/imports", params=params, content=file)
    assert (answered.status_code, codes(answered)) == (status, [code])
    assert writable_hub.rows("select count(*) from import_job") == [(0,)]


def test_without_a_token_nothing_is_taken(writable_hub: Served, file: bytes) -> None:
    answered = httpx.post(f"{writable_hub.url}/imports", params={"kind": "households"}, content=file)
    assert answered.status_code == 401
    assert "www-authenticate" in answered.headers


def test_what_is_sent_after_a_refusal_is_no_upload_any_more(
    sample_copy_url: str, settings: Settings, keys: Keys
) -> None:
    little = settings.model_copy(update={"max_body_bytes": 1024})
    length, piece = 4_000_000, b"x" * 100_000
    head = f"POST /imports?kind=households HTTP/1.1\r\nHost: hub\r\nContent-Length: {length}\r\n\r\n"
    with serve(sample_copy_url, little, keys) as hub, wire(hub) as stranger:
        stranger.send(head.encode())
        assert stranger.answer().status == 401
        sent = 0
        with suppress(ConnectionError):
            while sent < length:
                stranger.send(piece)
                sent += len(piece)
                time.sleep(0.02)
        assert sent < length / 2
        assert stranger.is_closed()


def test_for_another_agency_the_import_does_not_exist(
    writable_hub: Served, office: httpx.Client, file: bytes
) -> None:
    job = office.post("/imports", params={"kind": "households"}, content=file).json()["id"]
    ended(office, job)
    for agency in (OTHER_OFFICE, COUNTY, "audit@4101"):
        with client_of(writable_hub, agency) as other:
            for answered in (
                other.get(f"/imports/{job}"),
                other.get(f"/imports/{job}/report"),
                other.delete(f"/imports/{job}"),
                other.patch(f"/imports/{job}", content=b"x", headers={"upload-offset": "0"}),
            ):
                assert (answered.status_code, codes(answered)) == (404, ["NOT_FOUND"])
            assert other.get("/imports").json() == {"imports": []}
    assert [one["id"] for one in office.get("/imports").json()["imports"]] == [job]


def test_the_report_needs_the_scopes_with_which_the_file_was_sent_and_leaves_a_record(
    writable_hub: Served, office: httpx.Client, file: bytes
) -> None:
    job = office.post("/imports", params={"kind": "households"}, content=file).json()["id"]
    ended(office, job)
    fewer = frozenset(sorted(writable_hub.grant(OFFICE).scopes)[1:])
    with client_of(writable_hub, OFFICE, scopes=fewer) as narrow:
        answered = narrow.get(f"/imports/{job}/report")
        assert (answered.status_code, codes(answered)) == (403, ["REPORT_SCOPES_MISSING"])
    assert office.get(f"/imports/{job}/report").status_code == 200
    records = (
        "select rows, outcome, code from access_record where operation_name = 'import report' order by at"
    )
    assert writable_hub.rows(records) == [(0, "REFUSED", "REPORT_SCOPES_MISSING"), (1, "ANSWERED", None)]


def test_whoever_watches_an_import_is_told_of_it_until_its_end(office: httpx.Client, file: bytes) -> None:
    job = office.post("/imports", params={"kind": "households"}, content=file).json()["id"]
    with office.stream("GET", f"/imports/{job}", headers={"accept": "text/event-stream"}) as watched:
        assert watched.headers["content-type"].startswith("text/event-stream")
        events = [json.loads(line[6:]) for line in watched.iter_lines() if line.startswith("data: ")]
    assert events[-1]["status"] == "DONE"


def test_a_cancelled_upload_is_forgotten_and_takes_nothing_more(
    writable_hub: Served, office: httpx.Client, file: bytes
) -> None:
    job = office.post(
        "/imports", params={"kind": "households"}, content=file, headers={"upload-complete": "?0"}
    ).json()["id"]
    for _ in range(2):
        assert office.delete(f"/imports/{job}").json()["status"] == "CANCELLED"
    answered = office.patch(f"/imports/{job}", content=b"x", headers={"upload-offset": str(len(file))})
    assert (answered.status_code, codes(answered)) == (409, ["UPLOAD_ENDED"])
    assert writable_hub.rows("select sum(octet_length(sealed)) from sealed_part") == [(0,)]


def test_a_file_lies_in_the_database_encrypted_and_only_until_it_is_imported(
    writable_hub: Served, office: httpx.Client, file: bytes
) -> None:
    job = office.post(
        "/imports", params={"kind": "households"}, content=file, headers={"upload-complete": "?0"}
    ).json()["id"]
    ((sealed,),) = writable_hub.rows("select sealed from sealed_part")
    assert identity_number(90_001).encode() not in bytes(sealed)
    office.patch(f"/imports/{job}", content=b"", headers={"upload-offset": str(len(file))})
    ended(office, job)
    left = "select sum(octet_length(sealed)) from sealed_part where file = 'UPLOAD'"
    assert writable_hub.rows(left) == [(0,)]


def test_a_file_that_is_too_large_is_refused_and_what_is_open_is_bounded(
    sample_copy_url: str, settings: Settings, keys: Keys
) -> None:
    small = settings.model_copy(update={"max_upload_bytes": 4096})
    with serve(sample_copy_url, small, keys) as hub, client_of(hub, OFFICE) as office:
        answered = office.post("/imports", params={"kind": "households"}, content=b"x" * 4097)
        assert (answered.status_code, codes(answered)[0]) in {
            (413, "UPLOAD_TOO_LARGE"),
            (413, "BODY_TOO_LARGE"),
        }
        begin = {"params": {"kind": "households"}, "headers": {"upload-complete": "?0"}}
        while (last := office.post("/imports", **begin)).status_code == 201:  # type: ignore[arg-type]
            pass
        assert (last.status_code, codes(last)) == (429, ["TOO_MANY_IMPORTS"])
        assert int(last.headers["retry-after"]) == last.json()["errors"][0]["extensions"]["retryAfterSeconds"]
        assert hub.rows("select count(*) from import_job where status = 'RECEIVING'") == [(20,)]


def test_an_import_whose_process_is_gone_is_taken_up_by_another(
    writable_hub: Served, office: httpx.Client, file: bytes
) -> None:
    job = office.post(
        "/imports", params={"kind": "households"}, content=file, headers={"upload-complete": "?0"}
    ).json()["id"]
    gone = (
        "update import_job set status = 'RUNNING', size = received, attempts = 1, "
        "held_until = now() - interval '1 second' where id = %s returning 1"
    )
    writable_hub.rows(gone, job)
    other = office.post("/imports", params={"kind": "households"}, content=file).json()["id"]
    assert ended(office, other)["status"] == "DONE"
    assert ended(office, job)["status"] == "DONE"
    assert writable_hub.rows("select count(*) from household where code = 'U-1'") == [(1,)]


def test_a_file_at_which_processes_die_is_given_up(
    writable_hub: Served, office: httpx.Client, file: bytes
) -> None:
    job = office.post(
        "/imports", params={"kind": "households"}, content=file, headers={"upload-complete": "?0"}
    ).json()["id"]
    died = (
        "update import_job set status = 'RUNNING', size = received, attempts = 3, "
        "held_until = now() - interval '1 second' where id = %s returning 1"
    )
    writable_hub.rows(died, job)
    ended(office, office.post("/imports", params={"kind": "households"}, content=file).json()["id"])
    done = ended(office, job)
    assert (done["status"], done["error"]["code"]) == ("FAILED", "IMPORT_INTERRUPTED")


def test_old_uploads_and_reports_are_forgotten(
    writable_hub: Served, office: httpx.Client, file: bytes
) -> None:
    never = office.post(
        "/imports", params={"kind": "households"}, content=file, headers={"upload-complete": "?0"}
    ).json()["id"]
    job = office.post("/imports", params={"kind": "households"}, content=file).json()["id"]
    ended(office, job)
    days = "- interval '40 days'"
    old = (
        f"update import_job set created_at = created_at {days}, finished_at = finished_at {days} returning 1"
    )
    writable_hub.rows(old)
    ended(office, office.post("/imports", params={"kind": "households"}, content=file).json()["id"])
    assert office.get(f"/imports/{never}").json()["status"] == "CANCELLED"
    answered = office.get(f"/imports/{job}/report")
    assert (answered.status_code, codes(answered)) == (410, ["REPORT_EXPIRED"])


def test_a_large_file_has_its_time_for_each_piece_and_one_that_stops_is_ended(
    sample_copy_url: str, settings: Settings, keys: Keys
) -> None:
    hasty = settings.model_copy(update={"request_seconds": 1})
    piece = b"x" * 300_000
    with serve(sample_copy_url, hasty, keys) as hub:
        head = (
            f"POST /imports?kind=households HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer {hub.token(OFFICE)}\r\n"
            f"Content-Length: {8 * len(piece)}\r\n\r\n"
        ).encode()
        with wire(hub) as steady:
            steady.send(head)
            for _ in range(8):
                steady.send(piece)
                time.sleep(0.3)
            assert steady.answer().status == 201
        with wire(hub) as stopping:
            stopping.send(head, piece)
            assert stopping.answer().code == "REQUEST_TIMEOUT"
        ((came, parts),) = hub.rows(
            "select max(received), count(*) from import_job join sealed_part on job_id = id and file = 'UPLOAD' "
            "where status <> 'RECEIVING'"
        )
        assert (came, parts) == (8 * len(piece), 3)


def test_an_agency_takes_a_template_with_its_own_regions(office: httpx.Client) -> None:
    answered = office.get("/imports/templates/households")
    assert answered.status_code == 200
    assert "households.xlsx" in answered.headers["content-disposition"]
    workbook = load_workbook(io.BytesIO(answered.content))
    assert [cell.value for cell in workbook.worksheets[0][1]][:1] == ["户编号*"]
    words = [row[0] for row in workbook["词"].iter_rows(values_only=True)]
    assert "户主" in words
    unknown = office.get("/imports/templates/nothing")
    assert (unknown.status_code, codes(unknown)) == (404, ["NOT_FOUND"])
    assert office.get("/imports/templates/households", headers={"authorization": ""}).status_code == 401
