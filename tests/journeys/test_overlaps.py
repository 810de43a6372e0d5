"""Overlap before it happens (46-2.1): the caller is warned or refused before a record is saved that excludes, tops up or
exceeds others. Civil affairs decides, and neither agency learns what the other gave (46-4.2)."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import anyio
import psycopg
import pytest

from auth.departments import DEPARTMENTS
from auth.scopes import Scope
from hub.evaluation.monitoring.run import run_monitoring
from hub.foundation.calendar import today
from hub.foundation.database import Database
from hub.foundation.settings import Settings
from hub.sample.planted import Planted, planted_codes
from tests.fixtures.served import Served
from tests.journeys.conftest import Somebody
from tests.journeys.outcomes import REVOKE_AID
from tests.journeys.overlaps import (
    AMEND,
    BARE_CASES,
    CASES,
    DECIDE,
    MEDIATE,
    RECORD,
    RECORDS,
    housing,
    living,
    next_year,
    outcome,
    paid_first,
    schooling,
)

CITY, HERE, THERE = "civil_affairs@4101", "civil_affairs@410105", "civil_affairs@410184"
MEMBERS = "query ($code: String!) { household(code: $code) { id code members { id name } } }"
CHAIN = """query ($code: String!) { household(code: $code) { chain { verified { whole }
  events(last: 2) { nodes { type agency { code } policyBasis summaryZh overlapCase { id } } } } } }"""


@pytest.fixture
def twice(writable_hub: Served) -> tuple[dict[str, str], dict[str, str], tuple[str, str]]:
    """An old mother who is registered in 金水区 and in 新郑市: her subject in each, and the codes of the two households."""
    codes = planted_codes()[Planted.PERSON_IN_TWO_HOUSEHOLDS]
    found = [writable_hub.ask(CITY, MEMBERS, {"code": code}).data["household"]["members"] for code in codes]
    here, there = (
        next(member["id"] for member in members if member["name"] == "王秀兰") for members in found
    )
    return {"personId": here}, {"personId": there}, (codes[0], codes[1])


def write(
    served: Served, agency: str, mutation: str, given: Any, scopes: frozenset[Scope] | None = None
) -> Any:
    """The payload of a mutation."""
    reply = served.ask(agency, mutation, {"input": given}, scopes=scopes)
    (payload,) = reply.body["data"].values()
    return payload


def cases(served: Served, agency: str, query: str = CASES) -> Any:
    """The cases that an agency sees."""
    return served.ask(agency, query).body["data"]["overlapCases"]["nodes"]


def monitor(served: Served, settings: Settings) -> None:
    """One run of monitoring."""

    async def run() -> None:
        database = Database(served.database_url, settings)
        await run_monitoring(database, today())
        await database.close()

    anyio.run(run)


def test_46_3_1_what_another_district_gave_excludes_and_civil_affairs_settles_it_without_telling(
    writable_hub: Served, twice: Any
) -> None:
    here, there, (code_here, code_there) = twice
    first = outcome(here, living("SUBSISTENCE_ALLOWANCE"), program="城市低保金")
    assert write(writable_hub, HERE, RECORD, first)["errors"] == []
    refused = outcome(there, living("EXTREME_HARDSHIP_SUPPORT"), externalId="MEETS-2", program="特困供养金")
    before = writable_hub.everything_written()
    answer = write(writable_hub, THERE, RECORD, refused)
    (error,) = answer["errors"]
    assert (error["code"], error["path"], answer["aidRecord"]) == (
        "EXCLUSIVE_AID",
        ["input", "detail", "basicLiving", "form"],
        None,
    )
    assert "extreme hardship support" in error["message"]
    assert "给予相应的低保、特困人员救助供养等基本生活救助" in error["messageZh"]
    overlap = error["overlap"]
    assert (overlap["rule"], overlap["bearing"], overlap["clause"]) == (
        "ALLOWANCE_OR_SUPPORT",
        "EXCLUSIVE",
        "46-3.1",
    )
    assert (overlap["aidRecordId"], overlap["caseId"]) == (None, None)
    assert writable_hub.everything_written() == before
    asked = {"outcome": refused, "said": "本县已按特困认定,请核实"}
    mediated = write(writable_hub, THERE, MEDIATE, asked)
    assert mediated["errors"] == []
    case = mediated["overlapCase"]
    told = {name: case[name] for name in ("yourSide", "rule", "toAgency", "externalId", "status")}
    assert told == {
        "yourSide": "SECOND",
        "rule": "ALLOWANCE_OR_SUPPORT",
        "toAgency": THERE,
        "externalId": "MEETS-2",
        "status": "OPEN",
    }
    again = writable_hub.everything_written()
    assert write(writable_hub, THERE, MEDIATE, asked)["overlapCase"] == case
    assert writable_hub.everything_written() == again

    (of_here,) = cases(writable_hub, HERE)
    assert (of_here["id"], of_here["yourSide"], of_here["said"]) == (case["id"], "FIRST", asked["said"])
    assert [
        of_here[name] for name in ("rule", "toAgency", "second", "secondAgency", "household", "person")
    ] == [None] * 6
    for answered, secrets in (
        ([answer, mediated, cases(writable_hub, THERE)], ("410105", "1234.56", "城市低保金", code_here)),
        ([of_here], ("410184", "1234.56", "特困供养金", code_there, "MEETS-2")),
    ):
        for secret in secrets:
            assert secret not in str(answered)
    (of_city,) = cases(writable_hub, CITY)
    assert (of_city["firstAgency"], of_city["secondAgency"]) == (HERE, THERE)
    assert cases(writable_hub, "civil_affairs@410103") == []
    assert cases(writable_hub, "education@410105", BARE_CASES) == []

    decision = {
        "id": case["id"],
        "expectedVersion": 1,
        "disposition": "BOTH_STAND",
        "reason": "经核实分属不同月份",
    }
    decided = write(writable_hub, CITY, DECIDE, decision)
    assert decided["errors"] == []
    assert (decided["overlapCase"]["status"], decided["overlapCase"]["decidedBy"]) == ("DECIDED", CITY)
    kept = write(writable_hub, THERE, RECORD, refused)
    assert (kept["created"], kept["errors"], kept["warnings"]) == (True, [], [])
    for code in (code_here, code_there):
        chain = writable_hub.ask(CITY, CHAIN, {"code": code}).data["household"]["chain"]
        assert chain["verified"]["whole"]
        assert {node["agency"]["code"] for node in chain["events"]["nodes"]} <= {CITY, THERE}
    assert chain["events"]["nodes"][0]["overlapCase"] == {"id": case["id"]}
    types = [node["type"] for node in chain["events"]["nodes"]]
    assert types == ["OVERLAP_DECIDED", "AID_RECORDED"]


def test_46_3_2_3_rental_and_subsidy_exclude_each_other_in_one_household_one_batch_and_an_amendment(
    writable_hub: Served, of_jinshui: list[Somebody]
) -> None:
    county, city, somebody = "housing_security@410105", "housing_security@4101", of_jinshui[3]
    whole, member = {"householdId": somebody.household_id}, {"personId": somebody.person_id}
    rental = write(writable_hub, county, RECORD, outcome(whole, housing("PUBLIC_RENTAL")))["aidRecord"]
    subsidy = outcome(member, housing("RENT_SUBSIDY"), externalId="MEETS-2")
    (error,) = write(writable_hub, city, RECORD, subsidy)["errors"]
    assert (error["code"], error["overlap"]["rule"]) == ("EXCLUSIVE_AID", "RENTAL_OR_SUBSIDY")
    assert error["overlap"]["aidRecordId"] == rental["id"]
    read = writable_hub.ask(city, "query ($id: ID!) { node(id: $id) { id } }", {"id": rental["id"]}).data
    assert read["node"] == {"id": rental["id"]}
    blind = frozenset({Scope.AID_HOUSING_WRITE})
    (error,) = write(writable_hub, city, RECORD, subsidy, blind)["errors"]
    assert (error["code"], error["overlap"]["aidRecordId"]) == ("EXCLUSIVE_AID", None)

    later = {"periodFrom": f"{next_year()}-07-01", "periodUntil": f"{next_year()}-09-30"}
    batch = [
        outcome(member, housing("RENT_SUBSIDY"), externalId="MEETS-3", **later),
        outcome(whole, housing("PUBLIC_RENTAL"), externalId="MEETS-4", **later),
    ]
    answered = write(writable_hub, city, RECORDS, {"outcomes": batch})["outcomes"]
    assert [one["created"] for one in answered] == [True, False]
    assert [(one["code"], one["path"]) for one in answered[1]["errors"]] == [
        ("EXCLUSIVE_AID", ["input", "outcomes", "1", "detail", "housing", "form"])
    ]
    mine = write(writable_hub, city, RECORD, batch[0])["aidRecord"]
    before = writable_hub.everything_written()
    change = {"id": mine["id"], "expectedVersion": 1, "reason": "期间有误"}
    (error,) = write(writable_hub, city, AMEND, change | {"periodFrom": f"{next_year()}-03-01"})["errors"]
    assert (error["code"], error["path"], error["overlap"]["aidRecordId"]) == (
        "EXCLUSIVE_AID",
        ["input", "detail", "housing", "form"],
        rental["id"],
    )
    assert "择一" in error["messageZh"]
    assert writable_hub.everything_written() == before
    amended = write(writable_hub, city, AMEND, change | {"periodFrom": f"{next_year()}-06-01"})
    assert (amended["errors"], amended["aidRecord"]["version"]) == ([], 2)


def test_46_2_1_one_duplicate_is_one_case_and_one_alert_and_what_is_decided_is_not_raised_again(
    writable_hub: Served, of_jinshui: list[Somebody], settings: Settings
) -> None:
    county, city, somebody = "education@410105", "education@4101", of_jinshui[3]
    subject = {"personId": somebody.person_id}
    first = write(writable_hub, county, RECORD, outcome(subject, schooling()))["aidRecord"]
    kept = write(writable_hub, city, RECORD, outcome(subject, schooling(), externalId="MEETS-2"))
    (warning,) = kept["warnings"]
    assert (warning["code"], warning["path"]) == ("DUPLICATE_AID", ["input"])
    assert "46-2.1:避免救助遗漏或重复救助" in warning["messageZh"]
    assert warning["overlap"]["aidRecordId"] == first["id"]
    assert (
        write(writable_hub, city, RECORD, outcome(subject, schooling(), externalId="MEETS-2"))["warnings"]
        == []
    )
    case = warning["overlap"]["caseId"]
    for agency in (county, city):
        assert [one["id"] for one in cases(writable_hub, agency, BARE_CASES)] == [case]
    monitor(writable_hub, settings)
    of_case = "query ($id: ID!) { node(id: $id) { ... on OverlapCase { alert { status evidence overlapCase { id } } } } }"
    alert = writable_hub.ask(HERE, of_case, {"id": case}).data["node"]["alert"]
    assert (alert["status"], alert["overlapCase"]) == ("OPEN", {"id": case})
    counted = "select count(*), count(*) filter (where closed_at is null) from alert where finding = 'DUPLICATE_AID'"
    assert writable_hub.rows(counted) == [(2, 2)]
    (planted,) = [one for one in cases(writable_hub, CITY) if one["id"] != case]
    assert planted["alert"]["status"] == "OPEN"
    districts = {planted[side].partition("@")[2][:6] for side in ("firstAgency", "secondAgency")}
    assert districts == {"410105", "410103"}

    decision = {"id": case, "expectedVersion": 1, "disposition": "NOT_DUPLICATE", "reason": "分属两个学期"}
    assert write(writable_hub, HERE, DECIDE, decision)["errors"] == []
    before = writable_hub.everything_written()
    (error,) = write(writable_hub, HERE, DECIDE, decision | {"expectedVersion": 2})["errors"]
    assert (error["code"], error["path"]) == ("OVERLAP_DECIDED", ["input", "id"])
    assert "不再更改" in error["messageZh"]
    assert writable_hub.everything_written() == before
    monitor(writable_hub, settings)
    assert writable_hub.rows(counted) == [(2, 1)]
    monitor(writable_hub, settings)
    assert writable_hub.rows(counted) == [(2, 1)]
    change = {
        "id": kept["aidRecord"]["id"],
        "expectedVersion": 1,
        "reason": "期间有误",
        "periodUntil": f"{next_year()}-04-30",
    }
    amended = write(writable_hub, city, AMEND, change)
    assert (amended["errors"], amended["warnings"]) == ([], [])


def test_46_3_2_3_a_pair_that_excludes_each_other_and_stands_already_becomes_a_case_under_its_clause(
    writable_hub: Served, of_jinshui: list[Somebody], settings: Settings
) -> None:
    county, somebody = "housing_security@410105", of_jinshui[3]
    whole, member = {"householdId": somebody.household_id}, {"personId": somebody.person_id}
    first = write(writable_hub, county, RECORD, outcome(whole, housing("PUBLIC_RENTAL")))["aidRecord"]
    later = {"periodFrom": f"{next_year()}-07-01", "periodUntil": f"{next_year()}-09-30"}
    subsidy = outcome(member, housing("RENT_SUBSIDY"), externalId="MEETS-2", **later)
    second = write(writable_hub, "housing_security@4101", RECORD, subsidy)["aidRecord"]
    with psycopg.connect(writable_hub.database_url) as connection:  # a record from before the rule
        connection.execute(
            f"update aid_record set period_from = '{next_year()}-03-01' where external_id = 'MEETS-2'"
        )
    monitor(writable_hub, settings)
    (case,) = [
        one
        for one in cases(writable_hub, HERE)
        if one["second"] == {"id": second["id"], "program": "某项救助"}
    ]
    assert (case["rule"], case["clause"], case["first"]["id"], case["second"]["id"]) == (
        "RENTAL_OR_SUBSIDY",
        "46-3.2.3",
        first["id"],
        second["id"],
    )
    assert case["alert"]["status"] == "OPEN"
    taken_back = {"id": second["id"], "expectedVersion": 1, "because": "DUPLICATE", "reason": "已配租公租房"}
    assert write(writable_hub, "housing_security@4101", REVOKE_AID, taken_back)["errors"] == []
    monitor(writable_hub, settings)
    (case,) = [
        one
        for one in cases(writable_hub, HERE)
        if one["second"] == {"id": second["id"], "program": "某项救助"}
    ]
    assert case["alert"]["status"] == "CLOSED", "what was taken back excludes nothing"


def test_46_3_2_2_what_tops_up_is_said_to_who_may_read_it_and_to_nobody_else(
    writable_hub: Served, of_jinshui: list[Somebody]
) -> None:
    county, city, somebody = "education@410105", "education@4101", of_jinshui[3]
    subject = {"personId": somebody.person_id}
    grant = write(writable_hub, county, RECORD, outcome(subject, schooling()))["aidRecord"]
    january = f"{next_year()}-01-31"
    waiver = outcome(subject, schooling("FEE_WAIVER"), externalId="MEETS-2", periodUntil=january)
    blind = DEPARTMENTS["education"].scopes - {Scope.AID_EDUCATION_READ}
    assert write(writable_hub, city, RECORD, waiver, blind)["warnings"] == []
    later = {
        "externalId": "MEETS-3",
        "periodFrom": f"{next_year()}-02-01",
        "periodUntil": f"{next_year()}-02-28",
    }
    (warning,) = write(writable_hub, city, RECORD, waiver | later)["warnings"]
    assert (warning["code"], warning["overlap"]["clause"]) == ("TOPPING_UP", "46-3.2.2")
    assert (warning["overlap"]["aidRecordId"], warning["overlap"]["caseId"]) == (grant["id"], None)
    assert cases(writable_hub, city, BARE_CASES) == []


def test_46_3_3_what_is_paid_first_together_is_summed_for_who_reads_it_and_tells_no_sum_to_others(
    writable_hub: Served, of_jinshui: list[Somebody]
) -> None:
    subject = {"personId": of_jinshui[3].person_id}
    given = outcome(subject, paid_first("410105001"), amount="1500.00")
    assert write(writable_hub, HERE, RECORD, given)["warnings"] == []
    blind = DEPARTMENTS["civil_affairs"].scopes - {Scope.AID_TEMPORARY_READ}
    told: list[Any] = []
    for amount, on in (("10.00", f"{next_year()}-01-10"), ("1500.00", f"{next_year()}-02-10")):
        again = given | {
            "externalId": f"MEETS-{amount}",
            "amount": amount,
            "periodFrom": on,
            "periodUntil": on,
        }
        told.append(write(writable_hub, CITY, RECORD, again, blind)["warnings"])
    assert [warning["code"] for warnings in told for warning in warnings] == ["DUPLICATE_AID"] * 2
    assert "1500" not in str(told)
    other = given | {"externalId": "MEETS-2", "program": "急难救助"}
    (warning,) = write(writable_hub, "civil_affairs@410105001", RECORD, other)["warnings"][:1]
    assert (warning["code"], warning["overlap"]["rule"]) == ("ABOVE_CAP", "PAID_FIRST_TOGETHER")
    assert "3倍月低保标准" in warning["messageZh"]


def test_two_agencies_give_what_excludes_or_repeats_at_once(writable_hub: Served, twice: Any) -> None:
    here, there, _ = twice

    def at_once(*writes: tuple[str, dict[str, Any]]) -> list[Any]:
        with ThreadPoolExecutor(len(writes)) as pool:
            return list(pool.map(lambda one: write(writable_hub, one[0], RECORD, one[1]), writes))

    for month in range(1, 6):
        days = {"periodFrom": f"{next_year()}-{month:02}-01", "periodUntil": f"{next_year()}-{month:02}-28"}
        answers = at_once(
            (HERE, outcome(here, living("SUBSISTENCE_ALLOWANCE"), externalId=f"LOW-{month}", **days)),
            (THERE, outcome(there, living("EXTREME_HARDSHIP_SUPPORT"), externalId=f"HARD-{month}", **days)),
        )
        assert sorted(len(answer["errors"]) for answer in answers) == [0, 1]
        assert [error["code"] for answer in answers for error in answer["errors"]] == ["EXCLUSIVE_AID"]
        school = [("education@410105", here), ("education@410184", there)]
        answers = at_once(
            *(
                (agency, outcome(who, schooling(), externalId=f"S-{month}", program="助学金", **days))
                for agency, who in school
            )
        )
        assert [answer["errors"] for answer in answers] == [[], []]
        assert [warning["code"] for each in answers for warning in each["warnings"]] == ["DUPLICATE_AID"]
    assert len(cases(writable_hub, CITY)) == 5


def test_a_case_is_decided_once_by_civil_affairs_of_the_county_or_the_city_with_what_is_withdrawn(
    writable_hub: Served, twice: Any
) -> None:
    here, there, (_, household) = twice
    first = outcome(here, schooling())
    assert write(writable_hub, "education@410105", RECORD, first)["errors"] == []
    nothing = {"outcome": outcome(there, living("SUBSISTENCE_ALLOWANCE")), "said": "请核实"}
    kept = write(writable_hub, "education@410184", RECORD, outcome(there, schooling(), externalId="MEETS-2"))
    case = kept["warnings"][0]["overlap"]["caseId"]
    decision = {
        "id": case,
        "expectedVersion": 1,
        "disposition": "RECOVER",
        "withdrawn": "SECOND",
        "reason": "重复领取,应予追回",
    }
    before = writable_hub.everything_written()
    for agency, given, code, path in (
        (HERE, decision, "NOT_YOUR_OVERLAP_CASE", ["input", "id"]),
        (f"civil_affairs@{household[:9]}", decision, "NOT_YOUR_OVERLAP_CASE", ["input", "id"]),
        ("civil_affairs@410103", decision, "NOT_FOUND", ["input", "id"]),
        (THERE, decision | {"expectedVersion": 7}, "STALE_VERSION", ["input", "expectedVersion"]),
        (THERE, decision | {"withdrawn": None}, "INVALID_INPUT", ["input", "withdrawn"]),
        (THERE, decision | {"disposition": "BOTH_STAND"}, "INVALID_INPUT", ["input", "withdrawn"]),
        (THERE, decision | {"reason": " "}, "INVALID_INPUT", ["input", "reason"]),
    ):
        (error,) = write(writable_hub, agency, DECIDE, given)["errors"]
        assert (error["code"], error["path"]) == (code, path), (agency, given)
        assert error["message"] != error["messageZh"]
    (error,) = write(writable_hub, THERE, MEDIATE, nothing)["errors"]
    assert (error["code"], error["path"]) == ("NO_OVERLAP_TO_MEDIATE", ["input", "outcome"])
    assert "没有与该结果互斥" in error["messageZh"]
    assert writable_hub.everything_written() == before
    reply = writable_hub.ask("education@410184", DECIDE, {"input": decision})
    assert reply.forbidden == {"Mutation.decideOverlap"}
    decided = write(writable_hub, THERE, DECIDE, decision)["overlapCase"]
    assert (decided["disposition"], decided["withdrawn"], decided["status"]) == (
        "RECOVER",
        "SECOND",
        "DECIDED",
    )
    for agency in ("education@410105", "education@410184"):
        ((told,),) = [cases(writable_hub, agency, BARE_CASES)]
        assert (told["disposition"], told["reason"]) == ("RECOVER", "重复领取,应予追回")
