"""Over HTTP, an upload is previewed, imported as confirmed, and undone: the same as `hub import --dry-run` and `undo`."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.fixtures.served import Served
from tests.hub.imports.office import family, member, write_csv
from tests.hub.service.test_uploads import OFFICE, OTHER_OFFICE, client_of, codes, ended


@pytest.fixture
def office(writable_hub: Served) -> Iterator[httpx.Client]:
    """The office's client."""
    with client_of(writable_hub, OFFICE) as client:
        yield client


@pytest.fixture
def file(tmp_path: Path) -> bytes:
    """A family of three, and a row without a name."""
    rows = [*family("U-1", 90_001, 3), member("U-2", 90_010, 姓名="")]
    return write_csv(tmp_path / "户籍.csv", rows).read_bytes()


def previewed(office: httpx.Client, job: str) -> dict[str, Any]:
    """The job, when its preview exists."""
    with office.stream("GET", f"/imports/{job}", headers={"accept": "text/event-stream"}) as watched:
        *_, last = (json.loads(line[6:]) for line in watched.iter_lines() if line.startswith("data: "))
    assert last["status"] == "PREVIEWED", last
    return dict(last)


def test_an_upload_is_previewed_and_imported_only_as_it_was_confirmed(
    writable_hub: Served, office: httpx.Client, tmp_path: Path
) -> None:
    rows = family("U-9", 90_500, 2, 地址="经三路 1 号")
    first = office.post(
        "/imports", params={"kind": "households"}, content=write_csv(tmp_path / "a.csv", rows).read_bytes()
    )
    ended(office, first.json()["id"])
    for row in rows:
        row["地址"] = "经三路 2 号"
    rows.append(member("U-8", 90_510, 姓名=""))
    file = write_csv(tmp_path / "b.csv", rows).read_bytes()
    params = {"kind": "households", "preview": "true", "externalId": "P-1"}
    job = office.post("/imports", params=params, content=file).json()["id"]
    seen = previewed(office, job)
    assert (seen["rows"]["changed"], seen["rows"]["refused"], seen["finishedAt"]) == (1, 1, None)
    assert writable_hub.rows("select address from household where code = 'U-9'") == [("经三路 1 号",)]
    changes = office.get(seen["preview"]["changes"]).content.decode("utf-8-sig").splitlines()
    assert changes[1:] == ["2,地址,经三路 1 号,经三路 2 号,变更 changed"]
    assert "姓名" in office.get(seen["report"]).content.decode("utf-8-sig")
    assert office.post("/imports", params=params, content=file).json()["id"] == job
    as_it_is = office.post("/imports", params=params | {"preview": "false"}, content=file)
    assert (as_it_is.status_code, codes(as_it_is)) == (409, ["UPLOAD_CONFLICT"])

    refused = office.post(f"/imports/{job}/confirm", params={"hash": "0" * 64})
    assert (refused.status_code, codes(refused)) == (409, ["PREVIEW_OUTDATED"])
    writable_hub.rows("update household set address = '别处' where code = 'U-9' returning 1")
    confirmed = {"hash": seen["preview"]["hash"]}
    assert office.post(f"/imports/{job}/confirm", params=confirmed).status_code == 200
    again = previewed(office, job)
    assert again["error"]["code"] == "PREVIEW_OUTDATED"
    assert again["preview"]["hash"] != seen["preview"]["hash"]
    assert writable_hub.rows("select address from household where code = 'U-9'") == [("别处",)]
    assert "2,地址,别处,经三路 2 号" in office.get(again["preview"]["changes"]).content.decode("utf-8-sig")

    confirmed = {"hash": again["preview"]["hash"]}
    for _ in range(2):
        assert office.post(f"/imports/{job}/confirm", params=confirmed).status_code == 200
    done = ended(office, job)
    assert (done["status"], done["rows"]["changed"], done["rows"]["refused"], done["error"]) == (
        "DONE",
        1,
        1,
        None,
    )
    assert writable_hub.rows("select address from household where code = 'U-9'") == [("经三路 2 号",)]
    assert office.post(f"/imports/{job}/confirm", params=confirmed).status_code == 200
    late = office.post(f"/imports/{first.json()['id']}/confirm", params=confirmed)
    assert (late.status_code, codes(late)) == (409, ["NO_PREVIEW"])


def test_a_confirmed_import_whose_process_dies_goes_on_without_being_compared_again(
    writable_hub: Served, office: httpx.Client, file: bytes
) -> None:
    job = office.post("/imports", params={"kind": "households", "preview": "true"}, content=file).json()["id"]
    seen = previewed(office, job)
    died = (
        "update import_job set status = 'RUNNING', preview = false, attempts = 1, held_until = now() - interval '1 second'"
        " where id = %s returning 1"
    )
    landed = office.post("/imports", params={"kind": "households"}, content=file).json()["id"]
    ended(office, landed)
    writable_hub.rows(died, job)  # its rows were compared and partly written, then its process was killed
    office.post(f"/imports/{job}/confirm", params={"hash": seen["preview"]["hash"]})
    assert ended(office, job)["status"] == "DONE"


def test_an_import_is_undone_over_http_unless_others_built_on_it(
    writable_hub: Served, office: httpx.Client, file: bytes
) -> None:
    job = office.post("/imports", params={"kind": "households"}, content=file).json()["id"]
    ended(office, job)
    changed = file.replace(b"812.50", b"700.00")
    later = office.post("/imports", params={"kind": "households"}, content=changed).json()["id"]
    ended(office, later)
    assert office.post(f"/imports/{job}/undo").status_code == 200
    done = ended(office, job)
    assert (done["status"], done["error"]["code"]) == ("DONE", "IMPORT_HAS_LATER_CHANGES")
    assert "1 households" in done["error"]["message"]
    there = "select count(*) from person p join household h on h.id = household_id where code = 'U-1' and left_on is null"
    for undone, persons in ((later, 3), (job, 0)):
        for _ in range(2):
            assert office.post(f"/imports/{undone}/undo").status_code == 200
            assert ended(office, undone)["status"] == "UNDONE"
        assert writable_hub.rows(there) == [(persons,)]
    with client_of(writable_hub, OTHER_OFFICE) as other:
        assert other.post(f"/imports/{job}/undo").status_code == 404
    never = office.post("/imports", params={"kind": "households"}, headers={"upload-complete": "?0"}).json()[
        "id"
    ]
    refused = office.post(f"/imports/{never}/undo")
    assert (refused.status_code, codes(refused)) == (409, ["NOTHING_TO_UNDO"])
