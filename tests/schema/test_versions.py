"""A change names the version that it changes. It is made once, a repetition returns the same result, and it is refused if
another change came first."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from auth.scopes import Scope
from tests.fixtures.served import Served
from tests.schema.desk import (
    OFFICE,
    STREET,
    ArgumentValue,
    Desk,
    answered,
    contents,
    differing,
    errors_in,
    registered,
)
from tests.schema.inputs_that_are_kept import (
    DETAILS,
    SCHOOLS,
    aid,
    correction_of_a_fact,
    end_of_certification,
    fact,
    recorded,
)
from tests.schema.what_follows import uuid_of


def amended(desk: Desk, id: str, version: int, agency: str = SCHOOLS, **changes: Any) -> dict[str, Any]:
    """The payload of an amendment."""
    asked = (
        "mutation ($input: AmendAidInput!) { amendAid(input: $input) {"
        " aidRecord { version history { version } ... on EducationAid { amount } } errors { code path } warnings { code } } }"
    )
    given = {"id": id, "expectedVersion": version, "reason": "金额有误"} | changes
    payload = desk.served.ask(agency, asked, {"input": given}).data["amendAid"]
    assert isinstance(payload, dict)
    return payload


def codes(payload: dict[str, Any]) -> list[str]:
    """The codes of a payload's errors."""
    return [error["code"] for error in errors_in(payload)]


def test_46_4_3_the_same_amendment_of_the_same_version_is_answered_whatever_came_after(desk: Desk) -> None:
    id = recorded(desk)
    first = amended(desk, id, 1, amount="700.00")
    assert (first["errors"], first["aidRecord"]["version"]) == ([], 2)
    assert amended(desk, id, 2, amount="500.00")["aidRecord"]["version"] == 3, (
        "back to what it was: a change of its own"
    )
    assert amended(desk, id, 3, amount="700.00")["aidRecord"]["version"] == 4
    before = contents(desk)
    assert (
        amended(desk, id, 1, amount="700.00")["aidRecord"] == amended(desk, id, 3, amount="700")["aidRecord"]
    )
    for other in (
        {"amount": "701.00"},
        {"reason": "另一理由", "amount": "700.00"},
        {"amount": "700.00", "outcome": "x"},
    ):
        assert codes(amended(desk, id, 1, **other)) == ["STALE_VERSION"], other
    assert codes(amended(desk, id, 1, "education@4101", amount="700.00")) == ["NOT_YOUR_RECORD"]
    assert codes(amended(desk, id, 1, "education@410103", amount="700.00")) == ["NOT_FOUND"]
    assert differing(before, contents(desk)) == {}


def test_46_4_3_an_amendment_that_says_what_stands_writes_no_version(desk: Desk) -> None:
    given = aid(desk, "education")
    id = desk.write(SCHOOLS, "recordAid", given)
    whole = {name: value for name, value in given.items() if name not in {"externalId", "subject"}}
    before = contents(desk)
    for says in (
        {},
        {"amount": given["amount"]},
        {"amount": given["amount"].removesuffix("0")},
        {"detail": given["detail"]},
        whole,
    ):
        payload = amended(desk, id, 1, **says)
        assert (payload["errors"], payload["aidRecord"]["version"]) == ([], 1), says
        assert codes(amended(desk, id, 2, **says)) == ["STALE_VERSION"], "of a version that never was"
    assert codes(amended(desk, id, 1, amount="-1")) == ["INVALID_INPUT"]
    assert differing(before, contents(desk)).keys() == {"write_receipt"}


def test_46_4_3_an_amendment_that_changed_nothing_is_answered_whatever_came_after(desk: Desk) -> None:
    given = aid(desk, "education")
    id = desk.write(SCHOOLS, "recordAid", given)
    assert codes(amended(desk, id, 1, amount=given["amount"])) == []
    assert amended(desk, id, 1, amount="700.00")["aidRecord"]["version"] == 2
    before = contents(desk)
    again = amended(desk, id, 1, amount=given["amount"])
    assert (again["errors"], again["aidRecord"]["version"]) == ([], 2)
    assert codes(amended(desk, id, 1, amount=given["amount"], reason="另")) == ["STALE_VERSION"]
    assert differing(before, contents(desk)) == {}


def test_46_4_3_a_revoked_record_answers_its_amendment_of_before(desk: Desk) -> None:
    id = recorded(desk)
    amended(desk, id, 1, amount="700.00")
    given = {"id": id, "expectedVersion": 2, "because": "MISTAKE", "reason": "错发"}
    desk.write(SCHOOLS, "revokeAid", given)
    before = contents(desk)
    assert codes(answered(desk, SCHOOLS, "revokeAid", given | {"expectedVersion": 1})) == ["STALE_VERSION"]
    assert codes(answered(desk, SCHOOLS, "revokeAid", given | {"reason": "另"})) == ["STALE_VERSION"]
    assert codes(amended(desk, id, 1, amount="700.00")) == []
    assert codes(answered(desk, SCHOOLS, "revokeAid", given)) == []
    assert codes(answered(desk, SCHOOLS, "revokeAid", given | {"expectedVersion": 3})) == [], (
        "it says what stands"
    )
    assert differing(before, contents(desk)).keys() == {"write_receipt"}


