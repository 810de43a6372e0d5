"""Who may confirm, undo and cancel an import and read its report, in each of its states (46-4.2, 46-4.3)."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx
import pytest

from auth.scopes import Scope
from tests.fixtures.served import Served
from tests.hub.imports.office import family, member, write_csv
from tests.hub.service.test_uploads import OFFICE, OTHER_OFFICE, client_of, codes, ended

HASH = "ab" * 32
ADDRESSES: Mapping[str, tuple[str, str]] = {
    "report": ("GET", "/report"),
    "confirm": ("POST", f"/confirm?hash={HASH}"),
    "undo": ("POST", "/undo"),
    "cancel": ("DELETE", ""),
}
ANSWERS: Mapping[str, Mapping[str, str]] = {
    "report": {
        "RECEIVING": "IMPORT_NOT_FINISHED", "WAITING": "IMPORT_NOT_FINISHED", "RUNNING": "IMPORT_NOT_FINISHED",
        "PREVIEWED": "PREVIEWED", "DONE": "DONE", "UNDONE": "IMPORT_NOT_FINISHED", "REFUSED": "IMPORT_NOT_FINISHED",
        "FAILED": "IMPORT_NOT_FINISHED", "CANCELLED": "IMPORT_NOT_FINISHED",
    },
    "confirm": {
        "RECEIVING": "NO_PREVIEW", "WAITING": "NO_PREVIEW", "RUNNING": "NO_PREVIEW", "PREVIEWED": "WAITING",
        "DONE": "NO_PREVIEW", "UNDONE": "NO_PREVIEW", "REFUSED": "NO_PREVIEW", "FAILED": "NO_PREVIEW",
        "CANCELLED": "NO_PREVIEW",
    },
    "undo": {
        "RECEIVING": "NOTHING_TO_UNDO", "WAITING": "NOTHING_TO_UNDO", "RUNNING": "NOTHING_TO_UNDO",
        "PREVIEWED": "NOTHING_TO_UNDO", "DONE": "WAITING", "UNDONE": "UNDONE", "REFUSED": "NOTHING_TO_UNDO",
        "FAILED": "NOTHING_TO_UNDO", "CANCELLED": "NOTHING_TO_UNDO",
    },
    "cancel": {
        "RECEIVING": "CANCELLED", "WAITING": "CANCELLED", "RUNNING": "CANCELLED", "PREVIEWED": "CANCELLED",
        "DONE": "DONE", "UNDONE": "UNDONE", "REFUSED": "REFUSED", "FAILED": "FAILED", "CANCELLED": "CANCELLED",
    },
}  # fmt: skip
"""For each request and status of the import: the status afterwards, or the code of the refusal."""
NEEDS_SCOPES = {("report", "PREVIEWED"), ("report", "DONE"), ("confirm", "PREVIEWED"), ("undo", "DONE")}
"""Requests that show values of a file, or cause an import or an undo."""
SET = """
update import_job set status = %s, undo = %s, preview = %s, preview_hash = %s, confirms = null,
 held_until = now() + interval '1 day', finished_at = null where id = %s returning 1
"""
"""Sets the status of an import as if another process worked on it, so that no process takes it up."""

UPLOADED = """
select client_id, coalesce(code, ''), count(*) from access_record where operation_name = 'import upload'
 and operation_hash = sha256(uuid_send(%s::uuid)) group by 1, 2
"""
"""Who sent what of a file, and how that was refused."""


@pytest.fixture
def office(hub_of_jobs: Served) -> Iterator[httpx.Client]:
    """The office's client."""
    with client_of(hub_of_jobs, OFFICE) as client:
        yield client


@pytest.fixture
def job(office: httpx.Client, tmp_path: Path) -> str:
    """An import that is done and has a report, since one of its rows was refused."""
    rows = [*family("A-1", 91_001, 2), member("A-2", 91_010, 姓名="")]
    file = write_csv(tmp_path / "户籍.csv", rows).read_bytes()
    job = str(office.post("/imports", params={"kind": "households"}, content=file).json()["id"])
    assert ended(office, job)["status"] == "DONE"
    return job


def set_status(hub: Served, job: str, status: str, *, undo: bool = False) -> None:
    """Set the status of an import."""
    is_preview = status == "PREVIEWED"
    hub.rows(SET, status, undo or status == "UNDONE", is_preview, HASH if is_preview else None, job)


