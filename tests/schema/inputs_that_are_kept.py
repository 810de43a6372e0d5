"""A good input for each mutation. A bad input then has no fault except the one that a test puts in."""

from collections.abc import Callable
from typing import Any

from schema.engine.declare.ids import encode
from tests.fixtures.days import dated, day, this_month, this_year
from tests.journeys.alerts import conference, found_on_the_spot, minutes, visit
from tests.journeys.outcomes import application, certification, need
from tests.journeys.overlaps import outcome
from tests.schema.desk import NAME, OFFICE, STREET, ArgumentValue, Desk, errors_in, registered
from tests.schema.inputs_of_offices import (
    county_option,
    county_option_to_end,
    in_ten_days,
    unknown_person,
    urgent_and_unregistered,
)

SCHOOLS = "education@410105"
HOUSES, CHARITY, FARMS = "housing_security@410105", "charity@410105", "agriculture@410105"
SOON, MONTH_BEFORE = 30, -30


DETAILS: dict[str, tuple[str, ArgumentValue]] = {
    "basicLiving": (
        OFFICE, {"form": "SUBSISTENCE_ALLOWANCE", "payee": "PERSON", "monthSupplement": "100.00", "institution": "敬老院"},
    ),
    "medical": (
        "medical_insurance@410105",
        {"form": "COST_AID", "hospital": "市一院", "totalCost": "9000.00", "insurancePaid": "1000.00", "premiumInFull": False},
    ),
    "education": (SCHOOLS, {"form": "GRANT", "schoolYear": this_year, "stage": "PRIMARY", "school": "文化路小学"}),
    "housing": (HOUSES, {"form": "RENT_SUBSIDY", "floorArea": "45.50", "dangerGrade": "C"}),
    "employment": ("human_resources@410105", {"form": "TRAINING_SUBSIDY", "employer": "某公司", "post": "保洁"}),
    "disaster": ("emergency_management@410105", {"form": "EMERGENCY", "disaster": "洪涝", "struckOn": day}),
    "temporary": (
        OFFICE,
        {"form": "PAY_FIRST", "trouble": "火灾", "happenedAtRegion": "410105001", "papersDueOn": lambda: day(SOON),
         "papersSuppliedOn": day, "noConferenceReason": "情况紧急", "happenedOn": day},
    ),
    "service": (OFFICE, {"form": "VISIT", "provider": "社工站", "times": 2}),
    "other": (OFFICE, {"form": "HEATING", "quantity": "12.50"}),
    "relapsePrevention": (FARMS, {"form": "INDUSTRY", "measure": "发放鸡苗"}),
}  # fmt: skip
"""For each kind an agency that gives it, and its detail with all possible fields."""


def aid(desk: Desk, kind: str, detail: ArgumentValue | None = None, **changes: Any) -> ArgumentValue:
    """An outcome of a kind, paid today."""
    paid = {} if kind == "service" else {"status": "PAID", "paidOn": day()}
    given = outcome(
        desk.household(),
        {kind: detail or dated(DETAILS[kind][1])},
        externalId=desk.number(),
        outcome="已发放",
        **paid,
    )
    if kind == "service":
        del given["amount"]
    return given | changes


def recorded(desk: Desk, kind: str = "education", **changes: Any) -> str:
    """The id of a saved outcome."""
    return desk.write(DETAILS[kind][0], "recordAid", aid(desk, kind, **changes))


def decided_by_a_conference(desk: Desk) -> ArgumentValue:
    """Urgent aid above the limit, decided by a conference."""
    whole = desk.household()
    called = {"externalId": desk.number(), "participants": [HOUSES]}
    held = desk.write(OFFICE, "openConference", conference(whole, **called))
    desk.write(OFFICE, "closeConference", minutes(held))
    detail = {
        "form": "CASE_CONFERENCE",
        "trouble": "车祸",
        "happenedAtRegion": "410105001",
        "conference": called["externalId"],
    }
    return aid(desk, "temporary", detail, subject=whole, amount="9000.00")


