"""46-4.3 (按照规定公开救助信息): the list of people who are certified or helped is published, masked, and open to objections."""

from concurrent.futures import ThreadPoolExecutor
from time import sleep
from typing import Any

import psycopg
import pytest

from hub.disclosures.rules import DISCLOSED_KINDS, masked_name
from hub.foundation.calendar import today
from tests.fixtures.days import this_month
from tests.fixtures.served import Served
from tests.policy import DISCLOSED, masked
from tests.schema.test_writing import refused

PUBLISH = """
mutation ($input: PublishDisclosureInput!) {
  publishDisclosure(input: $input) {
    disclosure { id version entryCount month listOf region { code } publishedBy { code } policyBasis }
    errors { code message messageZh path }
  }
}
"""
WITHDRAW = """
mutation ($input: WithdrawDisclosureInput!) {
  withdrawDisclosure(input: $input) { disclosure { withdrawnAt withdrawReason } errors { code message messageZh path } }
}
"""
OBJECT = """
mutation ($input: ObjectToDisclosureInput!) {
  objectToDisclosure(input: $input) {
    objection { id number ground alert { id finding reason status to { code } } } errors { code message messageZh path }
  }
}
"""
LISTED = """
query ($filter: DisclosureFilter, $first: Int!) {
  disclosures(first: 10, filter: $filter) { totalCount nodes { id entryCount month listOf withdrawnAt
    entries(first: $first) { totalCount nodes { number place { code name } maskedName category aidKind since } } } }
}
"""
STANDING = """
  select h.id, h.code, h.region, c.category, c.valid_from, p.name, p.birth_date > current_date - interval '18 years'
  from certification c join household h on h.id = c.household_id
  left join person p on p.household_id = h.id
    and (p.id = c.person_id or c.person_id is null and p.relation = 'HEAD' and p.left_on is null)
  where starts_with(h.region, %s) and c.valid_from <= %s and (c.ended_on is null or c.ended_on > %s)
    and (c.valid_until is null or c.valid_until >= %s) and coalesce(c.ended_because, '') not in ('MISTAKE', 'FALSE_CLAIM')
"""


def township(hub: Served) -> str:
    """The township of 金水区 with the most certifications."""
    query = """select left(h.region, 9), count(*) from certification c join household h on h.id = c.household_id
      where starts_with(h.region, '410105') and c.ended_on is null group by 1 order by 2 desc, 1 limit 1"""
    ((code, _),) = hub.rows(query)
    return str(code)


def the_list(of_region: str, **changes: Any) -> dict[str, Any]:
    return {"externalId": "示-1", "region": of_region, "month": this_month(), "listOf": "CERTIFIED"} | changes


def published(hub: Served, agency: str, region: str, **changes: Any) -> Any:
    given = the_list(region, **changes)
    payload = hub.ask(agency, PUBLISH, {"input": given}).data["publishDisclosure"]
    assert payload["errors"] == []
    return payload["disclosure"]


def lines(hub: Served, agency: str, id: str) -> list[dict[str, Any]]:
    nodes = hub.ask(agency, LISTED, {"first": 1000}).data["disclosures"]["nodes"]
    (one,) = (node for node in nodes if node["id"] == id)
    assert one["entries"]["totalCount"] == len(one["entries"]["nodes"]) == one["entryCount"]
    found: list[dict[str, Any]] = one["entries"]["nodes"]
    return found


