"""Different spellings of a value are the same value: at registration, in a second write, and in a look-up."""

from typing import Any

import pytest

from hub.foundation.calendar import today
from tests.fixtures.served import Served
from tests.schema.desk import OFFICE, STREET, Desk, errors_in, registered
from tests.schema.inputs_that_are_kept import DETAILS, KEPT, aid

EDUCATION = DETAILS["education"][0]
RECORD = (
    "mutation ($i: RecordAidInput!) { recordAid(input: $i) {"
    " created aidRecord { id } errors { code path message messageZh } } }"
)


@pytest.fixture
def desk(writable_hub: Served) -> Desk:
    """A desk of the test's own."""
    return Desk(writable_hub)


def recorded(desk: Desk, given: dict[str, Any]) -> Any:
    """The result of an outcome."""
    return desk.served.ask(EDUCATION, RECORD, {"i": given}).data["recordAid"]


def test_an_external_id_is_one_however_it_is_written(desk: Desk) -> None:
    given = aid(desk, "education", externalId="Wé-1")
    first = recorded(desk, given)
    assert first["created"]
    for written in ("Wé-1 ", "\u3000Wé-1", "We\u0301-1", "Ｗé－１", "\u00a0Wé-1\n"):
        again = recorded(desk, {**given, "externalId": written})
        assert (again["created"], again["aidRecord"]) == (False, first["aidRecord"]), written


def test_spaces_inside_an_external_id_tell_two_ids_apart(desk: Desk) -> None:
    one, two = (aid(desk, "education", externalId=number) for number in ("W 1", "W1"))
    assert recorded(desk, one)["aidRecord"] != recorded(desk, two)["aidRecord"]


def test_an_invisible_character_is_refused_by_name_and_nothing_is_written(desk: Desk) -> None:
    given = aid(desk, "education", externalId="W\u200b-1")
    before = desk.served.everything_written()
    answer = recorded(desk, given)
    (error,) = answer["errors"]
    assert (error["code"], error["path"]) == ("INVALID_INPUT", ["input", "externalId"])
    assert "U+200B ZERO WIDTH SPACE" in error["message"]
    assert "U+200B ZERO WIDTH SPACE" in error["messageZh"]
    assert desk.served.everything_written() == before


def test_in_a_batch_an_invisible_character_holds_up_its_own_item_alone(desk: Desk) -> None:
    good, bad = aid(desk, "education"), aid(desk, "education", program="助\u200b学金")
    payload = desk.send(EDUCATION, "recordAids", {"outcomes": [bad, good]}).data["recordAids"]
    (error,) = errors_in(payload)
    assert error["path"] == ["input", "outcomes", "0", "program"]


def test_an_amount_is_one_however_it_is_written_and_by_whichever_way(desk: Desk) -> None:
    given = aid(desk, "education", amount="1500.00")
    first = recorded(desk, given)
    for written in ("1500", "1500.0", "1500.000", 1500):
        assert recorded(desk, {**given, "amount": written})["aidRecord"] == first["aidRecord"]


def test_a_look_up_takes_the_forms_of_a_key_that_the_registration_does(desk: Desk) -> None:
    given = registered(desk, code="Ｈ　77")
    for code in ("Ｈ　77", "H77", " h77".upper()):
        payload = desk.send(STREET, "upsertHouseholds", {"households": [{**given, "code": code}]})
        (outcome,) = payload.data["upsertHouseholds"]["outcomes"]
        assert outcome["errors"] == [], code
    assert desk.served.rows("select code from household where code like '%%77' and code like 'H%%'") == [
        ("H77",)
    ]
    for code in ("H77", " H77", "Ｈ77", "H 77\u3000"):
        found = desk.served.ask(OFFICE, "query ($c: String!) { household(code: $c) { code } }", {"c": code})
        listed = desk.served.ask(
            OFFICE,
            "query ($c: [String!]) { households(filter: {code: $c}) { nodes { code } } }",
            {"c": [code]},
        )
        assert found.data == {"household": {"code": "H77"}}
        assert listed.data == {"households": {"nodes": [{"code": "H77"}]}}


