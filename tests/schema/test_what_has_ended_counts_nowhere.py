"""Something that has ended no longer counts anywhere: lists, filters, entitlements, the visit list, coverage."""

from dataclasses import dataclass
from typing import Any

import anyio
import pytest

from hub.evaluation.coverage.counting import count_county
from hub.foundation.calendar import today
from hub.foundation.database import Database
from hub.foundation.settings import Settings
from tests.fixtures.days import day, this_month
from tests.journeys.alerts import found_on_the_spot, minutes, visit
from tests.journeys.outcomes import certification, need
from tests.schema.desk import OFFICE, STREET, Desk
from tests.schema.inputs_that_are_kept import (
    CHARITY,
    MONTH_BEFORE,
    SCHOOLS,
    aid,
    fact,
    offer,
    published,
    to_close,
)
from tests.schema.what_is_to_end import decided, recovery

FAMILY = """
query ($id: ID!) { node(id: $id) { ... on Household {
  code category partlyCovered
  coveredMembers { id }
  circumstances { id until }
  certifications { id nearRelativeDeclared nearRelatives { id } }
  entitlements { rule aidKind status windowUntil }
  members { entitlements { rule aidKind status windowUntil } }
} } }
"""


@dataclass(frozen=True)
class Family:
    """A newly registered household with one member, and what the hub returns about it."""

    desk: Desk
    whole: dict[str, str]
    person: dict[str, str]

    def told(self, agency: str = OFFICE) -> dict[str, Any]:
        """The household as an agency reads it."""
        reply = self.desk.served.ask(agency, FAMILY, {"id": self.whole["householdId"]})
        node: dict[str, Any] = reply.body["data"]["node"]
        return node

    def entitled(self, kind: str, agency: str = OFFICE) -> set[str]:
        """The statuses of the entitlements of the household and its member to a kind of aid."""
        told = self.told(agency)
        both = [
            *told["entitlements"],
            *(entitlement for member in told["members"] for entitlement in member["entitlements"]),
        ]
        return {entitlement["status"] for entitlement in both if entitlement["aidKind"] == kind}

    def visited_for(self) -> list[str]:
        """The reasons for which it is on the visit list of its street."""
        query = "{ visitList(first: 200) { nodes { household { id } reasons } } }"
        nodes = self.desk.served.ask(STREET, query).data["visitList"]["nodes"]
        return [
            why
            for node in nodes
            if node["household"]["id"] == self.whole["householdId"]
            for why in node["reasons"]
        ]

    def found(self, **wanted: Any) -> bool:
        """Whether a search with a filter finds it."""
        query = "query ($f: HouseholdFilter!) { households(filter: $f, first: 10) { nodes { id } } }"
        filter_ = {"code": [self.told()["code"]], **wanted}
        nodes = self.desk.served.ask(OFFICE, query, {"f": filter_}).data["households"]["nodes"]
        return [node["id"] for node in nodes] == [self.whole["householdId"]]


@pytest.fixture
def family(desk: Desk) -> Family:
    """A household with no data except its registration."""
    return Family(desk, *desk.family())


def listed(desk: Desk, agency: str, connection: str, filter_: str, id: str) -> bool:
    """Whether an id is in a filtered list."""
    query = f"{{ {connection}(filter: {{{filter_}}}, first: 200) {{ nodes {{ id }} }} }}"
    nodes = desk.served.ask(agency, query).data[connection]["nodes"]
    return id in {node["id"] for node in nodes}


def ends(desk: Desk, agency: str, mutation: str, id: str, version: int = 1, **said: Any) -> None:
    """End something."""
    desk.write(agency, mutation, {"id": id, "expectedVersion": version, **said})


def covered(desk: Desk, county: str, category: str, settings: Settings) -> int:
    """The number of households of a county that are counted in a category today."""

    async def count() -> int:
        database = Database(desk.served.database_url, settings)
        async with database.write() as session:
            townships = await count_county(session, county, today())
        await database.close()
        return sum(township.households[category] for township in townships.values())

    return anyio.run(count)


def allowance(family: Family) -> str:
    """Certifies the household for the subsistence allowance, so long ago that this month's payment is due; returns the id."""
    given = certification(
        family.whole,
        "SUBSISTENCE_ALLOWANCE",
        externalId=family.desk.number(),
        validFrom=day(2 * MONTH_BEFORE),
    )
    return family.desk.write(STREET, "certify", given)