def of_an_offer(desk: Desk) -> ArgumentValue:
    """A donation from an offer."""
    offered = offer(desk)
    desk.write(CHARITY, "offerCharity", offered)
    detail = {
        "form": "PROJECT",
        "organisation": "慈善总会",
        "project": "送温暖",
        "offer": offered["externalId"],
    }
    return aid(desk, "charity", detail, status="DELIVERED", paidOn=None)


def amendment(desk: Desk) -> ArgumentValue:
    """A correction of all fields."""
    record = aid(desk, "education")
    id = desk.write(SCHOOLS, "recordAid", record)
    said = ("program", "periodFrom", "periodUntil", "status", "decidedOn", "amount", "paidOn", "outcome", "detail")  # fmt: skip
    return (
        {"id": id, "expectedVersion": 1, "reason": "金额有误"}
        | {name: record[name] for name in said}
        | {"amount": "99.00"}
    )


def revocation(desk: Desk) -> ArgumentValue:
    """The revocation of a record."""
    return {"id": recorded(desk), "expectedVersion": 1, "because": "MISTAKE", "reason": "重复登记"}


def papers(desk: Desk) -> ArgumentValue:
    """The papers of urgent aid."""
    detail = {"form": "PAY_FIRST", "trouble": "火灾", "happenedAtRegion": "410105001"}
    id = desk.write(OFFICE, "recordAid", aid(desk, "temporary", detail))
    return {"id": id, "expectedVersion": 1, "suppliedOn": day()}


def alert(desk: Desk, whole: dict[str, str]) -> str:
    """The id of an alert that was checked at home."""
    id = desk.write(OFFICE, "raiseAlert", found_on_the_spot(whole, externalId=desk.number()))
    desk.write(OFFICE, "recordVisit", visit(whole, externalId=desk.number(), alertId=id))
    return id


def visited(desk: Desk) -> ArgumentValue:
    """A visit for an alert."""
    whole = desk.household()
    id = desk.write(OFFICE, "raiseAlert", found_on_the_spot(whole, externalId=desk.number()))
    return visit(whole, externalId=desk.number(), alertId=id)


def disposal(disposition: str, **given: Any) -> Callable[[Desk], ArgumentValue]:
    """A disposition with its consequence."""
    return lambda desk: {
        "id": alert(desk, desk.household()), "expectedVersion": 2, "disposition": disposition,
        "reason": "经核查属实", **dated(given),
    }  # fmt: skip


def terminating(desk: Desk) -> ArgumentValue:
    """The disposition that ends a certification."""
    whole = desk.household()
    ended = end_of_certification(desk, whole)
    return {
        "id": alert(desk, whole), "expectedVersion": 2, "disposition": "TERMINATE", "reason": "经核查属实", "termination": ended,
    }  # fmt: skip


def including(desk: Desk) -> ArgumentValue:
    """The disposition by which the township certifies a member of the household."""
    whole, person = desk.family()
    inclusion = {
        "category": "EXTREME_HARDSHIP",
        "validFrom": day(),
        "validUntil": day(SOON),
        "support": "DISPERSED",
        **person,
    }
    return {
        "id": alert(desk, whole), "expectedVersion": 2, "disposition": "INCLUDE", "reason": "经核查属实", "inclusion": inclusion,
        "referrals": [{"toAgency": HOUSES, "need": "HOUSING", "reason": "受损"}],
    }  # fmt: skip


def end_of_certification(desk: Desk, whole: dict[str, str] | None = None) -> ArgumentValue:
    """The end of a certification in force."""
    given = certification(whole or desk.household(), externalId=desk.number(), validFrom=day(MONTH_BEFORE))
    id = desk.write(OFFICE, "certify", given)
    return {
        "id": id,
        "expectedVersion": 1,
        "because": "NO_LONGER_ELIGIBLE",
        "endedOn": day(),
        "reason": "收入已超标准",
    }


def fact(kind: str, **said: Any) -> Callable[[Desk], ArgumentValue]:
    """A report of a fact, with all fields of its kind."""
    return lambda desk: {
        "reports": [
            {
                "externalId": desk.number(),
                "subject": desk.person(),
                "kind": kind,
                "since": day(MONTH_BEFORE),
                "until": day(),
                **said,
            }
        ],
    }