def test_the_receipt_of_a_change_names_the_household_and_the_record_that_it_is_of(desk: Desk) -> None:
    id = recorded(desk)
    amended(desk, id, 1, amount="700.00")
    receipts = desk.served.rows(
        "select household_id, record_id from write_receipt where kind = 'CHANGE' and record_id = %s",
        uuid_of(id),
    )
    assert receipts == desk.served.rows(
        "select household_id, id from aid_record where id = %s limit 1", uuid_of(id)
    )


def test_sixteen_connections_send_one_amendment_and_it_is_made_once(desk: Desk) -> None:
    id = recorded(desk)
    with ThreadPoolExecutor(16) as pool:
        payloads = list(pool.map(lambda _: amended(desk, id, 1, amount="700.00"), range(16)))
    assert payloads == [payloads[0]] * 16
    assert (payloads[0]["errors"], payloads[0]["aidRecord"]["history"]) == (
        [],
        [{"version": 1}, {"version": 2}],
    )
    told = desk.served.rows("select count(*) from chain_event where subject_id = %s", uuid_of(id))
    assert told == [(2,)]


def test_what_is_sent_again_answers_its_receipt_and_shows_what_right_and_sight_allow_by_then(
    desk: Desk,
) -> None:
    id = recorded(desk)
    amended(desk, id, 1, amount="700.00")
    given = {"input": {"id": id, "expectedVersion": 1, "reason": "金额有误", "amount": "700.00"}}
    asked = "mutation ($input: AmendAidInput!) { amendAid(input: $input) { errors { code path } } }"
    scopes = desk.served.grant(SCHOOLS).scopes - {Scope.AID_EDUCATION_WRITE} | {Scope.AID_MEDICAL_WRITE}
    again = desk.served.ask(SCHOOLS, asked, given, scopes=scopes).data["amendAid"]
    assert again["errors"] == []
    given["input"]["amount"] = "701.00"
    other = desk.served.ask(SCHOOLS, asked, given, scopes=scopes).data["amendAid"]
    assert other["errors"] == [{"code": "FORBIDDEN_WRITE", "path": ["input", "id"]}]

    given = end_of_certification(desk)
    desk.write(OFFICE, "terminateCertification", given)
    token = desk.served.token(OFFICE, regions=("410103",))

    def sent(**changes: Any) -> Any:
        query = (
            "mutation ($input: TerminateCertificationInput!) { terminateCertification(input: $input)"
            " { certification { id } errors { code } } }"
        )
        answer = desk.served.http.post(
            "/graphql",
            json={"query": query, "variables": {"input": given | changes}},
            headers={"authorization": f"Bearer {token}"},
        ).json()
        return answer["data"]["terminateCertification"]

    assert sent() == {"certification": None, "errors": []}, "out of sight since"
    assert sent(reason="另有原因") == {"certification": None, "errors": [{"code": "NOT_FOUND"}]}


def test_46_2_2_a_household_has_another_version_once_a_member_changed(desk: Desk) -> None:
    given = registered(desk)
    answered(desk, STREET, "upsertHouseholds", {"households": [given]})
    (member,) = given["members"]

    def sent(version: int, phone: str, *more: ArgumentValue) -> Any:
        changed = {
            "code": given["code"],
            "expectedVersion": version,
            "members": [member | {"phone": phone}, *more],
        }
        return answered(desk, STREET, "upsertHouseholds", {"households": [changed]})

    assert codes(sent(1, "13900000001")) == []
    assert codes(sent(1, "13900000002")) == ["STALE_VERSION"]
    assert codes(sent(2, "13900000002")) == []
    before = contents(desk)
    assert codes(sent(1, "13900000001")) == [], "sent again, it does not undo what came after"
    assert differing(before, contents(desk)) == {}


def test_46_2_3_of_a_batch_each_report_is_known_again_by_itself(desk: Desk) -> None:
    agency, given = "health@410105", correction_of_a_fact(desk)
    (right,) = given["reports"]
    first = {name: value for name, value in right.items() if name != "expectedVersion"} | {"note": "高血压"}
    new = fact("CHRONIC_ILLNESS", note="肾病")(desk)["reports"][0]
    batch = {"reports": [right, right, first, new, new, right | {"note": "哮喘"}]}
    payload = answered(desk, agency, "reportCircumstances", batch)
    assert [codes({"errors": report["errors"]}) for report in payload["reports"]] == [
        [],
        [],
        [],
        [],
        [],
        ["STALE_VERSION"],
    ]
    before = contents(desk)
    assert answered(desk, agency, "reportCircumstances", batch) == payload
    assert differing(before, contents(desk)) == {}
    last = {"reports": [right | {"note": "哮喘", "expectedVersion": 2}]}
    assert codes(answered(desk, agency, "reportCircumstances", last)) == []
    before = contents(desk)
    again = answered(desk, agency, "reportCircumstances", batch)
    assert again["reports"][:-1] == payload["reports"][:-1], "corrected since"
    assert codes(again) == ["STALE_VERSION"], "what was refused is looked at anew"
    assert differing(before, contents(desk)) == {}


def test_46_3_3_urgent_aid_is_answered_again_though_its_standard_is_gone(writable_hub: Served) -> None:
    desk = Desk(writable_hub)
    given = aid(desk, "temporary")
    agency, _ = DETAILS["temporary"]
    first = answered(desk, agency, "recordAid", given)
    assert codes(first) == []
    assert writable_hub.rows("delete from poverty_line returning 1")
    assert codes(answered(desk, agency, "recordAid", aid(desk, "temporary"))) == ["STANDARD_UNKNOWN"]
    assert answered(desk, agency, "recordAid", given) == first