def test_each_request_for_an_import_is_answered_by_how_it_stands_and_by_who_asks(
    hub_of_jobs: Served, job: str
) -> None:
    fewer = frozenset(sorted(hub_of_jobs.grant(OFFICE).scopes)[1:])
    with (
        client_of(hub_of_jobs, OFFICE) as office,
        client_of(hub_of_jobs, OFFICE, client="another") as colleague,
        client_of(hub_of_jobs, OFFICE, scopes=fewer) as narrow,
        client_of(hub_of_jobs, OTHER_OFFICE) as stranger,
    ):
        for request, answers in ANSWERS.items():
            method, address = ADDRESSES[request]
            for status, answer in answers.items():
                needs_scopes = (request, status) in NEEDS_SCOPES
                callers = [
                    (narrow, "REPORT_SCOPES_MISSING" if needs_scopes else answer),
                    (office, answer),
                    (colleague, answer),
                ]
                if answer in answers:  # every caller who may send the request gets the answer
                    callers.insert(0, (stranger, "NOT_FOUND"))
                set_status(hub_of_jobs, job, status)
                before = status
                for client, expected in callers:
                    answered = client.request(method, f"/imports/{job}{address}")
                    ((after,),) = hub_of_jobs.rows("select status from import_job where id = %s", job)
                    is_refused = answered.status_code != 200
                    case = (request, status, expected, answered.text)
                    assert (codes(answered)[0] if is_refused else after) == expected, case
                    assert after == (before if is_refused else expected), case
                    before = after


def test_whoever_cancels_an_undoing_that_nobody_began_has_the_import_as_it_was(
    hub_of_jobs: Served, office: httpx.Client, job: str
) -> None:
    for _ in range(2):
        set_status(hub_of_jobs, job, "DONE")
        assert office.post(f"/imports/{job}/undo").json()["status"] == "WAITING"
        for _ in range(2):
            cancelled = office.delete(f"/imports/{job}").json()
            assert (cancelled["status"], cancelled["error"]) == ("DONE", None)
            assert cancelled["finishedAt"] is not None
            assert "姓名" in office.get(cancelled["report"]).content.decode("utf-8-sig")
    set_status(hub_of_jobs, job, "RUNNING", undo=True)
    assert office.delete(f"/imports/{job}").json()["status"] == "RUNNING", "it is undone as a whole"


def test_a_file_goes_on_and_is_completed_only_by_who_has_the_scopes_with_which_it_was_begun(
    hub_of_jobs: Served, tmp_path: Path
) -> None:
    file = write_csv(tmp_path / "户籍.csv", family("A-9", 91_900, 2)).read_bytes()
    without = {"scopes": hub_of_jobs.grant(OFFICE).scopes - {Scope.HOUSEHOLD_WRITE}}
    with (
        client_of(hub_of_jobs, OFFICE) as office,
        client_of(hub_of_jobs, OFFICE, **without) as narrow,
        client_of(hub_of_jobs, OFFICE, client="another", **without) as colleague,
        client_of(hub_of_jobs, OTHER_OFFICE) as stranger,
    ):
        begun = office.post("/imports", params={"kind": "households"}, headers={"upload-complete": "?0"})
        address = str(begun.headers["location"])
        for client, code in (
            (stranger, "NOT_FOUND"),
            (narrow, "REPORT_SCOPES_MISSING"),
            (colleague, "REPORT_SCOPES_MISSING"),
        ):
            for content, more in ((file, "?0"), (file, "?1"), (b"", "?1")):
                headers = {"upload-offset": "0", "upload-complete": more}
                answered = client.patch(address, content=content, headers=headers)
                assert codes(answered) == [code]
            ((status, received),) = hub_of_jobs.rows("select status, received from import_job")
            assert (status, received) == ("RECEIVING", 0)
        assert office.patch(address, content=file, headers={"upload-offset": "0"}).status_code == 200
        assert ended(office, begun.json()["id"])["rows"]["changed"] == 2
    assert sorted(hub_of_jobs.rows(UPLOADED, begun.json()["id"])) == [
        ("another", "REPORT_SCOPES_MISSING", 3),
        (f"test-{OFFICE}", "", 2),
        (f"test-{OFFICE}", "REPORT_SCOPES_MISSING", 3),
        (f"test-{OTHER_OFFICE}", "NOT_FOUND", 3),
    ]
