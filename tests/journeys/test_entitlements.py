"""46-3, clause by clause: an entitlement is missing, then referred, then received, and then given by a second agency too.

The household of the sample without a category (新密市) is certified by its authority. Facts for which no client has a
mutation (a member's health, school or work, a registry's report) are put into the database as an import would.
"""

from dataclasses import dataclass, field
from typing import Any

import psycopg
import pytest

from auth.departments import DEPARTMENTS
from auth.scopes import Scope
from hub.sample.planted import Planted, planted_codes
from tests.fixtures.days import dated, day, this_year
from tests.fixtures.served import Served
from tests.journeys.outcomes import CERTIFY, CREATE_REFERRAL, certification, need
from tests.journeys.overlaps import AMEND, DECIDE, RECORD

ENTITLED = """
query ($code: String!) {
  household(code: $code) {
    id region { code } members { id relation }
    entitlements {
      rule aidKind program clause clauseText toCheck windowFrom windowUntil status person { id }
      evidence {
        person { id } certifications { id category } circumstances { kind } aidRecords { id agency { code } } referrals { id }
      }
    }
  }
}
"""
CHAIN = "query ($code: String!) { household(code: $code) { chain { head { type } verified { whole } } } }"
COUNTY, CITY = "410183", "4101"
MEDICAL = {"medical": {"form": "PREMIUM_SUBSIDY", "premiumInFull": True}}


@dataclass(frozen=True)
class Case:
    """One entitlement: the facts that create it, the agency that receives the need, and the aid that fulfils it. `facts` are
    SQL over :household and :person."""

    clause: str
    rule: str
    category: str
    kind: str
    asked: str
    second: str
    detail: dict[str, Any]
    facts: tuple[str, ...] = ()
    of_person: bool = False
    certified: dict[str, Any] = field(default_factory=dict)
    covers_person: bool = False


URBAN = "update household set residence = 'URBAN' where id = %(household)s"
STRUCK = (
    "insert into circumstance (household_id, id, kind, source_registry, since, note, agency_id, recorded_at) values"
    " (%(household)s, gen_random_uuid(), 'DISASTER', 'emergency_management', current_date - 20, '洪涝',"
    " 'emergency_management@410183', now())"
)
DEATH = (
    "insert into circumstance (household_id, id, person_id, kind, source_registry, since, agency_id, recorded_at) values"
    " (%(household)s, gen_random_uuid(), %(other)s, 'DEATH', 'civil_affairs', current_date - 20,"
    " 'civil_affairs@410183', now())"
)
ILL = "update person set health = 'SERIOUS' where id = %(person)s"
PUPIL = "update person set education_stage = 'VOCATIONAL' where id = %(person)s"
IDLE = (
    "update person set employment = 'UNEMPLOYED', labour = 'FULL', birth_date = '1985-03-05', disability_grade = null,"
    " disability_type = null where id = %(person)s"
)
ALL_IDLE = (
    "update person set employment = 'UNEMPLOYED', labour = 'FULL', birth_date = '1985-03-05'"
    " where household_id = %(household)s"
)
UNCARED = "update aid_record set status = 'REVOKED' where kind = 'SERVICE' and household_id = %(household)s"
YOUNG = "update person set birth_date = '2018-05-05' where id = %(person)s"
PARTS = {"subtype": "SUDDEN_HARDSHIP"}
LIVING = {"basicLiving": {"form": "SUBSISTENCE_ALLOWANCE", "payee": "PERSON", "monthSupplement": "100.00"}}
SUPPORT = {"basicLiving": {"form": "EXTREME_HARDSHIP_SUPPORT", "payee": "PERSON"}}
SCHOOL = {"education": {"form": "GRANT", "schoolYear": this_year, "stage": "VOCATIONAL"}}
TRAINING = {"employment": {"form": "TRAINING_SUBSIDY"}}
VISITS = {"service": {"form": "VISIT", "provider": "阳光社工", "times": 3}}
URGENT = {"temporary": {"form": "PAY_FIRST", "trouble": "失火", "happenedAtRegion": "410183"}}
FLOOD = {"disaster": {"form": "EMERGENCY", "disaster": "洪涝", "struckOn": lambda: day(-20)}}
SA, EH, M = "SUBSISTENCE_ALLOWANCE", "EXTREME_HARDSHIP", "SUBSISTENCE_MARGIN"