def correction_of_a_fact(desk: Desk) -> ArgumentValue:
    """A report that corrects a fact."""
    given = fact("CHRONIC_ILLNESS", note="高血压")(desk)
    payload = desk.send("health@410105", "reportCircumstances", given).data["reportCircumstances"]
    assert errors_in(payload) == []
    (report,) = given["reports"]
    return given | {"reports": [report | {"note": "糖尿病", "expectedVersion": 1}]}


def to_close(desk: Desk) -> ArgumentValue:
    """The minutes of a conference that was called."""
    called = conference(desk.household(), externalId=desk.number(), participants=[HOUSES])
    return minutes(desk.write(OFFICE, "openConference", called))


def disclosure(desk: Desk) -> ArgumentValue:
    """A list to publish; the published one before it is withdrawn."""
    ((region,),) = desk.served.rows(
        "select left(h.region, 9) from certification c join household h on h.id = c.household_id"
        " where starts_with(h.region, '410105') and c.ended_on is null group by 1 order by count(*) desc, 1 limit 1"
    )
    for (id,) in desk.served.rows("select id from disclosure where withdrawn_at is null"):
        taken_back = {"id": encode("Disclosure", (id,)), "expectedVersion": 1, "reason": "有误"}
        desk.write(OFFICE, "withdrawDisclosure", taken_back)
    return {"externalId": desk.number(), "region": region, "month": this_month(), "listOf": "CERTIFIED"}


def published(desk: Desk) -> str:
    """The id of a published list."""
    return desk.write(OFFICE, "publishDisclosure", disclosure(desk))


def objection(desk: Desk) -> ArgumentValue:
    """An objection to the first line of a list."""
    return {
        "externalId": desk.number(),
        "disclosureId": published(desk),
        "number": 1,
        "ground": "其有商铺出租",
        "objectedOn": day(),
    }


def declaration(desk: Desk) -> ArgumentValue:
    """A declaration of a near relative of an official."""
    return {
        "externalId": desk.number(), "subject": desk.person(), "kinship": "PARENT", "office": "街道办事处",
        "post": "民政所所长", "declaredOn": day(),
    }  # fmt: skip


def offer(desk: Desk) -> ArgumentValue:
    """An offer of charity."""
    return {
        "externalId": desk.number(),
        "organisation": "慈善总会",
        "what": "轮椅",
        "region": "410105",
        "quantity": 3,
        "until": day(SOON),
        "category": "SUBSISTENCE_ALLOWANCE",
    }


def overlap(desk: Desk) -> ArgumentValue:
    """A rent subsidy beside a public rental, for civil affairs to decide."""
    rental = aid(desk, "housing", {"form": "PUBLIC_RENTAL"})
    desk.write(HOUSES, "recordAid", rental)
    return {"outcome": aid(desk, "housing", subject=rental["subject"]), "said": "请核实"}


def overpaid(desk: Desk) -> ArgumentValue:
    """A recovery of the amount paid of a revoked record."""
    taken_back = revocation(desk)
    desk.write(SCHOOLS, "revokeAid", taken_back)
    return {
        "externalId": desk.number(), "aidRecordId": taken_back["id"], "because": "MISTAKE", "amount": "500.00",
        "reason": "多发", "dueOn": day(SOON),
    }  # fmt: skip


def goods_due(desk: Desk) -> ArgumentValue:
    """A recovery of goods, by their value, that were given by mistake."""
    id = recorded(desk, status="DELIVERED", paidOn=None, amount=None)
    desk.write(
        SCHOOLS, "revokeAid", {"id": id, "expectedVersion": 1, "because": "MISTAKE", "reason": "发放有误"}
    )
    return {
        "externalId": desk.number(), "aidRecordId": id, "because": "MISTAKE", "amount": "300.00", "reason": "发放有误",
        "manner": "BY_VALUE", "goods": "书包和文具",
    }  # fmt: skip


