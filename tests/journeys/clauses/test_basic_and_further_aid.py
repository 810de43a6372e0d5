"""46-3.1 and 46-3.3 to 46-3.6, row by row: who misses which aid, who gives it in which forms, and that the chain records it."""

from datetime import date, timedelta
from typing import Any

from auth.departments import DEPARTMENTS
from hub.foundation.calendar import today
from hub.model.aid import AidKind, CharityForm, OtherForm, ServiceForm, TemporaryForm
from tests.journeys.alerts import CLOSE, OPEN, minutes
from tests.journeys.clauses.conftest import Tell
from tests.journeys.clauses.family import EMPLOYED, UNABLE, child, head, parent, spouse
from tests.journeys.clauses.story import JINSHUI, answering, begun, long_ago
from tests.journeys.outcomes import RECORD_AID
from tests.journeys.test_charity_offers import OFFER, OFFERS, wheelchairs
from tests.journeys.test_urgent_aid import SUPPLY

ERQI = "410103001"


def test_46_3_1_a_covered_household_is_paid_by_the_10th_with_100_yuan_for_each_of_a_class(tell: Tell) -> None:
    story = tell(head(**EMPLOYED), child(9), parent(76))
    story.certify("SUBSISTENCE_ALLOWANCE")
    for of in ("CHILD", "PARENT"):
        assert story.entitled("MONTHLY_SUPPLEMENT", of)["status"] == "MISSING"
    month = date.fromisoformat(story.entitled("SUBSISTENCE_ALLOWANCE")["windowFrom"])
    allowance = {
        "basicLiving": {"form": "SUBSISTENCE_ALLOWANCE", "payee": "PERSON", "monthSupplement": "200.00"}
    }
    story.only(("civil_affairs", "finance"), None, allowance)
    paid = story.answered(
        "SUBSISTENCE_ALLOWANCE",
        None,
        "civil_affairs",
        allowance,
        amount="1730.00",
        decidedOn=str(month),
        paidOn=str(month + timedelta(days=9)),
    )
    assert paid["warnings"] == [], "the supplement is what the facts give, and the 10th is in time"
    for of in ("CHILD", "PARENT"):
        assert story.entitled("MONTHLY_SUPPLEMENT", of)["status"] == "RECEIVED"
    chain = story.told(*begun(story), *answering("civil_affairs", "46-3.1", story.office))
    assert chain[-2].amount == "1730.00"
    story.skeleton("finance", opened=("civil_affairs",))
    story.skeleton("education")


def test_46_3_1_support_of_who_lives_in_an_institution_is_paid_to_the_institution(tell: Tell) -> None:
    story = tell(head(72, **UNABLE))
    story.certify("EXTREME_HARDSHIP", "HEAD", support="INSTITUTIONAL")
    month = date.fromisoformat(story.entitled("EXTREME_HARDSHIP_SUPPORT", "HEAD")["windowFrom"])
    in_time = {"decidedOn": str(month), "paidOn": str(month + timedelta(days=5)), "amount": "1365.00"}

    def support(payee: str, institution: str | None = None) -> dict[str, Any]:
        detail = {"form": "EXTREME_HARDSHIP_SUPPORT", "payee": payee, "institution": institution}
        return {"basicLiving": detail}

    with story.nothing_written():
        nobodys = story.aid("WRONG", "HEAD", support("INSTITUTION"))
        assert story.refused("finance", RECORD_AID, nobodys) == ("INVALID_INPUT", "institution")
    institution = support("INSTITUTION", "金水区敬老院")
    paid = story.answered("EXTREME_HARDSHIP_SUPPORT", "HEAD", "finance", institution, **in_time)
    assert paid["warnings"] == []
    earlier = {name: str(long_ago()) for name in ("periodFrom", "periodUntil", "decidedOn", "paidOn")}
    (warning,) = story.give("civil_affairs", "TO-PERSON", "HEAD", support("PERSON"), **earlier)["warnings"]
    assert (warning["code"], warning["path"]) == ("PAYEE_DIFFERS", ["input"])
    assert "供养服务机构集体账户" in warning["messageZh"]
    pushed = [*answering("finance", "46-3.1", story.office), ("AID_RECORDED", "civil_affairs", "46-3.1")]
    chain = story.told(*begun(story), *pushed)
    assert story.told(*begun(story)[1:], *pushed, of="HEAD") == chain[1:]
    story.skeleton("housing_security")


