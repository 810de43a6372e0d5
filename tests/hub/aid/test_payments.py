"""Payments in time and in full: 46-3.1 by the 10th and to the right account, 46-3.2.1 premiums in full."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from hub.model.aid import AidKind, AidStatus, BasicLivingForm, MedicalForm, Payee
from hub.persons.subjects import Subject
from hub.policy.facts.aid import payment_due
from tests.hub.money import HOME, Case, Desk, allowance, codes, grant_of, person_id


@pytest.mark.parametrize(
    ("begins", "decided", "due"),
    [
        # 每月10日前发放到位, including the 10th: the first 10th on or after both days
        ("2026-03-01", "2026-02-25", "2026-03-10"),
        ("2026-03-09", "2026-03-01", "2026-03-10"),
        ("2026-03-10", "2026-03-01", "2026-03-10"),
        ("2026-03-11", "2026-03-01", "2026-04-10"),
        ("2026-03-01", "2026-03-10", "2026-03-10"),
        ("2026-03-01", "2026-03-11", "2026-04-10"),
        ("2026-03-01", "2026-03-31", "2026-04-10"),
        ("2026-12-10", "2026-12-10", "2026-12-10"),
        ("2026-12-11", "2026-12-01", "2027-01-10"),
        ("2026-12-31", "2026-12-31", "2027-01-10"),
        ("2027-01-31", "2027-01-31", "2027-02-10"),
        ("2028-02-29", "2028-02-01", "2028-03-10"),
        ("2026-01-31", "2026-01-05", "2026-02-10"),
    ],
)
def test_an_allowance_is_due_by_the_first_tenth(begins: str, decided: str, due: str) -> None:
    assert payment_due(date.fromisoformat(begins), date.fromisoformat(decided)) == date.fromisoformat(due)


@pytest.mark.parametrize(
    ("changes", "late"),
    [
        ({"paid_on": date(2026, 3, 9)}, False),
        ({"paid_on": date(2026, 3, 10)}, False),
        ({"paid_on": date(2026, 3, 11)}, True),
        ({"paid_on": date(2026, 2, 27)}, False),
        ({"decided_on": date(2026, 3, 11), "paid_on": date(2026, 4, 10)}, False),
        ({"decided_on": date(2026, 3, 11), "paid_on": date(2026, 4, 11)}, True),
        ({"status": AidStatus.APPROVED, "paid_on": None}, False),
    ],
)
def test_an_allowance_that_was_paid_after_its_day_is_warned_of(desk: Desk, changes: Any, late: bool) -> None:
    async def steps(case: Case) -> Any:
        await case.home()
        await case.certify("SUBSISTENCE_ALLOWANCE")
        return codes(await case.record(grant_of(), allowance(**changes)))

    assert desk.run(steps) == (["PAID_LATE"] if late else [])


DECIDED = date(2026, 2, 25)
PERSON = Subject(person=(HOME, person_id(0)))


def premium(in_full: bool | None, form: MedicalForm = MedicalForm.PREMIUM_SUBSIDY) -> Any:
    detail = {"form": form, "premium_in_full": in_full}
    return replace(
        allowance(),
        kind=AidKind.MEDICAL,
        detail=detail,
        subject=PERSON,
        program="资助参保",
        decided_on=DECIDED,
    )


@pytest.mark.parametrize(
    ("draft", "certified", "warned"),
    [
        # 对特困人员参加城乡居民基本医疗保险的费用给予全额资助
        (premium(True), {}, False),
        (premium(False), {}, True),
        (premium(None), {}, True),
        # for nobody else, and for no other form
        (premium(False), {"category": "SUBSISTENCE_ALLOWANCE", "support": None}, False),
        (premium(False), {"category": "OTHER_HARDSHIP", "support": None}, False),
        (premium(False, MedicalForm.COST_AID), {}, False),
        # by the certification on the day of the decision
        (premium(False), {"valid_from": date(2026, 2, 25)}, True),
        (premium(False), {"valid_from": date(2026, 2, 26)}, False),
        (premium(False), {"valid_until": date(2026, 2, 25)}, True),
        (premium(False), {"valid_until": date(2026, 2, 24)}, False),
        (premium(False), {"ended_on": date(2026, 2, 26), "ended_because": "DECEASED"}, True),
        (premium(False), {"ended_on": date(2026, 2, 25), "ended_because": "DECEASED"}, False),
    ],
)
def test_the_premium_of_extreme_hardship_is_paid_in_full(
    desk: Desk, draft: Any, certified: Any, warned: bool
) -> None:
    assert _warnings(desk, draft, "medical_insurance@410105", certified) == (
        ["PREMIUM_NOT_IN_FULL"] if warned else []
    )


def support(payee: Payee) -> Any:
    """The support of a person in extreme hardship."""
    detail = {"form": BasicLivingForm.EXTREME_HARDSHIP_SUPPORT, "payee": payee, "institution": "敬老院"}
    return replace(allowance(), detail=detail, subject=PERSON, program="特困供养金")


@pytest.mark.parametrize(
    ("payee", "certified", "warned"),
    [
        # 集中供养特困人员救助供养资金统一支付到供养服务机构集体账户; 直接支付到救助对象账户
        (Payee.INSTITUTION, {"support": "INSTITUTIONAL"}, False),
        (Payee.PERSON, {"support": "INSTITUTIONAL"}, True),
        (Payee.INSTITUTION, {"support": "DISPERSED"}, True),
        (Payee.PERSON, {"support": "DISPERSED"}, False),
        (Payee.PERSON, {"support": None}, False),
        (Payee.INSTITUTION, {"support": None}, False),
    ],
)
def test_support_goes_to_the_account_that_the_certification_says(
    desk: Desk, payee: Payee, certified: Any, warned: bool
) -> None:
    assert _warnings(desk, support(payee), "civil_affairs@410105", certified) == (
        ["PAYEE_DIFFERS"] if warned else []
    )


def _warnings(desk: Desk, draft: Any, agency: str, certified: Any) -> list[str]:
    certification = {"category": "EXTREME_HARDSHIP", "support": "DISPERSED"} | certified

    async def steps(case: Case) -> list[str]:
        await case.home()
        category = certification.pop("category")
        await case.certify(category, 0, **certification)
        return codes(await case.record(grant_of(agency), draft))

    return desk.run(steps)


def test_support_paid_to_an_institution_names_it(desk: Desk) -> None:
    """46-3.1: the record names the institution whose account received the money."""
    draft = support(Payee.INSTITUTION)
    for unnamed in (None, "", " "):
        wrong = replace(draft, detail={**draft.detail, "institution": unnamed})

        async def steps(case: Case, wrong: Any = wrong) -> Any:
            await case.home()
            return (await case.record(grant_of(), wrong)).error

        error = desk.run(steps)
        assert error.path == ("detail", "basicLiving", "institution"), unnamed
