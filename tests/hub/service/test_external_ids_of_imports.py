"""An externalId identifies one upload of an agency: the same upload again is the same job, and any other upload with it is
refused."""

from datetime import timedelta

from tests.fixtures.served import Served
from tests.hub.service.test_uploads import client_of, codes

MONTH, BEFORE = "2026-11", "2026-10"
MORE_COMES = {"upload-complete": "?0"}
AGENCY, OTHER_AGENCY = "agriculture@410105", "agriculture@410102"
FIRST = {"kind": "monitored", "fileName": "名单.csv", "month": MONTH, "externalId": "2026-11/1"}
HASH = "cd" * 32


def test_an_external_id_is_taken_for_another_client_kind_month_name_or_preview(hub_of_jobs: Served) -> None:
    without_month = {name: value for name, value in FIRST.items() if name != "month"}
    with (
        client_of(hub_of_jobs, AGENCY) as client,
        client_of(hub_of_jobs, AGENCY, client="another") as colleague,
    ):

        def answer(draft: dict[str, str], *, by_colleague: bool = False) -> str:
            sender = colleague if by_colleague else client
            answered = sender.post("/imports", params=draft, headers=MORE_COMES)
            is_taken = answered.status_code in {200, 201}
            return f"{answered.status_code} {answered.json()['id'] if is_taken else codes(answered)[0]}"

        job = answer(FIRST).removeprefix("201 ")
        same, taken = f"200 {job}", "409 UPLOAD_CONFLICT"
        cases = (
            (FIRST, same),
            (FIRST | {"preview": "false"}, same),
            (FIRST | {"kind": "MONITORED"}, same),
            (FIRST | {"kind": "aid"} | {"month": MONTH}, "403 NO_MONTHLY_LIST"),
            (without_month | {"kind": "aid"}, taken),
            (FIRST | {"month": BEFORE}, taken),
            (without_month, taken),
            (FIRST | {"fileName": "名单2.csv"}, taken),
            (FIRST | {"preview": "true"}, taken),
        )
        for draft, expected in cases:
            assert answer(draft) == expected, draft
        assert answer(FIRST, by_colleague=True) == taken
        assert hub_of_jobs.rows("select count(*) from import_job") == [(1,)]
        assert hub_of_jobs.rows("select id::text, client_id from import_job") == [(job, f"test-{AGENCY}")]
        assert answer(FIRST | {"externalId": "2026-11/2"}, by_colleague=True).startswith("201 ")
    with client_of(hub_of_jobs, OTHER_AGENCY) as other:
        assert other.post("/imports", params=FIRST, headers=MORE_COMES).status_code == 201, (
            "of another agency"
        )


def test_a_preview_is_the_same_upload_before_and_after_it_is_confirmed(hub_of_jobs: Served) -> None:
    draft = FIRST | {"preview": "true"}
    confirmed = (
        "update import_job set status = 'WAITING', preview = false, preview_hash = %s, confirms = %s,"
        " held_until = now() + %s where id = %s returning 1"
    )
    with client_of(hub_of_jobs, AGENCY) as client:
        job = client.post("/imports", params=draft, headers=MORE_COMES).json()["id"]
        for _ in range(2):
            again = client.post("/imports", params=draft, headers=MORE_COMES)
            assert (again.status_code, again.json()["id"]) == (200, job)
            as_it_is = client.post("/imports", params=FIRST, headers=MORE_COMES)
            assert (as_it_is.status_code, codes(as_it_is)) == (409, ["UPLOAD_CONFLICT"])
            hub_of_jobs.rows(confirmed, HASH, HASH, timedelta(days=1), job)
