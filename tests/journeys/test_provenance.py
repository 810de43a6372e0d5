"""46-2.2: for every shared field, the hub shows which agency wrote it, when, by which way, and what it replaced; for every
event, what it changed."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import anyio
import psycopg

from hub.foundation.calendar import today
from hub.foundation.database import Database
from hub.foundation.encryption import Secrecy
from hub.foundation.settings import Settings
from hub.imports.command import operator_grant
from hub.imports.imports import run_import
from hub.model.import_runs import ImportKind
from hub.persons.identity_number import check_digit
from hub.policy.permissions.field_scopes import OF_HOUSEHOLD, OF_PERSON
from schema.hub_schema import build
from tests.fixtures.served import Served
from tests.journeys.conftest import Somebody
from tests.journeys.outcomes import AMEND_AID, CERTIFY, RECORD_AID, TERMINATE, certification, grant_of_a_pupil
from tests.journeys.test_alerts import COUNTY, TOWNSHIP, done
from tests.policy import FIELDS_OF_HOUSEHOLD, FIELDS_OF_PERSON

UPSERT = """mutation ($input: UpsertHouseholdsInput!) { upsertHouseholds(input: $input) {
  outcomes { changed household { id code version incomePerCapita address members { id name phone employment } }
    errors { code message messageZh path } warnings { code } } errors { code message messageZh path } } }"""
SAYS = "field agency { code } origin importKind importFile replaced event { type }"
ORIGINS = f"""query ($code: String!) {{ household(code: $code) {{ provenance {{ {SAYS} }}
  members {{ name provenance {{ {SAYS} }} }} certifications {{ category provenance {{ {SAYS} }} }}
  circumstances {{ kind provenance {{ {SAYS} }} }}
  aidRecords(first: 40) {{ nodes {{ id kind provenance {{ {SAYS} }} }} }} }} }}"""
CHANGES = """query ($code: String!, $last: Int!) { household(code: $code) { chain { verified { whole }
  events(last: $last) { nodes { type changes { field before after } } } } } }"""
CODE = "P-000000001"


def number(first17: str) -> str:
    """An identity number."""
    return first17 + check_digit(first17)


HEAD, CHILD = number("41010519790203001"), number("41010520150607002")


def family(**changes: Any) -> dict[str, Any]:
    """A household of 经八路街道 as its office states it."""
    return {
        "code": CODE,
        "region": "410105001",
        "residence": "URBAN",
        "address": "经八路3号",
        "incomePerCapita": "650.00",
        "members": [
            {
                "idNumber": HEAD,
                "name": "王五",
                "relation": "HEAD",
                "phone": "13800001111",
                "employment": "EMPLOYED",
            },
            {"idNumber": CHILD, "name": "王小五", "relation": "CHILD", "school": "文化路小学"},
        ],
    } | changes


def upserted(served: Served, *households: dict[str, Any], agency: str = TOWNSHIP) -> list[dict[str, Any]]:
    """The outcomes of a request."""
    payload = served.ask(agency, UPSERT, {"input": {"households": list(households)}}).data["upsertHouseholds"]
    assert payload["errors"] == []
    outcomes: list[dict[str, Any]] = payload["outcomes"]
    return outcomes


def origins(served: Served, agency: str, code: str = CODE, but: str = "") -> Any:
    """The sources of everything of a household, as an agency may read them. The query uses all scopes of the agency."""
    scopes = served.grant(agency).scopes - set(but.split())
    return served.ask(agency, ORIGINS, {"code": code}, scopes=scopes).body["data"]["household"]


def fields(provenance: list[dict[str, Any]]) -> dict[str, tuple[Any, ...]]:
    """Agency, origin and replaced value, by field."""
    return {
        one["field"]: (one["agency"]["code"], one["origin"], one["event"]["type"], one["replaced"])
        for one in provenance
    }


def changes(served: Served, last: int, agency: str = COUNTY, code: str = CODE, but: str = "") -> Any:
    """The changes of each of the last events."""
    scopes = served.grant(agency).scopes - set(but.split())
    chain = served.ask(agency, CHANGES, {"code": code, "last": last}, scopes=scopes).data["household"][
        "chain"
    ]
    assert chain["verified"]["whole"]
    return [
        (event["type"], {change["field"]: (change["before"], change["after"]) for change in event["changes"]})
        for event in chain["events"]["nodes"]
    ]


def test_46_2_2_a_household_is_registered_updated_and_says_where_each_field_comes_from(
    writable_hub: Served, settings: Settings, secrecy: Secrecy, tmp_path: Path
) -> None:
    (first,) = upserted(writable_hub, family())
    assert (first["changed"], first["errors"], first["household"]["code"]) == (True, [], CODE)
    before = writable_hub.everything_written()
    (again,) = upserted(writable_hub, family())
    assert again == first | {"changed": False}
    assert writable_hub.everything_written() == before
    registered = (TOWNSHIP, "REQUEST", "HOUSEHOLD_REGISTERED", None)
    found = origins(writable_hub, COUNTY)
    assert fields(found["provenance"]) == dict.fromkeys(FIELDS_OF_HOUSEHOLD, registered)
    head = next(member for member in found["members"] if member["name"] == "王五")
    assert fields(head["provenance"]) == dict.fromkeys(FIELDS_OF_PERSON, registered)

    file = tmp_path / "更新.csv"
    file.write_text(
        "户编号,姓名,身份证号,与户主关系,家庭人均月收入,联系电话,就业状况\n"
        f"{CODE},王五,{HEAD},户主,480,13900002222,失业\n",
        "utf-8",
    )

    async def take_in() -> None:
        database = Database(writable_hub.database_url, settings)
        grant = await operator_grant(database, COUNTY)
        report = await run_import(
            database, secrecy, ImportKind.HOUSEHOLDS, file, grant, lambda *_: None, tmp_path / "r.csv"
        )
        assert report.refused == []
        await database.close()

    anyio.run(take_in)
    found = origins(writable_hub, COUNTY)
    updated = (COUNTY, "IMPORT", "HOUSEHOLD_UPDATED")
    told = fields(found["provenance"])
    assert told.pop("incomePerCapita") == (*updated, "650.00")
    assert told == dict.fromkeys(FIELDS_OF_HOUSEHOLD - {"incomePerCapita"}, registered)
    head = next(member for member in found["members"] if member["name"] == "王五")
    told = fields(head["provenance"])
    assert told["phone"] == (*updated, "13*******11"), "what is sealed is masked"
    assert told["employment"] == (*updated, "EMPLOYED")
    assert told["name"] == registered
    income = next(one for one in found["provenance"] if one["field"] == "incomePerCapita")
    assert (income["importKind"], income["importFile"]) == ("HOUSEHOLDS", None)
    (auditors,) = [
        one for one in origins(writable_hub, "audit@4101")["provenance"] if one["field"] == "incomePerCapita"
    ]
    assert auditors["importFile"] == "更新.csv"
    assert changes(writable_hub, 3) == [
        ("HOUSEHOLD_REGISTERED", {}),
        ("HOUSEHOLD_UPDATED", {"incomePerCapita": ("650.00", "480.00")}),
        (
            "HOUSEHOLD_UPDATED",
            {"phone": ("13*******11", "13*******22"), "employment": ("EMPLOYED", "UNEMPLOYED")},
        ),
    ]
    with psycopg.connect(writable_hub.database_url) as connection:
        kept = connection.execute("select string_agg(before || after, '') from field_change").fetchall()
    assert "13800001111" not in str(kept)
    assert "13900002222" not in str(kept)


def test_46_4_2_who_may_not_read_a_field_learns_neither_its_origin_nor_what_it_was(
    writable_hub: Served,
) -> None:
    upserted(writable_hub, family())
    members = [
        {"idNumber": HEAD, "name": "王五", "relation": "HEAD", "phone": None, "employment": "UNEMPLOYED"}
    ]
    (changed,) = upserted(
        writable_hub, {"code": CODE, "address": "别处", "incomePerCapita": "1.00", "members": members}
    )
    assert changed["household"]["members"][0]["phone"] is None
    closed = {
        "household.finance:read": {"incomePerCapita", "account"},
        "household.address:read": {"address"},
        "person.contact:read": {"phone"},
        "person.employment:read": {"employment", "labour"},
        "person.identity:read": {"idNumber"},
    }
    whole = {"address", "incomePerCapita", "phone", "employment"}
    assert {name for _, one in changes(writable_hub, 2) for name in one} == whole
    for scope, names in closed.items():
        found = origins(writable_hub, COUNTY, but=scope)
        told = {one["field"] for one in found["provenance"]} | {
            one["field"] for member in found["members"] for one in member["provenance"]
        }
        assert told == {*FIELDS_OF_HOUSEHOLD, *FIELDS_OF_PERSON} - names
        assert {name for _, one in changes(writable_hub, 2, but=scope) for name in one} == whole - names
    assert origins(writable_hub, "civil_affairs@410103") is None


def test_46_4_3_aid_and_certifications_say_what_was_corrected_and_what_it_replaced(
    writable_hub: Served, of_jinshui: list[Somebody]
) -> None:
    somebody, schools = of_jinshui[0], "education@410105"
    aid = done(writable_hub, schools, RECORD_AID, grant_of_a_pupil({"personId": somebody.person_id}))
    amended = {"id": aid["id"], "expectedVersion": 1, "reason": "金额有误", "amount": "1300.00"}
    done(writable_hub, schools, AMEND_AID, amended)
    certified = done(writable_hub, COUNTY, CERTIFY, certification({"householdId": somebody.household_id}))
    done(writable_hub, COUNTY, TERMINATE, {"id": certified["id"], "expectedVersion": 1, "because": "MISTAKE"})
    code = somebody.household_code
    events = dict(changes(writable_hub, 3, schools, code))
    assert events["AID_AMENDED"] == {"amount": ("1250.00", "1300.00")}
    assert events["CERTIFIED"] == {}
    assert dict(changes(writable_hub, 3, schools, code, but="aid.education:read"))["AID_AMENDED"] == {}
    ended = dict(changes(writable_hub, 3, COUNTY, code))["CERTIFICATION_ENDED"]
    assert ended["endedBecause"] == (None, "MISTAKE")
    found = origins(writable_hub, schools, code)
    one = next(record for record in found["aidRecords"]["nodes"] if record["id"] == aid["id"])
    told = fields(one["provenance"])
    assert told["amount"] == (schools, "REQUEST", "AID_AMENDED", "1250.00")
    assert told["program"] == (schools, "REQUEST", "AID_RECORDED", None)
    found = origins(writable_hub, schools, code, but="aid.education:read")
    one = next(record for record in found["aidRecords"]["nodes"] if record["id"] == aid["id"])
    assert "amount" not in fields(one["provenance"])
    of_county = origins(writable_hub, COUNTY, code)["certifications"]
    (mistaken,) = [one for one in of_county if one["category"] == "OTHER_HARDSHIP"]
    told = fields(mistaken["provenance"])
    assert told["category"] == (COUNTY, "REQUEST", "CERTIFIED", None)
    assert told["endedBecause"] == (COUNTY, "REQUEST", "CERTIFICATION_ENDED", None)


def test_46_4_3_every_field_of_a_certification_says_who_certified_it(
    writable_hub: Served, of_jinshui: list[Somebody]
) -> None:
    somebody, last = of_jinshui[1], str(today() + timedelta(days=200))
    whole = certification({"personId": somebody.person_id}, externalId="C-77", validUntil=last)
    certified = writable_hub.ask(COUNTY, CERTIFY, {"input": whole}).data["certify"]
    assert certified["errors"] == []
    of_county = origins(writable_hub, COUNTY, somebody.household_code)["certifications"]
    (made,) = [one for one in of_county if one["category"] == "OTHER_HARDSHIP"]
    stated = {"category", "subtype", "support", "certifiedAmount", "validFrom", "validUntil"}
    assert fields(made["provenance"]) == dict.fromkeys(stated, (COUNTY, "REQUEST", "CERTIFIED", None))


def test_46_2_2_each_household_and_member_is_refused_by_itself_in_both_languages(
    writable_hub: Served, of_erqi: list[Somebody]
) -> None:
    upserted(writable_hub, family())
    before = writable_hub.everything_written()
    wrong = [{"idNumber": "410105197902030000", "name": "甲", "relation": "HEAD"}]
    away = [{"idNumber": number("41010319790203003"), "name": "乙", "relation": "HEAD"}]
    child = [{"idNumber": CHILD, "name": "王小五", "relation": "CHILD"}]
    refused = {
        ("INVALID_IDENTITY_NUMBER", "0", "members", "0", "idNumber"): {
            "code": "N-1",
            "region": "410105001",
            "members": wrong,
        },
        ("FOREIGN_HOUSEHOLD", "1", "code"): {"code": of_erqi[0].household_code, "members": away},
        ("STALE_VERSION", "2", "expectedVersion"): family(expectedVersion=7),
        ("DUPLICATE_HOUSEHOLD", "3", "code"): {"code": CODE, "members": child},
        ("HEAD_REQUIRED", "4", "members", "0", "relation"): {
            "code": "N-2",
            "address": "某处",
            "members": child,
        },
        ("REGION_OUTSIDE_JURISDICTION", "5", "region"): {
            "code": "N-3",
            "region": "410103001",
            "members": away,
        },
    }
    outcomes = upserted(writable_hub, *refused.values())
    for (code, *path), outcome in zip(refused, outcomes, strict=True):
        assert outcome["household"] is None or code == "DUPLICATE_HOUSEHOLD", code
        assert not outcome["changed"]
        errors = [one for one in outcome["errors"] if one["code"] == code]
        assert errors
        assert errors[0]["path"] == ["input", "households", *path]
        assert errors[0]["message"] != errors[0]["messageZh"]
    assert writable_hub.everything_written() == before
    assert writable_hub.ask("education@410105", UPSERT, {"input": {"households": []}}).codes == [
        "FORBIDDEN_FIELD"
    ]
    many = {"households": [{"code": str(place), "members": []} for place in range(501)]}
    (error,) = writable_hub.ask(TOWNSHIP, UPSERT, {"input": many}).data["upsertHouseholds"]["errors"]
    assert (error["code"], error["path"]) == ("TOO_MANY_HOUSEHOLDS", ["input", "households"])


def test_what_opens_the_origin_of_a_field_opens_the_field_itself() -> None:
    assert set(OF_HOUSEHOLD) == set(FIELDS_OF_HOUSEHOLD)
    assert set(OF_PERSON) == set(FIELDS_OF_PERSON)
    for kind, named in (("Household", OF_HOUSEHOLD), ("Person", OF_PERSON)):
        for name, scopes in named.items():
            needed = build().guards.scopes[f"{kind}.{name}"]
            assert not needed or any(one <= scopes for one in needed), name