def test_a_township_publishes_who_is_certified_masked_and_an_objection_becomes_an_alert(
    writable_hub: Served,
) -> None:
    hub, region = writable_hub, township(writable_hub)
    office = f"civil_affairs@{region}"
    made = published(hub, office, region)
    assert (made["region"]["code"], made["month"], made["listOf"], made["policyBasis"]) == (
        region,
        str(today().replace(day=1)),
        "CERTIFIED",
        "46-4.3",
    )
    assert published(hub, office, region)["id"] == made["id"], "sent twice, published once"
    expected = hub.rows(STANDING, region, today(), today(), today())
    told = lines(hub, office, made["id"])
    assert len(told) == len(expected) > 0
    by_rule = sorted(
        (place, category, str(since), None if minor or name is None else masked(name))
        for _, _, place, category, since, name, minor in expected
    )
    shown = sorted(
        (
            certification["place"]["code"],
            certification["category"],
            certification["since"],
            certification["maskedName"],
        )
        for certification in told
    )
    assert sorted(map(str, shown)) == sorted(map(str, by_rule))
    kept = str(hub.rows("select * from disclosure_entry"))
    for name, number in hub.rows("select name, id_number_masked from person where length(name) > 1"):
        assert name not in kept
        assert number not in kept

    events = hub.rows(
        "select h.code, e.policy_basis from chain_event e join household h on h.id = e.household_id"
        " where e.type = 'DISCLOSED'"
    )
    assert sorted(events) == sorted({(code, "46-4.3") for _, code, *_ in expected})
    chain = """query ($code: String!) { household(code: $code) { chain { verified { whole }
      events(last: 1) { nodes { type summaryZh disclosure { id } } } } } }"""
    seen = hub.ask(office, chain, {"code": events[0][0]}).data["household"]["chain"]
    assert seen["verified"]["whole"]
    (event,) = seen["events"]["nodes"]
    assert event["disclosure"] == {"id": made["id"]}
    assert event["summaryZh"].endswith(f"公布的名单中包括该户:认定名单,{this_month()}。")

    objection = {
        "externalId": "异-1",
        "disclosureId": made["id"],
        "number": 1,
        "ground": "该户在城区另有住房",
    }
    payload = hub.ask(office, OBJECT, {"input": objection}).data["objectToDisclosure"]
    assert payload["errors"] == []
    alert = payload["objection"]["alert"]
    assert (alert["finding"], alert["status"], alert["to"]["code"]) == ("FOUND_ON_THE_SPOT", "OPEN", office)
    assert alert["reason"] == f"公示异议({this_month()} 第 1 条):该户在城区另有住房"
    again = hub.ask(office, OBJECT, {"input": objection}).data["objectToDisclosure"]
    assert again == payload, "sent twice, kept once"
    assert hub.rows("select count(*) from alert") == [(1,)]
    listed = "{ disclosures(first: 1) { nodes { objections { number ground alert { id } } } } }"
    (certification,) = hub.ask(office, listed).data["disclosures"]["nodes"]
    assert certification["objections"] == [
        {"number": 1, "ground": objection["ground"], "alert": {"id": alert["id"]}}
    ]
    audited = hub.ask("audit@4101", listed).data["disclosures"]["nodes"]
    assert audited == [certification]


def test_who_was_helped_is_listed_without_the_kinds_that_tell_of_illness_and_disability(
    writable_hub: Served,
) -> None:
    hub = writable_hub
    query = """select left(h.region, 9), to_char(a.paid_on, 'YYYY-MM') from aid_record a join household h on h.id = a.household_id
      where a.kind = 'MEDICAL' and a.superseded_at is null and a.status = 'PAID' and exists (select from aid_record b
        join household i on i.id = b.household_id where left(i.region, 9) = left(h.region, 9) and b.kind = 'BASIC_LIVING'
        and b.status = 'PAID' and to_char(b.paid_on, 'YYYY-MM') = to_char(a.paid_on, 'YYYY-MM')) order by 1, 2 limit 1"""
    ((region, month),) = hub.rows(query)
    office = f"civil_affairs@{region[:6]}"
    ended = """update aid_record a set status = 'ENDED' from household h where h.id = a.household_id and starts_with(h.region, %s)
      and a.superseded_at is null and a.status = 'PAID' and to_char(a.paid_on, 'YYYY-MM') = %s and a.kind = 'BASIC_LIVING'
      and a.id::text < '8' returning 1"""
    assert hub.rows(ended, region, month), "some of those who were paid are paid no longer"
    made = published(hub, office, region, month=month, listOf="HELPED")
    kinds = {line["aidKind"] for line in lines(hub, office, made["id"])}
    assert "BASIC_LIVING" in kinds
    assert kinds <= DISCLOSED
    assert all(line["category"] is None for line in lines(hub, office, made["id"]))
    helped = hub.rows(
        "select count(distinct (a.household_id, a.person_id, a.kind)) from aid_record a join household h on h.id = a.household_id"
        " where starts_with(h.region, %s) and a.superseded_at is null"
        " and (a.status in ('PAID', 'DELIVERED') or a.status = 'ENDED' and a.paid_on is not null)"
        " and to_char(coalesce(a.paid_on, a.decided_on), 'YYYY-MM') = %s and a.kind = any(%s)",
        region,
        month,
        sorted(DISCLOSED),
    )
    assert made["entryCount"] == helped[0][0]