def decided(desk: Desk) -> ArgumentValue:
    """A decision that tolerates an honest mistake that was corrected."""
    id = desk.write(OFFICE, "recordAid", aid(desk, "other"))
    desk.write(
        OFFICE, "revokeAid", {"id": id, "expectedVersion": 1, "because": "MISTAKE", "reason": "录入有误"}
    )
    return {
        "externalId": desk.number(), "aidRecordId": id, "party": "OFFICIAL", "outcome": "EXEMPTED",
        "reason": "名单接口故障导致重复发放,次日即更正", "decidedOn": day(),
    }  # fmt: skip


def step(*before: str, **given: Any) -> Callable[[Desk], ArgumentValue]:
    """A step of a referral, after the steps before it."""

    def made(desk: Desk) -> ArgumentValue:
        id = desk.write(OFFICE, "createReferral", need(desk.person(), SCHOOLS, externalId=desk.number()))
        for version, name in enumerate(before, 1):
            desk.write(
                SCHOOLS,
                name,
                {"id": id, "expectedVersion": version}
                | ({"reason": "不属本辖区"} if "return" in name else {}),
            )
        own = {"externalId": desk.number()} if "toAgency" in given else {}
        told: ArgumentValue = {"id": id, "expectedVersion": len(before) + 1} | own | dated(given)
        return told

    return made


def completion(desk: Desk) -> ArgumentValue:
    """The completion of a referral, with the aid that answers it."""
    person = desk.person()
    id = desk.write(OFFICE, "createReferral", need(person, SCHOOLS, externalId=desk.number()))
    desk.write(SCHOOLS, "acceptReferral", {"id": id, "expectedVersion": 1})
    answer = recorded(desk, subject=person)
    return {"id": id, "expectedVersion": 2, "outcome": "已发放助学金", "aidRecordIds": [answer]}


