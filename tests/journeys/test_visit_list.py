"""46-2.3: the households that a township visits first, in the policy's order, each with the reasons that the caller's scopes
open."""

from typing import Any

import psycopg

from hub.foundation.calendar import today
from tests.fixtures.served import Served
from tests.journeys.alerts import RAISE, VISIT, found_on_the_spot, visit
from tests.journeys.test_alerts import COUNTY, TOWNSHIP, done

REASONS = {
    "DISABILITY_OUTSIDE": "未纳入低保或特困人员救助供养范围的残疾人家庭",
    "PARTLY_COVERED": "非“整户保”家庭",
    "LITTLE_LABOUR": "无劳动力或弱劳动力家庭",
    "ILLNESS": "有重病患者或慢性病人的家庭",
    "URGENT_TROUBLE": "遇到急难事项或意外事故的家庭",
}
"""46-2.3: whom to visit first (重点走访), in the policy's words and order."""
LIST = """query ($region: String, $first: Int!, $after: String) {
  visitList(filter: {region: $region}, first: $first, after: $after) {
  totalCount edges { cursor node { rank reasons reasonsZh policyBasis household { id code region { code } }
    lastVisit { visitedOn found } openAlerts { dueAt finding } } } pageInfo { hasNextPage endCursor } } }"""


def listed(
    served: Served,
    agency: str = TOWNSHIP,
    region: str = "410105001",
    first: int = 500,
    after: str | None = None,
    but: str = "",
) -> Any:
    """A page of the visit list."""
    scopes = served.grant(agency).scopes - set(but.split())
    given = {"region": region, "first": first, "after": after}
    return served.ask(agency, LIST, given, scopes=scopes).data["visitList"]


def by_python(served: Served, region: str) -> dict[str, list[str]]:
    """The reasons of every household of a region, computed in Python from the rows, household by household."""
    people: dict[str, list[Any]] = {}
    for code, *member in served.rows(
        "select h.code, p.id, p.disability_grade, p.labour, p.health from household h join person p on p.household_id = h.id"
        " where starts_with(h.region, %s) and p.left_on is null",
        region,
    ):
        people.setdefault(code, []).append(member)
    standing: dict[str, set[Any]] = {}
    for code, category, person in served.rows(
        "select h.code, c.category, c.person_id from household h join certification c on c.household_id = h.id"
        " where c.ended_on is null and (c.valid_until is null or c.valid_until >= %s)",
        today(),
    ):
        standing.setdefault(code, set()).add((category, person))
    facts: dict[str, set[Any]] = {}
    for code, kind, person in served.rows(
        "select h.code, c.kind, c.person_id from household h join circumstance c on c.household_id = h.id"
        " where c.until is null or c.until >= %s",
        today(),
    ):
        facts.setdefault(code, set()).add((kind, person))
    urgent = {
        code
        for (code,) in served.rows(
            "select h.code from household h join aid_record a on a.household_id = h.id where a.kind in ('TEMPORARY', 'DISASTER')"
            " and a.superseded_at is null and a.status <> 'REVOKED' and a.decided_on >= %s::date - 180",
            today(),
        )
    }

    def has(code: str, person: Any, *categories: str) -> bool:
        return any(
            category in categories and who in (None, person) for category, who in standing.get(code, ())
        )

    found = {}
    for code, members in people.items():
        known = facts.get(code, set())
        kinds = {kind for kind, _ in known}
        outside = [
            id
            for id, grade, _, _ in members
            if (grade is not None or ("DISABILITY", id) in known)
            and not has(code, id, "SUBSISTENCE_ALLOWANCE", "EXTREME_HARDSHIP")
        ]
        covered = {has(code, id, "SUBSISTENCE_ALLOWANCE") for id, *_ in members}
        reasons = {
            "DISABILITY_OUTSIDE": bool(outside),
            "PARTLY_COVERED": len(covered) == 2,
            "LITTLE_LABOUR": all(labour in ("WEAK", "NONE") for _, _, labour, _ in members),
            "ILLNESS": any(health in ("SERIOUS", "CHRONIC") for *_, health in members)
            or bool(kinds & {"SERIOUS_ILLNESS", "CHRONIC_ILLNESS"}),
            "URGENT_TROUBLE": code in urgent or "DISASTER" in kinds,
        }
        if any(reasons.values()):
            found[code] = [reason for reason, holds in reasons.items() if holds]
    return found