def test_a_certification_that_was_terminated(family: Family, settings: Settings) -> None:
    id = allowance(family)
    desk, region = family.desk, "410105"
    counted = covered(desk, region, "SUBSISTENCE_ALLOWANCE", settings)
    told = family.told()
    assert (told["category"], len(told["coveredMembers"])) == ("SUBSISTENCE_ALLOWANCE", 1)
    assert family.found(category=["SUBSISTENCE_ALLOWANCE"])
    assert {"BASIC_LIVING", "MEDICAL"} <= {entitlement["aidKind"] for entitlement in entitlements(told)}
    assert "DISABILITY_OUTSIDE" not in family.visited_for()
    ends(
        desk,
        STREET,
        "terminateCertification",
        id,
        because="NO_LONGER_ELIGIBLE",
        endedOn=day(-1),
        reason="收入超标",
    )
    told = family.told()
    assert (told["category"], told["coveredMembers"], told["partlyCovered"]) == (None, [], False)
    assert not family.found(category=["SUBSISTENCE_ALLOWANCE"])
    assert not family.found(missing=["BASIC_LIVING"])
    assert {
        entitlement["aidKind"]
        for entitlement in entitlements(told)
        if entitlement["windowUntil"] >= str(today())
    } <= {"EMPLOYMENT"}
    assert "DISABILITY_OUTSIDE" in family.visited_for(), (
        "who is disabled and covered by nothing is visited first"
    )
    assert covered(desk, region, "SUBSISTENCE_ALLOWANCE", settings) == counted - 1


def entitlements(told: dict[str, Any]) -> list[dict[str, Any]]:
    """The entitlements of a household and of its members."""
    return [
        *told["entitlements"],
        *(entitlement for member in told["members"] for entitlement in member["entitlements"]),
    ]


def test_a_fact_that_its_registry_ended(family: Family) -> None:
    desk, registry = family.desk, "disabled_federation@410105"
    given = fact("DISABILITY", disabilityType="PHYSICAL", disabilityGrade=2)(desk)
    (report,) = given["reports"]
    report |= {"subject": family.person}
    open_ = {name: value for name, value in report.items() if name != "until"}
    desk.send(registry, "reportCircumstances", {"reports": [open_]})
    assert [circumstance["until"] for circumstance in family.told()["circumstances"]] == [None]
    assert family.found(circumstance=["DISABILITY"])
    desk.send(registry, "reportCircumstances", {"reports": [report | {"until": day(-1)}]})
    assert [circumstance["until"] for circumstance in family.told()["circumstances"]] == [day(-1)], (
        "its history stays readable"
    )
    assert not family.found(circumstance=["DISABILITY"])


INSURANCE = "medical_insurance@410105"


@pytest.mark.parametrize("way", ["return", "complete", "end", "forward"])
def test_a_need_that_was_answered(family: Family, way: str) -> None:
    desk = family.desk
    allowance(family)
    given = need(family.person, INSURANCE, "MEDICAL", externalId=desk.number())
    id = desk.write(OFFICE, "createReferral", given)
    assert listed(desk, INSURANCE, "referrals", "status: [SENT, ACCEPTED]", id)
    assert "REFERRED" in family.entitled("MEDICAL")
    ends(desk, INSURANCE, "acceptReferral", id)
    if way == "complete":
        ends(desk, INSURANCE, "completeReferral", id, 2, outcome="条件不符", aidRecordIds=[])
    else:
        ends(desk, INSURANCE, "returnReferral", id, 2, reason="不属本辖区")
    if way == "end":
        ends(desk, OFFICE, "endReferral", id, 3, reason="已自行解决")
    if way == "forward":
        onward = {"toAgency": "medical_insurance@4101", "reason": "转办", "externalId": desk.number()}
        ends(desk, OFFICE, "forwardReferral", id, 3, **onward)
    assert not listed(desk, INSURANCE, "referrals", "status: [SENT, ACCEPTED]", id)
    assert family.entitled("MEDICAL") == {"REFERRED" if way == "forward" else "MISSING"}, "the need stands"


def test_aid_that_was_revoked(family: Family) -> None:
    desk = family.desk
    allowance(family)
    days = {"periodFrom": day(MONTH_BEFORE), "periodUntil": str(today()), "subject": family.person}
    paid = aid(
        desk, "temporary", {"form": "PAY_FIRST", "trouble": "火灾", "happenedAtRegion": "410105001"}, **days
    )
    urgent = desk.write(OFFICE, "recordAid", paid)
    covered_cost = {
        "form": "COST_AID",
        "hospital": "市一院",
        "totalCost": "9000.00",
        "insurancePaid": "1000.00",
    }
    medical = desk.write(INSURANCE, "recordAid", aid(desk, "medical", covered_cost, **days))
    assert "RECEIVED" in family.entitled("MEDICAL")
    assert "URGENT_TROUBLE" in family.visited_for()
    taken_back: dict[str, Any] = {"because": "MISTAKE", "reason": "重复登记"}
    ends(desk, INSURANCE, "revokeAid", medical, **taken_back)
    ends(desk, OFFICE, "revokeAid", urgent, **taken_back)
    assert "RECEIVED" not in family.entitled("MEDICAL")
    assert "URGENT_TROUBLE" not in family.visited_for()
    assert not listed(desk, OFFICE, "aidRecords", "papersOverdue: true", urgent)


