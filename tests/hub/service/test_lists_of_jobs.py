"""The lists of imports and of exports, page by page, and the jobs that a client may cancel."""

from collections.abc import Callable

import httpx

from tests.fixtures.served import Served
from tests.hub.service.test_uploads import COUNTY, OFFICE, client_of, codes

MORE_COMES = {"upload-complete": "?0"}
NO_QUERY = {"query": "{ viewer { purposes } }"}


def new_import(client: httpx.Client) -> str:
    """The id of an import that still receives its file."""
    begun = client.post("/imports", params={"kind": "households"}, headers=MORE_COMES)
    assert begun.status_code == 201, begun.text
    return str(begun.json()["id"])


def new_export(client: httpx.Client) -> str:
    """The id of an export that has ended."""
    begun = client.post("/exports", json=NO_QUERY)
    assert begun.status_code == 201, begun.text
    job = str(begun.json()["id"])
    client.delete(f"/exports/{job}")
    return job


def listed(client: httpx.Client, noun: str, **page: str) -> list[str]:
    """The ids on a page."""
    answered = client.get(f"/{noun}", params=page)
    assert answered.status_code == 200, answered.text
    return [job["id"] for job in answered.json()[noun]]


def pages(client: httpx.Client, noun: str, first: str) -> list[list[str]]:
    """Every page of this size; each request names the last id of the page before."""
    found: list[list[str]] = []
    page = listed(client, noun, first=first)
    while page:
        found.append(page)
        page = listed(client, noun, first=first, after=page[-1])
        assert len(found) < 10, "the list goes round"
    return found


def check_pages(
    own: httpx.Client, other: httpx.Client, noun: str, begin: Callable[[httpx.Client], str]
) -> None:
    """Five jobs of one client, with two of another between them."""
    mine = [begin(own), begin(own)]
    others = [begin(other)]
    mine += [begin(own), begin(own)]
    others += [begin(other)]
    mine += [begin(own)]
    newest = mine[::-1]
    assert listed(own, noun) == newest
    assert listed(other, noun) == others[::-1]
    for size in (1, 2, 5, 100):
        parts = [newest[start : start + size] for start in range(0, 5, size)]
        assert pages(own, noun, str(size)) == parts, size
    assert listed(own, noun, after=others[1]) == newest[1:]
    assert listed(own, noun, after=others[0]) == newest[3:]
    for first in ("0", "101", "-1", "1.5", "", "x", "١", "0000101", "01000", "9" * 5_000):
        answered = own.get(f"/{noun}", params={"first": first})
        assert (answered.status_code, codes(answered)) == (400, ["INVALID_INPUT"]), first
        assert answered.json()["errors"][0]["message"].startswith("The value of first")
    for after in ("x", "", newest[0][:-1]):
        answered = own.get(f"/{noun}", params={"after": after})
        assert (answered.status_code, codes(answered)) == (400, ["INVALID_INPUT"]), after
        assert answered.json()["errors"][0]["message"].startswith("The value of after")


def test_the_pages_of_imports_hold_each_of_the_agency_once_the_newest_first(hub_of_jobs: Served) -> None:
    with client_of(hub_of_jobs, OFFICE) as own, client_of(hub_of_jobs, COUNTY) as other:
        check_pages(own, other, "imports", new_import)


def test_the_pages_of_exports_hold_each_of_the_client_once_the_newest_first(hub_of_jobs: Served) -> None:
    with client_of(hub_of_jobs, OFFICE) as own, client_of(hub_of_jobs, OFFICE, client="another") as other:
        check_pages(own, other, "exports", new_export)


def test_an_export_is_cancelled_by_its_client_alone(hub_of_jobs: Served) -> None:
    held = (  # by another process, so that this one does not end it
        "update export_job set status = 'RUNNING', attempts = 9, held_until = now() + interval '1 day'"
        " where id = %s returning 1"
    )
    with client_of(hub_of_jobs, OFFICE) as own:
        job = new_export(own)
        hub_of_jobs.rows(held, job)
        for agency in (OFFICE, COUNTY):
            with client_of(hub_of_jobs, agency, client="another") as other:
                answered = other.delete(f"/exports/{job}")
                assert (answered.status_code, codes(answered)) == (404, ["NOT_FOUND"])
        assert own.get(f"/exports/{job}").json()["status"] == "RUNNING"
        for _ in range(2):
            assert own.delete(f"/exports/{job}").json()["status"] == "CANCELLED"