def _other(form: str) -> dict[str, Any]:
    return {"other": {"form": form}}


CASES = [
    Case("46-3.1", SA, SA, "BASIC_LIVING", "civil_affairs", "finance", LIVING),
    Case("46-3.1", "SUBSISTENCE_ALLOWANCE_OF_MEMBER", SA, "BASIC_LIVING", "civil_affairs", "finance", LIVING,
         of_person=True, covers_person=True),
    Case("46-3.1", "EXTREME_HARDSHIP_SUPPORT", EH, "BASIC_LIVING", "civil_affairs", "finance", SUPPORT,
         of_person=True, covers_person=True),
    Case("46-3.1", "MONTHLY_SUPPLEMENT", SA, "BASIC_LIVING", "civil_affairs", "finance", LIVING, of_person=True),
    Case("46-3.2.1", "PREMIUM_IN_FULL", EH, "MEDICAL", "medical_insurance", "medical_insurance@4101", MEDICAL, of_person=True,
         covers_person=True),
    Case("46-3.2.1", "PREMIUM_FIXED_PART", SA, "MEDICAL", "medical_insurance", "medical_insurance@4101", MEDICAL, of_person=True),
    Case("46-3.2.1", "MEDICAL_COST_AID", M, "MEDICAL", "medical_insurance", "medical_insurance@4101",
         {"medical": {"form": "COST_AID"}}, (ILL,), of_person=True),
    Case("46-3.2.2", "EDUCATION_AID", "RIGID_EXPENDITURE", "EDUCATION", "education", "education@4101", SCHOOL,
         (PUPIL,), of_person=True),
    Case("46-3.2.3", "URBAN_HOUSING", M, "HOUSING", "housing_security", "housing_security@4101",
         {"housing": {"form": "RENT_SUBSIDY"}}, (URBAN,)),
    Case("46-3.2.3", "URBAN_HOUSING_OF_DISPERSED", EH, "HOUSING", "housing_security", "housing_security@4101",
         {"housing": {"form": "PUBLIC_RENTAL"}}, (URBAN,), certified={"support": "DISPERSED"}, covers_person=True),
    Case("46-3.2.3", "RURAL_HOUSE", "OTHER_HARDSHIP", "HOUSING", "urban_construction", "urban_construction@4101",
         {"housing": {"form": "HOUSE_RENOVATION", "dangerGrade": "C"}}),
    Case("46-3.2.4", "EMPLOYMENT_AID", SA, "EMPLOYMENT", "human_resources", "human_resources@4101", TRAINING, (IDLE,),
         of_person=True),
    Case("46-3.2.4", "ZERO_EMPLOYMENT", SA, "EMPLOYMENT", "human_resources", "human_resources@4101", TRAINING,
         (ALL_IDLE,)),
    Case("46-3.2.5", "DISASTER_AID", M, "DISASTER", "emergency_management", "emergency_management@4101", FLOOD,
         (STRUCK,)),
    Case("46-3.3", "URGENT_AID", "POVERTY_RELAPSE_MONITORED", "TEMPORARY", "civil_affairs", "civil_affairs@4101",
         URGENT, certified=PARTS),
    Case("46-3.4", "CARE_OF_DISABLED", M, "SERVICE", "civil_affairs", "civil_affairs@4101", VISITS, (UNCARED,), of_person=True),
    Case("46-3.4", "CARE_OF_MINORS", M, "SERVICE", "civil_affairs", "civil_affairs@4101", VISITS, (YOUNG, UNCARED),
         of_person=True),
    Case("46-3.5", "HEATING", M, "OTHER", "civil_affairs", "civil_affairs@4101", _other("HEATING")),
    Case("46-3.5", "FUNERAL_FEES", M, "OTHER", "civil_affairs", "civil_affairs@4101", _other("FUNERAL_FEES"),
         (DEATH,)),
    Case("46-3.5", "ELECTRICITY", M, "OTHER", "development_reform", "civil_affairs", _other("ELECTRICITY")),
    Case("46-3.5", "DISABILITY_LIVING", SA, "OTHER", "disabled_federation", "disabled_federation@4101",
         _other("DISABILITY_LIVING"), of_person=True),
    Case("46-3.5", "BARRIER_FREE", M, "OTHER", "disabled_federation", "disabled_federation@4101",
         _other("BARRIER_FREE"), of_person=True),
    Case("46-3.6", "CHARITY", "OTHER_HARDSHIP", "CHARITY", "charity", "civil_affairs",
         {"charity": {"form": "DONATION", "organisation": "新密市慈善总会"}}),
    Case("46-3", "RELAPSE_PREVENTION", "POVERTY_RELAPSE_MONITORED", "RELAPSE_PREVENTION", "agriculture@4101", "agriculture",
         {"relapsePrevention": {"form": "INDUSTRY", "measure": "发放鸡苗"}}, certified=PARTS),
]  # fmt: skip
AUTHORITY = {"POVERTY_RELAPSE_MONITORED": "agriculture@410183", "OTHER_HARDSHIP": "civil_affairs@410183"}