def test_a_list_stays_as_it_was_published_and_gives_way_to_another_only_when_it_is_withdrawn(
    writable_hub: Served,
) -> None:
    hub, region = writable_hub, township(writable_hub)
    office = f"civil_affairs@{region}"
    made = published(hub, office, region)
    before = lines(hub, office, made["id"])
    ended = """update certification c set ended_on = current_date, ended_because = 'NO_LONGER_ELIGIBLE', end_reason = '收入超标'
      from household h where h.id = c.household_id and starts_with(h.region, %s) and c.ended_on is null returning 1"""
    gone = len(hub.rows(ended, region))
    assert gone > 0
    assert lines(hub, office, made["id"]) == before
    second = the_list(region, externalId="示-2")
    assert refused(hub, office, PUBLISH, second) == ("ALREADY_DISCLOSED", ["input", "region"])
    given = {"id": made["id"], "expectedVersion": 1, "reason": "名单有误"}
    assert refused(hub, "civil_affairs@410105", WITHDRAW, given) == ("NOT_YOUR_DISCLOSURE", ["input", "id"])
    assert refused(hub, office, WITHDRAW, given | {"expectedVersion": 2})[0] == "STALE_VERSION"
    withdrawn = hub.ask(office, WITHDRAW, {"input": given}).data["withdrawDisclosure"]
    assert (withdrawn["errors"], withdrawn["disclosure"]["withdrawReason"]) == ([], "名单有误")
    again = given | {"expectedVersion": 2}
    assert refused(hub, office, WITHDRAW, again) == ("DISCLOSURE_WITHDRAWN", ["input", "id"])
    new = published(hub, office, region, externalId="示-2")
    assert new["entryCount"] == len(before) - gone
    assert lines(hub, office, made["id"]) == before
    standing = {
        "stands": True,
        "month": str(today().replace(day=1)),
        "region": region,
        "listOf": ["CERTIFIED"],
    }
    found = hub.ask(office, LISTED, {"filter": standing, "first": 1}).data["disclosures"]["nodes"]
    assert [one["id"] for one in found] == [new["id"]]


def test_an_objection_that_comes_while_its_list_is_withdrawn_waits_and_is_refused(
    writable_hub: Served,
) -> None:
    hub, region = writable_hub, township(writable_hub)
    office = f"civil_affairs@{region}"
    made = published(hub, office, region)
    given = {"externalId": "异-1", "disclosureId": made["id"], "number": 1, "ground": "有车"}
    hub.token(office)
    waiting = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    with psycopg.connect(hub.database_url) as withdrawing, ThreadPoolExecutor(1) as objecting:
        withdrawing.execute(
            "update disclosure set withdrawn_at = now(), withdraw_reason = '名单有误', version = 2"
        )
        answer = objecting.submit(refused, hub, office, OBJECT, given)
        while hub.rows(waiting) == [(0,)]:
            assert not answer.done(), "it did not wait"
            sleep(0.01)
        withdrawing.commit()
        assert answer.result(30) == ("DISCLOSURE_WITHDRAWN", ["input", "disclosureId"])
    assert hub.rows("select count(*) from alert") == [(0,)]


