"""46-3.3: "对于救助金额不高于当地3倍月低保标准的临时救助事项,由乡镇(街道)实行“先行救助”;对于救助金额较大的急难事件,可采取
“一事一议”方式确定临时救助额度"; papers follow within 20 working days, a number of the hub for cases in which the office sets
no day.
"""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from hub.aid.drafts import AidDraft
from hub.model.aid import AidKind, AidStatus, TemporaryForm
from hub.policy.facts.aid import papers_due
from tests.hub.money import Case, Desk, allowance, grant_of, yuan

Fact = tuple[str, dict[str, Any]]
STREET, TOWN = "410105001", "410122101"
"""A street (街道) of 金水区, and a town of 中牟县."""
LINE = (
    "insert into poverty_line (county, residence, category, from_month, version, yuan, source, client_id, recorded_at)"
    " values (:county, :residence, 'SUBSISTENCE_ALLOWANCE', :begins, 1, :yuan, '文件', 'test', now())"
)
FEBRUARY, MARCH = date(2026, 2, 1), date(2026, 3, 1)
STANDARDS = (
    {"county": "410105", "residence": "URBAN", "begins": FEBRUARY, "yuan": yuan("700.10")},
    {"county": "410105", "residence": "URBAN", "begins": MARCH, "yuan": yuan("733.33")},
    {"county": "410105", "residence": "RURAL", "begins": FEBRUARY, "yuan": yuan("590.05")},
    {"county": "410122", "residence": "RURAL", "begins": FEBRUARY, "yuan": yuan("600.01")},
    {"county": "410122", "residence": "URBAN", "begins": FEBRUARY, "yuan": yuan("650.00")},
)


def urgent(amount: str | None, region: str = STREET, **changes: Any) -> AidDraft:
    """Urgent aid."""
    detail = {"form": TemporaryForm.PAY_FIRST, "trouble": "突发火灾", "happened_at_region": region}
    draft = replace(
        allowance(),
        kind=AidKind.TEMPORARY,
        program="临时救助金",
        amount=None if amount is None else yuan(amount),
        detail=detail | changes.pop("detail", {}),
    )
    return replace(draft, **changes)


def answered(desk: Desk, draft: AidDraft, *facts: Fact, agency: str | None = None) -> Any:
    """The error with which a draft is refused; None if it is accepted."""
    agency = agency or f"civil_affairs@{str(draft.detail['happened_at_region'])[:6]}"

    async def steps(case: Case) -> Any:
        await case.home()
        for line in STANDARDS:
            await case.put(LINE, **line)
        for statement, values in facts:
            await case.put(statement, **values)
        grant = grant_of(agency, regions=("4101",))
        return (await case.record(grant, draft)).error

    return desk.run(steps)


@pytest.mark.parametrize(
    ("region", "decided", "most"),
    [
        (STREET, date(2026, 2, 28), "2100.30"),
        (STREET, date(2026, 3, 1), "2199.99"),
        ("410105001003", MARCH, "2199.99"),
        # a town is rural; for a county as a whole the higher standard applies
        (TOWN, MARCH, "1800.03"),
        ("410122", MARCH, "1950.00"),
        ("410105", MARCH, "2199.99"),
    ],
)
def test_three_months_of_the_local_standard_are_paid_first_to_the_cent(
    desk: Desk, region: str, decided: date, most: str
) -> None:
    cent = yuan("0.01")
    paid = date(2026, 3, 6)
    for amount, refused in (
        (yuan(most) - cent, None),
        (yuan(most), None),
        (yuan(most) + cent, "PAY_FIRST_LIMIT_EXCEEDED"),
    ):
        error = answered(desk, urgent(str(amount), region, decided_on=decided, paid_on=paid))
        assert (error and error.code) == refused, amount
        if error:
            assert (error.path, f"{most} " in str(error)) == (("amount",), True)


@pytest.mark.parametrize("amount", ["0", "0.01", "100000.00"])
def test_no_sum_is_paid_first_where_no_standard_is_known(desk: Desk, amount: str) -> None:
    error = answered(desk, urgent(amount, decided_on=date(2019, 12, 31)))
    assert (error.code, error.path) == ("STANDARD_UNKNOWN", ("amount",))


def test_the_limit_is_of_what_is_paid_first_alone(desk: Desk) -> None:
    """The rescue of vagrants (生活无着流浪乞讨人员救助) has standards of its own."""
    rescue = {"form": TemporaryForm.VAGRANT_RESCUE}
    assert answered(desk, urgent("99999.00", detail=rescue)) is None


REASON = {"no_conference_reason": "火灾后急需安置,来不及开会"}


@pytest.mark.parametrize(
    ("amount", "reason", "refused"),
    [
        ("2199.99", {}, None),
        ("2200.00", {}, "CONFERENCE_OR_REASON_REQUIRED"),
        ("2200.00", {"no_conference_reason": " "}, "CONFERENCE_OR_REASON_REQUIRED"),
        ("2200.00", REASON, None),
        (None, {}, None),
    ],
)
def test_the_county_may_decide_above_the_limit_without_a_conference_and_says_why(
    desk: Desk, amount: str | None, reason: dict[str, str], refused: str | None
) -> None:
    """46-3.3: "对于救助金额较大的急难事件,可采取“一事一议”方式确定": a conference is allowed, not required."""
    detail = {"form": TemporaryForm.EMERGENCY_TYPE, **reason}
    paid: dict[str, Any] = {"paid_on": MARCH} if amount else {"paid_on": None, "status": AidStatus.APPROVED}
    error = answered(desk, urgent(amount, detail=detail, decided_on=MARCH, **paid))
    assert (error and error.code) == refused
    if error:
        assert error.path == ("detail", "temporary", "noConferenceReason")