def at_county(agency: str) -> str:
    """A department of the county, unless the agency is named in full."""
    return agency if "@" in agency else f"{agency}@{COUNTY}"


def look(
    served: Served, agency: str = f"civil_affairs@{CITY}", scopes: frozenset[Scope] | None = None
) -> Any:
    """The household with its entitlements, as an agency sees it, without forbidden fields."""
    (code,) = planted_codes()[Planted.SEVERE_DISABILITY_OUTSIDE]
    return served.ask(agency, ENTITLED, {"code": code}, scopes=scopes).body["data"]["household"]


def of_rule(household: Any, rule: str, person: str | None) -> Any:
    """The one entitlement of a rule, of a person or of the household; None if there is none."""
    found = [
        entitlement
        for entitlement in household["entitlements"]
        if entitlement["rule"] == rule and (entitlement["person"] and entitlement["person"]["id"]) == person
    ]
    assert len(found) <= 1
    return found[0] if found else None


def bring_about(served: Served, facts: tuple[str, ...], spouse: str, head: str) -> None:
    """Put facts into the database."""
    from schema.engine.declare import ids

    (household, person), (_, other) = ids.decode(spouse)[1], ids.decode(head)[1]
    with psycopg.connect(served.database_url) as connection:
        for fact in facts:
            connection.execute(fact, {"household": household, "person": person, "other": other})


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.clause} {case.rule}")
def test_an_entitlement_is_missing_then_referred_then_approved_then_given_twice_then_received(
    writable_hub: Served, case: Case
) -> None:
    household = look(writable_hub)
    (head,) = (member["id"] for member in household["members"] if member["relation"] == "HEAD")
    (spouse,) = (member["id"] for member in household["members"] if member["relation"] == "SPOUSE")
    assert household["entitlements"] == [], "without a category there is nothing to be entitled to"
    bring_about(writable_hub, case.facts, spouse, head)

    office = AUTHORITY.get(case.category, f"civil_affairs@{household['region']['code'][:9]}")
    covered = {"personId": spouse} if case.covers_person else {"householdId": household["id"]}
    given = certification(
        covered, case.category, validFrom=day(-400), validUntil="2040-01-01", **case.certified
    )
    certified = writable_hub.ask(office, CERTIFY, {"input": given}).data["certify"]
    assert certified["errors"] == []

    person = spouse if case.of_person else None
    missing = of_rule(look(writable_hub), case.rule, person)
    assert (missing["status"], missing["clause"], missing["aidKind"]) == ("MISSING", case.clause, case.kind)
    assert missing["clauseText"]
    assert missing["program"]
    if case.rule != "URGENT_AID":
        assert [one["category"] for one in missing["evidence"]["certifications"]] == [case.category]
    assert (missing["evidence"]["aidRecords"], missing["evidence"]["referrals"]) == ([], [])

    whom = {"personId": spouse} if case.of_person else {"householdId": household["id"]}
    sent = writable_hub.ask(
        office, CREATE_REFERRAL, {"input": need(whom, at_county(case.asked), case.kind)}
    ).data["createReferral"]
    assert sent["errors"] == []
    referred = of_rule(look(writable_hub), case.rule, person)
    assert referred["status"] == "REFERRED"
    assert referred["evidence"]["referrals"] == [{"id": sent["referral"]["id"]}]
    civil = DEPARTMENTS["civil_affairs"].scopes
    blind = look(writable_hub, scopes=civil - {Scope.REFERRAL_READ})
    assert of_rule(blind, case.rule, person)["status"] is None, "unknown to one who reads no referral"

    aid = {
        "externalId": "ENTITLED-1",
        "subject": whom,
        "program": "某项救助",
        "periodFrom": missing["windowFrom"],
        "periodUntil": missing["windowUntil"],
        "decidedOn": missing["windowFrom"],
        "detail": dated(case.detail),
    }
    for agency, state, status in (
        (case.asked, "APPROVED", "APPROVED"),
        (case.second, "DELIVERED", "DUPLICATED"),
    ):
        recorded = writable_hub.ask(at_county(agency), RECORD, {"input": aid | {"status": state}}).data[
            "recordAid"
        ]
        assert recorded["errors"] == []
        now = of_rule(look(writable_hub), case.rule, person)
        assert now["status"] == status
    givers = {record["agency"]["code"] for record in now["evidence"]["aidRecords"]}
    assert givers == {at_county(case.asked), at_county(case.second)}
    for told in recorded["warnings"]:
        if told["code"] == "DUPLICATE_AID":
            decision = {
                "id": told["overlap"]["caseId"],
                "expectedVersion": 1,
                "disposition": "BOTH_STAND",
                "reason": "均应给予",
            }
            decided = writable_hub.ask("civil_affairs@4101", DECIDE, {"input": decision}).data[
                "decideOverlap"
            ]
            assert decided["errors"] == []
    assert of_rule(look(writable_hub), case.rule, person)["status"] == "RECEIVED"

    (code,) = planted_codes()[Planted.SEVERE_DISABILITY_OUTSIDE]
    chain = writable_hub.ask("civil_affairs@4101", CHAIN, {"code": code}).data["household"]["chain"]
    assert (chain["head"]["type"], chain["verified"]["whole"]) == ("OVERLAP_DECIDED", True)


