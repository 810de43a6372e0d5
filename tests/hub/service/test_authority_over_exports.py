"""Who may see, take and cancel an export, however it stands (46-4.2): its client alone, and its file with the scopes with which
it was begun."""

from collections.abc import Iterator, Mapping

import httpx
import pytest

from auth.scopes import Scope
from tests.fixtures.served import Served
from tests.hub.service.test_exports import EDUCATION, OFFICE, begun, ended
from tests.hub.service.test_uploads import client_of, codes

STATUSES = ("WAITING", "RUNNING", "DONE", "REFUSED", "FAILED", "CANCELLED")
NO_FILE_YET = dict.fromkeys(STATUSES, "EXPORT_NOT_FINISHED") | {"DONE": "DONE"}
ADDRESSES: Mapping[str, tuple[str, str]] = {
    "show": ("GET", ""),
    "file": ("GET", "/file"),
    "manifest": ("GET", "/manifest"),
    "cancel": ("DELETE", ""),
}
ANSWERS: Mapping[str, Mapping[str, str]] = {
    "show": {status: status for status in STATUSES},
    "file": NO_FILE_YET,
    "manifest": NO_FILE_YET,
    "cancel": {
        "WAITING": "CANCELLED", "RUNNING": "CANCELLED", "DONE": "DONE", "REFUSED": "REFUSED", "FAILED": "FAILED",
        "CANCELLED": "CANCELLED",
    },
}  # fmt: skip
"""By request and by how the export stands: how it stands afterwards, or the code of the refusal."""
NEEDS_SCOPES = {("file", "DONE"), ("manifest", "DONE")}
"""What shows what was read, or was asked."""
SET = """
update export_job set status = %s, held_until = now() + interval '1 day',
 finished_at = case when %s in ('WAITING', 'RUNNING') then null else now() end where id = %s returning 1
"""
"""How an export stands, while another process is at it, so that none takes it up."""


@pytest.fixture
def office(writable_hub: Served) -> Iterator[httpx.Client]:
    """The office's client."""
    with client_of(writable_hub, OFFICE) as client:
        yield client


def stored_bytes(hub: Served, job: str) -> int:
    """How many bytes of a job's files are there."""
    ((size,),) = hub.rows("select sum(octet_length(sealed)) from sealed_part where job_id = %s", job)
    return int(size)


def test_each_request_for_an_export_is_answered_by_how_it_stands_and_by_who_asks(
    writable_hub: Served, office: httpx.Client
) -> None:
    job = ended(office, begun(office))["id"]
    fewer = writable_hub.grant(OFFICE).scopes - {Scope.PERSON_IDENTITY_READ}
    with (
        client_of(writable_hub, OFFICE, scopes=fewer) as narrow,
        client_of(writable_hub, OFFICE, client="another") as colleague,
        client_of(writable_hub, EDUCATION, client=f"test-{OFFICE}") as stranger,
    ):
        for request, answers in ANSWERS.items():
            method, address = ADDRESSES[request]
            for status, answer in answers.items():
                needs_scopes = (request, status) in NEEDS_SCOPES
                callers = [
                    (stranger, "NOT_FOUND"),
                    (colleague, "NOT_FOUND"),
                    (narrow, "EXPORT_SCOPES_MISSING" if needs_scopes else answer),
                    (office, answer),
                    (office, answer),
                ]
                writable_hub.rows(SET, status, status, job)
                before = status
                for client, expected in callers:
                    answered = client.request(method, f"/exports/{job}{address}")
                    ((after,),) = writable_hub.rows("select status from export_job where id = %s", job)
                    is_refused = answered.status_code != 200
                    case = (request, status, expected, answered.text)
                    assert (codes(answered)[0] if is_refused else after) == expected, case
                    assert after == (before if is_refused else expected), case
                    before = after


def test_an_export_that_is_at_its_end_keeps_its_file_when_it_is_cancelled_and_another_has_none(
    writable_hub: Served, office: httpx.Client
) -> None:
    done = ended(office, begun(office))
    whole, size = office.get(done["file"]).content, stored_bytes(writable_hub, done["id"])
    for _ in range(2):
        assert office.delete(f"/exports/{done['id']}").json() == done
        assert office.get(done["file"]).content == whole
    assert stored_bytes(writable_hub, done["id"]) == size > 0
    writable_hub.rows(SET, "RUNNING", "RUNNING", done["id"])
    cancelled = office.delete(f"/exports/{done['id']}").json()
    assert (cancelled["status"], cancelled["file"]) == ("CANCELLED", None)
    assert cancelled["finishedAt"] is not None
    assert stored_bytes(writable_hub, done["id"]) == 0
    assert office.delete(f"/exports/{done['id']}").json() == cancelled, "again, it is as it was"