def test_46_3_3_who_is_in_sudden_trouble_is_helped_where_it_happens_whatever_the_register_says(
    tell: Tell,
) -> None:
    story = tell(head(**EMPLOYED), spouse(**EMPLOYED), township=ERQI)
    there, county, home = f"civil_affairs@{JINSHUI}", "civil_affairs@410105", "civil_affairs@410103"
    story.report("emergency_management", "DISASTER", "HEAD")
    assert story.entitled("URGENT_AID")["status"] == "MISSING"
    whom = {"idNumber": story.numbers["HEAD"]}

    def urgent(number: str, form: str, amount: str, **said: str) -> dict[str, Any]:
        detail = {"temporary": {"form": form, "trouble": "房屋突发火灾", "happenedAtRegion": JINSHUI, **said}}
        return story.aid(number, "HEAD", detail, subject=whom, amount=amount)

    with story.nothing_written():
        for other in set(DEPARTMENTS) - {"civil_affairs"}:
            refused = story.refused(f"{other}@410105", RECORD_AID, urgent("WRONG", "PAY_FIRST", "900.00"))
            assert refused in (("FORBIDDEN_WRITE", "detail"), ("FORBIDDEN_FIELD", "Mutation.recordAid"))
        most = urgent("FIRST", "PAY_FIRST", "2280.00")
        above = story.refused(there, RECORD_AID, most | {"amount": "2280.01"})
        assert above == ("PAY_FIRST_LIMIT_EXCEEDED", "amount")
    first = story.write(there, RECORD_AID, most)["aidRecord"]
    assert story.entitled("URGENT_AID")["status"] == "RECEIVED"
    papers = {"id": first["id"], "expectedVersion": 1, "suppliedOn": str(today())}
    supplied = story.write(there, SUPPLY, papers)["aidRecord"]
    assert (supplied["papersSuppliedOn"], supplied["papersOverdue"]) == (str(today()), False)

    called: dict[str, Any] = {
        "externalId": f"{story.code}-会",
        "subject": story.one("HEAD"),
        "matter": "火灾后无力重建",
        "meetsOn": str(today()),
        "participants": [county],
    }
    conference = story.write(home, OPEN, called)["conference"]
    measure = {"agency": county, "kind": "TEMPORARY", "what": "一次性救助", "amount": "9000.00"}
    story.write(home, CLOSE, minutes(conference["id"], measures=[measure]))
    decided = urgent("CONFERRED", "CASE_CONFERENCE", "9000.00", conference=called["externalId"])
    assert story.write(county, RECORD_AID, decided)["aidRecord"]["kind"] == "TEMPORARY"
    rescued = urgent("RESCUED", "VAGRANT_RESCUE", "260.00")
    story.write(there, RECORD_AID, rescued)
    emergency = urgent("EMERGENCY", "EMERGENCY_TYPE", "2280.00")
    expense = urgent("EXPENSE", "EXPENDITURE_TYPE", "5000.00") | {"subject": story.one("HEAD")}
    with story.nothing_written():
        refused = story.refused(there, RECORD_AID, emergency)
        assert refused == ("COUNTY_CONFIRMATION_REQUIRED", "form"), "the county confirms"
    story.write(county, RECORD_AID, emergency)
    story.write(home, RECORD_AID, expense)
    assert story.forms(AidKind.TEMPORARY) == set(TemporaryForm)
    chain = story.told(
        begun(story)[0],
        ("CIRCUMSTANCE_REPORTED", "emergency_management", "46-3.2.5"),
        ("AID_RECORDED", there, "46-3.3"),
        ("SIGHT_GIVEN", there, "46-3.3"),
        ("AID_AMENDED", there, "46-3.3"),
        ("CONFERENCE_CALLED", home, "46-2.4"),
        ("SIGHT_GIVEN", home, "46-2.4"),
        ("CONFERENCE_HELD", home, "46-2.4"),
        ("REFERRAL_SENT", home, "46-2.1"),
        ("SIGHT_GIVEN", home, "46-2.1"),
        ("AID_RECORDED", county, "46-3.3"),
        ("SIGHT_GIVEN", county, "46-3.3"),
        ("AID_RECORDED", there, "46-3.3"),
        ("AID_RECORDED", county, "46-3.3"),
        ("AID_RECORDED", home, "46-3.3"),
    )
    assert story.chain(home) == chain, "where the family lives all is read in detail"
    story.skeleton("charity", hidden=("CIRCUMSTANCE_REPORTED",))