def test_46_2_3_the_list_holds_every_household_with_a_reason_and_no_other(hub: Served) -> None:
    for agency, region in ((TOWNSHIP, "410105001"), ("civil_affairs@410181", "410181")):
        nodes = [edge["node"] for edge in listed(hub, agency, region)["edges"]]
        assert {node["household"]["code"]: node["reasons"] for node in nodes} == by_python(hub, region)
        assert [node["rank"] for node in nodes] == sorted(node["rank"] for node in nodes)
        first = [list(REASONS).index(node["reasons"][0]) for node in nodes]
        assert first == sorted(first), "the policy's order"
        assert {reason for node in nodes for reason in node["reasons"]} >= {"ILLNESS", "LITTLE_LABOUR"}
        for node in nodes:
            words = [REASONS[reason] for reason in node["reasons"]]
            assert (node["reasonsZh"], node["policyBasis"]) == (";".join(words), "46-2.3")


def test_46_2_3_pages_follow_on_each_other_and_hold_everybody_once(hub: Served) -> None:
    whole = [edge["node"]["household"]["code"] for edge in listed(hub, COUNTY, "410105")["edges"]]
    paged: list[str] = []
    page: Any = {"pageInfo": {"hasNextPage": True, "endCursor": None}}
    while page["pageInfo"]["hasNextPage"]:
        page = listed(hub, COUNTY, "410105", first=7, after=page["pageInfo"]["endCursor"])
        paged += [edge["node"]["household"]["code"] for edge in page["edges"]]
    assert paged == whole
    assert page["totalCount"] == len(set(whole)) == len(whole)


def test_46_4_2_no_household_stands_in_the_list_for_a_reason_that_is_closed(hub: Served) -> None:
    closed = {
        "ILLNESS": "person.health:read circumstance.health:read circumstance.medical_insurance:read",
        "LITTLE_LABOUR": "person.employment:read",
        "DISABILITY_OUTSIDE": "person.disability:read circumstance.disabled_federation:read",
        "PARTLY_COVERED": "certification:read",
        "URGENT_TROUBLE": "aid:read alert:read circumstance.emergency_management:read",
    }
    told = by_python(hub, "410105")
    for reason, scopes in closed.items():
        query = LIST.replace("openAlerts { dueAt finding }", "")
        held = hub.grant(COUNTY).scopes - set(scopes.split())
        page = hub.ask(COUNTY, query, {"region": "410105", "first": 500}, scopes=held).data["visitList"]
        without = {reason} | ({"DISABILITY_OUTSIDE"} if reason == "PARTLY_COVERED" else set())
        expected = {code: [one for one in why if one not in without] for code, why in told.items()}
        expected = {code: why for code, why in expected.items() if why}
        nodes = [edge["node"] for edge in page["edges"]]
        assert {node["household"]["code"]: node["reasons"] for node in nodes} == expected
        assert page["totalCount"] == len(expected)
    blind = hub.grant(COUNTY).scopes - set(" ".join(closed.values()).split()) - {"person:read"}
    query = "{ visitList { totalCount nodes { rank } } }"
    assert hub.ask(COUNTY, query, scopes=blind).data["visitList"] == {"totalCount": 0, "nodes": []}
    assert hub.ask("education@410105", query).forbidden == {"Query.visitList"}


def test_46_2_4_the_list_tells_the_last_visit_and_the_deadlines_that_wait(writable_hub: Served) -> None:
    (away,) = writable_hub.rows("select code from household where region like '410105001%%' limit 1")
    household = writable_hub.ask(
        TOWNSHIP, "query ($code: String!) { household(code: $code) { id } }", {"code": away[0]}
    ).data["household"]
    subject = {"householdId": household["id"]}
    alert = done(writable_hub, TOWNSHIP, RAISE, found_on_the_spot(subject))
    done(writable_hub, TOWNSHIP, VISIT, visit(subject))

    def of_it(agency: str = TOWNSHIP, but: str = "") -> Any:
        nodes = [edge["node"] for edge in listed(writable_hub, agency, but=but)["edges"]]
        return next(node for node in nodes if node["household"]["id"] == household["id"])

    one = of_it()
    assert "URGENT_TROUBLE" in one["reasons"]
    assert one["lastVisit"]["visitedOn"] == str(today())
    assert one["openAlerts"] == [{"dueAt": alert["dueAt"], "finding": "FOUND_ON_THE_SPOT"}]
    with psycopg.connect(writable_hub.database_url) as connection:
        connection.execute(
            "update alert set status = 'CLOSED', closed_at = now(), closed_because = 'DISPOSED'"
        )
    assert of_it(COUNTY)["openAlerts"] == []


def test_a_region_that_is_none_is_refused_in_both_languages(hub: Served) -> None:
    reply = hub.ask(TOWNSHIP, LIST, {"region": "41010", "first": 1})
    (error,) = reply.body["errors"]
    assert error["extensions"]["code"] == "INVALID_INPUT"
    assert "区划代码" in error["extensions"]["messageZh"]