def test_a_month_that_the_hub_answers_is_taken_wherever_a_month_is_asked(desk: Desk) -> None:
    month = f"{today():%Y-%m}"
    first_of_it = f"{month}-01"
    for written in (month, first_of_it):
        for mutation, agency, make in KEPT:
            given = make(desk)
            if "month" in given:
                payload = desk.send(agency, mutation, given | {"month": written}).data[mutation]
                assert errors_in(payload) == [], (mutation, written)
    asked = """query ($text: String, $day: Date) { coverage(region: "410105", month: $text) { month }
               shares(first: 5, filter: {month: $day}) { nodes { month } }
               disclosures(first: 5, filter: {month: $day}) { nodes { month } } }"""
    for written in (month, first_of_it):
        told = desk.served.ask(OFFICE, asked, {"text": written, "day": first_of_it}).data
        assert told["disclosures"]["nodes"]
        assert {node["month"] for name in ("shares", "disclosures") for node in told[name]["nodes"]} <= {
            first_of_it
        }
        assert told["coverage"] in (None, {"month": first_of_it})
    for name in ("shares", "disclosures"):
        asked = f"query ($day: Date) {{ {name}(first: 5, filter: {{month: $day}}) {{ totalCount }} }}"
        (error,) = desk.served.ask(OFFICE, asked, {"day": f"{month}-15"}).body["errors"]
        assert (error["extensions"]["code"], error["extensions"]["path"]) == (
            "INVALID_INPUT",
            ["filter", "month"],
        )


def test_a_person_is_found_by_a_number_in_any_form_in_which_it_is_registered(desk: Desk) -> None:
    first17 = "41010519491231008"
    desk.send(
        STREET,
        "upsertHouseholds",
        {
            "households": [
                registered(
                    desk,
                    members=[
                        {"idNumber": " ４１０１０５ 19491231 008x ", "name": "王五", "relation": "HEAD"}
                    ],
                )
            ]
        },
    )
    for number in (
        f"{first17}X",
        f"{first17}x",
        f" {first17}Ｘ",
        "410105 19491231 008X",
        "４１０１０５19491231008ｘ",
    ):
        found = desk.served.ask(
            OFFICE, "query ($n: String!) { person(idNumber: $n) { name } }", {"n": number}
        )
        assert found.data == {"person": {"name": "王五"}}, number
        given = aid(desk, "education", subject={"idNumber": number})
        assert recorded(desk, given)["errors"] == []


def test_what_does_not_exist_is_told_and_what_is_out_of_sight_is_not(desk: Desk) -> None:
    asked = "query ($r: String) { households(filter: {region: $r}) { totalCount } }"
    nowhere = desk.served.ask("education@410105", asked, {"r": "410199"})
    (error,) = nowhere.body["errors"]
    assert (error["extensions"]["code"], error["extensions"]["path"]) == (
        "INVALID_INPUT",
        ["filter", "region"],
    )
    elsewhere = desk.served.ask("education@410105", asked, {"r": "410103"})
    assert elsewhere.data == {"households": {"totalCount": 0}}
    loaded = "insert into region (code, name, level, parent) values ('410199', '新区', 'COUNTY', '4101')"
    desk.served.rows(f"with added as ({loaded} returning code) select code from added")
    assert desk.served.ask("education@410105", asked, {"r": "410199"}).data == {
        "households": {"totalCount": 0}
    }


@pytest.mark.parametrize("number", ["123", "410105194912310081", "41010519491231008x0", "无"])
def test_a_number_that_can_be_nobody_s_is_refused_where_it_is_looked_up(desk: Desk, number: str) -> None:
    found = desk.served.ask(OFFICE, "query ($n: String!) { person(idNumber: $n) { name } }", {"n": number})
    (error,) = found.body["errors"]
    assert (error["extensions"]["code"], error["extensions"]["path"]) == (
        "INVALID_IDENTITY_NUMBER",
        ["idNumber"],
    )
    (refused,) = recorded(desk, aid(desk, "education", subject={"idNumber": number}))["errors"]
    assert (refused["code"], refused["path"][-2:]) == ("INVALID_IDENTITY_NUMBER", ["subject", "idNumber"])