def test_46_3_4_who_cannot_look_after_themselves_are_visited_cared_for_and_counselled(tell: Tell) -> None:
    story = tell(head(**EMPLOYED), child(8), parent(78), spouse(**UNABLE))
    story.certify("SUBSISTENCE_MARGIN")
    story.report("disabled_federation", "DISABILITY", "SPOUSE", disabilityGrade=1)
    kept: dict[str, Any] = {"status": "DELIVERED", "paidOn": None, "amount": None}

    def detail(form: str) -> dict[str, Any]:
        return {"service": {"form": form, "provider": "金水区阳光社工", "times": 4}}

    story.only(("civil_affairs",), "PARENT", detail("CARE"))
    with story.nothing_written():
        paid = story.aid("WRONG", "PARENT", detail("CARE"))
        assert story.refused(story.office, RECORD_AID, paid) == ("INVALID_INPUT", "amount"), "no money"
    pushed = (
        ("CARE_OF_ELDERLY", "PARENT", "CARE", "health"),
        ("CARE_OF_MINORS", "CHILD", "COUNSELLING", "education"),
        ("CARE_OF_DISABLED", "SPOUSE", "VISIT", "disabled_federation"),
    )
    for rule, of, form, by in pushed:
        story.answered(rule, of, story.office, detail(form), pushed_by=by, **kept)
    story.give("civil_affairs", ServiceForm.SOCIAL_WORK, None, detail("SOCIAL_WORK"), **kept)
    assert story.forms(AidKind.SERVICE) == set(ServiceForm)
    story.told(
        *begun(story),
        ("CIRCUMSTANCE_REPORTED", "disabled_federation", "46-2.3"),
        *[event for *_, by in pushed for event in answering(story.office, "46-3.4", by)],
        ("AID_RECORDED", "civil_affairs", "46-3.4"),
    )
    story.told(*answering(story.office, "46-3.4", "education"), of="CHILD")
    story.skeleton("health", hidden=("CIRCUMSTANCE_REPORTED",))