@pytest.mark.parametrize(
    ("life", "status"),
    [
        (({"status": "APPROVED"}, {"status": "ENDED"}), "MISSING"),
        (({"status": "APPROVED"}, {"status": "DELIVERED"}, {"status": "ENDED"}), "RECEIVED"),
        (
            ({"status": "PAID", "amount": "600.00"}, {"status": "ENDED"}),
            "RECEIVED",
        ),
    ],
    ids=["approved", "delivered", "paid"],
)
def test_46_2_3_aid_that_ended_was_received_only_if_it_was_paid_or_delivered(
    writable_hub: Served, life: tuple[dict[str, str], ...], status: str
) -> None:
    household = look(writable_hub)
    office = f"civil_affairs@{household['region']['code'][:9]}"
    given = certification({"householdId": household["id"]}, M, validFrom=day(-400))
    assert writable_hub.ask(office, CERTIFY, {"input": given}).data["certify"]["errors"] == []
    heating = of_rule(look(writable_hub), "HEATING", None)
    assert heating["status"] == "MISSING"
    first, *later = life
    paid = {"paidOn": day(-9)} if first["status"] == "PAID" else {}
    record = paid | {
        "externalId": "ENDS-1",
        "subject": {"householdId": household["id"]},
        "program": "取暖补贴",
        "periodFrom": heating["windowFrom"],
        "periodUntil": heating["windowUntil"],
        "decidedOn": heating["windowFrom"],
        "detail": _other("HEATING"),
    }
    agency = f"civil_affairs@{COUNTY}"
    recorded = writable_hub.ask(agency, RECORD, {"input": record | first}).data["recordAid"]
    assert recorded["errors"] == []
    for version, states in enumerate(later, 1):
        change = {"id": recorded["aidRecord"]["id"], "expectedVersion": version, "reason": "停发"} | states
        assert writable_hub.ask(agency, AMEND, {"input": change}).data["amendAid"]["errors"] == []
    now = of_rule(look(writable_hub), "HEATING", None)
    assert (now["status"], len(now["evidence"]["aidRecords"])) == (status, int(status == "RECEIVED"))