KEPT: list[tuple[str, str, Callable[[Desk], ArgumentValue]]] = [
    *(("recordAid", agency, lambda desk, kind=kind: aid(desk, kind)) for kind, (agency, _) in DETAILS.items()),
    ("recordAid", OFFICE, decided_by_a_conference),
    ("recordAid", CHARITY, of_an_offer),
    ("recordAid", SCHOOLS, lambda desk: aid(desk, "education", subject=desk.person(), name=NAME)),
    ("recordAids", SCHOOLS, lambda desk: {"outcomes": [aid(desk, "education")]}),
    ("recordAids", SCHOOLS, lambda desk: {"outcomes": [aid(desk, "education", subject=desk.person(), name=NAME)]}),
    ("recordUrgentAid", OFFICE, lambda desk: urgent_and_unregistered(desk, unknown_person(desk))),
    ("recordUrgentAid", STREET, lambda desk: urgent_and_unregistered(desk, {"knownAs": "自称老陈,约六十岁"})),
    ("amendAid", SCHOOLS, amendment),
    ("revokeAid", SCHOOLS, revocation),
    ("supplyPapers", OFFICE, papers),
    ("raiseAlert", OFFICE, lambda desk: found_on_the_spot(desk.person(), externalId=desk.number())),
    ("recordVisit", OFFICE, visited),
    ("disposeAlert", OFFICE, disposal("INCLUDE", referrals=[{"toAgency": HOUSES, "need": "HOUSING", "reason": "受损"}])),
    ("disposeAlert", OFFICE, disposal("CONFERENCE", conference={"participants": [HOUSES], "meetsOn": day})),
    ("disposeAlert", OFFICE, terminating),
    ("disposeAlert", STREET, including),
    ("disposeAlert", OFFICE, disposal("UNFOUNDED")),
    ("upsertHouseholds", STREET, lambda desk: {"households": [registered(desk)]}),
    ("upsertHouseholds", STREET, lambda desk: {"households": [registered(desk, expectedVersion=0)]}),
    ("upsertHouseholds", STREET, lambda desk: {"households": [registered(desk, head=NAME)]}),
    ("submitApplication", OFFICE, lambda desk: application(desk.person(), "EDUCATION", externalId=desk.number())),
    ("certify", STREET, lambda desk: certification(
        desk.person(), "EXTREME_HARDSHIP", externalId=desk.number(), support="DISPERSED", certifiedAmount="988.00")),
    ("certify", FARMS, lambda desk: certification(
        desk.household(), "POVERTY_RELAPSE_MONITORED", externalId=desk.number(), subtype="MARGINAL")),
    ("terminateCertification", OFFICE, end_of_certification),
    ("reportCircumstances", SCHOOLS, fact("HARDSHIP_STUDENT", educationStage="PRIMARY", school="文化路小学")),
    ("reportCircumstances", "disabled_federation@410105",
     fact("DISABILITY", disabilityType="PHYSICAL", disabilityGrade=2)),
    ("reportCircumstances", "emergency_management@410105", fact("DISASTER", amount="5000.00", note="暴雨")),
    ("reportCircumstances", "health@410105", correction_of_a_fact),
    ("reportCircumstances", "health@410105", fact("SERIOUS_ILLNESS", name=NAME)),
    ("reportCircumstances", SCHOOLS, lambda desk: {
        "month": this_month(), **fact("HARDSHIP_STUDENT", educationStage="PRIMARY", school="文化路小学")(desk)}),
    ("openConference", OFFICE, lambda desk: conference(desk.household(), externalId=desk.number())),
    ("closeConference", OFFICE, to_close),
    ("publishDisclosure", OFFICE, disclosure),
    ("objectToDisclosure", OFFICE, objection),
    ("withdrawDisclosure", OFFICE, lambda desk: {"id": published(desk), "expectedVersion": 1, "reason": "名单有误"}),
    ("declareNearRelative", OFFICE, declaration),
    ("recordLiability", OFFICE, decided),
    ("recordLiability", OFFICE, lambda desk: decided(desk) | {"outcome": "HELD_LIABLE", "measure": "约谈"}),
    ("endNearRelative", OFFICE, lambda desk: {
        "id": desk.write(OFFICE, "declareNearRelative", declaration(desk)), "expectedVersion": 1, "reason": "已离任"}),
    ("offerCharity", CHARITY, offer),
    ("recordCountyOption", OFFICE, county_option),
    ("endCountyOption", OFFICE, county_option_to_end),
    ("withdrawOffer", CHARITY, lambda desk: {
        "id": desk.write(CHARITY, "offerCharity", offer(desk)), "expectedVersion": 1}),
    ("mediateOverlap", HOUSES, overlap),
    ("decideOverlap", OFFICE, lambda desk: {
        "id": desk.write(HOUSES, "mediateOverlap", overlap(desk)), "expectedVersion": 1, "disposition": "CORRECT",
        "reason": "同一救助", "withdrawn": "SECOND"}),
    ("openRecovery", SCHOOLS, overpaid),
    ("openRecovery", SCHOOLS, goods_due),
    ("recordRepayment", SCHOOLS, lambda desk: {
        "externalId": desk.number(), "recoveryId": desk.write(SCHOOLS, "openRecovery", overpaid(desk)),
        "amount": "100.00", "repaidOn": day()}),
    ("waiveRecovery", SCHOOLS, lambda desk: {
        "id": desk.write(SCHOOLS, "openRecovery", overpaid(desk)), "expectedVersion": 1, "reason": "无力退还"}),
    ("createReferral", OFFICE, lambda desk: need(desk.person(), SCHOOLS, externalId=desk.number(), dueAt=in_ten_days())),
    ("acceptReferral", SCHOOLS, step()),
    ("returnReferral", SCHOOLS, step(reason="不属本辖区")),
    ("completeReferral", SCHOOLS, completion),
    ("forwardReferral", OFFICE, step("returnReferral", toAgency="education@4101", reason="转办", dueAt=in_ten_days)),
    ("endReferral", OFFICE, step("returnReferral", reason="已自行解决")),
]  # fmt: skip
"""Each mutation, an agency that may send it, and an input that is saved. Together they contain every input field."""
