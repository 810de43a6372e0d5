"""A client that is revoked during its export or import gets nothing more, and nothing more of its file is written."""

from dataclasses import replace
from pathlib import Path

import httpx
import psycopg
import pytest

from auth.clients import NewClient
from hub.foundation.settings import Settings
from hub.imports.imports import IMPORTS
from hub.model.import_runs import ImportKind
from hub.service.exports import worker
from tests.fixtures.served import Served
from tests.hub.imports.office import family, write_csv
from tests.hub.service.test_exports import OFFICE, begun, ended
from tests.hub.service.test_uploads import OFFICE as TOWNSHIP
from tests.hub.service.test_uploads import ended as imported
from tests.schema.registered import registered_client

LONGEST = 30.0
REVOKE = """
create function on_progress() returns trigger security definer language plpgsql as $$ begin
  update oauth_client set revoked_at = now() where client_id = '{client}'; return new;
end $$;
create trigger on_progress after insert on {what} execute function on_progress()
"""


def client_of(hub: Served, agency: str, client: NewClient) -> httpx.Client:
    """A registered client with a token."""
    headers = {"authorization": f"Bearer {hub.token(agency, client=client.client_id)}"}
    return httpx.Client(base_url=hub.url, timeout=LONGEST, headers=headers)


def revoke_after(hub: Served, client: NewClient, what: str) -> None:
    """Revoke a client at the moment when a row is stored."""
    with psycopg.connect(hub.database_url, autocommit=True) as owner:
        owner.execute(REVOKE.format(client=client.client_id, what=what).encode())


@pytest.mark.parametrize(("form", "file"), [("JSONL", "ROWS"), ("CSV", "TABLE")])
def test_an_export_of_a_client_that_is_revoked_between_two_pages_or_parts_ends(
    writable_hub: Served, settings: Settings, monkeypatch: pytest.MonkeyPatch, form: str, file: str
) -> None:
    monkeypatch.setattr(worker, "TURN", 0.0)
    client = registered_client(writable_hub.database_url, settings, OFFICE)
    revoke_after(writable_hub, client, f"sealed_part for each row when (new.file = '{file}')")
    with client_of(writable_hub, OFFICE, client) as office:
        done = ended(office, begun(office, format=form))
    assert (done["status"], done["error"]["code"], done["file"]) == ("REFUSED", "CLIENT_REVOKED", None)
    parts = "select count(*), sum(octet_length(sealed)) from sealed_part where file = %s"
    assert writable_hub.rows(parts, file) == [(1, 0)]


def test_an_import_of_a_client_that_is_revoked_between_two_transactions_ends_and_leaves_its_record(
    writable_hub: Served, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    small = replace(IMPORTS[ImportKind.HOUSEHOLDS], rows_in_batch=2)
    monkeypatch.setitem(IMPORTS, ImportKind.HOUSEHOLDS, small)
    rows = [row for place in range(4) for row in family(f"U-{place}", 90_001 + 10 * place, 2)]
    file = write_csv(tmp_path / "户籍.csv", rows).read_bytes()
    client = registered_client(writable_hub.database_url, settings, TOWNSHIP)
    revoke_after(writable_hub, client, "household for each row when (new.code = 'U-1')")
    with client_of(writable_hub, TOWNSHIP, client) as office:
        job = office.post("/imports", params={"kind": "households"}, content=file).json()["id"]
        done = imported(office, job)
    assert (done["status"], done["error"]["code"]) == ("REFUSED", "CLIENT_REVOKED")
    written = "select code from household where starts_with(code, 'U-') order by code"
    assert writable_hub.rows(written) == [("U-0",), ("U-1",)]
    records = "select outcome, code from access_record where operation_name = 'import households' order by at"
    assert writable_hub.rows(records) == [
        ("ANSWERED", None),
        ("ANSWERED", None),
        ("REFUSED", "CLIENT_REVOKED"),
    ]


def test_what_a_client_imported_before_it_was_revoked_is_undone_for_another_of_its_agency(
    writable_hub: Served, settings: Settings, tmp_path: Path
) -> None:
    file = write_csv(tmp_path / "户籍.csv", family("U-9", 90_900, 2)).read_bytes()
    client, colleague = (registered_client(writable_hub.database_url, settings, TOWNSHIP) for _ in range(2))
    with (
        client_of(writable_hub, TOWNSHIP, client) as revoked,
        client_of(writable_hub, TOWNSHIP, colleague) as office,
    ):
        job = revoked.post("/imports", params={"kind": "households"}, content=file).json()["id"]
        assert imported(revoked, job)["rows"]["changed"] == 2
        revoke = "update oauth_client set revoked_at = now() where client_id = %s returning 1"
        writable_hub.rows(revoke, client.client_id)
        for _ in range(2):
            assert office.post(f"/imports/{job}/undo").status_code == 200
            done = imported(office, job)
            assert (done["status"], done["error"]) == ("UNDONE", None)
    members = "select count(*) from person p join household h on h.id = household_id where h.code = 'U-9' and left_on is null"
    assert writable_hub.rows(members) == [(0,)]