def test_46_3_5_heating_funeral_fees_prices_and_disability_allowances_each_from_who_is_in_charge(
    tell: Tell,
) -> None:
    story = tell(head(**EMPLOYED), child(8), parent(80))
    story.certify("SUBSISTENCE_MARGIN")
    story.report("disabled_federation", "DISABILITY", "CHILD", disabilityGrade=2)
    story.report("civil_affairs", "DEATH", "PARENT")
    federation, prices, civil = "disabled_federation", "development_reform", "civil_affairs"
    story.only((federation, prices, civil), None, {"other": {"form": "HEATING"}})
    with story.nothing_written():
        for wrong, form in ((federation, "GAS"), (prices, "BARRIER_FREE"), (prices, "HEATING")):
            refused = story.refused(wrong, RECORD_AID, story.aid("WRONG", None, {"other": {"form": form}}))
            assert refused == ("AID_FORM_NOT_YOURS", "form")
    rules: list[tuple[str, str | None, str, OtherForm]] = [
        ("HEATING", None, civil, OtherForm.HEATING),
        ("FUNERAL_FEES", None, civil, OtherForm.FUNERAL_FEES),
        ("ELECTRICITY", None, prices, OtherForm.ELECTRICITY),
        ("WATER", None, prices, OtherForm.WATER),
        ("GAS", None, prices, OtherForm.GAS),
        ("DISABILITY_LIVING_OF_MARGIN", "CHILD", federation, OtherForm.DISABILITY_LIVING),
        ("CHILD_REHABILITATION", "CHILD", federation, OtherForm.CHILD_REHABILITATION),
        ("BARRIER_FREE", "CHILD", federation, OtherForm.BARRIER_FREE),
    ]
    for rule, of, by, form in rules:
        story.answered(rule, of, by, {"other": {"form": form}}, amount="300.00")
    nursing = {"other": {"form": OtherForm.DISABILITY_NURSING}}
    story.give(federation, OtherForm.DISABILITY_NURSING, "CHILD", nursing)
    assert story.forms(AidKind.OTHER) == set(OtherForm)
    pushed = [event for _, _, by, _ in rules for event in answering(by, "46-3.5", story.office)]
    story.told(
        *begun(story),
        ("CIRCUMSTANCE_REPORTED", federation, "46-2.3"),
        ("CIRCUMSTANCE_REPORTED", civil, "46-2.2"),
        *pushed,
        ("AID_RECORDED", federation, "46-3.5"),
    )
    story.skeleton(prices, hidden=("CIRCUMSTANCE_REPORTED",), opened=(civil, prices, federation))
    story.skeleton("education", hidden=("CIRCUMSTANCE_REPORTED",))


def test_46_3_6_a_need_is_matched_with_what_organisations_offer(tell: Tell) -> None:
    story = tell(head(**EMPLOYED), child(9))
    story.certify("SUBSISTENCE_MARGIN")
    offered = wheelchairs(
        externalId=f"{story.code}-供", what="学习桌", quantity=2, category="SUBSISTENCE_MARGIN"
    )
    story.write("charity", OFFER, offered)
    found = story.hub.ask(
        story.office,
        OFFERS,
        {"filter": {"region": story.township, "category": "SUBSISTENCE_MARGIN", "open": True}},
    ).data["charityOffers"]["nodes"]
    assert offered["externalId"] in {one["externalId"] for one in found}
    kept: dict[str, Any] = {"status": "DELIVERED", "paidOn": None, "amount": None}

    def detail(form: str, **said: str) -> dict[str, Any]:
        return {"charity": {"form": form, "organisation": "金水区慈善总会", **said}}

    story.only(("civil_affairs", "charity"), None, detail("DONATION"))
    of_offer = detail("DONATION", offer=offered["externalId"])
    story.answered("CHARITY", None, "charity", of_offer, **kept)
    (left,) = story.hub.rows(
        "select remaining from charity_offer where external_id = %s", offered["externalId"]
    )
    assert left == (1,)
    story.give("civil_affairs", "VOLUNTEER", None, detail("VOLUNTEER"), **kept)
    story.give("charity", "PROJECT", None, detail("PROJECT", project="圆梦助学"), amount="5000.00")
    assert story.forms(AidKind.CHARITY) == set(CharityForm)
    story.told(
        *begun(story),
        *answering("charity", "46-3.6", story.office),
        ("AID_RECORDED", "civil_affairs", "46-3.6"),
        ("AID_RECORDED", "charity", "46-3.6"),
    )
    story.skeleton("charity", opened=("charity", "civil_affairs"))
    story.skeleton("education")