def test_an_alert_that_was_disposed_of(family: Family) -> None:
    desk = family.desk
    given = found_on_the_spot(family.whole, externalId=desk.number())
    id = desk.write(OFFICE, "raiseAlert", given)
    seen = visit(family.whole, externalId=desk.number(), alertId=id)
    desk.write(OFFICE, "recordVisit", seen)
    assert "URGENT_TROUBLE" in family.visited_for()
    assert listed(desk, OFFICE, "alerts", "status: [OPEN, VISITED]", id)
    ends(desk, OFFICE, "disposeAlert", id, 2, disposition="CARRY_OUT", reason="已落实")
    assert "URGENT_TROUBLE" not in family.visited_for()
    assert not listed(desk, OFFICE, "alerts", "status: [OPEN, VISITED]", id)
    assert not listed(desk, OFFICE, "alerts", "overdue: true", id)


def test_a_declaration_that_ended(family: Family) -> None:
    desk = family.desk
    allowance(family)
    declared = {
        "externalId": desk.number(),
        "subject": family.person,
        "kinship": "PARENT",
        "office": "街道办事处",
        "post": "民政所所长",
        "declaredOn": str(today()),
    }
    id = desk.write(OFFICE, "declareNearRelative", declared)
    assert [one["nearRelativeDeclared"] for one in family.told()["certifications"]] == [True]
    assert family.found(nearRelativeDeclared=True)
    ends(desk, OFFICE, "endNearRelative", id, reason="已离任")
    assert [one["nearRelativeDeclared"] for one in family.told()["certifications"]] == [False]
    assert not family.found(nearRelativeDeclared=True)
    assert not listed(desk, OFFICE, "nearRelatives", "stands: true", id)
    assert listed(desk, OFFICE, "nearRelatives", "stands: false", id)


def test_what_stood_in_a_list_of_its_own(desk: Desk) -> None:
    """A public list, an offer, a conference, a case, a recovery: each leaves the list of those that are open or in force."""
    shown = published(desk)
    offered = desk.write(CHARITY, "offerCharity", offer(desk))
    called = to_close(desk)["id"]
    settled = decided(desk)
    owed = recovery(desk)
    lists: tuple[tuple[str, str, str, str, str, dict[str, Any]], ...] = (
        (OFFICE, "disclosures", "stands: true", shown, "withdrawDisclosure", {"reason": "名单有误"}),
        (CHARITY, "charityOffers", "open: true", offered, "withdrawOffer", {}),
        (OFFICE, "conferences", "status: [CALLED]", called, "closeConference", minutes(called)),
        (OFFICE, "overlapCases", "status: [OPEN]", settled["id"], "decideOverlap", settled),
        (
            SCHOOLS,
            "recoveries",
            "status: [OPEN, PARTLY_REPAID]",
            owed,
            "waiveRecovery",
            {"reason": "无力退还"},
        ),
    )
    for agency, connection, filter_, id, mutation, said in lists:
        assert listed(desk, agency, connection, filter_, id), connection
        desk.write(agency, mutation, {"id": id, "expectedVersion": 1, **said})
        assert not listed(desk, agency, connection, filter_, id), connection
    query = "query ($id: ID!) { node(id: $id) { ... on Recovery { status outstanding } } }"
    told = desk.served.ask(SCHOOLS, query, {"id": owed}).data["node"]
    assert told == {"status": "WAIVED", "outstanding": "0.00"}
    again = {
        "externalId": desk.number(),
        "region": told_region(desk, shown),
        "month": this_month(),
        "listOf": "CERTIFIED",
    }
    assert desk.write(OFFICE, "publishDisclosure", again) != shown, (
        "another takes the place of the one withdrawn"
    )


def told_region(desk: Desk, id: str) -> str:
    """The region of a public list."""
    query = "query ($id: ID!) { node(id: $id) { ... on Disclosure { region { code } } } }"
    return str(desk.served.ask(OFFICE, query, {"id": id}).data["node"]["region"]["code"])