CLOSED = {
    "housing_security": ("ILL", "PUPIL", "DISABLED", "STRUCK", "DEATH"),
    "education": ("ILL", "DISABLED", "STRUCK", "DEATH"),
    "medical_insurance": ("PUPIL", "DISABLED", "STRUCK", "DEATH"),
    "human_resources": ("ILL", "PUPIL", "DISABLED", "STRUCK", "DEATH"),
    "emergency_management": ("ILL", "PUPIL", "DISABLED", "DEATH"),
    "charity": ("ILL", "PUPIL", "DISABLED", "STRUCK", "DEATH"),
}
FACTS = {
    "ILL": ILL,
    "PUPIL": PUPIL,
    "DISABLED": "update person set disability_grade = 4 where id = %(person)s",
    "STRUCK": STRUCK,
    "DEATH": DEATH,
}


@pytest.mark.parametrize("department", CLOSED)
def test_a_fact_that_is_closed_to_a_department_changes_nothing_of_what_it_is_told(
    writable_hub: Served, department: str
) -> None:
    household = look(writable_hub)
    head, spouse = (
        member["id"] for member in sorted(household["members"], key=lambda member: member["relation"])
    )
    given = certification({"householdId": household["id"]}, M, validFrom=day(-400))
    office = f"civil_affairs@{household['region']['code'][:9]}"
    assert writable_hub.ask(office, CERTIFY, {"input": given}).data["certify"]["errors"] == []
    agency = f"{department}@{COUNTY}"
    kinds = "MEDICAL, EDUCATION, EMPLOYMENT, DISASTER, OTHER, BASIC_LIVING, SERVICE"
    asked = f'{{ households(filter: {{region: "410183", missing: [{kinds}]}}) {{ totalCount nodes {{ code }} }} }}'

    def told() -> list[Any]:
        return [look(writable_hub, agency), writable_hub.ask(agency, asked).body]

    before, everything = told(), look(writable_hub)
    bring_about(writable_hub, tuple(FACTS[name] for name in CLOSED[department]), spouse, head)
    assert told() == before
    assert look(writable_hub) != everything, "the facts changed nothing for anybody"


def test_an_entitlement_is_told_only_where_each_of_its_facts_is_open(writable_hub: Served) -> None:
    household = look(writable_hub)
    head, spouse = (
        member["id"] for member in sorted(household["members"], key=lambda member: member["relation"])
    )
    bring_about(writable_hub, (ILL, PUPIL, STRUCK, DEATH), spouse, head)
    given = certification({"householdId": household["id"]}, M, validFrom=day(-400))
    office = f"civil_affairs@{household['region']['code'][:9]}"
    writable_hub.ask(office, CERTIFY, {"input": given})
    told = {
        department: {
            entitlement["rule"]
            for entitlement in look(writable_hub, f"{department}@{COUNTY}")["entitlements"]
        }
        for department in (*CLOSED, "disabled_federation", "health")
    }
    assert told["charity"] == set(), "who reads no certification knows of no category"
    of_facts = {
        "MEDICAL_COST_AID": {"medical_insurance", "health"},
        "EDUCATION_AID": {"education"},
        "DISASTER_AID": {"emergency_management"},
        "URGENT_AID": {"emergency_management"},
        "FUNERAL_FEES": set(),
        "DISABILITY_LIVING_OF_MARGIN": {"disabled_federation"},
        "BARRIER_FREE": {"disabled_federation"},
        "CARE_OF_DISABLED": {"disabled_federation"},
    }
    for rule, departments in of_facts.items():
        # An illness that only the township recorded is open to health, not to medical insurance.
        expected = departments - {"medical_insurance"}
        assert {department for department, rules in told.items() if rule in rules} == expected, rule
    assert all("HEATING" in rules for department, rules in told.items() if department != "charity")