def test_heavy_expense_has_no_limit_of_what_is_paid_first(desk: Desk) -> None:
    assert answered(desk, urgent("9000.00", detail={"form": TemporaryForm.EXPENDITURE_TYPE})) is None


CALLED: Fact = (
    "insert into conference (household_id, id, called_by, called_at, meets_on, matter, status, external_id, version)"
    " values (:home, :person, 'civil_affairs@410105', now(), date '2026-02-20', '车祸', 'CALLED', '会-1', 1)",
    {},
)
HELD: Fact = (
    "update conference set status = 'HELD', held_on = meets_on, minutes = '议定', decision = '救助' where id = :person"
    " and household_id = :home",
    {},
)
MEASURE = (
    "insert into conference_measure (household_id, conference_id, number, agency_id, kind, amount, what)"
    " values (:home, :person, :number, :agency, :kind, :amount, '救助')"
)
BY_CONFERENCE = {"form": TemporaryForm.CASE_CONFERENCE, "conference": "会-1"}
OFFICE = "civil_affairs@410105"


def decided(amount: str | None, agency: str = OFFICE, kind: str = "TEMPORARY", number: int = 1) -> Any:
    """A measure that the conference decided."""
    values = {
        "amount": None if amount is None else yuan(amount),
        "agency": agency,
        "kind": kind,
        "number": number,
    }
    return MEASURE, values


@pytest.mark.parametrize(
    ("amount", "measures", "refused"),
    [
        ("7999.99", [decided("8000.00")], None),
        ("8000.00", [decided("8000.00")], None),
        ("8000.01", [decided("8000.00")], "NOT_DECIDED_BY_CONFERENCE"),
        ("99999.00", [decided(None)], None),
        ("1.00", [], "NOT_DECIDED_BY_CONFERENCE"),
        ("1.00", [decided("8000.00", "civil_affairs@4101")], "NOT_DECIDED_BY_CONFERENCE"),
        ("1.00", [decided("8000.00", kind="MEDICAL")], "NOT_DECIDED_BY_CONFERENCE"),
        ("0.00", [decided("0.00")], None),
        ("0.01", [decided("0.00")], "NOT_DECIDED_BY_CONFERENCE"),
        # one of two measures is enough; they are not added up
        ("5000.00", [decided("3000.00"), decided("5000.00", number=2)], None),
        ("8000.00", [decided("3000.00"), decided("5000.00", number=2)], "NOT_DECIDED_BY_CONFERENCE"),
    ],
)
def test_above_it_the_conference_sets_the_sum(
    desk: Desk, amount: str, measures: Any, refused: str | None
) -> None:
    facts = (CALLED, HELD, *measures)
    error = answered(desk, urgent(amount, detail=BY_CONFERENCE), *facts, agency=OFFICE)
    assert (error and error.code) == refused


def test_a_conference_that_is_called_only_sets_nothing(desk: Desk) -> None:
    error = answered(desk, urgent("1.00", detail=BY_CONFERENCE), CALLED, decided("8000.00"), agency=OFFICE)
    assert error.code == "CONFERENCE_NOT_HELD"


@pytest.mark.parametrize(
    ("decision", "due"),
    [
        # counted by hand on the calendar, without the day of the decision
        ("2026-03-02", "2026-03-30"),
        ("2026-03-01", "2026-03-27"),
        ("2026-03-06", "2026-04-03"),
        ("2026-07-01", "2026-07-29"),
        ("2026-06-30", "2026-07-28"),
        # 国庆节 2026: 1 to 7 October are days off, Saturday the 10th is a working day
        ("2026-09-28", "2026-10-30"),
        ("2026-10-02", "2026-11-03"),
    ],
)
def test_papers_are_due_on_the_twentieth_working_day_after_the_decision(decision: str, due: str) -> None:
    assert papers_due(date.fromisoformat(decision)) == date.fromisoformat(due)


@pytest.mark.parametrize(
    ("detail", "due"),
    [
        ({}, date(2026, 3, 30)),
        ({"papers_due_on": date(2026, 4, 15)}, date(2026, 4, 15)),
        ({"form": TemporaryForm.VAGRANT_RESCUE}, None),
    ],
)
def test_papers_are_owed_for_what_is_paid_first_by_the_day_that_the_office_names(
    desk: Desk, detail: Any, due: date | None
) -> None:
    async def steps(case: Case) -> Any:
        await case.home()
        for line in STANDARDS:
            await case.put(LINE, **line)
        draft = urgent("100.00", detail=detail, decided_on=date(2026, 3, 2))
        outcome = await case.record(grant_of(), draft)
        assert outcome.error is None
        return await case.session.scalar(sa.text("select papers_due_on from temporary_detail"))

    assert desk.run(steps) == due