def test_a_list_is_seen_in_its_own_region_and_by_those_who_read_lists(writable_hub: Served) -> None:
    hub, region = writable_hub, township(writable_hub)
    made = published(hub, "civil_affairs@410105", region)
    asked = "query ($id: ID!) { node(id: $id) { id } disclosures(first: 5) { totalCount } }"
    for agency, count in (("civil_affairs@410105", 1), ("audit@4101", 1), ("civil_affairs@410103", 0)):
        seen = hub.ask(agency, asked, {"id": made["id"]}).data
        assert (seen["disclosures"]["totalCount"], seen["node"] is not None) == (count, bool(count))
    closed = hub.ask("education@410105", asked, {"id": made["id"]})
    assert closed.body["data"] == {"node": None, "disclosures": None}
    assert closed.forbidden == {"Query.disclosures"}


def test_what_cannot_be_published_or_objected_to_is_refused_with_its_place(writable_hub: Served) -> None:
    hub, region = writable_hub, township(writable_hub)
    office = f"civil_affairs@{region}"
    other = "410103001" if region != "410103001" else "410103002"
    for changes, code, place in (
        ({"region": "410105"}, "NOT_FOUND", "region"),
        ({"region": other}, "NOT_FOUND", "region"),
        ({"month": "2999-01"}, "INVALID_INPUT", "month"),
        ({"month": "十一月"}, "INVALID_INPUT", "month"),
        ({"externalId": " "}, "INVALID_INPUT", "externalId"),
    ):
        assert refused(hub, office, PUBLISH, the_list(region, **changes)) == (code, ["input", place])
    county = the_list("410105", externalId="示-9")
    assert refused(hub, "civil_affairs@410105", PUBLISH, county) == ("INVALID_INPUT", ["input", "region"])
    made = published(hub, office, region)
    assert refused(hub, office, PUBLISH, the_list(region, listOf="HELPED"))[0] == "CONFLICT"
    objection = {"externalId": "异-1", "disclosureId": made["id"], "number": 1, "ground": "有车"}
    for agency, wrong, code, place in (
        (office, {"number": 0}, "NOT_FOUND", "number"),
        (office, {"ground": ""}, "INVALID_INPUT", "ground"),
        (office, {"objectedOn": "2999-01-01"}, "INVALID_INPUT", "objectedOn"),
        (office, {"objectedOn": "2020-01-01"}, "INVALID_INPUT", "objectedOn"),
        (office, {"disclosureId": "nonsense"}, "INVALID_ID", "disclosureId"),
        ("civil_affairs@410181", {}, "NOT_FOUND", "disclosureId"),
    ):
        assert refused(hub, agency, OBJECT, objection | wrong) == (code, ["input", place]), wrong
    reply = hub.ask(office, PUBLISH, {"input": the_list(region, externalId="示-2")})
    (error,) = reply.data["publishDisclosure"]["errors"]
    assert error["message"].startswith("This list was published already")
    assert error["messageZh"] == "该名单已公示,如需更换请先撤回。"


@pytest.mark.parametrize(
    ("name", "shown"),
    [("张小明", "张*明"), ("张明", "张*"), ("欧阳小明", "欧**明"), ("张", "*"), ("买买提·艾力", "买****力")],
)
def test_a_name_is_masked_as_lists_are(name: str, shown: str) -> None:
    assert masked_name(name) == masked(name) == shown


def test_a_list_names_the_kinds_that_tell_nothing_of_illness_pupils_or_care() -> None:
    assert DISCLOSED_KINDS == DISCLOSED
